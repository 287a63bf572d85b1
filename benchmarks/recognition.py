"""Recognizing: what the harness costs, what a rerun costs, and what the exact-length window is worth."""

import shutil
from pathlib import Path

import numpy as np

from benchmarks.speech import utterances, waveforms
from benchmarks.timing import Row, in_turns
from emogap import plugins
from emogap.execution.cache import Cache
from emogap.execution.progress import Silent
from emogap.execution.recognition import recognize
from emogap.recognizers.whisper import packaged_encoder

N = 200
"""Utterances of the harness benchmarks."""

N_WINDOWS = 24
"""Utterances of the window benchmark; 30 s windows are slow."""


def harness(scratch: Path) -> list[Row]:
    """`emogap recognize` from files against a bare loop over decoded arrays, and a rerun against the first run."""
    speech = utterances(N, scratch)
    arrays = waveforms(speech)
    recognizer = plugins.load("recognizers", "whisper")
    lengths = [np.array([len(a)]) for a in arrays[:1]]
    recognizer.scores(arrays[0][np.newaxis], lengths[0])  # loads the model
    cold_cache = scratch / "cold"

    def bare() -> None:
        for start in range(0, len(arrays), recognizer.max_batch):
            batch = arrays[start : start + recognizer.max_batch]
            sizes = np.array([len(a) for a in batch])
            padded = np.zeros((len(batch), sizes.max()), np.float32)
            for row, array in zip(padded, batch, strict=True):
                row[: len(array)] = array
            recognizer.scores(padded, sizes)

    def cold() -> None:
        shutil.rmtree(cold_cache, ignore_errors=True)
        list(recognize(speech, recognizer, Cache(cold_cache), Silent()))

    def warm() -> None:
        list(recognize(speech, recognizer, Cache(cold_cache), Silent()))

    bare_s, cold_s, warm_s = in_turns([bare, cold, warm], rounds=5)
    detail = f"{N / cold_s:.1f} against {N / bare_s:.1f} utterances/s, {N} utterances, decoding included"
    efficiency, rerun = bare_s / cold_s, warm_s / cold_s
    return [
        Row("harness efficiency", efficiency, "at least 0.9", efficiency >= 0.9, detail),
        Row("warm rerun over cold", rerun, "at most 0.05", rerun <= 0.05, f"{warm_s:.3f} s against {cold_s:.2f} s"),
    ]


def windows(scratch: Path) -> list[Row]:
    """Encode exact-length windows against 30 s windows, both with all cores."""
    arrays = waveforms(utterances(N_WINDOWS, scratch))
    lengths = np.array([len(a) for a in arrays])
    padded = np.zeros((len(arrays), lengths.max()), np.float32)
    for row, array in zip(padded, arrays, strict=True):
        row[: len(array)] = array
    exact, long = packaged_encoder("exact"), packaged_encoder("30s")
    for encoder in (exact, long):
        encoder.frames(padded[:1], lengths[:1])
    exact_s, long_s = in_turns([lambda: exact.frames(padded, lengths), lambda: long.frames(padded, lengths)], rounds=3)
    ratio = long_s / exact_s
    mean_s = lengths.mean() / 16_000
    detail = f"{N_WINDOWS / exact_s:.1f} against {N_WINDOWS / long_s:.2f} utterances/s of {mean_s:.1f} s"
    return [Row("exact-length over 30 s windows", ratio, "at least 15", ratio >= 15, detail)]
