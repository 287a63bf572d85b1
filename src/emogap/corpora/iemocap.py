"""IEMOCAP: ten actors in five dyadic sessions, scripted and improvised, 10,039 rated utterances.

Facts: the names are ``Ses01F_impro01_M003``. The first F or M says who wears the motion-capture markers, the LAST
who speaks, so the speaker is the session and the last letter. The reference emotion is the majority of at least
three annotators, from ``dialog/EmoEvaluation``; texts are from ``dialog/transcriptions``. Utterances without a
majority (``xxx``) are dropped. Excited counts as happy by default; frustrated is ``other``. The usual four-class
set is the utterances labelled angry, happy, neutral and sad: 5,531. Mono, 16 kHz, 0.58 to 34.1 s. Folds of
one session each are usual; scripted dialogues repeat their texts across speakers and sessions.

Reference: C. Busso et al., "IEMOCAP: interactive emotional dyadic motion capture database", Language Resources
and Evaluation 42, 2008, doi:10.1007/s10579-008-9076-6. Licence: by request, academic use, no redistribution.

Quirks:
    ``dialog/wav`` holds whole dialogues with two channels; they are dropped and counted.
    Transcripts hold event marks such as ``[LAUGHTER]``; they are no words and are taken out.

Conventions:
    Ids are ``iemocap/Ses01F_impro01_M003``, speakers ``iemocap-Ses01M``.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from emogap.corpora._layout import MISSING, NOT_IN_TABLE, Draft, Reader, audio_among, decoded_text, visible_files
from emogap.errors import EmogapError
from emogap.manifest.labels import EMOTIONS, LabelPolicy
from emogap.manifest.records import Utterance
from emogap.manifest.texts import text_id
from emogap.plugins import CorpusCard, Reading

__all__ = ["CARDS", "PLUGIN", "Iemocap"]

CARDS = (
    CorpusCard(
        id="iemocap",
        summary="Acted English dialogues: 10 actors, scripted and improvised, emotions rated by listeners.",
        licence="by request, academic use, no redistribution",
        reference="Busso et al. 2008, doi:10.1007/s10579-008-9076-6",
        unproven="tested on a made tree of the official layout; counts of the rare classes are second-hand",
        labels=(*EMOTIONS, "other"),
        expected={
            "files": 10039,
            "utterances": 7532,
            "speakers": 10,
            "angry": 1103,
            "fearful": 40,
            "happy": 1636,
            "neutral": 1708,
            "sad": 1084,
            "surprised": 107,
        },
        text_source="official",
    ),
)

_DIALOGUE = r"(?P<session>Ses0[1-5])[FM]_(?:impro\d{2}[ab]?|script\d{2}_\d[ab]?)"
_GRAMMAR = re.compile(rf"{_DIALOGUE}_(?P<speaker>[FM])\d{{3}}")
_WHOLE_DIALOGUE = re.compile(_DIALOGUE)
_EVALUATION = re.compile(r"\[[\d.]+ - [\d.]+\]\s+(?P<name>\S+)\s+(?P<emotion>\w+)\s+\[[^\]]*\]\s*")
_TRANSCRIPT = re.compile(r"(?P<name>\S+) \[[\d.]+-[\d.]+\]:\s*(?P<text>.*)")
_EVENT = re.compile(r"\[[A-Z_ ]+\]")
_NO_AGREEMENT = "xxx"
_LAYOUT = (
    "IEMOCAP_full_release with Session1 ... Session5, each with sentences/wav, dialog/EmoEvaluation and "
    "dialog/transcriptions"
)
_ENCODINGS = ("utf-8-sig", "cp1252")


class Iemocap(Reader):
    """Reader of IEMOCAP."""

    def read(self, folder: Path, policy: LabelPolicy) -> Reading:
        """Join the names of the audio files with evaluations and transcripts.

        Raises:
            EmogapError: if the folder is missing, or holds no audio or no evaluation of IEMOCAP
            EmogapError: if a line of an evaluation file cannot be read; file and line
            UnknownNameError: if an evaluation has an unknown label code

        """
        draft = Draft(self.card, folder, _LAYOUT)
        files = visible_files(folder, _LAYOUT)
        evaluations = _evaluations(files)
        if not evaluations:
            raise EmogapError(f"{folder} has no evaluation in dialog/EmoEvaluation/*.txt, expected {_LAYOUT}")
        texts = _transcripts(files)
        audio = []
        for path in audio_among(files):
            if _WHOLE_DIALOGUE.fullmatch(path.stem):
                draft.drop(path, "whole dialogue, not an utterance")
            else:
                audio.append(path)
        without_text = 0
        for path, match, name in draft.matching(audio, _GRAMMAR):
            if name not in evaluations:
                draft.drop(path, NOT_IN_TABLE, "no line in dialog/EmoEvaluation")
                continue
            code, _ = evaluations.pop(name)
            if code == _NO_AGREEMENT:
                draft.drop(path, "annotators without a majority: xxx")
                continue
            emotion = draft.label(code, path, policy)
            if emotion is None:
                continue
            text = texts.get(name)
            without_text += text is None
            draft.keep(
                Utterance(
                    id=f"iemocap/{name}",
                    path=str(path),
                    domain="human",
                    emotion=emotion,
                    corpus="iemocap",
                    speaker=f"iemocap-{match['session']}{match['speaker']}",
                    text=text,
                    text_id=text_id(text) if text else None,
                )
            )
        for name, (_, where) in evaluations.items():
            draft.drop(where, MISSING, f"{name}.wav")
        if without_text:
            draft.note(f"{without_text} utterances have no words in dialog/transcriptions, so no text")
        return draft.reading()


def _evaluations(files: Iterable[Path]) -> dict[str, tuple[str, str]]:
    """Return label code and place (file and line) by utterance name."""
    found: dict[str, tuple[str, str]] = {}
    for path in files:
        if path.parent.name != "EmoEvaluation" or path.suffix != ".txt":
            continue
        for number, line in enumerate(decoded_text(path, _ENCODINGS)[0].splitlines(), 1):
            if not line.startswith("["):
                continue
            match = _EVALUATION.fullmatch(line)
            if match is None:
                raise EmogapError(
                    f"{path} line {number} is not an evaluation, expected "
                    f"'[start - end] NAME CODE [valence, activation, dominance]', got {line!r}"
                )
            found.setdefault(match["name"], (match["emotion"], f"{path} line {number}"))
    return found


def _transcripts(files: Iterable[Path]) -> dict[str, str]:
    """Return the words by utterance name; event marks are taken out, and what has no word is left out."""
    found: dict[str, str] = {}
    for path in files:
        if path.parent.name != "transcriptions" or path.suffix != ".txt":
            continue
        for line in decoded_text(path, _ENCODINGS)[0].splitlines():
            match = _TRANSCRIPT.fullmatch(line.strip())
            if match and (words := " ".join(_EVENT.sub(" ", match["text"]).split())):
                found.setdefault(match["name"], words)
    return found


PLUGIN = Iemocap
