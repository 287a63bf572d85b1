import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emogap.errors import EmogapError
from emogap.manifest.files import read_rows, read_utterances, refuse_foreign, write_rows
from emogap.manifest.labels import LABELS, LabelPolicy
from emogap.manifest.records import Dropped, Utterance
from emogap.manifest.texts import text_id

utterances = st.builds(
    Utterance,
    id=st.text(min_size=1),
    path=st.just("/a.wav"),
    domain=st.sampled_from(["human", "synthesized"]),
    emotion=st.none() | st.sampled_from(LABELS),
    text=st.none() | st.text(),
    speaker=st.none() | st.text(),
    duration_s=st.none() | st.floats(0, 1e4),
    flags=st.lists(st.sampled_from(["silent", "clipped"]), max_size=2).map(tuple),
)


@given(st.lists(utterances, min_size=1, max_size=5, unique_by=lambda u: u.id))
def test_a_manifest_survives_the_round_trip(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("round") / "m.jsonl"
    assert write_rows(path, rows) == len(rows)
    with_text_ids = [msgspec.structs.replace(u, text_id=text_id(u.text)) if u.text else u for u in rows]
    assert read_utterances(path) == with_text_ids


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_relative_paths_are_relative_to_the_manifest(tmp_path):
    path = write(tmp_path / "m.jsonl", '{"id":"a","path":"wav/a.wav","domain":"human"}\n')
    assert read_utterances(path)[0].path == str(tmp_path / "wav" / "a.wav")


def test_aliases_are_accepted_in_manifests(tmp_path):
    path = write(tmp_path / "m.jsonl", '{"id":"a","path":"/a","domain":"human","emotion":"fear"}\n')
    assert read_utterances(path)[0].emotion == "fearful"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id":"a","path":"/a","domain":"human","emotoin":"sad"}', "line 1 .*emotoin.*Fields: id, path"),
        ('{"id":"a","path":"/a","domain":"robot"}', "line 1 .*robot"),
        ('{"id":"a"', "line 1"),
        ('{"id":"a","path":"/a","domain":"human","emotion":"sadd"}', "record 1.*'sadd'.*Did you mean 'sad'"),
        ('{"id":"a","path":"/a","domain":"human","version":9}', "line 1 .*9"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, message):
    with pytest.raises(EmogapError, match=message):
        read_utterances(write(tmp_path / "m.jsonl", line + "\n"))


def test_duplicate_ids_are_refused(tmp_path):
    line = '{"id":"a","path":"/a","domain":"human"}\n'
    with pytest.raises(EmogapError, match=r"id 'a' occurs twice \(records 1 and 2\)"):
        read_utterances(write(tmp_path / "m.jsonl", line * 2))


def test_missing_empty_and_folder(tmp_path):
    with pytest.raises(EmogapError, match="no such file"):
        read_utterances(tmp_path / "none.jsonl")
    with pytest.raises(EmogapError, match="is a folder"):
        read_utterances(tmp_path)
    with pytest.raises(EmogapError, match="holds no utterance"):
        read_utterances(write(tmp_path / "empty.jsonl", "\n\n"))


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "rows.jsonl"
    write_rows(path, [Dropped(path="old", reason="r")])

    def rows():
        yield Dropped(path="new", reason="r")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        write_rows(path, rows())
    assert [row.path for row in read_rows(path, Dropped)] == ["old"]
    assert [p.name for p in tmp_path.iterdir()] == ["rows.jsonl"]


def test_an_unwritable_place_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EmogapError, match="cannot write"):
        write_rows(tmp_path / "file" / "m.jsonl", [])


def test_a_label_the_policy_drops_is_flagged(tmp_path):
    path = write(tmp_path / "m.jsonl", '{"id":"a","path":"/a","domain":"human","emotion":"calm"}\n')
    assert read_utterances(path)[0].flags == ("label_dropped",)
    assert read_utterances(path, LabelPolicy(calm="neutral"))[0].emotion == "neutral"


def test_trouble_of_the_rows_is_not_called_trouble_of_the_file(tmp_path):
    def rows():
        yield Dropped(path="a", reason="r")
        (tmp_path / "gone").read_bytes()

    with pytest.raises(FileNotFoundError):
        write_rows(tmp_path / "rows.jsonl", rows())
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_kind_is_not_replaced(tmp_path):
    refuse_foreign(tmp_path / "new.jsonl", Utterance)
    with pytest.raises(EmogapError, match="exists and is no file of Utterance records"):
        refuse_foreign(write(tmp_path / "thesis.tex", "\\documentclass{article}"), Utterance)
    write_rows(tmp_path / "m.jsonl", [Utterance(id="a", path="/a", domain="human")])
    refuse_foreign(tmp_path / "m.jsonl", Utterance)
