"""Reader threads: files to waveforms, in order, with a bounded number of them ahead of the consumer.

Conventions:
    Decoding and resampling release the interpreter lock, so a few threads keep a model fed. A file that cannot be
    read comes out as its ``AudioError``: one bad file is one row, never a crash.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from emogap.execution.cache import Cache, FileFacts
from emogap.manifest.audio import Audio, AudioError, Waveform, pcm_sha256, read_audio, resample
from emogap.manifest.records import Utterance

__all__ = ["READERS", "decoded", "in_order", "read_with_facts"]

READERS = min(4, os.cpu_count() or 1)
"""Reader threads; more than a few only take cores from the model."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    function: Callable[[Item], Result], items: Iterable[Item], ahead: int = 64, workers: int = READERS
) -> Iterator[Result]:
    """Apply a function in threads and yield results in the order of the items.

    Args:
        function: what each thread does
        items: consumed lazily
        ahead: results that may wait for the consumer, which bounds memory
        workers: threads

    """
    with ThreadPoolExecutor(workers, thread_name_prefix="emogap-reader") as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) >= ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def decoded(
    utterances: Iterable[Utterance], sampling_rate_hz: int, workers: int = READERS
) -> Iterator[tuple[Utterance, Waveform | AudioError]]:
    """Yield each utterance with its mono waveform at one rate, or with the reason why there is none."""

    def read(utterance: Utterance) -> tuple[Utterance, Waveform | AudioError]:
        try:
            audio = read_audio(Path(utterance.path))
            return utterance, resample(audio.waveform, audio.sampling_rate_hz, sampling_rate_hz)
        except AudioError as problem:
            return utterance, problem
        except (MemoryError, RuntimeError, ValueError) as problem:  # a rate that nobody records at
            return utterance, AudioError(Path(utterance.path), "cannot be resampled", str(problem))

    return in_order(read, utterances, workers=workers)


def read_with_facts(path: Path, cache: Cache) -> tuple[Audio, FileFacts]:
    """Decode a file, hash it and let the cache remember both.

    Raises:
        AudioError: as in ``manifest.audio.read_audio``

    """
    audio = read_audio(path)
    facts = FileFacts(
        pcm_sha256(audio.waveform, audio.sampling_rate_hz), len(audio.waveform), audio.sampling_rate_hz, audio.flags
    )
    cache.remember([(path, facts)])
    return audio, facts
