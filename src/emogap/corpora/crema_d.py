"""CREMA-D: 91 actors speak twelve sentences in six emotions, 7,442 recordings rated by 2,443 listeners.

Facts: the name is actor_sentence_emotion_level. The level (LO, MD, HI) was asked for in one sentence only (IEO);
the others have XX. There is no surprise. Recordings are mono at 16 kHz, 5.26 hours. The reference emotion is the
one the actor was asked for: listeners who hear the voice alone choose it in about 40 % of their answers. There is
no official split.

Reference: H. Cao, D. G. Cooper, M. K. Keutmann, R. C. Gur, A. Nenkova and R. Verma, "CREMA-D: Crowd-sourced
emotional multimodal actors dataset", IEEE Transactions on Affective Computing 5(4), 2014,
doi:10.1109/TAFFC.2014.2336244. Licence: ODbL 1.0, contents DbCL 1.0.

Quirks:
    The official repository keeps audio in git-lfs, so a copy without ``git lfs pull`` holds 130-byte text files.
    Twenty of the 82 x 91 recordings do not exist. ``1076_MTI_SAD_XX`` is silent.
    Three pairs are byte-identical with different labels: ``1006_TIE_HAP_XX`` and ``1006_TIE_NEU_XX``,
    ``1013_WSI_DIS_XX`` and ``1013_WSI_SAD_XX``, ``1017_IWW_ANG_XX`` and ``1017_IWW_FEA_XX``.
    ``1040_ITH_SAD_X`` lost an X in releases before October 2022; its id has both.
    The MP3 files of ``1076_MTI_NEU_XX``, ``1064_TIE_SAD_XX`` and ``1064_IEO_DIS_MD`` are faulty, so the WAV file
    is preferred where a copy holds both.

Conventions:
    Ids are ``crema_d/1001_IEO_ANG_HI``, speakers ``crema_d-1001``; the intensity is the level code.
"""

import re
from pathlib import Path

from emogap.corpora._layout import Draft, Reader, audio_among, visible_files
from emogap.manifest.labels import LabelPolicy
from emogap.manifest.records import Utterance
from emogap.manifest.texts import text_id
from emogap.plugins import CorpusCard, Reading

__all__ = ["CARDS", "PLUGIN", "CremaD"]

_LABELS = ("angry", "disgusted", "fearful", "happy", "neutral", "sad")

CARDS = (
    CorpusCard(
        id="crema_d",
        summary="Acted English speech: 91 actors, 12 sentences, 6 emotions (no surprise), rated by listeners.",
        licence="ODbL 1.0, contents DbCL 1.0",
        reference="Cao et al. 2014, doi:10.1109/TAFFC.2014.2336244",
        labels=_LABELS,
        expected={
            "files": 7442,
            "utterances": 7442,
            "speakers": 91,
            **dict.fromkeys(_LABELS, 1271),
            "neutral": 1087,
        },
        text_source="script",
    ),
)

_SENTENCES = {
    "IEO": "It's eleven o'clock.",
    "TIE": "That is exactly what happened.",
    "IOM": "I'm on my way to the meeting.",
    "IWW": "I wonder what this is about.",
    "TAI": "The airplane is almost full.",
    "MTI": "Maybe tomorrow it will be cold.",
    "IWL": "I would like a new alarm clock.",
    "ITH": "I think I have a doctor's appointment.",
    "DFA": "Don't forget a jacket.",
    "ITS": "I think I've seen this before.",
    "TSI": "The surface is slick.",
    "WSI": "We'll stop in a couple of minutes.",
}
_GRAMMAR = re.compile(
    rf"(?P<actor>1\d{{3}})_(?P<sentence>{'|'.join(_SENTENCES)})"
    r"_(?P<emotion>ANG|DIS|FEA|HAP|NEU|SAD)_(?P<level>LO|MD|HI|XX?)"
)
_LAYOUT = "the CREMA-D recordings, named like 1001_IEO_ANG_HI.wav (its folder AudioWAV, or the whole repository)"


class CremaD(Reader):
    """Reader of CREMA-D."""

    def read(self, folder: Path, policy: LabelPolicy) -> Reading:
        """Parse the file names.

        Raises:
            EmogapError: if the folder is missing or holds no recording of CREMA-D

        """
        draft = Draft(self.card, folder, _LAYOUT)
        for path, match, name in draft.matching(audio_among(visible_files(folder, _LAYOUT)), _GRAMMAR, _mended):
            if name != path.stem:
                draft.note(f"{path.stem}: level spelt X, read as XX")
            emotion = draft.label(match["emotion"], path, policy)
            if emotion is None:
                continue
            text = _SENTENCES[match["sentence"]]
            draft.keep(
                Utterance(
                    id=f"crema_d/{name}",
                    path=str(path),
                    domain="human",
                    emotion=emotion,
                    corpus="crema_d",
                    speaker=f"crema_d-{match['actor']}",
                    text=text,
                    text_id=text_id(text),
                    intensity="XX" if match["level"] == "X" else match["level"],
                )
            )
        return draft.reading()


def _mended(match: re.Match[str]) -> str:
    return re.sub("_X$", "_XX", match.string)


PLUGIN = CremaD
