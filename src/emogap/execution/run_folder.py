"""Run folders: who may write where.

Conventions:
    A run folder belongs to the request written in its ``run.json``. The same request goes on where it was; another
    request is refused unless the user says ``resume`` (keep what still holds) or ``overwrite`` (start afresh).
    Overwriting removes only files that emogap writes; a folder with anything else in it is never emptied.
"""

import contextlib
import shutil
from pathlib import Path
from typing import Literal

import msgspec

from emogap.errors import EmogapError
from emogap.manifest.provenance import Run

__all__ = ["OWN_FILES", "Existing", "claim"]

Existing = Literal["refuse", "resume", "overwrite"]

OWN_FILES = (
    "run.json", "human.jsonl", "synthesized.jsonl", "placebo.jsonl", "dropped.jsonl", "predictions.jsonl",
    "predictions.compare.jsonl", "transcripts.jsonl", "scores.json", "report.html", "embeddings.npy",
    "embeddings.jsonl", "manifest.jsonl", "audio", "default_head.json", "whisper_head.safetensors", "reference",
)  # fmt: skip
"""What emogap writes into a run folder."""


def claim(folder: Path, run: Run, existing: Existing = "refuse") -> None:
    """Take a folder for a run and write its ``run.json``.

    Raises:
        EmogapError: if the folder belongs to another request and ``existing`` is ``refuse``
        EmogapError: if it holds files that are not emogap's and no ``run.json``
        EmogapError: if it is a file or cannot be written

    """
    if folder.exists() and not folder.is_dir():
        raise EmogapError(f"{folder} is a file, expected a folder for the run; name another with --out")
    contents = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
    if contents and not (folder / "run.json").exists():
        raise EmogapError(
            f"{folder} is not empty and no run of emogap (it holds {', '.join(contents[:3])}, ...); "
            "name an empty or new folder with --out"
        )
    if contents and existing == "overwrite":
        _empty(folder)
    elif contents and existing == "refuse":
        earlier = Run.read(folder)
        if (earlier.command, earlier.asked) != (run.command, _as_json(run.asked)):
            raise EmogapError(
                f"{folder} holds another run ({_difference(earlier, run)}); name another folder with --out, "
                "or say --resume to keep what still holds, or --overwrite to start afresh"
            )
    run.write(folder)


def _as_json(asked: dict[str, object]) -> object:
    return msgspec.json.decode(msgspec.json.encode(asked))


def _difference(earlier: Run, run: Run) -> str:
    if earlier.command != run.command:
        return f"of `emogap {earlier.command}`"
    asked = _as_json(run.asked)
    now = asked if isinstance(asked, dict) else {}
    names = [k for k in sorted({*earlier.asked, *now}) if earlier.asked.get(k) != now.get(k)]
    return "asked with " + ", ".join(f"{name}={earlier.asked.get(name)!r}" for name in names[:3])


def _empty(folder: Path) -> None:
    for name in OWN_FILES:
        target = folder / name
        try:
            if target.is_dir():
                shutil.rmtree(target)
            else:
                with contextlib.suppress(FileNotFoundError):
                    target.unlink()
        except OSError as problem:
            raise EmogapError(f"cannot remove {target}: {problem.strerror or problem}") from None
