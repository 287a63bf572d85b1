"""A toy voice for trying and testing whole pipelines: one voiced burst per word, no weights.

Conventions:
    The emotion sets the pitch: ``EMOTIONS[i]`` has f0 = 110 Hz x 2^(i/4), which the toy recognizer reads back. A word
    lasts 50 ms plus 40 ms per letter or digit, words are 60 ms apart, and the seed sets the noise. Of the prosody
    rules ``f0_level``, ``rate`` and ``energy_db`` are followed on top of that; any other is refused.
"""

import re

import numpy as np
import numpy.typing as npt

from emogap.errors import EmogapError
from emogap.manifest.controls import Control, ProsodyRules
from emogap.manifest.labels import EMOTIONS
from emogap.plugins import SynthesizerCard
from emogap.synthesizers._prosody_rules import NEUTRAL, check_text, only_rules, prosody_rules, rules_for

__all__ = ["CARDS", "PLUGIN", "Toy"]

CARDS = (
    SynthesizerCard(
        id="toy",
        summary="Voiced bursts whose pitch names the emotion; for trying pipelines, not speech.",
        licence="Apache-2.0",
        reference="emogap",
        weights="none",
        vocoder="sum of harmonics",
        controls=("prosody_rules",),
        sampling_rate_hz=16_000,
    ),
)

_CODE_VERSION = 1
"""Part of the fingerprint; raise it whenever the same request gives other samples."""
_FOLLOWED = ("f0_level", "rate", "energy_db")
_LOWEST_HZ = 110.0
_STEPS_PER_OCTAVE = 4
_N_HARMONICS = 6
_AMPLITUDE = 0.1
_NOISE = 0.002
_PAUSE_S = 0.06
_FADE_S = 0.01

Waveform = npt.NDArray[np.float32]


class Toy:
    """The plug-in."""

    sampling_rate_hz = 16_000
    speaker = "toy"

    def __init__(self, card: SynthesizerCard, checkpoint: str | None = None) -> None:
        """Remember the card.

        Raises:
            EmogapError: if a checkpoint was named

        """
        if checkpoint is not None:
            raise EmogapError(f"{card.id} has no weights and takes no checkpoint, got {checkpoint!r}")
        self.card = card
        self.fingerprint = f"{card.id}|code {_CODE_VERSION}"

    def control_for(self, emotion: str) -> ProsodyRules:
        """Return neutral rules: the emotion itself sets the pitch.

        Raises:
            UnknownNameError: if it is not one of the seven emotions

        """
        rules_for(emotion)
        return NEUTRAL

    def synthesize(self, text: str, emotion: str, control: Control, seed: int) -> Waveform:
        """Return one burst per word, at the pitch of the emotion.

        Returns:
            ``(num_samples,)`` float32 at 16 kHz

        Raises:
            UnknownNameError: if the emotion is not one of the seven
            EmogapError: if the control is not prosody rules that the toy can follow
            EmogapError: if the text holds no English word

        """
        rules_for(emotion)
        rules = only_rules(prosody_rules(control, self.card.id), _FOLLOWED, self.card.id)
        check_text(text, self.card.id)
        f0_hz = _LOWEST_HZ * 2 ** (EMOTIONS.index(emotion) / _STEPS_PER_OCTAVE) * rules.f0_level
        pause = np.zeros(round(_PAUSE_S / rules.rate * self.sampling_rate_hz))
        pieces = [pause]
        for word in re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text):
            duration_s = (0.05 + 0.04 * sum(c.isalnum() for c in word)) / rules.rate
            pieces += [_burst(f0_hz, duration_s, self.sampling_rate_hz), pause]
        voiced = np.concatenate(pieces)
        noise = _NOISE * np.random.default_rng(seed).standard_normal(len(voiced))
        return np.asarray((voiced + noise) * 10 ** (rules.energy_db / 20), dtype=np.float32)


PLUGIN = Toy


def _burst(f0_hz: float, duration_s: float, sampling_rate_hz: int) -> npt.NDArray[np.float64]:
    """Return harmonics of f0 falling by 6 dB per octave, faded in and out."""
    time_s = np.arange(round(duration_s * sampling_rate_hz)) / sampling_rate_hz
    harmonics = np.arange(1, _N_HARMONICS + 1)[:, None]
    wave = (np.sin(2 * np.pi * f0_hz * harmonics * time_s) / harmonics).sum(axis=0)
    fade = np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / _FADE_S)
    return np.asarray(_AMPLITUDE * wave * fade)
