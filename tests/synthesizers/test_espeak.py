import importlib.util
import shutil
import sys

import numpy as np
import pytest

from emogap import plugins
from emogap.errors import EmogapError, MissingDependencyError
from emogap.manifest.controls import ProsodyRules
from emogap.manifest.labels import EMOTIONS
from emogap.synthesizers import espeak as plugin
from emogap.synthesizers._prosody_rules import rules_for

RATE_HZ = 22_050
TEXT = "The keys are on the kitchen table. We walked along the river in the morning."
NEUTRAL = plugin.Parameters.of(ProsodyRules())


@pytest.fixture(params=["library", "command"])
def voice(request, monkeypatch):
    """The plug-in speaking through one of the two ways."""
    if request.param == "library":
        if importlib.util.find_spec("espeakng_loader") is None:
            pytest.skip("needs the extra espeak")
    else:
        if shutil.which("espeak-ng") is None:
            pytest.skip("needs an installed espeak-ng command")
        monkeypatch.setattr(plugin, "_find_library", lambda: None)
    found = plugins.load("synthesizers", "espeak")
    assert ("command" in found.fingerprint) == (request.param == "command")
    return found


def test_neutral_rules_are_its_own_defaults():
    assert plugin.Parameters(rate=175, volume=50, pitch=50, range=50) == NEUTRAL


def test_rules_act_on_the_wave(voice, track_f0, level_db):
    def spoken(**rules):
        return voice.synthesize(TEXT, "neutral", ProsodyRules(**rules), 0)

    def mean_hz(waveform):
        return np.exp(np.log(track_f0(waveform, RATE_HZ)).mean())

    def spread_st(waveform):
        return np.subtract(*np.quantile(12 * np.log2(track_f0(waveform, RATE_HZ)), (0.9, 0.1)))

    neutral = spoken()
    assert mean_hz(spoken(f0_level=1.3)) / mean_hz(neutral) == pytest.approx(1.3, rel=0.1)
    assert mean_hz(spoken(f0_level=0.85)) / mean_hz(neutral) == pytest.approx(0.85, rel=0.1)
    wide = spoken(f0_range=1.6)
    assert spread_st(wide) / spread_st(neutral) == pytest.approx(1.6, rel=0.25)
    assert mean_hz(wide) / mean_hz(neutral) == pytest.approx(1.0, rel=0.1)
    assert len(spoken(rate=1.3)) / len(neutral) == pytest.approx(1 / 1.3, rel=0.1)
    assert level_db(spoken(energy_db=-6.0)) - level_db(neutral) == pytest.approx(-6.0, abs=0.6)


def test_markup_in_a_text_is_text(voice):
    plain, marked = (voice.synthesize(text, "neutral", ProsodyRules(), 0) for text in ("one two", "one <b> & two"))
    assert len(marked) > len(plain)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_presets_fit_what_espeak_can_follow(emotion):
    for field in plugin._FOLLOWED:
        low, high = sorted((getattr(ProsodyRules(), field), getattr(rules_for(emotion), field)))
        assert low <= getattr(plugin.Espeak.control_for(None, emotion), field) <= high


@pytest.mark.parametrize("rules", [{"f0_range": 3.0}, {"f0_level": 0.5}, {"energy_db": 7.0}])
def test_rules_beyond_its_parameters_are_refused(rules):
    with pytest.raises(EmogapError, match="espeak cannot follow"):
        plugin.Parameters.of(ProsodyRules(**rules))


def test_rules_without_a_parameter_are_refused(voice):
    with pytest.raises(EmogapError, match="espeak cannot follow the prosody rule jitter"):
        voice.synthesize(TEXT, "fearful", ProsodyRules(jitter=0.03), 0)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (plugin._Library("gone", "no-such-library.so", "."), "espeak could not speak 'hello'.*no-such-library"),
        (plugin._Command("gone", "no-such-command"), "espeak could not speak 'hello'.*no-such-command"),
        (plugin._Command("mute", shutil.which("true") or "true"), "espeak-ng wrote no file for 'hello'"),
    ],
    ids=["library", "command", "no file"],
)
def test_a_failing_process_is_one_sentence(broken, message):
    with pytest.raises(EmogapError, match=message):
        broken.speak("hello", NEUTRAL)


def test_missing_both_ways_names_both(monkeypatch):
    monkeypatch.setattr(plugin, "_find_library", plugin._find_library.__wrapped__)
    monkeypatch.setattr(plugin, "_find_command", plugin._find_command.__wrapped__)
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingDependencyError, match=r"espeakng-loader.*command espeak-ng.*emogap\[espeak\]"):
        plugins.load("synthesizers", "espeak")
