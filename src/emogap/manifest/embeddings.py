"""Utterance embeddings on disk: ``NAME.npy`` beside ``NAME.jsonl``.

Conventions:
    The array is float32 ``(n_utterances, embedding_dim)`` and can be memory-mapped; row i belongs to line i of the
    JSON Lines file. Failed utterances keep their row, filled with NaN, so that the two never slip.
"""

from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from emogap.errors import EmogapError
from emogap.manifest.files import read_rows

__all__ = ["EmbeddingRow", "read_embeddings"]


class EmbeddingRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which utterance a row of the array belongs to, and whether it could be embedded."""

    utterance_id: str
    outcome: Literal["ok", "failed"] = "ok"
    reason: str | None = None


def read_embeddings(array: Path) -> tuple[npt.NDArray[np.float32], list[EmbeddingRow]]:
    """Memory-map the embeddings of ``array`` (``*.npy``) and read their rows.

    Raises:
        EmogapError: if the array is missing, or the two files do not match

    """
    rows = read_rows(array.with_suffix(".jsonl"), EmbeddingRow)
    try:
        values: npt.NDArray[np.float32] = np.load(array, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as problem:
        raise EmogapError(f"{array}: not an array file ({problem})") from None
    if values.ndim != 2 or len(values) != len(rows):
        raise EmogapError(f"{array} has shape {values.shape}, but {array.with_suffix('.jsonl')} has {len(rows)} rows")
    return values, rows
