import csv
import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emogap.corpora.folder import CARDS, Folder
from emogap.errors import EmogapError, UnknownNameError
from emogap.manifest.labels import EMOTIONS, LabelPolicy

READER = Folder(CARDS[0])
NAME = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=20).map(
    lambda name: f"n{name}"
)


def read(folder, **policy):
    return READER.read(folder, LabelPolicy(**policy))


def reasons(reading):
    return sorted(item.reason for item in reading.dropped)


# With a table.


def test_every_column(grown):
    table = (
        "id,wav_path,label,sentence,voice,system,vocoder,control,source_id,split,intensity,x_note\n"
        "my/one,wavs/one.wav,Joy,Come in.,alloy,MyTTS,HiFi-GAN,prompt_speech,tess/OAF_back_happy,valid,strong,good\n"
    )
    reading = read(grown({"table.csv": table, "wavs/one.wav": ""}))
    (one,) = reading.utterances
    assert (one.id, one.emotion, one.text, one.text_id) == ("my/one", "happy", "Come in.", "come-in")
    assert (one.domain, one.system, one.vocoder, one.control) == ("synthesized", "MyTTS", "HiFi-GAN", "prompt_speech")
    assert (one.source_id, one.split, one.intensity) == ("tess/OAF_back_happy", "dev", "strong")
    assert (one.speaker, one.corpus) == ("MyTTS-alloy", "corpus")
    assert reading.notes == ["table.csv: ignored x_note"]


@pytest.mark.parametrize(
    "column", ["path", "file", "filename", "audio", "tts_wav_path", "test_path", "response_wav_path", "WAV_PATH"]
)
def test_names_of_the_path_column(grown, column):
    (one,) = read(grown({"t.csv": f"{column}\none.wav\n", "one.wav": ""})).utterances
    assert (one.id, one.domain, one.emotion, one.system) == ("corpus/one", "human", None, None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "path,emotion\na/one.wav,sad\ntwo.wav,\n"),
        ("t.tsv", "path\temotion\na/one.wav\tsad\ntwo.wav\t\n"),
        ("t.jsonl", '{"path": "a/one.wav", "emotion": "sad"}\n{"path": "two.wav"}\n'),
    ],
)
def test_kinds_of_tables_and_empty_emotion(grown, name, text):
    reading = read(grown({name: text, "a/one.wav": "", "two.wav": ""}))
    assert [(u.id, u.emotion) for u in reading.utterances] == [("corpus/a/one", "sad"), ("corpus/two", None)]


def test_files_without_rows_and_rows_without_files(grown):
    table = "path,emotion\none.wav,sad\ngone.wav,sad\ncalm.wav,calm\nmedia,sad\n" + "x" * 300 + ".wav,sad\n"
    reading = read(grown({"t.csv": table, "one.wav": "", "calm.wav": "", "extra.wav": "", "media/y.wav": ""}))
    assert [u.id for u in reading.utterances] == ["corpus/one"]
    assert reasons(reading) == ["label dropped by policy: calm", *["missing file"] * 3, *["not in the table"] * 2]
    missing = next(item for item in reading.dropped if item.detail == "gone.wav")
    assert missing.path.endswith("t.csv line 3")
    assert reading.found["files"] == 2


def test_path_that_leaves_the_folder(grown, tmp_path):
    folder = grown({"t.csv": "path,emotion\n../elsewhere/one.wav,sad\n../elsewhere/gone.wav,sad\n", "two.wav": ""})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "one.wav").touch()
    reading = read(folder)
    assert [u.id for u in reading.utterances] == ["corpus/elsewhere/one"]
    assert Path(reading.utterances[0].path).samefile(tmp_path / "elsewhere" / "one.wav")
    assert reasons(reading) == ["missing file", "not in the table"]


def test_absolute_path(grown, tmp_path):
    (tmp_path / "far.wav").touch()
    (one,) = read(grown({"t.csv": f"path\n{tmp_path / 'far.wav'}\n"})).utterances
    assert one.path == str(tmp_path / "far.wav")


def test_awkward_names(grown):
    names = ["two words.wav", 'quo"te.wav', "coma, and.wav", "šíp.wav", "<script>.wav", "o'clock.wav", " lead.wav"]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("path", "text"), *((name, f"Say {name}") for name in names)])
    reading = read(grown({"t.csv": out.getvalue(), **dict.fromkeys(names, "")}))
    assert {Path(u.path).name for u in reading.utterances} == set(names)
    assert reading.dropped == []


