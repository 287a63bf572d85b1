import msgspec
import pytest

from emogap.errors import EmogapError, UnknownNameError
from emogap.manifest.controls import Instruction, ProsodyRules
from emogap.manifest.labels import EMOTIONS
from emogap.synthesizers._prosody_rules import (
    NEUTRAL,
    PROSODY_RULES,
    check_text,
    only_rules,
    prosody_rules,
    rules_for,
)


def test_every_emotion_has_rules_and_only_neutral_changes_nothing():
    assert set(PROSODY_RULES) == set(EMOTIONS)
    assert [emotion for emotion in EMOTIONS if rules_for(emotion) == NEUTRAL] == ["neutral"]
    assert len({msgspec.json.encode(rules) for rules in PROSODY_RULES.values()}) == len(EMOTIONS)


def test_directions_follow_the_reviews():
    rules = PROSODY_RULES
    for emotion in ("angry", "happy", "surprised"):
        assert rules[emotion].f0_level > 1 and rules[emotion].f0_range > 1 and rules[emotion].energy_db > 0
    assert rules["sad"].f0_level < 1 and rules["sad"].f0_range < 1 and rules["sad"].rate < 1
    assert rules["sad"].energy_db < 0 and rules["sad"].f0_slope_st < 0
    assert rules["fearful"].f0_level == max(r.f0_level for r in rules.values()) and rules["fearful"].jitter > 0
    assert rules["fearful"].rate == max(r.rate for r in rules.values())
    assert rules["disgusted"].f0_level < 1 and rules["disgusted"].rate < 1
    assert rules["surprised"].f0_final_st > 0 and rules["surprised"].f0_range == max(r.f0_range for r in rules.values())


def test_an_unknown_emotion_is_named_with_the_legal_ones():
    with pytest.raises(UnknownNameError, match="unknown target emotion 'hapy'.*Did you mean 'happy'"):
        rules_for("hapy")


def test_another_control_is_refused():
    with pytest.raises(EmogapError, match="voice takes the control prosody_rules, not instruction"):
        prosody_rules(Instruction("Speak angrily."), "voice")


def test_a_rule_that_would_be_lost_is_refused():
    with pytest.raises(EmogapError, match="voice cannot follow the prosody rule jitter, only: rate"):
        only_rules(ProsodyRules(rate=1.1, jitter=0.1), ("rate",), "voice")


@pytest.mark.parametrize("text", ["", "  ", "...", "!?", "\U0001f600"])
def test_text_without_a_word_is_refused(text):
    with pytest.raises(EmogapError, match="holds no word"):
        check_text(text, "voice")


def test_letters_of_another_script_are_named():
    with pytest.raises(EmogapError, match="no sound for 你 好"):
        check_text("hello 你好", "voice")
    check_text("A café, naïve — and “quoted”.", "voice")
