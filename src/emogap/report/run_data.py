"""A run folder, read whole and never written to.

Conventions:
    ``run.json`` and ``scores.json`` must be there; every other file may be absent or empty and then counts as no
    rows. No model is loaded and no corpus is searched: what is not in the folder is not on the page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from emogap.errors import EmogapError
from emogap.manifest.files import read_rows, read_utterances
from emogap.manifest.provenance import Run
from emogap.manifest.records import Dropped, Prediction, Transcript, Utterance
from emogap.manifest.scores import Scores

__all__ = ["RunData", "read_run_folder"]

Row = TypeVar("Row", bound=msgspec.Struct)

_MANIFESTS = ("human.jsonl", "synthesized.jsonl", "placebo.jsonl")


@dataclass(frozen=True)
class RunData:
    """Everything a page is drawn from.

    Attributes:
        folder: the run folder
        run: its head
        scores: its results
        utterances: by id, of the human side, the synthesized side and the placebo arms, in this order
        predictions: by recognizer id, then by utterance id; the recognizer of the run first
        transcripts: by utterance id
        dropped: files that did not become utterances
        recognizer: id of the recognizer the page is about
        compared: id of the second recognizer, None without one

    """

    folder: Path
    run: Run
    scores: Scores
    utterances: Mapping[str, Utterance]
    predictions: Mapping[str, Mapping[str, Prediction]]
    transcripts: Mapping[str, Transcript]
    dropped: tuple[Dropped, ...]
    recognizer: str
    compared: str | None

    @property
    def reference_pack(self) -> str | None:
        """The sentence that says the human side is the shipped reference pack, None when it is the user's."""
        sentence = self.run.resolved.get("reference_pack")
        return str(sentence) if sentence else None

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that the run asks the page to print."""
        return _texts(self.run.resolved.get("notes"))


def read_run_folder(folder: Path) -> RunData:
    """Read a run folder.

    Raises:
        EmogapError: if the folder is missing, or a file
        EmogapError: if it has no ``run.json`` or no ``scores.json``, or one of them is not of this version
        EmogapError: if a row of a manifest or of the predictions is not valid; file and line
        EmogapError: if one utterance id stands in two manifests

    """
    if not folder.exists():
        raise EmogapError(f"{folder}: no such run folder; make one with: emogap gap --out {folder}")
    if not folder.is_dir():
        raise EmogapError(f"{folder} is a file, expected a run folder with run.json and scores.json")
    run = Run.read(folder)
    scores = Scores.read(folder / "scores.json")
    recognizer, compared = _recognizers(run, scores)
    predictions = {recognizer: _by_utterance(folder / "predictions.jsonl", Prediction)}
    if compared is not None:
        predictions[compared] = _by_utterance(folder / "predictions.compare.jsonl", Prediction)
    return RunData(
        folder=folder,
        run=run,
        scores=scores,
        utterances=_utterances(folder),
        predictions=predictions,
        transcripts=_by_utterance(folder / "transcripts.jsonl", Transcript),
        dropped=tuple(_rows(folder / "dropped.jsonl", Dropped)),
        recognizer=recognizer,
        compared=compared,
    )


def _utterances(folder: Path) -> dict[str, Utterance]:
    found: dict[str, Utterance] = {}
    for name in _MANIFESTS:
        path = folder / name
        for utterance in read_utterances(path) if _has_content(path) else []:
            if utterance.id in found:
                raise EmogapError(f"{path}: id {utterance.id!r} also stands in another manifest of this run folder")
            found[utterance.id] = utterance
    return found


def _by_utterance(path: Path, kind: type[Row]) -> dict[str, Row]:
    return {row.utterance_id: row for row in _rows(path, kind)}  # type: ignore[attr-defined]


def _rows(path: Path, kind: type[Row]) -> list[Row]:
    return read_rows(path, kind) if _has_content(path) else []


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _recognizers(run: Run, scores: Scores) -> tuple[str, str | None]:
    """Return the run's recognizer and the second one, as the scores name them.

    Scores carry the name that was asked for (``whisper@DIR``), the card has its own id (``whisper``): that counts only
    where nothing was asked, and where run.json names none, the scores do.
    """
    scored = list(dict.fromkeys(score.recognizer for score in scores.scores))
    main = _named(run.asked.get("recognizer")) or _named(run.resolved.get("recognizer"))
    if main is None or (scored and main not in scored):
        main = scored[0] if scored else main or "recognizer"
    others = [name for name in scored if name != main]
    second = _named(run.asked.get("compare")) or _named(run.resolved.get("compare"))
    return main, second if second in others else (others[0] if others else None)


def _named(entry: Any) -> str | None:
    if isinstance(entry, Mapping):
        entry = entry.get("id")
    return entry if isinstance(entry, str) and entry else None


def _texts(entry: Any) -> tuple[str, ...]:
    if isinstance(entry, str):
        return (entry,)
    return tuple(str(item) for item in entry) if isinstance(entry, list | tuple) else ()
