"""Which prosody stands for which emotion: one table, and what every synthesizer that follows it checks.

Conventions:
    Rule-made emotion is a proxy. Nothing here claims that a listener hears the emotion; the listening test decides.
    The directions follow the reviews below: anger and joy higher, wider, faster and louder; fear much higher, faster
    and irregular; sadness lower, narrower, slower and softer with falling contours; disgust lower and much slower with
    a falling end; surprise wider with a rising end. The sizes are ours, kept within what the embedded voice renders
    intelligibly. Neutral changes nothing.

References:
    I. R. Murray and J. L. Arnott, "Toward the simulation of emotion in synthetic speech: a review of the literature
    on human vocal emotion", JASA 93(2), 1993, table I.
    M. Schröder, "Emotional speech synthesis: a review", Eurospeech 2001, table 1.
    F. Burkhardt, "Emofilt: the simulation of emotional speech by prosody-transformation", Interspeech 2005.
    F. Burkhardt, F. Eyben and B. Schuller, "SyntAct: a synthesized database of basic emotions", LREC workshop, 2022.

"""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence

import msgspec

from emogap.errors import EmogapError, UnknownNameError
from emogap.manifest.controls import Control, ProsodyRules
from emogap.manifest.labels import EMOTIONS
from emogap.manifest.texts import text_id

__all__ = ["NEUTRAL", "PROSODY_RULES", "RULES_VERSION", "check_text", "only_rules", "prosody_rules", "rules_for"]

NEUTRAL = ProsodyRules()
"""Changes nothing."""

PROSODY_RULES: Mapping[str, ProsodyRules] = {
    "angry": ProsodyRules(
        f0_level=1.25, f0_range=1.5, f0_final_st=-2.0, rate=1.15, energy_db=4.0, energy_range=1.15,
        tilt_db_per_octave=1.0,
    ),
    "disgusted": ProsodyRules(
        f0_level=0.85, f0_range=1.1, f0_slope_st=-2.0, f0_final_st=-3.0, rate=0.8, energy_db=-2.0,
        tilt_db_per_octave=-0.5,
    ),
    "fearful": ProsodyRules(f0_level=1.5, f0_range=1.1, f0_slope_st=1.0, rate=1.25, jitter=0.03),
    "happy": ProsodyRules(f0_level=1.3, f0_range=1.5, f0_slope_st=1.0, rate=1.1, energy_db=3.0, tilt_db_per_octave=0.5),
    "neutral": NEUTRAL,
    "sad": ProsodyRules(
        f0_level=0.9, f0_range=0.6, f0_slope_st=-2.0, rate=0.8, energy_db=-5.0, energy_range=0.8,
        tilt_db_per_octave=-1.5,
    ),
    "surprised": ProsodyRules(f0_level=1.25, f0_range=1.8, f0_final_st=5.0, rate=1.05, energy_db=2.0),
}  # fmt: skip
"""Rules per emotion; every member of ``EMOTIONS`` has a row."""

RULES_VERSION = hashlib.sha256(msgspec.json.encode(PROSODY_RULES, order="sorted")).hexdigest()[:12]
"""Changes with any number in the table; part of a synthesizer's fingerprint."""


def rules_for(emotion: str) -> ProsodyRules:
    """Return the rules of an emotion.

    Raises:
        UnknownNameError: if it is not one of ``EMOTIONS``

    """
    if emotion not in PROSODY_RULES:
        raise UnknownNameError("target emotion", emotion, EMOTIONS)
    return PROSODY_RULES[emotion]


def prosody_rules(control: Control, card_id: str) -> ProsodyRules:
    """Return the control as prosody rules.

    Raises:
        EmogapError: if it is another kind of control

    """
    if not isinstance(control, ProsodyRules):
        given = getattr(getattr(control, "__struct_config__", None), "tag", None) or type(control).__name__
        raise EmogapError(f"{card_id} takes the control prosody_rules, not {given}")
    return control


def only_rules(rules: ProsodyRules, followed: Sequence[str], card_id: str) -> ProsodyRules:
    """Return the rules, all of which a synthesizer can follow.

    Raises:
        EmogapError: if a rule that is not ``followed`` asks for a change; it would be lost in silence

    """
    for name in rules.__struct_fields__:
        if name not in followed and getattr(rules, name) != getattr(NEUTRAL, name):
            raise EmogapError(f"{card_id} cannot follow the prosody rule {name}, only: {', '.join(followed) or 'none'}")
    return rules


def check_text(text: str, card_id: str) -> None:
    """Refuse what an English voice would leave out in silence.

    Raises:
        EmogapError: if the text holds no letter or digit
        EmogapError: if it holds letters of another script

    """
    if text_id(text) is None:
        raise EmogapError(f"{card_id} cannot speak {text!r}: it holds no word, expected English text")
    foreign = sorted({c for c in text if c.isalpha() and not unicodedata.name(c, "").startswith("LATIN")})
    if foreign:
        raise EmogapError(f"{card_id} speaks English and has no sound for {' '.join(foreign[:10])} in {text!r}")
