"""Your own recordings or synthesized speech: a folder with a table, folders named by emotion, or plain audio.

Three shapes are read, the first that fits:

1. One ``.csv``, ``.tsv`` or ``.jsonl`` file at the top of the folder. Its rows are the utterances. Columns, with
   other accepted names in brackets: ``path`` (``wav_path``, ``file``, ``filename``, ``audio``, ``tts_wav_path``,
   ``test_path``, ``response_wav_path``), ``emotion`` (``label``, ``target_emotion``), ``text`` (``sentence``,
   ``transcript``), ``speaker`` (``voice``), ``system``, ``vocoder``, ``control``, ``source_id``, ``id``,
   ``split``, ``intensity``. Only ``path`` is needed; it is relative to the table. Columns that start with ``x_``
   are ignored.
2. Folders named by emotion, ``angry/one.wav``, at any one level; all folders of that level must be emotions.
3. Plain audio: utterances without emotion. They can be recognized and embedded, but not scored.

Conventions:
    Ids are the folder's name and the path below it without suffix, or the cell of the column ``id``. A row with a
    ``system`` is synthesized and its ``emotion`` the target; other utterances are human, unless the caller says
    otherwise. Speakers are prefixed with the system, or else with the folder's name. A text file ``one.txt`` or
    ``one.lab`` beside ``one.wav`` gives the text where no table does.
"""

import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from emogap.corpora._layout import (
    MISSING,
    NOT_IN_TABLE,
    SECOND_COPY,
    Draft,
    Reader,
    audio_among,
    decoded_text,
    path_below,
    visible_files,
)
from emogap.corpora._tables import TABLE_SUFFIXES, Table, read_table
from emogap.errors import EmogapError, UnknownNameError
from emogap.manifest.labels import LABELS, LabelPolicy, canonical_label
from emogap.manifest.records import Utterance
from emogap.manifest.texts import text_id
from emogap.plugins import CorpusCard, Reading

__all__ = ["CARDS", "PLUGIN", "Folder"]

CARDS = (
    CorpusCard(
        id="folder",
        summary="Any folder of audio: with a table beside it, with folders named by emotion, or plain.",
        licence="yours",
        reference="none",
        labels=LABELS,
        expected={},
        text_source="none",
    ),
)

_LAYOUT = (
    "a folder of audio files: with one .csv, .tsv or .jsonl table (columns path, emotion, text, ...), or with "
    "folders named by emotion, or plain"
)
_FIELD_NAMES: Mapping[str, tuple[str, ...]] = {
    "path": (
        "path", "wav_path", "file", "filename", "audio", "tts_wav_path", "test_path", "response_wav_path",
    ),
    "emotion": ("emotion", "label", "target_emotion"),
    "text": ("text", "sentence", "transcript"),
    "speaker": ("speaker", "voice"),
    **{name: (name,) for name in ("system", "vocoder", "control", "source_id", "id", "split", "intensity")},
}  # fmt: skip
_FIELD_OF = {name: field for field, names in _FIELD_NAMES.items() for name in names}
_IGNORED = "x_"
_SPLITS = {"train": "train", "dev": "dev", "valid": "dev", "validation": "dev", "val": "dev", "test": "test"}
_ALIGNMENT = re.compile(r"\d+(\.\d+)?\s+\d+(\.\d+)?\s")
"""First line of a time-aligned label file, which holds phones and not words."""


class Folder(Reader):
    """Reader of anyone's recordings."""

    def read(self, folder: Path, policy: LabelPolicy) -> Reading:
        """Read the table, or the names of folders and files.

        Raises:
            EmogapError: if the folder is missing or holds no audio
            EmogapError: if it holds more than one table, or a table that cannot be read
            UnknownNameError: if a column, a split, an emotion or a folder among emotion folders is unknown

        """
        draft = Draft(self.card, folder, _LAYOUT)
        here = folder.absolute()
        files = visible_files(folder, _LAYOUT)
        audio = audio_among(files)
        tables = [path for path in files if path.parent == here and path.suffix.lower() in TABLE_SUFFIXES]
        if len(tables) > 1:
            names = ", ".join(path.name for path in tables)
            raise EmogapError(f"{folder} holds {len(tables)} tables ({names}), expected one; move the others away")
        if tables:
            _read_rows(draft, read_table(tables[0]), audio, policy)
        else:
            _read_names(draft, here, audio, policy)
        return draft.reading()


def _read_rows(draft: Draft, table: Table, audio: Sequence[Path], policy: LabelPolicy) -> None:
    columns = _columns(draft, table)
    here = table.path.parent
    named: set[str] = set()
    lines: dict[str, int] = {}
    for row in table.rows:
        where = table.where(row)
        named_path = row.cells[columns["path"]]
        if not named_path.strip():
            raise EmogapError(f"{where}: the column {columns['path']} is empty, expected the path of an audio file")
        path = _existing(here, named_path)
        if path is None:
            draft.drop(where, MISSING, named_path)
            continue
        named.add(os.path.normpath(path))
        draft.n_files += 1
        cells = {field: row.cells[column].strip() for field, column in columns.items()}
        code = cells.get("emotion", "")
        emotion = draft.label(code, where, policy) if code else None
        if code and emotion is None:
            continue
        utterance = _utterance_of(path, here, emotion, cells, where)
        if utterance.id in lines:
            raise EmogapError(
                f"{where}: the id {utterance.id!r} is that of line {lines[utterance.id]} too; ids must be unique. "
                "Name each file once, or add a column id"
            )
        lines[utterance.id] = row.line
        draft.keep(utterance)
    for path in audio:
        if os.path.normpath(path) not in named:
            draft.drop(path, NOT_IN_TABLE, f"no row in {table.path.name}")