def test_accents_composed_in_the_table_and_split_on_disk(grown):
    split = unicodedata.normalize("NFD", "café.wav")
    reading = read(grown({"t.csv": unicodedata.normalize("NFC", "path\ncafé.wav\n"), split: ""}))
    assert (len(reading.utterances), reading.dropped) == (1, [])


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("path,emotoin\none.wav,sad\n", r"unknown column 'emotoin', .*target_emotion.*Did you mean 'emotion'"),
        ("path,emotion\none.wav,hapy\n", r"t\.csv line 2: unknown emotion label 'hapy'.*Did you mean 'happy'"),
        ("path,split\none.wav,tset\n", r"t\.csv line 2: unknown split 'tset'.*Did you mean 'test'"),
    ],
)
def test_unknown_names(grown, table, sentence):
    with pytest.raises(UnknownNameError, match=sentence):
        read(grown({"t.csv": table, "one.wav": ""}))


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("emotion\nsad\n", "has no column with the path of the audio; call it one of: path, wav_path"),
        ("path,file\na,b\n", "has two columns for the path, path and file"),
        ("path,emotion\n,sad\n", "line 2: the column path is empty"),
        ("path,emotion\none.wav,sad,loud\n", "line 2 has 3 fields, expected 2: path, emotion"),
        ("path\none.wav\none.wav\n", "line 3: the id 'corpus/one' is that of line 2 too"),
        ("path,id\none.wav,a\ntwo.wav,a\n", "line 3: the id 'a' is that of line 2 too"),
        ("id,path,domain\na,one.wav,human\n", "is a manifest of emogap; give the file itself"),
        ("path\ngone.wav\n", r"nothing to read as folder \(2 x not in the table.*1 x missing file"),
    ],
)
def test_faults_of_tables(grown, table, sentence):
    with pytest.raises(EmogapError, match=sentence):
        read(grown({"t.csv": table, "one.wav": "", "two.wav": ""}))


def test_two_tables_are_refused_and_tables_further_down_are_none_of_ours(grown):
    folder = grown({"a.csv": "path\none.wav\n", "sub/b.csv": "?", "one.wav": ""})
    assert read(folder).found["utterances"] == 1
    (folder / "c.jsonl").touch()
    with pytest.raises(EmogapError, match=r"holds 2 tables \(a\.csv, c\.jsonl\), expected one"):
        read(folder)


# Folders named by emotion.


def test_folders_named_by_emotion(grown):
    reading = read(grown(["angry/one.wav", "Joy/one.wav", "calm/three.wav", "loose.wav"]))
    assert [(u.id, u.emotion) for u in reading.utterances] == [
        ("corpus/Joy/one", "happy"),
        ("corpus/angry/one", "angry"),
    ]
    assert reasons(reading) == ["label dropped by policy: calm", "not in a folder named by an emotion"]
    assert read(grown([]), calm="neutral").found["neutral"] == 1


def test_emotion_folders_below_other_folders(grown):
    reading = read(grown(["mytts/sad/one.wav", "yourtts/fear/one.wav"]))
    assert [(u.id, u.emotion) for u in reading.utterances] == [
        ("corpus/mytts/sad/one", "sad"),
        ("corpus/yourtts/fear/one", "fearful"),
    ]


def test_unknown_folder_among_emotions(grown):
    with pytest.raises(UnknownNameError, match=r"/hapy: unknown emotion label 'hapy'.*Did you mean 'happy'"):
        read(grown(["angry/one.wav", "hapy/one.wav"]))


# Plain audio.


def test_plain_audio_has_no_emotion(grown):
    reading = read(grown(["speaker1/one.wav", "two.flac", "read.me"]))
    assert [(u.id, u.emotion) for u in reading.utterances] == [("corpus/speaker1/one", None), ("corpus/two", None)]
    assert reading.notes == ["no table, and no folder is named by an emotion: the utterances have no emotion"]


def test_two_formats_of_one_recording(grown):
    reading = read(grown(["one.mp3", "one.wav"]))
    assert [u.path[-4:] for u in reading.utterances] == [".wav"]
    assert reasons(reading) == ["second copy"]


def test_texts_beside_audio(grown):
    folder = grown(
        {
            "one.wav": "",
            "one.txt": "Come\n in. ",
            "two.wav": "",
            "two.lab": "Go away.",
            "three.wav": "",
            "three.lab": "0 1200000 sil\n1200000 2400000 k\n",
        }
    )
    assert {u.id: u.text for u in read(folder).utterances} == {
        "corpus/one": "Come in.",
        "corpus/two": "Go away.",
        "corpus/three": None,
    }


def test_table_goes_before_texts_beside_audio(grown):
    tree = {"t.csv": "path,text\none.wav,Stay.\ntwo.wav,\n", "one.wav": "", "one.txt": "Go.", "two.wav": ""}
    assert [u.text for u in read(grown({**tree, "two.txt": "Come."})).utterances] == ["Stay.", "Come."]


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(NAME, st.sampled_from([*EMOTIONS, ""]), st.text(st.characters(codec="utf-8"), max_size=20)),
        min_size=1,
        max_size=4,
        unique_by=lambda row: unicodedata.normalize("NFC", row[0]).strip(),
    )
)
def test_what_a_table_says_is_read(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("folder")
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("path", "emotion", "text"), *((f"{name}.wav", e, t) for name, e, t in rows)])
    (folder / "table.csv").write_text(out.getvalue(), encoding="utf-8", newline="")
    for name, _, _ in rows:
        (folder / f"{name}.wav").touch()
    found = {Path(u.path).stem: u for u in read(folder).utterances}
    assert set(found) == {name for name, _, _ in rows}
    for name, emotion, text in rows:
        assert found[name].emotion == (emotion or None)
        assert found[name].text == (text.strip() or None)
