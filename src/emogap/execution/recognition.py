"""Recognizing and embedding utterances: rows and arrays on disk, in the order of the manifest."""

import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from emogap.errors import EmogapError
from emogap.execution.answering import Nuisance, Task, answer
from emogap.execution.cache import Cache
from emogap.execution.progress import Progress
from emogap.manifest.audio import Waveform
from emogap.manifest.embeddings import EmbeddingRow
from emogap.manifest.files import write_atomically, write_rows
from emogap.manifest.records import Prediction, Utterance
from emogap.plugins import Recognizer

__all__ = ["embed", "recognize"]

_DECIMALS = 6
"""Of scores on disk."""


def recognize(
    utterances: Sequence[Utterance],
    recognizer: Recognizer,
    cache: Cache,
    progress: Progress,
    nuisance: Nuisance | None = None,
) -> Iterator[Prediction]:
    """Yield one prediction per utterance, in the order given; failures are rows with a reason."""

    def ask(waveforms: Waveform, lengths: npt.NDArray[np.int64]) -> list[bytes]:
        scores = np.asarray(recognizer.scores(waveforms, lengths), dtype="<f4")
        if not np.isfinite(scores).all():
            raise ValueError("the recognizer gave scores that are not numbers")
        return [row.tobytes() for row in scores]

    task = Task(
        f"scores|{recognizer.fingerprint}", recognizer.sampling_rate_hz, recognizer.min_samples, recognizer.max_batch,
        ask,
    )  # fmt: skip
    label = f"recognize ({recognizer.card.id})" + (f", {nuisance.name}" if nuisance else "")
    for utterance, given in answer(utterances, task, cache, progress, label, nuisance):
        if given.value is None:
            yield Prediction(
                utterance_id=utterance.id, predicted=None, scores={}, outcome="failed", reason=given.reason
            )
            continue
        scores = np.frombuffer(given.value, dtype="<f4").astype(float)
        yield Prediction(
            utterance_id=utterance.id,
            predicted=recognizer.labels[int(scores.argmax())],
            scores={
                label: round(float(score), _DECIMALS) for label, score in zip(recognizer.labels, scores, strict=True)
            },
        )


def embed(
    utterances: Sequence[Utterance], recognizer: Recognizer, array: Path, cache: Cache, progress: Progress
) -> list[EmbeddingRow]:
    """Write mean-pooled utterance embeddings to ``array`` (``*.npy``) and their rows beside it.

    Returns:
        the rows written, one per utterance

    Raises:
        EmogapError: if nothing could be embedded, or the files cannot be written

    """

    def ask(waveforms: Waveform, lengths: npt.NDArray[np.int64]) -> list[bytes]:
        return [
            np.asarray(frames.mean(axis=0), dtype="<f4").tobytes() for frames in recognizer.frames(waveforms, lengths)
        ]

    task = Task(
        f"mean of frames|{recognizer.fingerprint}", recognizer.sampling_rate_hz, recognizer.min_samples,
        recognizer.max_batch, ask,
    )  # fmt: skip
    rows: list[EmbeddingRow] = []

    def vectors() -> Iterator[npt.NDArray[np.float32] | None]:
        for utterance, given in answer(utterances, task, cache, progress, f"embed ({recognizer.card.id})"):
            failed = given.value is None
            rows.append(
                EmbeddingRow(utterance_id=utterance.id, outcome="failed" if failed else "ok", reason=given.reason)
            )
            yield None if given.value is None else np.frombuffer(given.value, dtype="<f4")

    _write_array(array, vectors(), len(utterances))
    write_rows(array.with_suffix(".jsonl"), rows)
    return rows


def _write_array(array: Path, vectors: Iterable[npt.NDArray[np.float32] | None], n: int) -> None:
    """Write vectors as one array, a row of NaN where there is none; atomic, and no more than one row in memory.

    Rows are appended by ordinary writes: a memory map of a file that outgrows the disk ends the process.
    """

    def chunks() -> Iterator[bytes]:
        absent, leading = b"", 0
        for vector in vectors:
            if vector is None:
                if absent:
                    yield absent
                else:
                    leading += 1
                continue
            if not absent:
                absent = np.full(len(vector), np.nan, dtype="<f4").tobytes()
                yield _npy_header((n, len(vector)))
                yield from itertools.repeat(absent, leading)
            row = np.asarray(vector, dtype="<f4").tobytes()
            if len(row) != len(absent):
                raise EmogapError(f"embeddings of {len(row) // 4} and of {len(absent) // 4} numbers in one array")
            yield row
        if not absent:
            raise EmogapError("no utterance could be embedded; `emogap recognize` lists the reason for each")

    write_atomically(array, chunks())


def _npy_header(shape: tuple[int, int]) -> bytes:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": shape})
    return header.getvalue()
