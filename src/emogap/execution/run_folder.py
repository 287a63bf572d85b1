"""Run folders: who may write where.

Conventions:
    A run folder belongs to the request written in its ``run.json``. The same request goes on where it was; another
    request is refused unless the user says ``resume`` (keep what still holds) or ``overwrite`` (start afresh).
    Overwriting removes only files that emogap writes; a folder with anything else in it is never emptied.
"""

import contextlib
import re
from collections.abc import Iterable
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


_RESULTS = ("predictions.jsonl", "scores.json", "embeddings.npy", "manifest.jsonl", "default_head.json")
_MADE_AUDIO = re.compile(r".*_[0-9a-f]{10}\.wav|.*\.partial")


def claim(folder: Path, run: Run, existing: Existing = "refuse", inputs: Iterable[Path] = ()) -> None:
    """Take a folder for a run and write its ``run.json``.

    Args:
        folder: of the run
        run: that begins now
        existing: what to do with another run's folder
        inputs: files the run will read, which overwriting must not remove

    Raises:
        EmogapError: if the folder belongs to another request that left results, and ``existing`` is ``refuse``
        EmogapError: if it holds files that are not emogap's and no ``run.json`` of emogap
        EmogapError: if overwriting would remove an input
        EmogapError: if it is a file or cannot be written

    """
    if folder.exists() and not folder.is_dir():
        raise EmogapError(f"{folder} is a file, expected a folder for the run; name another with --out")
    leftovers = re.compile(rf"\.({'|'.join(map(re.escape, OWN_FILES))})\.\d+-\d+")
    names = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
    contents = [name for name in names if not leftovers.fullmatch(name)]
    if contents and "run.json" not in contents:
        raise EmogapError(
            f"{folder} is not empty and no run of emogap (it holds {', '.join(contents[:3])}, ...); "
            "name an empty or new folder with --out"
        )
    if contents:
        earlier = Run.read(folder)
        same = (earlier.command, earlier.asked) == (run.command, _as_json(run.asked))
        if existing == "overwrite":
            _empty(folder, inputs)
        elif existing == "refuse" and not same and not {*_RESULTS}.isdisjoint(contents):
            raise EmogapError(
                f"{folder} holds another run ({_difference(earlier, run)}); name another folder with --out, "
                "or say --resume to keep what still holds, or --overwrite to start afresh"
            )
    for name in set(names) - set(contents):
        (folder / name).unlink(missing_ok=True)
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


def _empty(folder: Path, inputs: Iterable[Path]) -> None:
    """Remove what emogap wrote, and in ``audio/`` only files named as it names them."""
    inside = next((p for p in inputs if p.resolve().is_relative_to(folder.resolve())), None)
    if inside is not None:
        raise EmogapError(f"--overwrite would remove {inside}, which this run reads; name another folder with --out")
    for name in OWN_FILES:
        target = folder / name
        try:
            if target.is_dir():
                for file in target.iterdir():
                    if name != "audio" or _MADE_AUDIO.fullmatch(file.name):
                        file.unlink()
                with contextlib.suppress(OSError):  # somebody else's files stay, and their folder with them
                    target.rmdir()
            else:
                target.unlink(missing_ok=True)
        except OSError as problem:
            raise EmogapError(f"cannot remove {target}: {problem.strerror or problem}") from None
