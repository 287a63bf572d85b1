from collections import Counter

import pytest

from emogap.corpora.esd import CARDS, Esd
from emogap.errors import UnknownNameError
from emogap.manifest.labels import LabelPolicy

READER = Esd(CARDS[0])


def test_official_layout(official_tree):
    reading = READER.read(official_tree("esd"), LabelPolicy())
    assert [(u.id, u.emotion, u.split, u.speaker) for u in reading.utterances] == [
        ("esd/0001_000371", "angry", "test", "esd-0001"),
        ("esd/0011_000001", "neutral", "dev", "esd-0011"),
        ("esd/0011_000351", "angry", "dev", "esd-0011"),
        ("esd/0011_000401", "angry", "train", "esd-0011"),
    ]
    mandarin, neutral, angry, without = reading.utterances
    assert mandarin.text == "打远一看，它们的确很是美丽。"
    assert neutral.text_id == angry.text_id == "the-nine-the-eggs-i-keep"
    assert without.text is None
    assert reading.notes == ["1 recordings: no transcript, so no text"]


def test_one_speaker_without_split_folders(grown):
    blocks = ("Neutral", "Angry", "Happy", "Sad", "Surprise")
    names = [f"ESD/0012/{blocks[(n - 1) // 350]}/0012_{n:06}.wav" for n in range(1, 1751)]
    reading = READER.read(grown(names), LabelPolicy())
    assert reading.found["utterances"] == 1750
    assert {reading.found[label] for label in CARDS[0].labels} == {350}
    assert Counter((u.emotion, u.split) for u in reading.utterances)["sad", "dev"] == 20
    assert Counter(u.split for u in reading.utterances) == {"train": 1500, "test": 150, "dev": 100}
    assert "1750 recordings: no folder names the split; it was read from the index" in reading.notes


@pytest.mark.parametrize(
    ("index", "emotion", "split"),
    [
        (1, "neutral", "dev"), (20, "neutral", "dev"), (21, "neutral", "test"), (50, "neutral", "test"),
        (51, "neutral", "train"), (350, "neutral", "train"), (351, "angry", "dev"), (400, "angry", "test"),
        (1050, "happy", "train"), (1071, "sad", "test"), (1401, "surprised", "dev"), (1750, "surprised", "train"),
    ],
)  # fmt: skip
def test_emotion_and_split_of_the_index(grown, index, emotion, split):
    (utterance,) = READER.read(grown([f"0013_{index:06}.wav"]), LabelPolicy()).utterances
    assert (utterance.emotion, utterance.split) == (emotion, split)


def test_transcript_names_the_emotion_in_chinese(grown):
    folder = grown({"0002.txt": "0002_000001\t你好\t快乐\n", "0002_000001.wav": ""})
    reading = READER.read(folder, LabelPolicy())
    assert reading.utterances[0].emotion == "happy"
    assert reading.notes[0].startswith("1 recordings: the emotion is not that of the index's block")


def test_transcript_with_a_byte_order_mark(grown):
    folder = grown({"0011.txt": "0011_000001\tIt’s fine.\tNeutral\r\n".encode("utf-16"), "0011_000001.wav": ""})
    assert READER.read(folder, LabelPolicy()).utterances[0].text == "It’s fine."


def test_unknown_emotion_in_a_transcript(grown):
    folder = grown({"0011.txt": "0011_000001\tFine.\tSupris\n", "0011_000001.wav": ""})
    with pytest.raises(UnknownNameError, match="Did you mean 'surprise"):
        READER.read(folder, LabelPolicy())


def test_index_and_speaker_beyond_the_corpus(grown):
    reading = READER.read(grown(["0011_000001.wav", "0011_001751.wav", "0021_000001.wav"]), LabelPolicy())
    assert sorted(item.reason for item in reading.dropped) == [
        "file name not in the corpus's grammar",
        "index beyond the corpus",
    ]
