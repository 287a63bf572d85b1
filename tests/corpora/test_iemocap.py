import pytest

from emogap.corpora.iemocap import CARDS, Iemocap
from emogap.errors import EmogapError, UnknownNameError
from emogap.manifest.labels import LabelPolicy

READER = Iemocap(CARDS[0])
EVALUATION = "Session5/dialog/EmoEvaluation/Ses05M_script01_1b.txt"


def line(name, code):
    return f"[1.0000 - 2.0000]\t{name}\t{code}\t[2.5000, 2.5000, 2.5000]\n"


def test_official_layout(official_tree):
    reading = READER.read(official_tree("iemocap"), LabelPolicy())
    assert [(u.id.partition("/")[2], u.emotion) for u in reading.utterances] == [
        ("Ses01F_impro01_F000", "neutral"),
        ("Ses01F_impro01_F001", "angry"),
        ("Ses01F_impro01_M000", "other"),
        ("Ses01F_impro01_M001", "happy"),
    ]
    assert sorted(item.reason for item in reading.dropped) == [
        "annotators without a majority: xxx",
        "whole dialogue, not an utterance",
    ]
    assert (reading.found["files"], reading.found["speakers"]) == (5, 2)


def test_speaker_is_the_last_letter(official_tree):
    by_id = {u.id[-4:]: u.speaker for u in READER.read(official_tree("iemocap"), LabelPolicy()).utterances}
    assert by_id["F000"] == "iemocap-Ses01F"
    assert by_id["M000"] == "iemocap-Ses01M"


def test_texts_without_event_marks(official_tree):
    reading = READER.read(official_tree("iemocap"), LabelPolicy())
    assert [u.text for u in reading.utterances] == ["Excuse me.", "Yeah.", "Do you have your forms?", None]
    assert reading.notes == ["1 utterances have no words in dialog/transcriptions, so no text"]


def test_excited_and_frustrated_by_policy(official_tree):
    reading = READER.read(official_tree("iemocap"), LabelPolicy(excited="drop", frustrated="drop"))
    assert reading.found["utterances"] == 2
    assert {item.reason for item in reading.dropped} >= {"label dropped by policy: exc", "label dropped by policy: fru"}


def test_rows_without_audio_and_audio_without_rows(grown):
    folder = grown(
        {
            EVALUATION: line("Ses05M_script01_1b_F000", "sad") + line("Ses05M_script01_1b_F001", "sad"),
            "Session5/sentences/wav/Ses05M_script01_1b/Ses05M_script01_1b_F000.wav": "",
            "Session5/sentences/wav/Ses05M_script01_1b/Ses05M_script01_1b_M000.wav": "",
        }
    )
    reading = READER.read(folder, LabelPolicy())
    assert [u.speaker for u in reading.utterances] == ["iemocap-Ses05F"]
    missing, unlisted = sorted(reading.dropped, key=lambda item: item.reason)
    assert (missing.reason, missing.detail) == ("missing file", "Ses05M_script01_1b_F001.wav")
    assert missing.path.endswith("Ses05M_script01_1b.txt line 2")
    assert unlisted.reason == "not in the table" and unlisted.path.endswith("_M000.wav")


def test_unknown_code_is_named_with_its_file(grown):
    folder = grown({EVALUATION: line("Ses05M_script01_1b_F000", "hpa"), "x/Ses05M_script01_1b_F000.wav": ""})
    with pytest.raises(UnknownNameError, match=r"Ses05M_script01_1b_F000\.wav.*'hpa'.*Did you mean 'hap"):
        READER.read(folder, LabelPolicy())


def test_broken_evaluation_line(grown):
    folder = grown({EVALUATION: "% header\n[1.0 - 2.0] Ses05M_script01_1b_F000\n", "x/Ses05M_script01_1b_F000.wav": ""})
    with pytest.raises(EmogapError, match=r"1b\.txt line 2 is not an evaluation"):
        READER.read(folder, LabelPolicy())


def test_audio_without_evaluations(grown):
    with pytest.raises(EmogapError, match="EmoEvaluation"):
        READER.read(grown(["Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav"]), LabelPolicy())
