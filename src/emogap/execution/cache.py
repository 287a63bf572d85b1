"""The cache: every answer of a model, kept by what was heard and who answered.

Conventions:
    An answer's key is the hash of the decoded samples, the nuisance they were passed through, the resampler and the
    fingerprint of the plug-in, so an answer can be reused by any run and can never be mistaken for another's. Answers
    are committed batch by batch; that makes this file the ledger from which a killed run goes on. A second table
    remembers the hash of each audio file by path, size and modification time, as ``make`` does, and by the decoder,
    so that a rerun decodes nothing.

    The cache is one SQLite file in ``EMOGAP_CACHE``, else in the user's cache folder. Deleting it costs time only.
"""

import hashlib
import os
import sqlite3
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from emogap.errors import EmogapError
from emogap.manifest.audio import DECODER, RESAMPLER

__all__ = ["Cache", "FileFacts", "answer_key", "default_cache_folder"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS decoded_files (
    path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, decoder TEXT, facts BLOB
) WITHOUT ROWID;
DROP TABLE IF EXISTS files;
"""


class FileFacts(msgspec.Struct, frozen=True):
    """What decoding a file told: hash of the samples, their number and rate, and the flags."""

    sha256: str
    num_samples: int
    sampling_rate_hz: int
    flags: tuple[str, ...]


def default_cache_folder() -> Path:
    """Return ``EMOGAP_CACHE``, else the user's cache folder for emogap."""
    if named := os.environ.get("EMOGAP_CACHE"):
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "emogap"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "emogap" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "emogap"


def answer_key(sha256: str, nuisance: str, fingerprint: str) -> bytes:
    """Return the key of an answer: 32 bytes. The resampler, which stands before every model, is part of it.

    Args:
        sha256: of the decoded samples, see ``manifest.audio.pcm_sha256``
        nuisance: name of what the samples were passed through, empty for nothing
        fingerprint: of the plug-in

    """
    return hashlib.sha256(f"{sha256}|{nuisance}|{RESAMPLER}|{fingerprint}".encode()).digest()


class Cache:
    """Answers and file hashes in one SQLite file; safe to use from several threads and processes.

    Args:
        folder: where the file lies, made if missing; None keeps everything in memory, for one process

    Raises:
        EmogapError: if the folder cannot be written or the file is not a cache

    """

    def __init__(self, folder: Path | None) -> None:
        self._lock = threading.Lock()
        try:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            name = ":memory:" if folder is None else str(folder / "answers.sqlite")
            self._database = sqlite3.connect(name, timeout=60, check_same_thread=False)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as problem:
            raise EmogapError(
                f"the cache in {folder} cannot be used ({problem}); "
                "delete that folder, or set EMOGAP_CACHE to one that can be written"
            ) from None

    def get(self, key: bytes) -> bytes | None:
        """Return an answer, or None."""
        with self._lock:
            row = self._database.execute("SELECT value FROM answers WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def put(self, answers: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep answers; they survive the process from here on.

        Raises:
            EmogapError: if the disk is full or the file cannot be written

        """
        self._write("INSERT OR REPLACE INTO answers VALUES (?, ?)", list(answers))

    def facts(self, path: Path) -> FileFacts | None:
        """Return what an earlier decoding told about a file, or None if file or decoder is new or has changed since."""
        state = _state(path)
        if state is None:
            return None
        with self._lock:
            row = self._database.execute(
                "SELECT facts FROM decoded_files WHERE path = ? AND size = ? AND mtime_ns = ? AND decoder = ?", state
            ).fetchone()
        return None if row is None else msgspec.msgpack.decode(row[0], type=FileFacts)

    def remember(self, found: Iterable[tuple[Path, FileFacts]]) -> None:
        """Keep what decoding told about files, except those that have vanished since; errors as in ``put``."""
        rows = [(*state, msgspec.msgpack.encode(facts)) for path, facts in found if (state := _state(path)) is not None]
        self._write("INSERT OR REPLACE INTO decoded_files VALUES (?, ?, ?, ?, ?)", rows)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        try:
            with self._lock, self._database:
                self._database.executemany(statement, rows)
        except sqlite3.Error as problem:
            raise EmogapError(
                f"cannot write the cache ({problem}); free space or set EMOGAP_CACHE to another folder, "
                "then run the same command again: it goes on where it stopped"
            ) from None


def _state(path: Path) -> tuple[bytes, int, int, str] | None:
    """Return what a remembered row must match; None for a file that is not there or a name that no file can have."""
    try:
        status = path.stat()
        return os.fsencode(path), status.st_size, status.st_mtime_ns, DECODER
    except (OSError, ValueError):
        return None
