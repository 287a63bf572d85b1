"""ESD: ten Mandarin and ten English speakers read 350 parallel texts in five emotions, 35,000 recordings.

Facts: the name is speaker_index (``0011_000351``); speakers 0001-0010 speak Mandarin, 0011-0020 English. The
index goes from 1 to 1750 in blocks of 350: neutral, angry, happy, sad, surprise; of each block the first 20 are
the evaluation split, the next 30 test and the rest train. Emotions are neutral, angry, happy, sad, surprised;
there is no fear and no disgust. Mono, 16 kHz, 29.1 hours. The official split shares all speakers and no text.

Reference: K. Zhou, B. Sisman, R. Liu and H. Li, "Emotional voice conversion: theory, databases and ESD", Speech
Communication 137, 2022, doi:10.1016/j.specom.2021.11.006. Licence: signed agreement, research only.

Quirks:
    Transcripts (``0011/0011.txt``: id, text, emotion) come in several encodings, with blank lines, and with
    Chinese names of emotions for some speakers. Many copies lack the split folders; the split is then read from
    the index.

Conventions:
    Ids are ``esd/0011_000351``, speakers ``esd-0011``; evaluation is ``dev``. The emotion is the folder's; where
    no folder names one, the transcript's; where there is none either, that of the index.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from emogap.corpora._layout import Draft, Reader, audio_among, decoded_text, visible_files
from emogap.manifest.labels import LabelPolicy, canonical_label
from emogap.manifest.records import Utterance
from emogap.manifest.texts import text_id
from emogap.plugins import CorpusCard, Reading

__all__ = ["CARDS", "PLUGIN", "Esd"]

_LABELS = ("angry", "happy", "neutral", "sad", "surprised")

CARDS = (
    CorpusCard(
        id="esd",
        summary="Read Mandarin and English speech: 20 speakers, 350 parallel texts, 5 emotions, official splits.",
        licence="signed agreement, research only",
        reference="Zhou et al. 2022, doi:10.1016/j.specom.2021.11.006",
        unproven="tested on a made tree of the official layout; the order of the index is second-hand",
        labels=_LABELS,
        expected={"files": 35000, "utterances": 35000, "speakers": 20, **dict.fromkeys(_LABELS, 7000)},
        text_source="script",
    ),
)

_GRAMMAR = re.compile(r"(?P<speaker>00(?:0[1-9]|1\d|20))_(?P<index>\d{6})")
_BLOCKS = ("neutral", "angry", "happy", "sad", "surprise")
_BLOCK_SIZE = 350
_FIRST_TEST, _FIRST_TRAIN = 20, 50
_FOLDER_SPLITS = {"train": "train", "test": "test", "evaluation": "dev"}
_CHINESE = {"中立": "neutral", "快乐": "happy", "伤心": "sad", "生气": "angry", "惊喜": "surprise"}
_ENCODINGS = ("utf-8-sig", "gb18030")
_LAYOUT = "the ESD recordings: speaker folders 0001 ... 0020 with 0011.txt and Angry/0011_000351.wav and so on"


@dataclass(frozen=True)
class _Line:
    text: str
    emotion: str


class Esd(Reader):
    """Reader of ESD, with or without the split folders."""

    def read(self, folder: Path, policy: LabelPolicy) -> Reading:
        """Parse the names of files and folders, and the transcripts.

        Raises:
            EmogapError: if the folder is missing or holds no recording of ESD
            UnknownNameError: if a transcript has an unknown emotion and no folder names it

        """
        draft = Draft(self.card, folder, _LAYOUT)
        files = visible_files(folder, _LAYOUT)
        lines = _transcripts(files)
        without_text = by_index = contradicted = 0
        for path, match, name in draft.matching(audio_among(files), _GRAMMAR):
            index = int(match["index"])
            if not 1 <= index <= _BLOCK_SIZE * len(_BLOCKS):
                draft.drop(path, "index beyond the corpus", f"{index} is not in 1-{_BLOCK_SIZE * len(_BLOCKS)}")
                continue
            line = lines.get(name)
            block = _BLOCKS[(index - 1) // _BLOCK_SIZE]
            code = _folder_emotion(path, folder) or (line.emotion if line else "") or block
            emotion = draft.label(_CHINESE.get(code, code), path, policy)
            if emotion is None:
                continue
            contradicted += emotion != canonical_label(block)
            split = _FOLDER_SPLITS.get(path.parent.name.lower())
            by_index += split is None
            without_text += line is None
            draft.keep(
                Utterance(
                    id=f"esd/{name}",
                    path=str(path),
                    domain="human",
                    emotion=emotion,
                    corpus="esd",
                    speaker=f"esd-{match['speaker']}",
                    text=line.text if line else None,
                    text_id=text_id(line.text) if line else None,
                    split=split or _split_of(index),
                )
            )
        for n, sentence in (
            (contradicted, "the emotion is not that of the index's block; the folder or transcript was believed"),
            (by_index, "no folder names the split; it was read from the index"),
            (without_text, "no transcript, so no text"),
        ):
            if n:
                draft.note(f"{n} recordings: {sentence}")
        return draft.reading()


def _folder_emotion(path: Path, folder: Path) -> str:
    names = path.relative_to(folder.absolute()).parts[:-1]
    return next((name.lower() for name in reversed(names) if name.lower() in _BLOCKS), "")


def _split_of(index: int) -> str:
    place = (index - 1) % _BLOCK_SIZE
    return "dev" if place < _FIRST_TEST else "test" if place < _FIRST_TRAIN else "train"


def _transcripts(files: Iterable[Path]) -> dict[str, _Line]:
    """Return text and emotion by recording, from files such as ``0011.txt``."""
    found: dict[str, _Line] = {}
    for path in files:
        if not re.fullmatch(r"00\d\d\.txt", path.name):
            continue
        for line in decoded_text(path, _ENCODINGS)[0].splitlines():
            fields = [field.strip() for field in line.split("\t")]
            if len(fields) >= 2 and _GRAMMAR.fullmatch(fields[0]) and fields[1]:
                found.setdefault(fields[0], _Line(fields[1], fields[2].lower() if len(fields) > 2 else ""))
    return found


PLUGIN = Esd
