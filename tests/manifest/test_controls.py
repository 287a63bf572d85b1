import math

import msgspec
import pytest

from emogap.errors import EmogapError
from emogap.manifest.controls import PROSODY_BOUNDS, Control, MultiTurn, ProsodyRules


def test_bounds_cover_every_rule_and_hold_the_neutral_value():
    assert tuple(PROSODY_BOUNDS) == ProsodyRules.__struct_fields__
    assert ProsodyRules() == ProsodyRules(**{f: getattr(ProsodyRules(), f) for f in PROSODY_BOUNDS})


@pytest.mark.parametrize("field", PROSODY_BOUNDS)
def test_values_outside_the_bounds_are_refused_by_name(field):
    low, high = PROSODY_BOUNDS[field]
    assert getattr(ProsodyRules(**{field: low}), field) == low
    for value in (low - 0.1, high + 0.1, math.nan):
        with pytest.raises(EmogapError, match=f"prosody rule {field} = .*expected a number from"):
            ProsodyRules(**{field: value})


def test_reading_a_file_checks_the_bounds_too():
    with pytest.raises(EmogapError, match=r"prosody rule rate = 9\.0"):
        msgspec.json.decode(b'{"type": "prosody_rules", "rate": 9.0}', type=Control)


@pytest.mark.parametrize("control", [ProsodyRules(rate=1.2), MultiTurn(turns=("Say {text}.",))])
def test_controls_survive_a_round_trip(control):
    assert msgspec.json.decode(msgspec.json.encode(control), type=Control) == control
