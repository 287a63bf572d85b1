"""Every recognizer keeps the promises of the plug-in protocol; a new file is tested without a new test."""

import subprocess
import sys

import numpy as np
import pytest

from emogap import plugins
from emogap.manifest.labels import LABELS
from emogap.plugins import RecognizerCard

RECOGNIZERS = sorted(plugins.describe("recognizers"))


@pytest.fixture(scope="module", params=RECOGNIZERS)
def recognizer(request):
    return plugins.load("recognizers", request.param)


@pytest.fixture(scope="module")
def batch():
    rng = np.random.default_rng(1)
    lengths = np.array([16_000, 9_000, 4_321])
    waveforms = np.zeros((3, 16_000), np.float32)
    for row, length in zip(waveforms, lengths, strict=True):
        time_s = np.arange(length) / 16_000
        row[:length] = 0.2 * np.sin(2 * np.pi * 150 * time_s) + 0.01 * rng.standard_normal(length)
    return waveforms, lengths


@pytest.mark.parametrize("name", RECOGNIZERS)
def test_describes_itself(name):
    assert len(plugins.describe("recognizers")[name]) > 20
    cards = plugins.cards("recognizers", name)
    assert len({card.id for card in cards}) == len(cards)
    for card in cards:
        assert isinstance(card, RecognizerCard)
        assert card.id.partition("/")[0] == name
        assert card.summary and card.licence and card.reference and card.weights
        assert card.labels and set(card.labels) <= set(LABELS)


def test_names_itself(recognizer):
    assert plugins.load("recognizers", recognizer.card.id).fingerprint == recognizer.fingerprint
    assert recognizer.card.id in recognizer.fingerprint


def test_names_itself_without_loading_a_model(recognizer):
    """A fresh process, as other tests have loaded models in this one."""
    engines = ("torch", "transformers", "ctranslate2", "faster_whisper", "onnxruntime", "tensorflow", "jax")
    code = (
        "import sys; from emogap import plugins; "
        f"print(plugins.load('recognizers', {recognizer.card.id!r}).fingerprint); "
        f"print([m for m in {engines} if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [recognizer.fingerprint, "[]"]


def test_scores_are_one_row_per_utterance(recognizer, batch):
    scores = recognizer.scores(*batch)
    assert scores.shape == (3, len(recognizer.labels)) and scores.dtype == np.float32
    assert (scores >= 0).all() and (scores <= 1).all()
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
    assert set(recognizer.labels) == set(recognizer.card.labels)


def test_a_row_depends_on_its_own_samples_alone(recognizer, batch):
    waveforms, lengths = batch
    together = recognizer.scores(waveforms, lengths)
    for row in range(3):
        alone = recognizer.scores(waveforms[row : row + 1, : lengths[row]], lengths[row : row + 1])
        np.testing.assert_array_equal(alone[0], together[row])
    backwards = recognizer.scores(waveforms[::-1], lengths[::-1])
    np.testing.assert_array_equal(backwards[::-1], together)
    noisy = waveforms.copy()
    for row, length in zip(noisy, lengths, strict=True):
        row[length:] = 0.5
    np.testing.assert_array_equal(recognizer.scores(noisy, lengths), together)


def test_frames_are_one_array_per_utterance(recognizer, batch):
    frames = recognizer.frames(*batch)
    assert len(frames) == 3
    assert all(part.ndim == 2 and part.dtype == np.float32 and np.isfinite(part).all() for part in frames)
    assert len({part.shape[1] for part in frames}) == 1
    assert len(frames[0]) > len(frames[1]) > len(frames[2])


def test_the_shortest_utterance_is_answered(recognizer):
    shortest = np.random.default_rng(0).standard_normal((1, recognizer.min_samples)).astype(np.float32) * 0.1
    scores = recognizer.scores(shortest, np.array([recognizer.min_samples]))
    assert np.isfinite(scores).all()
    assert len(recognizer.frames(shortest, np.array([recognizer.min_samples]))[0]) >= 1


def test_silence_is_answered_with_numbers(recognizer):
    assert np.isfinite(recognizer.scores(np.zeros((1, 16_000), np.float32), np.array([16_000]))).all()


def test_no_utterance_is_no_row(recognizer):
    nothing = np.zeros((0, 100), np.float32), np.zeros(0, np.int64)
    assert recognizer.scores(*nothing).shape == (0, len(recognizer.labels))
    assert recognizer.frames(*nothing) == []
