import numpy as np
import pytest

from emogap import plugins
from emogap.errors import EmogapError


@pytest.mark.parametrize("text", ["one", "one two", "a kettle is on the stove", "it is what it is"])
def test_counts_the_words_the_toy_synthesizer_speaks(text):
    voice, toy = plugins.load("synthesizers", "toy"), plugins.load("transcribers", "toy")
    spoken = voice.synthesize(text, "sad", voice.control_for("sad"), seed=0)
    assert toy.transcribe(spoken[np.newaxis], np.array([len(spoken)])) == [" ".join(["word"] * len(text.split()))]


def test_silence_and_nothing_are_empty():
    toy = plugins.load("transcribers", "toy")
    assert toy.transcribe(np.zeros((2, 4_000), np.float32), np.array([4_000, 10])) == ["", ""]


def test_takes_no_checkpoint():
    with pytest.raises(EmogapError, match="no checkpoint"):
        plugins.load("transcribers", "toy@somewhere")
