"""Toy recognizer: reads the emotion off the pitch, where the toy synthesizer put it; for trying whole pipelines.

Facts: no weights. Emotion i of ``EMOTIONS`` stands at f0 = 110 * 2**(i/4) Hz, a minor third apart, which is how the
toy synthesizer renders it. Nothing about real speech follows from its answers.

Conventions:
    Waveforms are at 16 kHz. f0 is that of the loudest half of all frames (40 ms, every 10 ms), by the first strong
    peak of the autocorrelation between 80 and 400 Hz, refined by a parabola; the median over frames counts.
"""

import numpy as np
import numpy.typing as npt

from emogap.errors import EmogapError
from emogap.manifest.labels import EMOTIONS
from emogap.plugins import Lengths, RecognizerCard, Waveforms

__all__ = ["CARDS", "PLUGIN", "ToyRecognizer", "median_f0_hz"]

Floats = npt.NDArray[np.float64]

CARDS = (
    RecognizerCard(
        id="toy",
        summary="Answers by median pitch, for trying pipelines with the toy synthesizer.",
        licence="Apache-2.0",
        reference="none: a test instrument",
        weights="none",
        labels=EMOTIONS,
    ),
)

_RATE_HZ = 16_000
_FRAME = 640
_HOP = 160
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 400.0
_STRONG = 0.9
"""Share of the highest peak that an earlier one must reach to be the period and not its half."""
_TARGETS_HZ = 110.0 * 2.0 ** (np.arange(len(EMOTIONS)) / 4)
_SHARPNESS = 8.0
"""Logits fall by this per octave squared, times 16: neighbours, a quarter octave away, get e**-8 of the odds."""
_N_BANDS = 16


class ToyRecognizer:
    """The recognizer; ``checkpoint`` must be None, there is nothing to load.

    Raises:
        EmogapError: if a checkpoint is given

    """

    labels = EMOTIONS
    max_batch = 32
    sampling_rate_hz = _RATE_HZ
    min_samples = _FRAME
    fingerprint = "toy|pitch|1"
    training_ids: frozenset[str] = frozenset()
    training_sha256: frozenset[str] = frozenset()

    def __init__(self, card: RecognizerCard, checkpoint: str | None) -> None:
        if checkpoint is not None:
            raise EmogapError(f"the toy recognizer has no weights, so it takes no checkpoint (got {checkpoint!r})")
        self.card = card

    def scores(self, waveforms: Waveforms, lengths: Lengths) -> npt.NDArray[np.float32]:
        """Return ``(n, n_labels)`` scores, rows that sum to 1; without pitch every label is as likely."""
        rows = [_scores(row[:length]) for row, length in zip(waveforms, lengths, strict=True)]
        return np.array(rows, dtype=np.float32).reshape(len(rows), len(self.labels))

    def frames(self, waveforms: Waveforms, lengths: Lengths) -> list[npt.NDArray[np.float32]]:
        """Return ``(n_frames, 16)`` log energies in bands of equal width per row, 100 frames per second."""
        return [_log_bands(row[:length]) for row, length in zip(waveforms, lengths, strict=True)]


PLUGIN = ToyRecognizer


def median_f0_hz(samples: npt.NDArray[np.floating]) -> float:
    """Return the median f0 of the louder half of the frames, in Hz; NaN for silence.

    Args:
        samples: ``(num_samples,)`` at 16 kHz, at least one frame of 640

    """
    frames = _framed(samples)
    energy = (frames**2).sum(axis=1)
    frames = frames[(energy >= np.median(energy)) & (energy > 1e-8)]
    if not len(frames):
        return float("nan")
    spectrum = np.fft.rfft(frames * np.hanning(_FRAME), n=2 * _FRAME, axis=1)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :_FRAME]
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(_FRAME), n=2 * _FRAME)) ** 2)[:_FRAME]
    return float(np.median([_period_hz(row) for row in correlation / window]))


def _period_hz(correlation: Floats) -> float:
    """Return the rate of the first lag whose peak is nearly the highest; of the highest lag without positive peak."""
    low, high = int(_RATE_HZ / _HIGHEST_HZ), int(_RATE_HZ / _LOWEST_HZ)
    near = correlation[low - 1 : high + 2]
    inner = near[1:-1]
    peaks = 1 + np.flatnonzero((inner >= near[:-2]) & (inner > near[2:]) & (inner > 0))
    if not len(peaks):
        return float(_RATE_HZ / (low + int(inner.argmax())))
    first = int(peaks[near[peaks] >= _STRONG * near[peaks].max()][0])
    left, middle, right = near[first - 1 : first + 2]
    offset = 0.5 * (left - right) / (left - 2 * middle + right)
    return float(_RATE_HZ / (low - 1 + first + offset))


def _scores(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    f0 = median_f0_hz(samples)
    if not np.isfinite(f0):
        return np.full(len(EMOTIONS), 1 / len(EMOTIONS), dtype=np.float32)
    logits = -_SHARPNESS * 16 * np.log2(f0 / _TARGETS_HZ) ** 2
    odds = np.exp(logits - logits.max())
    return np.asarray(odds / odds.sum(), dtype=np.float32)


def _log_bands(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    power = np.abs(np.fft.rfft(_framed(samples) * np.hanning(_FRAME), axis=1)) ** 2
    bands = np.stack([part.mean(axis=1) for part in np.array_split(power, _N_BANDS, axis=1)], axis=1)
    return np.asarray(np.log(bands + 1e-8), dtype=np.float32)


def _framed(samples: npt.NDArray[np.floating]) -> Floats:
    return np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), _FRAME)[::_HOP]