def _columns(draft: Draft, table: Table) -> dict[str, str]:
    """Return the table's own column for each field it has; refuse columns that nobody knows."""
    if {"id", "path", "domain"} <= set(table.columns):
        raise EmogapError(f"{table.path} is a manifest of emogap; give the file itself instead of its folder")
    columns: dict[str, str] = {}
    ignored = []
    for column in table.columns:
        if column.startswith(_IGNORED):
            ignored.append(column)
            continue
        field = _FIELD_OF.get(column)
        if field is None:
            raise UnknownNameError("column", column, (*_FIELD_OF, f"{_IGNORED}... (ignored)"), where=str(table.path))
        if field in columns:
            raise EmogapError(f"{table.path} has two columns for the {field}, {columns[field]} and {column}; keep one")
        columns[field] = column
    if "path" not in columns:
        legal = ", ".join(_FIELD_NAMES["path"])
        raise EmogapError(
            f"{table.path} has no column with the path of the audio; call it one of: {legal}. "
            f"Its columns are: {', '.join(table.columns)}"
        )
    if ignored:
        draft.note(f"{table.path.name}: ignored {', '.join(ignored)}")
    return columns


def _utterance_of(path: Path, here: Path, emotion: str | None, cells: Mapping[str, str], where: str) -> Utterance:
    """Make an utterance; ``cells`` maps fields to stripped cells and is empty where no table names the file.

    Raises:
        UnknownNameError: if the split is unknown

    """
    name = _name_of(here)
    system = cells.get("system") or None
    speaker = cells.get("speaker")
    text = cells.get("text") or _text_beside(path)
    split = cells.get("split", "").lower()
    if split and split not in _SPLITS:
        raise UnknownNameError("split", split, _SPLITS, where)
    return Utterance(
        id=cells.get("id") or f"{name}/{path_below(path, here)}",
        path=str(path),
        domain="synthesized" if system else "human",
        emotion=emotion,
        corpus=name,
        speaker=f"{system or name}-{speaker}" if speaker else None,
        text=text,
        text_id=text_id(text) if text else None,
        intensity=cells.get("intensity") or None,
        system=system,
        vocoder=cells.get("vocoder") or None,
        control=cells.get("control") or None,
        source_id=cells.get("source_id") or None,
        split=_SPLITS.get(split),
    )


def _read_names(draft: Draft, here: Path, audio: Sequence[Path], policy: LabelPolicy) -> None:
    level = _emotion_level(here, audio)
    if level is None and audio:
        draft.note("no table, and no folder is named by an emotion: the utterances have no emotion")
    kept: dict[str, Path] = {}
    for path in audio:
        name = path_below(path, here)
        if name in kept:
            draft.drop(path, SECOND_COPY, f"kept {kept[name]}")
            continue
        kept[name] = path
        draft.n_files += 1
        emotion = None
        if level is not None:
            folders = path.relative_to(here).parts[:-1]
            if len(folders) <= level:
                draft.drop(path, "not in a folder named by an emotion")
                continue
            code = folders[level]
            if canonical_label(code, policy, where=str(here.joinpath(*folders[: level + 1]))) is None:
                draft.drop(path, f"label dropped by policy: {code.lower()}")
                continue
            emotion = canonical_label(code, policy)
        draft.keep(_utterance_of(path, here, emotion, {}, str(path)))


def _emotion_level(here: Path, audio: Sequence[Path]) -> int | None:
    """Return the highest level at which a folder is named by an emotion, 0 for the folder's own children."""
    by_level: dict[int, set[str]] = {}
    for path in audio:
        for level, name in enumerate(path.relative_to(here).parts[:-1]):
            by_level.setdefault(level, set()).add(name)
    return next((level for level, names in sorted(by_level.items()) if any(map(_is_emotion, names))), None)


def _is_emotion(name: str) -> bool:
    try:
        canonical_label(name)
    except UnknownNameError:
        return False
    return True


def _existing(here: Path, named: str) -> Path | None:
    """Find the file a cell names; tables differ from disks in outer spaces and in composed or split accents."""
    spellings = (named, named.strip(), unicodedata.normalize("NFC", named), unicodedata.normalize("NFD", named))
    for spelling in dict.fromkeys(spellings):
        path = here / spelling
        try:
            if path.is_file():
                return path
        except (OSError, ValueError):  # longer than any name, or with a NUL: no file can be called so
            continue
    return None


def _name_of(here: Path) -> str:
    return Path(os.path.normpath(here)).name or "folder"


def _text_beside(path: Path) -> str | None:
    """Return the words of a text file with the audio file's name, if there is one."""
    for suffix in (".txt", ".lab"):
        beside = path.with_suffix(suffix)
        if beside.is_file():
            text = decoded_text(beside)[0].strip()
            if text and not _ALIGNMENT.match(text):
                return " ".join(text.split())
    return None


PLUGIN = Folder
