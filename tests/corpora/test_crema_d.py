import csv
from itertools import product

import pytest

from emogap.corpora.crema_d import CARDS, CremaD
from emogap.manifest.labels import LabelPolicy

READER = CremaD(CARDS[0])

SENTENCES = ("TIE", "IOM", "IWW", "TAI", "MTI", "IWL", "ITH", "DFA", "ITS", "TSI", "WSI")
EMOTIONS = ("ANG", "DIS", "FEA", "HAP", "NEU", "SAD")
ABSENT = {"1002_TIE_NEU_XX", "1076_ITS_NEU_XX"} | {
    f"{part}_{emotion}_XX" for part in ("1008_WSI", "1009_MTI", "1019_ITH") for emotion in EMOTIONS
}


def official_names():
    """Return the design (82 recordings of each of 91 actors) without the 20 that were never made."""
    names = set()
    for actor in range(1001, 1092):
        names |= {f"{actor}_{sentence}_{emotion}_XX" for sentence, emotion in product(SENTENCES, EMOTIONS)}
        names |= {f"{actor}_IEO_{e}_{level}" for e in EMOTIONS if e != "NEU" for level in ("LO", "MD", "HI")}
        names.add(f"{actor}_IEO_NEU_XX")
    return names - ABSENT


def test_design_is_the_official_list_and_is_read_whole(data_folder, grown):
    with (data_folder / "CREMA-D" / "SentenceFilenames.csv").open(encoding="utf-8", newline="") as table:
        listed = {row["Filename"] for row in csv.DictReader(table)}
    assert listed == official_names()
    reading = READER.read(grown(f"AudioWAV/{name}.wav" for name in listed), LabelPolicy())
    assert reading.found == CARDS[0].expected
    assert reading.dropped == [] and reading.notes == []
    assert {utterance.id for utterance in reading.utterances} == {f"crema_d/{name}" for name in listed}
    assert len({utterance.text_id for utterance in reading.utterances}) == 12


def test_one_recording(grown):
    (utterance,) = READER.read(grown(["1001_IEO_ANG_HI.flac"]), LabelPolicy()).utterances
    assert (utterance.id, utterance.emotion, utterance.intensity) == ("crema_d/1001_IEO_ANG_HI", "angry", "HI")
    assert (utterance.text, utterance.speaker) == ("It's eleven o'clock.", "crema_d-1001")


@pytest.mark.parametrize(
    ("code", "emotion"),
    [
        ("ANG", "angry"), ("DIS", "disgusted"), ("FEA", "fearful"),
        ("HAP", "happy"), ("NEU", "neutral"), ("SAD", "sad"),
    ],
)  # fmt: skip
def test_codes(grown, code, emotion):
    (utterance,) = READER.read(grown([f"1002_WSI_{code}_XX.wav"]), LabelPolicy()).utterances
    assert (utterance.emotion, utterance.text_id) == (emotion, "well-stop-in-a-couple-of-minutes")


def test_name_that_lost_an_x(grown):
    reading = READER.read(grown(["AudioWAV/1040_ITH_SAD_X.wav", "AudioMP3/1040_ITH_SAD_XX.mp3"]), LabelPolicy())
    (utterance,) = reading.utterances
    assert (utterance.id, utterance.intensity) == ("crema_d/1040_ITH_SAD_XX", "XX")
    assert utterance.path.endswith("1040_ITH_SAD_X.wav")
    assert reading.notes == ["1040_ITH_SAD_X: level spelt X, read as XX"]
    assert [item.reason for item in reading.dropped] == ["second copy"]


def test_wav_goes_before_mp3_and_video_containers_of_flash_are_no_audio(grown):
    folder = grown([f"{kind}/1001_DFA_SAD_XX.{end}" for kind, end in (("AudioMP3", "mp3"), ("AudioWAV", "wav"))])
    (folder / "VideoFlash").mkdir()
    (folder / "VideoFlash" / "1001_DFA_SAD_XX.flv").touch()
    reading = READER.read(folder, LabelPolicy())
    assert [utterance.path[-4:] for utterance in reading.utterances] == [".wav"]
    assert [item.path[-4:] for item in reading.dropped] == [".mp3"]
