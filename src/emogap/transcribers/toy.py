"""Toy transcriber: hears one word per burst of energy; for trying whole pipelines.

Facts: no weights. The toy synthesizer speaks one voiced burst per word, so the number of words survives, the words
do not: every burst is written ``word``.

Conventions:
    Waveforms are at 16 kHz. A burst is a stretch of 10 ms frames within 20 dB of the loudest; pauses
    under 30 ms do not end it.
"""

import numpy as np
import numpy.typing as npt

from emogap.errors import EmogapError
from emogap.plugins import Lengths, TranscriberCard, Waveforms

__all__ = ["CARDS", "PLUGIN", "ToyTranscriber"]

CARDS = (
    TranscriberCard(
        id="toy",
        summary="Writes one word per burst of energy, for trying pipelines with the toy synthesizer.",
        licence="Apache-2.0",
        reference="none: a test instrument",
        weights="none",
    ),
)

_RATE_HZ = 16_000
_FRAME = 160
_RANGE = 10 ** (-20 / 20)
_AUDIBLE = 10 ** (-60 / 20)
_LONGEST_GAP = 3


class ToyTranscriber:
    """The transcriber; ``checkpoint`` must be None, there is nothing to load.

    Raises:
        EmogapError: if a checkpoint is given

    """

    sampling_rate_hz = _RATE_HZ
    max_batch = 32
    fingerprint = "toy|bursts|1"

    def __init__(self, card: TranscriberCard, checkpoint: str | None) -> None:
        if checkpoint is not None:
            raise EmogapError(f"the toy transcriber has no weights, so it takes no checkpoint (got {checkpoint!r})")
        self.card = card

    def transcribe(self, waveforms: Waveforms, lengths: Lengths) -> list[str]:
        """Return ``word`` as often as there are bursts, one text per row; empty for silence."""
        return [
            " ".join(["word"] * _count_bursts(row[:length])) for row, length in zip(waveforms, lengths, strict=True)
        ]


PLUGIN = ToyTranscriber


def _count_bursts(samples: npt.NDArray[np.float32]) -> int:
    n_frames = len(samples) // _FRAME
    if n_frames == 0:
        return 0
    level = np.sqrt((samples[: n_frames * _FRAME].reshape(n_frames, _FRAME) ** 2).mean(axis=1))
    loud = np.flatnonzero(level > max(_AUDIBLE, _RANGE * float(level.max())))
    return int(len(loud) > 0) + int((np.diff(loud) > _LONGEST_GAP).sum())
