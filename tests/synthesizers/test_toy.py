import numpy as np
import pytest

from emogap import plugins
from emogap.errors import EmogapError
from emogap.manifest.controls import ProsodyRules
from emogap.manifest.labels import EMOTIONS

TEXT = "The keys are on the kitchen table."


@pytest.fixture(scope="module")
def toy():
    return plugins.load("synthesizers", "toy")


@pytest.mark.parametrize("index", range(len(EMOTIONS)))
def test_the_pitch_names_the_emotion(toy, index, track_f0):
    waveform = toy.synthesize(TEXT, EMOTIONS[index], toy.control_for(EMOTIONS[index]), 0)
    assert np.median(track_f0(waveform, 16_000)) == pytest.approx(110 * 2 ** (index / 4), rel=0.02)


def test_duration_grows_with_the_words(toy):
    def seconds(text):
        return len(toy.synthesize(text, "sad", ProsodyRules(), 0)) / 16_000

    assert seconds("a") == pytest.approx(0.06 + 0.09 + 0.06, abs=1e-3)
    assert seconds("a don't") == pytest.approx(0.06 + 0.09 + 0.06 + 0.21 + 0.06, abs=1e-3)


def test_followed_rules_act_and_others_are_refused(toy, track_f0, level_db):
    plain = toy.synthesize(TEXT, "sad", ProsodyRules(), 0)
    ruled = toy.synthesize(TEXT, "sad", ProsodyRules(f0_level=0.8, rate=2.0, energy_db=-6.0), 0)
    assert np.median(track_f0(ruled, 16_000)) == pytest.approx(0.8 * np.median(track_f0(plain, 16_000)), rel=0.03)
    assert len(ruled) == pytest.approx(len(plain) / 2, rel=0.01)
    assert level_db(ruled) - level_db(plain) == pytest.approx(-6.0, abs=0.5)
    with pytest.raises(EmogapError, match="toy cannot follow the prosody rule f0_range"):
        toy.synthesize(TEXT, "sad", ProsodyRules(f0_range=2.0), 0)


def test_the_seed_sets_the_noise(toy):
    first, again, other = (toy.synthesize(TEXT, "sad", ProsodyRules(), seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
