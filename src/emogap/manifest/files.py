"""Manifests on disk: JSON Lines, one record per line, read with line numbers in every error, written atomically."""

import contextlib
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from emogap.errors import EmogapError
from emogap.manifest.flags import LABEL_DROPPED
from emogap.manifest.labels import LABELS, LabelPolicy, canonical_label
from emogap.manifest.records import Utterance
from emogap.manifest.texts import text_id

__all__ = ["iter_rows", "read_rows", "read_utterances", "refuse_foreign", "write_atomically", "write_rows"]

Row = TypeVar("Row", bound=msgspec.Struct)


def iter_rows(path: Path, kind: type[Row]) -> Iterator[Row]:
    """Yield the records of a JSON Lines file.

    Raises:
        EmogapError: if the file is missing or a directory
        EmogapError: if a line is not a record of this kind; file, line, what was wrong and the legal fields

    """
    decoder = msgspec.json.Decoder(kind)
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    yield decoder.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError) as problem:
                    fields = ", ".join(kind.__struct_fields__)
                    raise EmogapError(
                        f"{path} line {number} is not a valid {kind.__name__}: {problem}. Fields: {fields}"
                    ) from None
    except FileNotFoundError:
        raise EmogapError(f"{path}: no such file, expected a manifest (JSON Lines)") from None
    except IsADirectoryError:
        raise EmogapError(f"{path} is a folder, expected a manifest (JSON Lines)") from None


def read_rows(path: Path, kind: type[Row]) -> list[Row]:
    """Return the records of a JSON Lines file as a list; errors as in ``iter_rows``."""
    return list(iter_rows(path, kind))


def read_utterances(path: Path, policy: LabelPolicy | None = None) -> list[Utterance]:
    """Read a manifest of utterances.

    Relative audio paths are resolved against the manifest's folder, and a text without identity gets one, so that
    it finds its twins.

    Args:
        path: of the manifest
        policy: what becomes of labels outside the label set; the defaults if None

    Raises:
        EmogapError: as in ``iter_rows``; if an id occurs twice; if an emotion is not a label
        EmogapError: if the manifest holds no utterance

    """
    folder = path.absolute().parent
    seen: dict[str, int] = {}
    utterances: list[Utterance] = []
    for number, row in enumerate(iter_rows(path, Utterance), 1):
        if row.id in seen:
            raise EmogapError(
                f"{path}: id {row.id!r} occurs twice (records {seen[row.id]} and {number}); ids must be unique"
            )
        seen[row.id] = number
        if row.emotion is not None and row.emotion not in LABELS:
            emotion = canonical_label(row.emotion, policy, where=f"{path} record {number}")
            flags = row.flags if emotion else (*row.flags, LABEL_DROPPED)
            row = msgspec.structs.replace(row, emotion=emotion, flags=flags)
        if row.text and row.text_id is None:
            row = msgspec.structs.replace(row, text_id=text_id(row.text))
        if not Path(row.path).is_absolute():
            row = msgspec.structs.replace(row, path=str(folder / row.path))
        utterances.append(row)
    if not utterances:
        raise EmogapError(f"{path} holds no utterance")
    return utterances


def write_rows(path: Path, rows: Iterable[msgspec.Struct]) -> int:
    """Write records as JSON Lines, atomically; rows are consumed one by one.

    Returns:
        number of records written

    Raises:
        EmogapError: if the folder cannot be written, or the disk is full

    """
    encoder = msgspec.json.Encoder()
    written = 0

    def lines() -> Iterator[bytes]:
        nonlocal written
        for row in rows:
            yield encoder.encode(row) + b"\n"
            written += 1

    write_atomically(path, lines())
    return written


def write_atomically(path: Path, content: Iterable[bytes]) -> None:
    """Write a file so that a crash leaves the old content or the new one, never a part.

    Args:
        path: of the file; its folder is made if missing
        content: chunks, consumed one by one; what making them raises is passed on

    Raises:
        EmogapError: if the folder cannot be made or written, or the disk is full

    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    with _said_as_a_sentence(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        out = temporary.open("wb")
    try:
        for chunk in content:
            with _said_as_a_sentence(path):
                out.write(chunk)
        with _said_as_a_sentence(path):
            out.flush()
            os.fsync(out.fileno())
            out.close()
            temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            out.close()  # a full disk can refuse even that
        temporary.unlink(missing_ok=True)
        raise


def refuse_foreign(path: Path, kind: type[msgspec.Struct]) -> None:
    """Refuse to replace a file that is not JSON Lines of this kind of record.

    Raises:
        EmogapError: if the file exists and its first line is no such record

    """
    if not path.exists():
        return
    try:
        next(iter_rows(path, kind), None)
    except EmogapError:
        raise EmogapError(
            f"{path} exists and is no file of {kind.__name__} records; name another with --output"
        ) from None


@contextlib.contextmanager
def _said_as_a_sentence(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise EmogapError(f"cannot write {path}: {problem.strerror or problem}") from None
