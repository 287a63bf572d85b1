import json

import pytest

from emogap.corpora.synthesis_ser import CARDS, SynthesisSer
from emogap.errors import EmogapError, UnknownNameError
from emogap.manifest.labels import LabelPolicy

READER = SynthesisSer(CARDS[0])


def read(folder):
    return READER.read(folder, LabelPolicy())


def test_human_and_synthesized_of_one_name_are_told_apart_by_their_folders(official_tree):
    synthesized, human = read(official_tree("synthesis_ser")).utterances
    assert (human.id, human.domain, human.system) == ("synthesis_ser/tess/OAF_youth_sad", "human", None)
    assert (synthesized.id, synthesized.domain) == ("synthesis_ser/cosy/OAF_youth_sad", "synthesized")
    assert (synthesized.system, synthesized.vocoder) == ("cosyvoice2", "HiFi-GAN")
    assert {human.corpus, synthesized.corpus} == {"tess"}
    assert {human.split, synthesized.split} == {"test"}


@pytest.mark.parametrize(
    ("name", "corpus", "system", "vocoder", "split"),
    [
        ("CREMA-D_SYN_4o-TTS", "crema_d", "gpt-4o-tts", "openai", None),
        ("CREMA-D_SYN_INDEX", "crema_d", "indextts2", "BigVGAN", None),
        ("TESS_SYN_KIMI", "tess", "kimi-audio", "BigVGAN", None),
        ("TESS_SYN_GLM", "tess", "glm-4-voice", "HiFi-GAN", None),
        ("IEMOCAP_SYN_KIMICOSY_TRAIN", "iemocap", "kimicosy", None, "train"),
        ("SONG_Human_TEST", "ravdess_song", None, None, "test"),
        ("CREMA-D_Human_ALL", "crema_d", None, None, None),
    ],
)
def test_names_of_lists(grown, name, corpus, system, vocoder, split):
    items = json.dumps([{"path": "a/one.wav", "emotion": "fear"}])
    (utterance,) = read(grown({f"{name}.json": items, "a/one.wav": ""})).utterances
    assert (utterance.corpus, utterance.system, utterance.vocoder) == (corpus, system, vocoder)
    assert (utterance.split, utterance.emotion) == (split, "fearful")
    assert utterance.domain == ("synthesized" if system else "human")


def test_items_that_say_where_they_come_from(grown):
    items = [
        {"path": "a.wav", "emotion": "angry", "data_type": "syn", "data_source": "4o_audio"},
        {"path": "b.wav", "emotion": "angry", "data_type": "human", "data_source": "human"},
        {"path": "c.wav", "emotion": "angry", "data_source": "cv2", "confidence": 0.9},
    ]
    reading = read(grown({"probe.json": json.dumps({"utterances": items}), "a.wav": "", "b.wav": "", "c.wav": ""}))
    assert [(u.domain, u.system) for u in reading.utterances] == [
        ("synthesized", "gpt-4o-audio"),
        ("human", None),
        ("synthesized", "cosyvoice2"),
    ]
    assert reading.notes == ["keys of items that were not read: confidence"]


def test_a_file_in_two_lists_is_read_once_with_its_split(grown):
    items = json.dumps([{"path": "x/one.wav", "emotion": "sad"}])
    folder = grown({"TESS_Human_ALL.json": items, "TESS_Human_TEST.json": items, "x/one.wav": ""})
    reading = read(folder)
    assert [u.split for u in reading.utterances] == ["test"]
    assert [(item.reason, item.path.rpartition("/")[2]) for item in reading.dropped] == [
        ("second copy", "TESS_Human_ALL.json item 1")
    ]


def test_nothing_is_lost_in_silence(grown):
    items = [
        {"path": "x/one.wav", "emotion": "sad"},
        {"path": "x/gone.wav", "emotion": "sad"},
        {"emotion": "sad"},
        "one.wav",
    ]
    folder = grown(
        {
            "TESS_Human.json": json.dumps(items),
            "mystery.json": json.dumps([{"path": "y/two.wav", "emotion": "sad"}]),
            "config.json": '{"sample_rate": 16000}',
            "x/one.wav": "",
            "y/two.wav": "",
            "y/three.wav": "",
        }
    )
    reading = read(folder)
    assert reading.found["utterances"] == 1
    assert sorted(item.reason for item in reading.dropped) == [
        "JSON without a list of items",
        "item without a path",
        "item without a path",
        "missing file",
        "neither human nor synthesized",
        "not in the table",
    ]


def test_one_file_is_not_taken_for_another_of_the_same_name(grown):
    """Only the human file is here; the synthesized one that shares its name must not be read from it."""
    folder = grown(
        {
            "TESS_Human.json": json.dumps([{"path": "/data/tess/one.wav", "emotion": "sad"}]),
            "TESS_SYN_GLM.json": json.dumps([{"path": "/data/glm/one.wav", "emotion": "sad"}]),
            "tess/one.wav": "",
        }
    )
    reading = read(folder)
    assert [u.domain for u in reading.utterances] == ["human"]
    assert [item.reason for item in reading.dropped] == ["several files may be meant"]


def test_contradiction_between_type_and_source(grown):
    items = json.dumps([{"path": "one.wav", "emotion": "sad", "data_type": "human", "data_source": "kimi"}])
    with pytest.raises(EmogapError, match=r"item 1: data_type 'human' contradicts data_source 'kimi'"):
        read(grown({"TESS_Human.json": items, "one.wav": ""}))


def test_unknown_emotion_and_type(grown):
    folder = grown({"TESS_Human.json": '[{"path": "one.wav", "emotion": "hapy"}]', "one.wav": ""})
    with pytest.raises(UnknownNameError, match=r"TESS_Human\.json item 1.*Did you mean 'happy'"):
        read(folder)
    (folder / "TESS_Human.json").write_text('[{"path": "one.wav", "data_type": "robot"}]')
    with pytest.raises(UnknownNameError, match="unknown data_type 'robot'"):
        read(folder)


def test_broken_json(grown):
    with pytest.raises(EmogapError, match=r"TESS_Human\.json line 2 is not JSON"):
        read(grown({"TESS_Human.json": '[\n{"path": ]', "one.wav": ""}))


def test_paths_with_backslashes_and_another_suffix(grown):
    items = json.dumps([{"wav_path": "D:\\tts\\glm\\one.wav", "emotion": "sad"}])
    (utterance,) = read(grown({"TESS_SYN_GLM.json": items, "glm/one.flac": ""})).utterances
    assert utterance.path.endswith("glm/one.flac")
