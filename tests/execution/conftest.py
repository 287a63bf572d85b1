"""A small recognizer that counts its calls, and manifests of sounds that the tests make."""

import numpy as np
import pytest

from emogap.execution.cache import Cache
from emogap.manifest.records import Utterance
from emogap.plugins import RecognizerCard


class PitchRecognizer:
    """Tells ``sad`` from ``happy`` by the rate of zero crossings; ``labels`` and scores are real, if simple."""

    card = RecognizerCard(
        id="pitch", summary="zero crossings", licence="Apache-2.0", reference="none", weights="none",
        labels=("happy", "sad"),
    )  # fmt: skip
    labels = ("happy", "sad")
    max_batch = 4
    sampling_rate_hz = 16_000
    min_samples = 400
    training_ids: frozenset[str] = frozenset()
    training_sha256: frozenset[str] = frozenset()

    def __init__(self, fingerprint="pitch-1", stop_after=None):
        self.fingerprint = fingerprint
        self.heard = 0
        self.batches = []
        self.stop_after = stop_after

    def scores(self, waveforms, lengths):
        if any(np.abs(row).max() > 0.95 for row in waveforms):
            raise RuntimeError("too loud")
        self.batches.append(list(lengths))
        rows = []
        for row, length in zip(waveforms, lengths, strict=True):
            self.heard += 1
            if self.stop_after is not None and self.heard > self.stop_after:
                raise KeyboardInterrupt
            crossings = np.count_nonzero(np.diff(np.signbit(row[:length]))) / length
            happy = 1 / (1 + np.exp(-(crossings - 0.03) * 200))
            rows.append([happy, 1 - happy])
        return np.array(rows, dtype=np.float32)

    def frames(self, waveforms, lengths):
        return [
            row[: length // 160 * 160].reshape(-1, 160)[:, :8] for row, length in zip(waveforms, lengths, strict=True)
        ]


@pytest.fixture
def pitch_recognizer():
    return PitchRecognizer


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


@pytest.fixture
def speech(tmp_path, tone):
    """Make ``speech(n)``: n utterances, pitches and lengths all different."""

    def make(n):
        utterances = []
        for i in range(n):
            path = tone(tmp_path / "audio" / f"u{i:03d}.wav", hz=120 + 7 * i, seconds=0.1 + 0.01 * ((i * 7) % 13))
            emotion = "sad" if i % 2 else "happy"
            utterances.append(Utterance(id=f"u{i:03d}", domain="human", emotion=emotion, path=str(path)))
        return utterances

    return make
