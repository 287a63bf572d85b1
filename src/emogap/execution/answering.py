"""The engine: utterances in, one answer each, whatever the model.

Conventions:
    Reader threads decode ahead; utterances the cache knows are never decoded again; the rest is gathered, sorted by
    length and cut into batches, so that a batch pads little; each batch is committed to the cache before the next
    one begins. Kill it at any moment and start it again: what was answered is found in the cache, and because rows
    are written in the order of the manifest at the end, the result is the same file, byte for byte.

    An utterance that cannot be read, or on which the model fails, becomes a failed row; an ``EmogapError`` (a missing
    package, an unusable checkpoint) concerns every utterance and stops the run.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from emogap.errors import EmogapError
from emogap.execution.cache import Cache, answer_key
from emogap.execution.decoding import in_order, read_with_facts
from emogap.execution.progress import Progress
from emogap.manifest.audio import Audio, AudioError, Waveform, resample
from emogap.manifest.records import Utterance

__all__ = ["Answer", "Nuisance", "Task", "answer"]

_BATCHES_GATHERED = 8
"""Batches gathered before sorting by length: enough to pad little, few enough to keep memory flat."""


@dataclass(frozen=True)
class Nuisance:
    """What human speech is passed through in a placebo arm.

    Attributes:
        name: identifies it, parameters included; part of the cache key
        apply: audio to audio

    """

    name: str
    apply: Callable[[Audio], Audio]


@dataclass(frozen=True)
class Task:
    """What a model is asked.

    Attributes:
        fingerprint: of plug-in and question; part of the cache key
        sampling_rate_hz: of the waveforms the model takes
        min_samples: shorter utterances fail with a reason
        max_batch: rows per call
        ask: ``(waveforms, lengths) -> one bytes value per row``

    """

    fingerprint: str
    sampling_rate_hz: int
    min_samples: int
    max_batch: int
    ask: Callable[[Waveform, npt.NDArray[np.int64]], Sequence[bytes]]


@dataclass(frozen=True)
class Answer:
    """The answer to one utterance: ``value`` when there is one, else the ``reason`` there is none."""

    value: bytes | None
    reason: str | None = None


@dataclass(frozen=True)
class _Known:
    key: bytes


@dataclass(frozen=True)
class _Ready:
    key: bytes
    waveform: Waveform


@dataclass(frozen=True)
class _Failed:
    reason: str


def answer(
    utterances: Sequence[Utterance],
    task: Task,
    cache: Cache,
    progress: Progress,
    label: str,
    nuisance: Nuisance | None = None,
) -> Iterator[tuple[Utterance, Answer]]:
    """Answer every utterance, then yield the answers in the order given.

    Args:
        utterances: of a manifest
        task: what the model is asked
        cache: where answers are found and kept
        progress: shown while the model works
        label: of the progress bar
        nuisance: what the audio is passed through before the model hears it

    Raises:
        EmogapError: what concerns every utterance, e.g. a missing package or a full disk

    """
    outcomes: list[bytes | _Failed] = []
    failed: dict[bytes, str] = {}
    with progress.step(label, len(utterances)) as advance:
        for batch in _batches(_prepared(utterances, task, cache, nuisance, outcomes, advance), task.max_batch):
            failed.update(_ask(batch, task, cache))
            advance(len(batch))
    for utterance, outcome in zip(utterances, outcomes, strict=True):
        if isinstance(outcome, _Failed):
            yield utterance, Answer(None, outcome.reason)
        elif outcome in failed:
            yield utterance, Answer(None, failed[outcome])
        else:
            yield utterance, Answer(cache.get(outcome))


def _prepared(
    utterances: Sequence[Utterance],
    task: Task,
    cache: Cache,
    nuisance: Nuisance | None,
    outcomes: list[bytes | _Failed],
    advance: Callable[[int], None],
) -> Iterator[_Ready]:
    """Yield what the model has to hear, each recording once; note every utterance's key or failure on the way."""
    asked: set[bytes] = set()
    for prepared in in_order(lambda u: _prepare(Path(u.path), task, cache, nuisance), utterances):
        outcomes.append(prepared if isinstance(prepared, _Failed) else prepared.key)
        if isinstance(prepared, _Ready) and prepared.key not in asked:
            asked.add(prepared.key)
            yield prepared
        else:
            advance(1)


def _prepare(path: Path, task: Task, cache: Cache, nuisance: Nuisance | None) -> _Known | _Ready | _Failed:
    name = nuisance.name if nuisance else ""
    facts = cache.facts(path)
    if facts is not None:
        key = answer_key(facts.sha256, name, task.fingerprint)
        if cache.get(key) is not None:
            return _Known(key)
    try:
        audio, facts = read_with_facts(path, cache)
    except AudioError as problem:
        return _Failed(f"{problem.reason} ({problem.detail})" if problem.detail else problem.reason)
    key = answer_key(facts.sha256, name, task.fingerprint)
    if cache.get(key) is not None:
        return _Known(key)
    step = "the nuisance"
    try:
        if nuisance is not None:
            audio = nuisance.apply(audio)
        step = "resampling"
        waveform = resample(audio.waveform, audio.sampling_rate_hz, task.sampling_rate_hz)
    except EmogapError:
        raise
    except Exception as problem:  # an odd rate or length must not lose the other utterances
        return _Failed(f"{step} failed: {type(problem).__name__}: {problem}")
    if len(waveform) < task.min_samples:
        return _Failed(f"too short (under {1000 * task.min_samples / task.sampling_rate_hz:.0f} ms)")
    return _Ready(key, waveform)


def _batches(ready: Iterable[_Ready], max_batch: int) -> Iterator[list[_Ready]]:
    """Gather a few batches' worth, sort by length, and cut."""
    gathered: list[_Ready] = []
    for item in ready:
        gathered.append(item)
        if len(gathered) == max_batch * _BATCHES_GATHERED:
            yield from _cut(gathered, max_batch)
            gathered = []
    yield from _cut(gathered, max_batch)


def _cut(gathered: list[_Ready], max_batch: int) -> Iterator[list[_Ready]]:
    gathered.sort(key=lambda item: len(item.waveform))
    for start in range(0, len(gathered), max_batch):
        yield gathered[start : start + max_batch]


def _ask(batch: list[_Ready], task: Task, cache: Cache) -> dict[bytes, str]:
    """Ask for a batch and commit the answers; when the batch fails, ask one by one to find the culprit."""
    try:
        values = task.ask(*_padded(batch))
    except EmogapError:
        raise
    except Exception as problem:  # whatever a model throws at one utterance must not lose the others
        if len(batch) == 1:
            return {batch[0].key: f"the model failed: {type(problem).__name__}: {problem}"}
        failed: dict[bytes, str] = {}
        for item in batch:
            failed.update(_ask([item], task, cache))
        return failed
    cache.put((item.key, value) for item, value in zip(batch, values, strict=True))
    return {}


def _padded(batch: list[_Ready]) -> tuple[Waveform, npt.NDArray[np.int64]]:
    lengths = np.array([len(item.waveform) for item in batch], dtype=np.int64)
    waveforms = np.zeros((len(batch), int(lengths.max())), dtype=np.float32)
    for row, item in zip(waveforms, batch, strict=True):
        row[: len(item.waveform)] = item.waveform
    return waveforms, lengths
