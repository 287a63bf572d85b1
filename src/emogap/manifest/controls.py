"""How a synthesizer is asked for an emotion: the control signal C of the paper's equation (2)."""

from collections.abc import Mapping

import msgspec

from emogap.errors import EmogapError

__all__ = ["PROSODY_BOUNDS", "Control", "EmotionVector", "Instruction", "MultiTurn", "PromptSpeech", "ProsodyRules"]


class PromptSpeech(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="prompt_speech"):
    """Clone the emotion of a recording: its path, its transcript, and whose utterance it is."""

    path: str
    text: str | None = None
    source_id: str | None = None


class Instruction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="instruction"):
    """A sentence that asks for the emotion."""

    text: str


class EmotionVector(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="emotion_vector"):
    """Weights per emotion, each in [0, 1]."""

    weights: dict[str, float]


class MultiTurn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="multi_turn"):
    """User turns of a dialogue, in order; ``{text}`` and ``{emotion}`` are filled in."""

    turns: tuple[str, ...]


class ProsodyRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="prosody_rules"):
    """Rule-made emotion: a proxy. Nothing claims that a listener hears it.

    The defaults change nothing. Bounds are those of ``PROSODY_BOUNDS``; a synthesizer says where it is narrower.

    Attributes:
        f0_level: factor on the geometric mean of voiced f0
        f0_range: factor on the excursions of f0 around its mean, in semitones
        f0_slope_st: rise from the first to the last voiced frame of a sentence, in semitones; negative falls
        f0_final_st: added to the last fifth of a sentence, ramped, in semitones
        rate: factor on the speaking rate; above 1 is faster
        energy_db: added to the level, in dB
        energy_range: factor on the excursions of the energy contour around its mean
        jitter: standard deviation of the random deviation of f0 from frame to frame, relative to f0
        tilt_db_per_octave: added to the spectrum above 500 Hz; negative is breathier and softer

    Raises:
        EmogapError: if a value is not a number or outside its bounds, also when read from a file

    """

    f0_level: float = 1.0
    f0_range: float = 1.0
    f0_slope_st: float = 0.0
    f0_final_st: float = 0.0
    rate: float = 1.0
    energy_db: float = 0.0
    energy_range: float = 1.0
    jitter: float = 0.0
    tilt_db_per_octave: float = 0.0

    def __post_init__(self) -> None:
        for field, (low, high) in PROSODY_BOUNDS.items():
            value = getattr(self, field)
            if not low <= value <= high:
                raise EmogapError(f"prosody rule {field} = {value}, expected a number from {low:g} to {high:g}")


PROSODY_BOUNDS: Mapping[str, tuple[float, float]] = {
    "f0_level": (0.5, 2.0),
    "f0_range": (0.0, 3.0),
    "f0_slope_st": (-12.0, 12.0),
    "f0_final_st": (-12.0, 12.0),
    "rate": (0.5, 2.0),
    "energy_db": (-30.0, 12.0),
    "energy_range": (0.0, 2.0),
    "jitter": (0.0, 0.2),
    "tilt_db_per_octave": (-12.0, 6.0),
}
"""Lowest and highest value of each prosody rule: beyond them speech synthesizers fall apart."""


Control = PromptSpeech | Instruction | EmotionVector | MultiTurn | ProsodyRules
"""Any of the controls; a synthesizer's card says which it takes."""
