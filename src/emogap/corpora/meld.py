"""MELD: utterances of the television series Friends in seven emotions, 13,708 rows in three official splits.

Facts: clips are MP4 with 2 or 6 channels, ``dia0_utt0.mp4``; numbers restart in each split, so the split is part
of the id. Tables are ``train_sent_emo.csv``, ``dev_sent_emo.csv`` and ``test_sent_emo.csv``. A copy with WAV or
FLAC files of the same names is read too, and is preferred where both are there. The splits share the six main
actors and so are not speaker-independent. 12.1 hours.

Reference: S. Poria et al., "MELD: A multimodal multi-party dataset for emotion recognition in conversations",
ACL 2019, arXiv:1810.02508. Licence: GPL-3.0 in the repository; the audio is television material, not to be
passed on.

Quirks:
    Train ``dia125_utt3`` cannot be decoded and dev ``dia110_utt7`` does not exist: 13,707 clips, 13,706 usable.
    Test ``dia38_utt4`` (305 s), test ``dia220_utt0`` (235 s) and train ``dia309_utt0`` (41 s) are cut wrongly;
    they are kept with the flag ``wrongly_cut``.
    The test folder has further files, ``final_videos_testdia*_utt*.mp4``, which no table names.
    Laughter of the audience is in the audio.

Conventions:
    Ids are ``meld/train/dia0_utt0``, speakers ``meld-Chandler``. A clip belongs to the split that the nearest
    folder names (``train_splits``, ``dev_splits_complete``, ``output_repeated_splits_test``, ``train``, ...).
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from emogap.corpora._layout import (
    KNOWN_BROKEN,
    MISSING,
    NOT_IN_TABLE,
    Draft,
    Reader,
    audio_among,
    visible_files,
)
from emogap.corpora._tables import Table, read_table
from emogap.errors import EmogapError
from emogap.manifest.labels import EMOTIONS, LabelPolicy
from emogap.manifest.records import Utterance
from emogap.manifest.texts import text_id
from emogap.plugins import CorpusCard, Reading

__all__ = ["CARDS", "PLUGIN", "Meld"]

CARDS = (
    CorpusCard(
        id="meld",
        summary="English television dialogue (Friends): 304 names, 7 emotions, official train, dev and test splits.",
        licence="GPL-3.0 (tables); audio of a television series",
        reference="Poria et al. 2019, arXiv:1810.02508",
        unproven="tested on the official tables and made clips; the official MP4 files were not at hand",
        labels=EMOTIONS,
        expected={
            "files": 13707,
            "utterances": 13706,
            "speakers": 304,
            "angry": 1607,
            "disgusted": 361,
            "fearful": 358,
            "happy": 2308,
            "neutral": 6434,
            "sad": 1002,
            "surprised": 1636,
        },
        text_source="official",
    ),
)

_SPLITS = ("train", "dev", "test")
_SPLIT_OF = {"train": "train", "dev": "dev", "val": "dev", "valid": "dev", "validation": "dev", "test": "test"}
_GRAMMAR = re.compile(r"dia(\d+)_utt(\d+)")
_COLUMNS = ("utterance", "speaker", "emotion", "dialogue_id", "utterance_id")
_BROKEN = {("train", "dia125_utt3"): "cannot be decoded", ("dev", "dia110_utt7"): "not in the release"}
_WRONGLY_CUT = {("test", "dia38_utt4"), ("test", "dia220_utt0"), ("train", "dia309_utt0")}
_LAYOUT = (
    "MELD.Raw: train_sent_emo.csv, dev_sent_emo.csv and test_sent_emo.csv (from data/MELD of "
    "https://github.com/declare-lab/MELD) beside folders train_splits, dev_splits_complete and "
    "output_repeated_splits_test with clips named like dia0_utt0.mp4"
)


class Meld(Reader):
    """Reader of MELD; every split that has a table is read."""

    def read(self, folder: Path, policy: LabelPolicy) -> Reading:
        """Join the tables with the names of the clips.

        Raises:
            EmogapError: if the folder is missing, or holds no table or no clip of MELD
            EmogapError: if a row of a table cannot be read
            UnknownNameError: if a row has an unknown label

        """
        draft = Draft(self.card, folder, _LAYOUT)
        files = visible_files(folder, _LAYOUT)
        tables = {split: path for split in _SPLITS if (path := _table_of(split, files))}
        if not tables:
            raise EmogapError(f"{folder} has no table such as train_sent_emo.csv, expected {_LAYOUT}")
        by_split: dict[str, list[Path]] = defaultdict(list)
        for path in audio_among(files):
            split = _split_of(path, folder) or (next(iter(tables)) if len(tables) == 1 else None)
            if split is None:
                draft.drop(path, "no folder names its split")
            elif split not in tables:
                draft.drop(path, NOT_IN_TABLE, f"{split}_sent_emo.csv is absent")
            else:
                by_split[split].append(path)
        for split, table in tables.items():
            clips = {
                f"dia{int(match[1])}_utt{int(match[2])}": path
                for path, match, _ in draft.matching(by_split[split], _GRAMMAR)
            }
            _read_split(draft, split, read_table(table, ("utf-8-sig", "cp1252")), clips, policy)
        absent = [split for split in _SPLITS if split not in tables]
        if absent:
            draft.note(f"no table for the split {' and '.join(absent)}, so it was not read")
        return draft.reading()


def _table_of(split: str, files: Sequence[Path]) -> Path | None:
    named = [path for path in files if path.name == f"{split}_sent_emo.csv"]
    return min(named, key=lambda path: len(path.parts), default=None)


def _split_of(path: Path, folder: Path) -> str | None:
    here = folder.absolute()
    for name in (*reversed(path.relative_to(here).parts[:-1]), here.name):
        splits = {_SPLIT_OF[word] for word in re.findall("[a-z]+", name.lower()) if word in _SPLIT_OF}
        if len(splits) == 1:
            return splits.pop()
    return None


def _read_split(draft: Draft, split: str, table: Table, clips: dict[str, Path], policy: LabelPolicy) -> None:
    """Join one table with its clips; ``clips`` maps names to files and is used up."""
    table.require(_COLUMNS)
    rows = set()
    for row in table.rows:
        try:
            name = f"dia{int(row.cells['dialogue_id'])}_utt{int(row.cells['utterance_id'])}"
        except ValueError:
            raise EmogapError(f"{table.where(row)}: Dialogue_ID and Utterance_ID must be whole numbers") from None
        if name in rows:
            raise EmogapError(f"{table.where(row)}: {name} has a second row, expected one row for each clip")
        rows.add(name)
        path = clips.pop(name, None)
        if (split, name) in _BROKEN:
            draft.drop(path or table.where(row), KNOWN_BROKEN, f"{name}: {_BROKEN[split, name]}")
            continue
        if path is None:
            draft.drop(table.where(row), MISSING, f"{name}.mp4")
            continue
        emotion = draft.label(row.cells["emotion"], path, policy)
        if emotion is None:
            continue
        text = row.cells["utterance"].strip()
        wrongly_cut = (split, name) in _WRONGLY_CUT
        if wrongly_cut:
            draft.note(f"{split} {name}: cut wrongly in the release, kept with the flag wrongly_cut")
        draft.keep(
            Utterance(
                id=f"meld/{split}/{name}",
                path=str(path),
                domain="human",
                emotion=emotion,
                corpus="meld",
                speaker=f"meld-{row.cells['speaker'].strip()}",
                text=text or None,
                text_id=text_id(text),
                split=split,
                flags=("wrongly_cut",) if wrongly_cut else (),
            )
        )
    for path in clips.values():
        draft.drop(path, NOT_IN_TABLE, f"no row in {table.path.name}")


PLUGIN = Meld
