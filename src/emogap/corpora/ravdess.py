"""RAVDESS: 24 actors speak two sentences in eight emotions at two intensities, 1,440 speech recordings.

Facts: the name is modality-channel-emotion-intensity-statement-repetition-actor. Speech audio is modality 03,
channel 01; songs and videos of the same release are dropped and counted. Odd actors are male, even ones female.
The emotion calm is outside the label set and is dropped by default, as in the paper (its test set has the size
that follows), which leaves 1,248 utterances. Neutral has no strong intensity. There are two texts only.

Reference: S. R. Livingstone and F. A. Russo, "The Ryerson Audio-Visual Database of Emotional Speech and Song",
PLoS ONE 13(5) e0196391, 2018, doi:10.5281/zenodo.1188976. Licence: CC BY-NC-SA 4.0.

Quirks:
    ``03-01-03-01-02-01-07`` and ``03-01-03-01-02-02-07`` are one recording under two names (one actor, one label).
    Five files are stereo with equal channels: ``03-01-02-01-01-02-01``, ``03-01-08-01-02-02-01``,
    ``03-01-02-01-02-02-05``, ``03-01-03-01-02-01-20``, ``03-01-06-01-01-02-20``.
    Silence before and after the sentence is long, and the level varies widely.
    The Kaggle copy holds everything twice.

Conventions:
    Ids are ``ravdess/03-01-05-02-01-01-12``, speakers ``ravdess-12``; the intensity is ``normal`` or ``strong``.
"""

import re
from pathlib import Path

from emogap.corpora._layout import NOT_SPEECH, Draft, Reader, audio_among, visible_files
from emogap.manifest.labels import EMOTIONS, LabelPolicy
from emogap.manifest.records import Utterance
from emogap.manifest.texts import text_id
from emogap.plugins import CorpusCard, Reading

__all__ = ["CARDS", "PLUGIN", "Ravdess"]

CARDS = (
    CorpusCard(
        id="ravdess",
        summary="Acted English speech: 24 actors, 2 sentences, 7 emotions and calm, 2 intensities.",
        licence="CC BY-NC-SA 4.0",
        reference="Livingstone and Russo 2018, doi:10.1371/journal.pone.0196391",
        labels=EMOTIONS,
        expected={
            "files": 1440,
            "utterances": 1248,
            "speakers": 24,
            **dict.fromkeys(EMOTIONS, 192),
            "neutral": 96,
        },
        text_source="script",
    ),
)

_GRAMMAR = re.compile(
    r"(?P<modality>0[123])-(?P<channel>0[12])-(?P<emotion>0[1-8])-(?P<intensity>0[12])"
    r"-(?P<statement>0[12])-(?P<repetition>0[12])-(?P<actor>0[1-9]|1\d|2[0-4])"
)
_LAYOUT = "the RAVDESS speech recordings, named like 03-01-05-02-01-01-12.wav, in any folders"
_EMOTIONS = {
    "01": "neutral", "02": "calm", "03": "happy", "04": "sad",
    "05": "angry", "06": "fearful", "07": "disgust", "08": "surprised",
}  # fmt: skip
_INTENSITIES = {"01": "normal", "02": "strong"}
_STATEMENTS = {"01": "Kids are talking by the door.", "02": "Dogs are sitting by the door."}


class Ravdess(Reader):
    """Reader of the speech audio of RAVDESS."""

    def read(self, folder: Path, policy: LabelPolicy) -> Reading:
        """Parse the file names.

        Raises:
            EmogapError: if the folder is missing or holds no speech audio of RAVDESS

        """
        draft = Draft(self.card, folder, _LAYOUT)
        speech = []
        for path in audio_among(visible_files(folder, _LAYOUT)):
            match = _GRAMMAR.fullmatch(path.stem)
            if match and match["channel"] == "02":
                draft.drop(path, NOT_SPEECH, "song")
            elif match and match["modality"] != "03":
                draft.drop(path, NOT_SPEECH, "video")
            else:
                speech.append(path)
        for path, match, name in draft.matching(speech, _GRAMMAR):
            emotion = draft.label(_EMOTIONS[match["emotion"]], path, policy)
            if emotion is None:
                continue
            text = _STATEMENTS[match["statement"]]
            draft.keep(
                Utterance(
                    id=f"ravdess/{name}",
                    path=str(path),
                    domain="human",
                    emotion=emotion,
                    corpus="ravdess",
                    speaker=f"ravdess-{match['actor']}",
                    text=text,
                    text_id=text_id(text),
                    intensity=_INTENSITIES[match["intensity"]],
                )
            )
        return draft.reading()


PLUGIN = Ravdess
