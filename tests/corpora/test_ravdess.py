from collections import Counter
from itertools import product

import pytest

from emogap.corpora.ravdess import CARDS, Ravdess
from emogap.errors import EmogapError
from emogap.manifest.labels import LabelPolicy

READER = Ravdess(CARDS[0])


def official_names():
    for actor, emotion, intensity, statement, repetition in product(range(1, 25), range(1, 9), (1, 2), (1, 2), (1, 2)):
        if (emotion, intensity) != (1, 2):
            yield (f"Actor_{actor:02}/03-01-{emotion:02}-{intensity:02}-{statement:02}-{repetition:02}-{actor:02}.wav")


def test_official_names_give_the_official_counts(grown):
    reading = READER.read(grown(official_names()), LabelPolicy())
    assert reading.found == CARDS[0].expected
    assert Counter(item.reason for item in reading.dropped) == {"label dropped by policy: calm": 192}


def test_recordings_of_18_actors(data_folder):
    reading = READER.read(data_folder / "RAVDESS", LabelPolicy())
    assert reading.found["files"] == 1080
    assert reading.found["utterances"] == 936
    assert reading.found["speakers"] == 18
    assert (reading.found["neutral"], reading.found["angry"]) == (72, 144)
    assert Counter(item.reason for item in reading.dropped) == {"label dropped by policy: calm": 144}
    assert len({utterance.text_id for utterance in reading.utterances}) == 2


@pytest.mark.parametrize(("calm", "emotion"), [("neutral", "neutral"), ("other", "other")])
def test_calm_by_policy(data_folder, calm, emotion):
    reading = READER.read(data_folder / "RAVDESS", LabelPolicy(calm=calm))
    assert reading.found["utterances"] == 1080
    assert reading.found[emotion] == (216 if calm == "neutral" else 144)
    assert reading.dropped == []


def test_one_recording(grown):
    (utterance,) = READER.read(grown(["03-01-07-02-02-01-24.wav"]), LabelPolicy()).utterances
    assert utterance.id == "ravdess/03-01-07-02-02-01-24"
    assert (utterance.emotion, utterance.intensity, utterance.speaker) == ("disgusted", "strong", "ravdess-24")
    assert utterance.text == "Dogs are sitting by the door."


@pytest.mark.parametrize(
    ("code", "emotion"),
    [
        ("01", "neutral"), ("02", "other"), ("03", "happy"), ("04", "sad"),
        ("05", "angry"), ("06", "fearful"), ("07", "disgusted"), ("08", "surprised"),
    ],
)  # fmt: skip
def test_codes(grown, code, emotion):
    (utterance,) = READER.read(grown([f"03-01-{code}-01-01-01-01.wav"]), LabelPolicy(calm="other")).utterances
    assert (utterance.emotion, utterance.intensity) == (emotion, "normal")
    assert utterance.text == "Kids are talking by the door."


def test_songs_and_videos_are_counted(grown):
    folder = grown(
        ["03-01-03-01-01-01-01.wav", "03-02-03-01-01-01-01.wav", "01-01-03-01-01-01-01.mp4", "03-01-09-01-01-01-01.wav"]
    )
    reading = READER.read(folder, LabelPolicy())
    assert reading.found["files"] == 1
    assert sorted((item.reason, item.detail) for item in reading.dropped) == [
        ("file name not in the corpus's grammar", ""),
        ("not speech audio", "song"),
        ("not speech audio", "video"),
    ]


def test_second_tree_of_the_kaggle_copy(grown):
    names = [name for name in official_names() if name.startswith("Actor_01")]
    folder = grown([*names, *(f"audio_speech_actors_01-24/{name}" for name in names)])
    reading = READER.read(folder, LabelPolicy())
    assert (reading.found["files"], reading.found["utterances"]) == (60, 52)
    assert Counter(item.reason for item in reading.dropped)["second copy"] == 60


def test_only_calm_leaves_nothing_and_says_so(grown):
    with pytest.raises(EmogapError, match="1 x label dropped by policy: calm"):
        READER.read(grown(["03-01-02-01-01-01-01.wav"]), LabelPolicy())
