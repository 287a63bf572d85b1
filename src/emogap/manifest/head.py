"""A classification head: what turns the frames of an encoder into scores per label.

Conventions:
    Frames have shape ``(n_frames, embedding_dim)``. A pooling turns them into one vector; the head is linear on that
    vector; a temperature fitted on held-out human speech makes the scores honest. A head belongs to the encoder it
    was fitted on: its file stores the encoder's checksum, window rule and precision, and loading it beside another
    encoder is refused. Files are safetensors with one JSON record in the header, never pickles.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from emogap.errors import EmogapError
from emogap.manifest.files import write_atomically
from emogap.manifest.labels import LABELS

__all__ = ["POOLINGS", "EncoderIdentity", "Head", "HeadRecord", "pool"]

Floats = npt.NDArray[np.floating]
Pooled = npt.NDArray[np.float32]

_RECORD_KEY = "emogap_head"
"""The only key of the file's metadata: safetensors keeps no order among several, and the bytes would differ."""


def _segment_means(frames: Floats, n_segments: int) -> Pooled:
    """Concatenate the means of consecutive segments.

    Segment i of k covers frames floor(i n / k) to ceil((i + 1) n / k), so that none is empty, however short the
    utterance; neighbours share at most one frame.
    """
    n_frames = len(frames)
    return np.concatenate(
        [
            frames[i * n_frames // n_segments : -(-(i + 1) * n_frames // n_segments)].mean(axis=0, dtype=np.float64)
            for i in range(n_segments)
        ]
    ).astype(np.float32)


POOLINGS: Mapping[str, Callable[[Floats], Pooled]] = {
    "mean": partial(_segment_means, n_segments=1),
    "thirds": partial(_segment_means, n_segments=3),
    "quarters": partial(_segment_means, n_segments=4),
}
"""Poolings by name: means over the whole utterance, or over its thirds or quarters, which keep the order of time."""


def pool(frames: Floats, pooling: str) -> Pooled:
    """Pool ``(n_frames, embedding_dim)`` frames to one vector.

    Returns:
        ``(n_segments * embedding_dim,)`` float32

    Raises:
        ValueError: if there is no frame

    >>> pool(np.array([[0.0], [1.0], [2.0]]), "thirds")
    array([0., 1., 2.], dtype=float32)
    """
    if len(frames) == 0:
        raise ValueError("pooling needs at least one frame")
    return POOLINGS[pooling](frames)


class EncoderIdentity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the frames a head was fitted on depend on.

    Attributes:
        sha256: of the encoder's weights
        window: rule by which utterances are cut and padded before the encoder, e.g. ``exact``
        dtype: precision the encoder computes in
        frames_version: of the code around the encoder; raised when the same samples would give other frames

    """

    sha256: str
    window: str
    dtype: str
    frames_version: int

    def __str__(self) -> str:
        """One line that names all of it."""
        return f"{self.sha256}|{self.window}|{self.dtype}|frames-{self.frames_version}"


class HeadRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything about a head that is no array.

    Attributes:
        labels: of the rows of the weights
        pooling: a name of ``POOLINGS``
        temperature: the logits are divided by it
        encoder: the encoder it was fitted on
        training_ids: ids of the utterances it was fitted on, sorted
        training_sha256: hashes of their samples (``Utterance.sha256``), sorted; empty where they are not known
        method: how it was fitted, in words and numbers
        version: of this format

    """

    labels: tuple[str, ...]
    pooling: str
    temperature: float
    encoder: EncoderIdentity
    training_ids: tuple[str, ...]
    training_sha256: tuple[str, ...] = ()
    method: str
    version: Literal[1] = 1


@dataclass(frozen=True)
class Head:
    """A linear classifier of pooled frames; standardisation is folded into its weights.

    Attributes:
        record: labels, pooling, temperature, encoder, training ids
        weights: ``(n_labels, pooled_dim)`` float32
        bias: ``(n_labels,)`` float64

    Raises:
        EmogapError: if a label or the pooling is unknown, the arrays do not fit the labels, a number is not finite,
            or the temperature is not above 0

    """

    record: HeadRecord
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        record, n_labels = self.record, len(self.record.labels)
        unknown = [label for label in record.labels if label not in LABELS]
        if unknown or len(set(record.labels)) != n_labels or not n_labels:
            raise EmogapError(f"a head's labels must be distinct members of {LABELS}, got {record.labels}")
        if record.pooling not in POOLINGS:
            raise EmogapError(f"unknown pooling {record.pooling!r} of a head, expected one of: {', '.join(POOLINGS)}")
        if self.weights.ndim != 2 or len(self.weights) != n_labels or self.bias.shape != (n_labels,):
            raise EmogapError(
                f"a head for {n_labels} labels needs weights ({n_labels}, dim) and bias ({n_labels},), "
                f"got {self.weights.shape} and {self.bias.shape}"
            )
        if not (np.isfinite(self.weights).all() and np.isfinite(self.bias).all() and record.temperature > 0):
            raise EmogapError("a head needs finite weights and a temperature above 0")

    def scores(self, frames: Floats) -> npt.NDArray[np.float32]:
        """Return ``(n_labels,)`` scores of one utterance from its ``(n_frames, embedding_dim)`` frames."""
        return self.scores_of(pool(frames, self.record.pooling))

    def scores_of(self, pooled: Pooled) -> npt.NDArray[np.float32]:
        """Return ``(n_labels,)`` scores of one utterance: softmax of its logits over the temperature.

        Args:
            pooled: ``(pooled_dim,)``, made by this head's pooling

        Raises:
            EmogapError: if it is not as long as those the head was fitted on

        """
        if pooled.shape != self.weights.shape[1:]:
            raise EmogapError(
                f"this head takes {self.weights.shape[1]} pooled values, the encoder gives {len(pooled)}: "
                "they do not belong together"
            )
        logits = self.weights.astype(np.float64) @ pooled.astype(np.float64) + self.bias
        odds = np.exp((logits - logits.max()) / self.record.temperature)
        return np.asarray(odds / odds.sum(), dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write the head; the same head gives the same bytes.

        Raises:
            EmogapError: if the file cannot be written

        """
        arrays: dict[str, npt.NDArray[Any]] = {
            "weights": np.ascontiguousarray(self.weights),
            "bias": np.ascontiguousarray(self.bias),
        }
        record = msgspec.json.encode(self.record).decode()
        write_atomically(path, [save(arrays, metadata={_RECORD_KEY: record})])

    @classmethod
    def load(cls, path: Path) -> "Head":
        """Read a head.

        Raises:
            EmogapError: if the file is missing, is no safetensors file, or holds no head of this version

        """
        if not path.is_file():
            raise EmogapError(f"{path}: no such file, expected a classification head (safetensors)")
        try:
            with safe_open(path, framework="numpy") as file:
                text = (file.metadata() or {}).get(_RECORD_KEY)
                if text is None:
                    raise EmogapError(f"{path} is a safetensors file, but not a classification head of emogap")
                record = msgspec.json.decode(text, type=HeadRecord)
                return cls(record, file.get_tensor("weights"), file.get_tensor("bias"))
        except (SafetensorError, msgspec.DecodeError) as problem:
            raise EmogapError(f"{path} is not a classification head of this version: {problem}") from None

    def check_encoder(self, encoder: EncoderIdentity, path: Path) -> None:
        """Refuse an encoder other than the one this head was fitted on.

        Args:
            encoder: the encoder at hand
            path: of the head, named in the error

        Raises:
            EmogapError: naming what differs

        """
        fitted = msgspec.structs.asdict(self.record.encoder)
        at_hand = msgspec.structs.asdict(encoder)
        differing = [f"{key} {fitted[key]}, not {at_hand[key]}" for key in fitted if fitted[key] != at_hand[key]]
        if differing:
            raise EmogapError(
                f"{path} was fitted on frames of another encoder: {'; '.join(differing)}. "
                f"Fit a head on this one with: emogap run default-head"
            )
