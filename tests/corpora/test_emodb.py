import pytest

from emogap.corpora.emodb import CARDS, EmoDb
from emogap.errors import EmogapError
from emogap.manifest.labels import LabelPolicy

READER = EmoDb(CARDS[0])


@pytest.mark.parametrize(
    ("name", "emotion"),
    [
        ("03a01Wa", "angry"), ("08a02Ea", "disgusted"), ("09a04Ab", "fearful"), ("10b01Fa", "happy"),
        ("11b02Nd", "neutral"), ("12b03Ta", "sad"), ("16b10Lf", "other"),
    ],
)  # fmt: skip
def test_codes(grown, name, emotion):
    (utterance,) = READER.read(grown([f"wav/{name}.wav"]), LabelPolicy()).utterances
    assert (utterance.id, utterance.emotion, utterance.speaker) == (f"emodb/{name}", emotion, f"emodb-{name[:2]}")


def test_text(grown):
    (utterance,) = READER.read(grown(["03a01Fa.wav"]), LabelPolicy()).utterances
    assert utterance.text == "Der Lappen liegt auf dem Eisschrank."
    assert utterance.text_id == "der-lappen-liegt-auf-dem-eisschrank"


def test_boredom_can_be_dropped(grown):
    reading = READER.read(grown(["03a01Fa.wav", "03a01La.wav"]), LabelPolicy(boredom="drop"))
    assert reading.found["utterances"] == 1 and reading.found["files"] == 2
    assert [item.reason for item in reading.dropped] == ["label dropped by policy: boredom"]


@pytest.mark.parametrize("name", ["04a01Fa", "03a03Fa", "03a01Xa", "03a01F", "03a01Fg"])
def test_names_outside_the_grammar(grown, name):
    with pytest.raises(EmogapError, match="not in the corpus's grammar"):
        READER.read(grown([f"{name}.wav"]), LabelPolicy())
