import pytest

from emogap.corpora.meld import CARDS, Meld
from emogap.errors import EmogapError, UnknownNameError
from emogap.manifest.labels import LabelPolicy

READER = Meld(CARDS[0])
HEADER = "Sr No.,Utterance,Speaker,Emotion,Dialogue_ID,Utterance_ID\n"


def test_official_layout(official_tree):
    reading = READER.read(official_tree("meld"), LabelPolicy())
    assert [(u.id, u.emotion, u.split) for u in reading.utterances] == [
        ("meld/dev/dia0_utt0", "sad", "dev"),
        ("meld/test/dia0_utt0", "surprised", "test"),
        ("meld/test/dia38_utt4", "angry", "test"),
        ("meld/train/dia0_utt0", "neutral", "train"),
        ("meld/train/dia0_utt1", "happy", "train"),
    ]
    assert reading.utterances[4].text == "You must’ve had your hands full, right?"
    assert reading.utterances[4].speaker == "meld-The Interviewer"
    assert sorted((item.reason, item.path.rpartition("/")[2]) for item in reading.dropped) == [
        ("file name not in the corpus's grammar", "final_videos_testdia0_utt0.mp4"),
        ("known to be broken", "dia125_utt3.mp4"),
        ("not in the table", "dia99_utt9.mp4"),
    ]


def test_wrongly_cut_clip_is_kept_and_flagged(official_tree):
    reading = READER.read(official_tree("meld"), LabelPolicy())
    assert {u.id: u.flags for u in reading.utterances if u.flags} == {"meld/test/dia38_utt4": ("wrongly_cut",)}
    assert reading.notes == ["test dia38_utt4: cut wrongly in the release, kept with the flag wrongly_cut"]


def test_decoded_copy_goes_before_mp4(grown):
    folder = grown(
        {
            "data/train_sent_emo.csv": HEADER + "1,No.,Joey,anger,0,0\n",
            "train/train_splits/dia0_utt0.mp4": "",
            "wav/train/dia0_utt0.wav": "",
        }
    )
    reading = READER.read(folder, LabelPolicy())
    assert [u.path.rpartition("/")[2] for u in reading.utterances] == ["dia0_utt0.wav"]
    assert [item.reason for item in reading.dropped] == ["second copy"]
    assert reading.notes == ["no table for the split dev and test, so it was not read"]


def test_row_without_clip_is_counted(grown):
    table = HEADER + "1,No.,Joey,anger,0,0\n2,Yes.,Joey,joy,0,1\n"
    reading = READER.read(grown({"dev_sent_emo.csv": table, "dia0_utt0.mp4": ""}), LabelPolicy())
    (missing,) = reading.dropped
    assert (missing.reason, missing.detail) == ("missing file", "dia0_utt1.mp4")
    assert missing.path.endswith("dev_sent_emo.csv line 3")


def test_clip_that_no_folder_assigns_to_a_split(grown):
    tables = {f"{split}_sent_emo.csv": HEADER + "1,No.,Joey,anger,0,0\n" for split in ("train", "dev")}
    reading = READER.read(grown({**tables, "train/dia0_utt0.mp4": "", "clips/dia0_utt0.mp4": ""}), LabelPolicy())
    assert [item.reason for item in reading.dropped] == ["no folder names its split", "missing file"]


def test_table_in_windows_encoding(grown):
    table = (HEADER + "1,It’s me.,Joey,anger,0,0\n").encode("cp1252")
    (utterance,) = READER.read(grown({"test_sent_emo.csv": table, "dia0_utt0.mp4": ""}), LabelPolicy()).utterances
    assert utterance.text == "It’s me."


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (HEADER + "1,No.,Joey,anger,zero,0\n", "line 2: Dialogue_ID and Utterance_ID must be whole numbers"),
        (HEADER + "1,No.,Joey,anger,0,0\n2,No.,Joey,anger,0,0\n", "line 3: dia0_utt0 has a second row"),
        ("Utterance,Speaker\nNo.,Joey\n", "has no column emotion, dialogue_id, utterance_id"),
        (HEADER + "1,No, thanks.,Joey,anger,0,0\n", "line 2 has 7 fields, expected 6"),
        (HEADER, "holds no row"),
    ],
)
def test_broken_tables(grown, table, sentence):
    with pytest.raises(EmogapError, match=sentence):
        READER.read(grown({"dev_sent_emo.csv": table, "dia0_utt0.mp4": ""}), LabelPolicy())


def test_unknown_label(grown):
    table = HEADER + "1,No.,Joey,angr,0,0\n"
    with pytest.raises(UnknownNameError, match="Did you mean 'angry'"):
        READER.read(grown({"dev_sent_emo.csv": table, "dia0_utt0.mp4": ""}), LabelPolicy())


def test_clips_without_tables(grown):
    with pytest.raises(EmogapError, match=r"train_sent_emo\.csv.*github"):
        READER.read(grown(["train_splits/dia0_utt0.mp4"]), LabelPolicy())
