import shutil

import pytest

from emogap.corpora.tess import CARDS, Tess
from emogap.errors import EmogapError
from emogap.manifest.labels import EMOTIONS, LabelPolicy

READER = Tess(CARDS[0])


def test_official_recordings(data_folder):
    reading = READER.read(data_folder / "TESS", LabelPolicy())
    assert reading.found == CARDS[0].expected
    assert [reading.found[emotion] for emotion in EMOTIONS] == [400] * 7
    assert reading.dropped == []
    assert reading.notes == ["OA_bite_neutral: speaker spelt OA, read as OAF"]
    texts = {utterance.text_id for utterance in reading.utterances}
    assert len(texts) == 200
    by_speaker = [{u.text_id for u in reading.utterances if u.speaker == f"tess-{s}"} for s in ("OAF", "YAF")]
    assert by_speaker[0] == by_speaker[1] == texts


def test_one_recording(grown):
    (utterance,) = READER.read(grown(["YAF_walk_ps.wav"]), LabelPolicy()).utterances
    assert (utterance.id, utterance.emotion, utterance.speaker) == ("tess/YAF_walk_ps", "surprised", "tess-YAF")
    assert (utterance.text, utterance.text_id) == ("Say the word walk.", "say-the-word-walk")
    assert (utterance.domain, utterance.corpus, utterance.system) == ("human", "tess", None)


@pytest.mark.parametrize(
    ("code", "emotion"), [("angry", "angry"), ("disgust", "disgusted"), ("fear", "fearful"), ("neutral", "neutral")]
)
def test_codes(grown, code, emotion):
    (utterance,) = READER.read(grown([f"OAF_back_{code}.wav"]), LabelPolicy()).utterances
    assert utterance.emotion == emotion


def test_mended_and_official_spelling_have_one_id(grown):
    folder = grown(["a/OA_bite_neutral.wav", "b/OAF_bite_neutral.wav"])
    reading = READER.read(folder, LabelPolicy())
    assert [utterance.id for utterance in reading.utterances] == ["tess/OAF_bite_neutral"]
    assert [item.reason for item in reading.dropped] == ["second copy"]


def test_file_name_is_believed_and_not_the_folder(grown):
    (utterance,) = READER.read(grown(["OAF_Sad/OAF_dog_happy.mp3"]), LabelPolicy()).utterances
    assert utterance.emotion == "happy"


def test_nested_copy_is_dropped_and_the_outer_one_kept(grown, official_tree):
    folder = official_tree("tess")
    shutil.copytree(folder, folder / "tess toronto emotional speech set data")
    reading = READER.read(folder, LabelPolicy())
    assert reading.found["utterances"] == 3
    assert [item.reason for item in reading.dropped] == ["second copy"] * 3
    assert all("tess toronto" in item.path for item in reading.dropped)


def test_hidden_files_of_macos_are_no_part_of_the_corpus(grown):
    folder = grown(["OAF_back_angry.wav", "._OAF_back_angry.wav", "__MACOSX/OAF_back_sad.wav", ".git/OAF_bar_sad.wav"])
    reading = READER.read(folder, LabelPolicy())
    assert (reading.found["files"], reading.dropped) == (1, [])


def test_other_names_are_dropped_and_counted(grown):
    reading = READER.read(grown(["OAF_back_angry.wav", "OAF_back_bored.wav", "noise.flac"]), LabelPolicy())
    assert {item.reason for item in reading.dropped} == {"file name not in the corpus's grammar"}
    assert len(reading.dropped) == 2


def test_folder_of_another_corpus_says_what_was_met_and_expected(official_tree):
    with pytest.raises(EmogapError, match=r"3 x file name not in the corpus's grammar, first .+OAF_back_angry\.wav"):
        READER.read(official_tree("ravdess"), LabelPolicy())
