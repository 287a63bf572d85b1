"""How a synthesizer is asked for an emotion: the control signal C of the paper's equation (2)."""

import msgspec

__all__ = ["Control", "EmotionVector", "Instruction", "MultiTurn", "PromptSpeech", "ProsodyRules"]


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

    Attributes:
        f0_level: factor on the mean of voiced f0
        f0_range: factor on the excursions of f0 around its mean, in semitones
        f0_slope_st: rise over the utterance, in semitones; negative falls
        f0_final_st: added to the last fifth of the utterance, ramped, in semitones
        rate: factor on the speaking rate; above 1 is faster
        energy_db: added to the level, in dB
        energy_range: factor on the excursions of the level around its mean, in dB
        jitter: relative random deviation of f0 from frame to frame
        tilt_db_per_octave: added to the spectrum above 500 Hz; negative is breathier and softer

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


Control = PromptSpeech | Instruction | EmotionVector | MultiTurn | ProsodyRules
"""Any of the controls; a synthesizer's card says which it takes."""
