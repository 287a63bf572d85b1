"""Every transcriber keeps the promises of the plug-in protocol; a new file is tested without a new test."""

import numpy as np
import pytest

from emogap import plugins
from emogap.plugins import TranscriberCard

TRANSCRIBERS = sorted(plugins.describe("transcribers"))


@pytest.fixture(scope="module", params=TRANSCRIBERS)
def transcriber(request):
    return plugins.load("transcribers", request.param)


@pytest.fixture(scope="module")
def batch():
    voice = plugins.load("synthesizers", "toy")
    texts = ["one", "one two three", "this is a rather long one"]
    spoken = [voice.synthesize(text, "neutral", voice.control_for("neutral"), seed=1) for text in texts]
    lengths = np.array([len(wave) for wave in spoken])
    return np.stack([np.pad(wave, (0, lengths.max() - len(wave))) for wave in spoken]), lengths


@pytest.mark.parametrize("name", TRANSCRIBERS)
def test_describes_itself(name):
    assert len(plugins.describe("transcribers")[name]) > 20
    for card in plugins.cards("transcribers", name):
        assert isinstance(card, TranscriberCard)
        assert card.id.partition("/")[0] == name
        assert card.summary and card.licence and card.reference and card.weights


def test_names_itself(transcriber):
    assert plugins.load("transcribers", transcriber.card.id).fingerprint == transcriber.fingerprint
    assert transcriber.card.id in transcriber.fingerprint


def test_answers_in_order_whatever_the_batch(transcriber, batch):
    waveforms, lengths = batch
    texts = transcriber.transcribe(waveforms, lengths)
    assert len(texts) == 3 and all(isinstance(text, str) for text in texts)
    assert transcriber.transcribe(waveforms[::-1], lengths[::-1]) == texts[::-1]
    alone = [transcriber.transcribe(waveforms[i : i + 1], lengths[i : i + 1])[0] for i in range(3)]
    assert alone == texts


def test_no_utterance_is_no_text(transcriber):
    assert transcriber.transcribe(np.zeros((0, 100), np.float32), np.zeros(0, np.int64)) == []
