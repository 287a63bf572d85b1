"""EmoDB: ten German actors speak ten sentences in seven emotions, 535 recordings that listeners recognized.

Facts: the name is speaker, text, emotion, version (``03a01Fa``). The letters stand for German words: Wut (angry),
Langeweile (boredom), Ekel (disgusted), Angst (fearful), Freude (happy), Trauer (sad), neutral. There is no
surprise; boredom is ``other`` by default. A recording was kept only if at least 80 % of the listeners recognized
its emotion, so this is a human corpus that went through a filter like the paper's. Mono, 16 kHz, 0.41 hours.
There is no official split.

Reference: F. Burkhardt, A. Paeschke, M. Rolfes, W. F. Sendlmeier and B. Weiss, "A database of German emotional
speech", Interspeech 2005, doi:10.21437/Interspeech.2005-446. Licence: not stated by the authors.

Quirks:
    A copy circulates in which every file is cut or padded to 2.00 s at 22,050 Hz; it is not the official audio.

Conventions:
    Ids are ``emodb/03a01Fa``, speakers ``emodb-03``.
"""

import re
from pathlib import Path

from emogap.corpora._layout import Draft, Reader, audio_among, visible_files
from emogap.manifest.labels import LabelPolicy
from emogap.manifest.records import Utterance
from emogap.manifest.texts import text_id
from emogap.plugins import CorpusCard, Reading

__all__ = ["CARDS", "PLUGIN", "EmoDb"]

CARDS = (
    CorpusCard(
        id="emodb",
        summary="Acted German speech: 10 actors, 10 sentences, 6 emotions and boredom, filtered by listeners.",
        licence="not stated",
        reference="Burkhardt et al. 2005, doi:10.21437/Interspeech.2005-446",
        labels=("angry", "disgusted", "fearful", "happy", "neutral", "sad", "other"),
        expected={
            "files": 535,
            "utterances": 535,
            "speakers": 10,
            "angry": 127,
            "disgusted": 46,
            "fearful": 69,
            "happy": 71,
            "neutral": 79,
            "sad": 62,
            "other": 81,
        },
        text_source="script",
    ),
)

_SENTENCES = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}
_GRAMMAR = re.compile(
    rf"(?P<speaker>03|08|09|1[0-6])(?P<sentence>{'|'.join(_SENTENCES)})(?P<emotion>[WLEAFTN])(?P<version>[a-f])"
)
_LAYOUT = "the EmoDB recordings, named like 03a01Fa.wav (its folder wav)"
_EMOTIONS = {
    "W": "angry", "L": "boredom", "E": "disgust", "A": "fear", "F": "happy", "T": "sad", "N": "neutral",
}  # fmt: skip


class EmoDb(Reader):
    """Reader of EmoDB."""

    def read(self, folder: Path, policy: LabelPolicy) -> Reading:
        """Parse the file names.

        Raises:
            EmogapError: if the folder is missing or holds no recording of EmoDB

        """
        draft = Draft(self.card, folder, _LAYOUT)
        for path, match, name in draft.matching(audio_among(visible_files(folder, _LAYOUT)), _GRAMMAR):
            emotion = draft.label(_EMOTIONS[match["emotion"]], path, policy)
            if emotion is None:
                continue
            text = _SENTENCES[match["sentence"]]
            draft.keep(
                Utterance(
                    id=f"emodb/{name}",
                    path=str(path),
                    domain="human",
                    emotion=emotion,
                    corpus="emodb",
                    speaker=f"emodb-{match['speaker']}",
                    text=text,
                    text_id=text_id(text),
                )
            )
        return draft.reading()


PLUGIN = EmoDb
