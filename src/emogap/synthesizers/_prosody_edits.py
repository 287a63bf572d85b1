"""Prosody rules as edits of a neural synthesizer's own curves, before its vocoder. Pure functions of arrays.

Conventions:
    Curves are those of one sentence: f0 in Hz and energy per frame, durations per phoneme in whole steps. Neutral
    rules return the same numbers, bit for bit. Nothing here touches a finished waveform.
"""

import numpy as np
import numpy.typing as npt

from emogap.manifest.controls import ProsodyRules

__all__ = ["F0_MAX_HZ", "F0_MIN_HZ", "edit_durations", "edit_energy", "edit_f0", "spectral_gain"]

Curve = npt.NDArray[np.float32]

F0_MIN_HZ = 60.0
F0_MAX_HZ = 500.0

_FINAL_PART = 0.2
_MAX_EXCURSION_ST = 12.0
"""Voiced frames at the edge of a voiceless stretch glide towards 0 Hz; beyond an octave that is no intonation."""
_TILT_FROM_HZ = 500.0


def edit_f0(f0_hz: Curve, rules: ProsodyRules, generator: np.random.Generator, voiced_hz: float) -> Curve:
    r"""Shift, stretch and bend the intonation of a sentence; voiceless frames stay as they are.

    In semitones, with :math:`m` the mean over voiced frames and :math:`t \in [0, 1]` the place of a frame between the
    first and the last of them:

    .. math:: s' = s + 12 \log_2 level + (range - 1)(s - m) + slope (t - 0.5) + final \cdot \max(0, (t - 0.8) / 0.2)

    and the result is multiplied by :math:`1 + jitter \cdot N(0, 1)`, the deviate cut at 3.

    Args:
        f0_hz: ``(n_frames,)``
        rules: what to do
        generator: of the jitter
        voiced_hz: frames above it are voiced

    Returns:
        ``(n_frames,)``; voiced frames lie in [60, 500] Hz, or stay where they were outside it

    """
    voiced = np.flatnonzero(f0_hz > voiced_hz)
    edited = f0_hz.copy()
    if len(voiced) == 0:
        return edited
    original = f0_hz[voiced].astype(np.float64)
    semitones = 12 * np.log2(original)
    sung = (original >= F0_MIN_HZ) & (original <= F0_MAX_HZ)
    mean = semitones[sung].mean() if sung.any() else semitones.mean()
    excursion = np.clip(semitones - mean, -_MAX_EXCURSION_ST, _MAX_EXCURSION_ST)
    place = (voiced - voiced[0]) / max(1, voiced[-1] - voiced[0])
    shift = 12 * np.log2(rules.f0_level) + (rules.f0_range - 1) * excursion
    shift += rules.f0_slope_st * (place - 0.5)
    shift += rules.f0_final_st * np.maximum(0.0, (place - (1 - _FINAL_PART)) / _FINAL_PART)
    deviation = np.clip(generator.standard_normal(len(voiced)), -3, 3)
    moved = original * 2 ** (shift / 12) * (1 + rules.jitter * deviation)
    edited[voiced] = np.clip(moved, np.minimum(F0_MIN_HZ, original), np.maximum(F0_MAX_HZ, original))
    return edited


def edit_durations(durations: Curve, rate: float) -> Curve:
    """Divide the durations of a sentence's phonemes by the rate, in whole steps.

    Rounding each phoneme alone would leave the short ones as they are at moderate rates; here the *ends* are rounded,
    so that the sentence is right to half a step and every phoneme keeps at least one. The first and the last entry
    are the silence around the sentence, which is no speech, and stay.

    Args:
        durations: ``(n_phonemes,)`` whole numbers of steps, at least 0
        rate: above 1 is faster

    Returns:
        ``(n_phonemes,)`` whole numbers; their sum never grows with the rate

    """
    inner = durations[1:-1].astype(np.float64)
    if len(inner) == 0:
        return durations.copy()
    ends = np.floor(np.cumsum(inner) / rate + 0.5)
    least = np.cumsum(np.minimum(inner, 1.0))
    ends = np.maximum.accumulate(np.maximum(ends - least, 0.0)) + least
    edited = durations.copy()
    edited[1:-1] = np.diff(ends, prepend=0.0)
    return edited


def edit_energy(energy: Curve, energy_range: float) -> Curve:
    """Stretch the excursions of the energy contour around its mean over frames of speech.

    Args:
        energy: ``(n_frames,)`` on a logarithmic scale, positive in speech and negative in pauses
        energy_range: factor

    Returns:
        ``(n_frames,)``; pauses stay as they are

    """
    speech = energy > 0
    edited = energy.copy()
    if speech.any():
        original = energy[speech]
        edited[speech] = original + np.float32(energy_range - 1) * (original - original.mean())
    return edited


def spectral_gain(rules: ProsodyRules, frequencies_hz: npt.NDArray[np.float64]) -> Curve:
    """Return what level and tilt add to a log-amplitude spectrum.

    Args:
        rules: ``energy_db`` at every frequency, ``tilt_db_per_octave`` above 500 Hz
        frequencies_hz: ``(n_bins,)``

    Returns:
        ``(n_bins,)`` natural logarithms of amplitude factors

    """
    octaves = np.log2(np.maximum(frequencies_hz, _TILT_FROM_HZ) / _TILT_FROM_HZ)
    gain_db = rules.energy_db + rules.tilt_db_per_octave * octaves
    return np.asarray(gain_db * np.log(10) / 20, dtype=np.float32)
