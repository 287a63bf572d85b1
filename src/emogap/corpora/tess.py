"""TESS: two actresses say 200 words in seven emotions, 2,800 recordings.

Facts: the carrier sentence is "Say the word ___" with the 200 words of Northwestern University test 6, the same
for both speakers and all emotions. OAF is 64 and YAF 26 years old. Recordings are mono at 24,414 Hz, 1.60 hours.
The code ``ps`` is pleasant surprise. There is no official split; a split by words shares both speakers, so a
score near 100 % there is knowledge of the speaker, not of the emotion.

Reference: M. K. Pichora-Fuller and K. Dupuis, "Toronto emotional speech set (TESS)", 2020,
doi:10.5683/SP2/E8H2MF. Licence: CC BY-NC-ND 4.0, so no audio made from it may be passed on.

Quirks:
    ``OA_bite_neutral`` is spelt without the F in the official release; its id has the F, as in mended copies.
    ``YAF_germ_angry.wav`` and ``YAF_neat_fear.wav`` are AIFF files; ``OAF_food_fear.wav`` is at 96 kHz.
    The Kaggle copy holds everything twice, one tree inside the other, in folders of inconsistent names.

Conventions:
    Ids are ``tess/OAF_back_angry``, speakers ``tess-OAF`` and ``tess-YAF``.
"""

import re
from pathlib import Path

from emogap.corpora._layout import Draft, Reader, audio_among, visible_files
from emogap.manifest.labels import EMOTIONS, LabelPolicy
from emogap.manifest.records import Utterance
from emogap.manifest.texts import text_id
from emogap.plugins import CorpusCard, Reading

__all__ = ["CARDS", "PLUGIN", "Tess"]

CARDS = (
    CorpusCard(
        id="tess",
        summary="Acted English speech: 2 actresses, 200 words in one carrier sentence, 7 emotions.",
        licence="CC BY-NC-ND 4.0",
        reference="Pichora-Fuller and Dupuis 2020, doi:10.5683/SP2/E8H2MF",
        labels=EMOTIONS,
        expected={"files": 2800, "utterances": 2800, "speakers": 2, **dict.fromkeys(EMOTIONS, 400)},
        text_source="script",
    ),
)

_GRAMMAR = re.compile(r"(?P<speaker>OAF?|YAF)_(?P<word>[a-z]+)_(?P<emotion>angry|disgust|fear|happy|neutral|ps|sad)")
_LAYOUT = "the TESS recordings, named like OAF_back_angry.wav, in any folders"


class Tess(Reader):
    """Reader of TESS."""

    def read(self, folder: Path, policy: LabelPolicy) -> Reading:
        """Parse the file names.

        Raises:
            EmogapError: if the folder is missing or holds no file of TESS

        """
        draft = Draft(self.card, folder, _LAYOUT)
        for path, match, name in draft.matching(audio_among(visible_files(folder, _LAYOUT)), _GRAMMAR, _mended):
            if name != path.stem:
                draft.note(f"{path.stem}: speaker spelt {match['speaker']}, read as OAF")
            emotion = draft.label(match["emotion"], path, policy)
            if emotion is None:
                continue
            text = f"Say the word {match['word']}."
            draft.keep(
                Utterance(
                    id=f"tess/{name}",
                    path=str(path),
                    domain="human",
                    emotion=emotion,
                    corpus="tess",
                    speaker=f"tess-{name[:3]}",
                    text=text,
                    text_id=text_id(text),
                )
            )
        return draft.reading()


def _mended(match: re.Match[str]) -> str:
    return re.sub("^OA_", "OAF_", match.string)


PLUGIN = Tess
