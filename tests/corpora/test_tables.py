import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emogap.corpora._tables import read_table
from emogap.errors import EmogapError

CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(lambda cell: f"v{cell}")


def write(path, text):
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(("name", "separator"), [("t.csv", ","), ("t.csv", ";"), ("t.csv", "\t"), ("t.tsv", "\t")])
def test_separators(tmp_path, name, separator):
    table = read_table(write(tmp_path / name, f"Path {separator} Emotion\na.wav{separator}sad\n"))
    assert table.columns == ("path", "emotion")
    assert [row.cells for row in table.rows] == [{"path": "a.wav", "emotion": "sad"}]


def test_line_numbers_survive_blank_lines_and_quoted_line_breaks(tmp_path):
    path = write(tmp_path / "t.csv", 'path,text\n\na.wav,"two\nlines"\n\nb.wav,one\n')
    table = read_table(path)
    assert [(row.line, row.cells["text"]) for row in table.rows] == [(3, "two\nlines"), (6, "one")]
    assert table.where(table.rows[0]) == f"{path} line 3"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("path,emotion\na.wav\n", "line 2 has 1 fields, expected 2: path, emotion"),
        ("path,text\na.wav,Well, no.\n", "line 2 has 3 fields, expected 2: path, text"),
        ("path,path\na,b\n", "has the column 'path' twice"),
        ("path,\na,b\n", "has a column without a name"),
        ('path,text\na.wav,"no end\n', "line 2 is not a row of a table"),
        ("path,emotion\n", "holds no row"),
        ("", "holds no row"),
    ],
)
def test_faults_name_file_and_line(tmp_path, text, sentence):
    with pytest.raises(EmogapError, match=rf"t\.csv.*{sentence}"):
        read_table(write(tmp_path / "t.csv", text))


def test_json_lines(tmp_path):
    lines = '{"path": "a.wav", "speaker": 3}\n\n{"path": "b.wav", "emotion": null, "text": "déjà"}\n'
    table = read_table(write(tmp_path / "t.jsonl", lines))
    assert table.columns == ("path", "speaker", "emotion", "text")
    assert [(row.line, row.cells) for row in table.rows] == [
        (1, {"path": "a.wav", "speaker": "3", "emotion": "", "text": ""}),
        (3, {"path": "b.wav", "speaker": "", "emotion": "", "text": "déjà"}),
    ]


@pytest.mark.parametrize("line", ['{"path": ["a.wav"]}', '"a.wav"', '{"path": "a.wav"', '{"path": true}'])
def test_broken_json_lines(tmp_path, line):
    with pytest.raises(EmogapError, match=r"t\.jsonl line 2 is not a JSON object of plain values"):
        read_table(write(tmp_path / "t.jsonl", '{"path": "a.wav"}\n' + line + "\n"))


def test_required_columns(tmp_path):
    table = read_table(write(tmp_path / "t.csv", "a,b\n1,2\n"))
    table.require(["a"])
    with pytest.raises(EmogapError, match="has no column c, d; it has: a, b"):
        table.require(["a", "c", "d"])


@given(rows=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5), kind=st.sampled_from(["csv", "tsv", "jsonl"]))
def test_what_was_written_is_read(tmp_path_factory, rows, kind):
    path = tmp_path_factory.mktemp("tables") / f"t.{kind}"
    if kind == "jsonl":
        text = "".join(json.dumps({"path": one, "text": other}) + "\n" for one, other in rows)
    else:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter="\t" if kind == "tsv" else ",").writerows([("path", "text"), *rows])
        text = out.getvalue()
    found = read_table(write(path, text)).rows
    assert [(row.cells["path"], row.cells["text"]) for row in found] == rows
