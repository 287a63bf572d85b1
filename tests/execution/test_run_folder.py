import pytest

from emogap.errors import EmogapError
from emogap.execution.run_folder import claim
from emogap.manifest.provenance import Run


def run(**asked):
    return Run.start("gap", asked)


def test_a_new_folder_is_taken(tmp_path):
    claim(tmp_path / "runs" / "a", run(human=("x",)))
    assert Run.read(tmp_path / "runs" / "a").asked == {"human": ["x"]}


def test_the_same_request_goes_on(tmp_path):
    claim(tmp_path, run(human=("x",)))
    (tmp_path / "scores.json").write_text("{}")
    claim(tmp_path, run(human=("x",)))
    assert (tmp_path / "scores.json").exists()


def test_another_request_is_refused_unless_told(tmp_path):
    claim(tmp_path, run(human=("x",), seed=0))
    with pytest.raises(EmogapError, match=r"another run \(asked with human=\['x'\]\).*--resume.*--overwrite"):
        claim(tmp_path, run(human=("y",), seed=0))
    with pytest.raises(EmogapError, match="of `emogap gap`"):
        claim(tmp_path, Run.start("embed", {}))
    claim(tmp_path, run(human=("y",), seed=0), "resume")
    assert Run.read(tmp_path).asked["human"] == ["y"]


def test_overwriting_removes_what_emogap_wrote_and_nothing_else(tmp_path):
    claim(tmp_path, run(a=1))
    (tmp_path / "predictions.jsonl").write_text("")
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio" / "a.wav").write_text("")
    (tmp_path / "notes.txt").write_text("mine")
    claim(tmp_path, run(a=2), "overwrite")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["notes.txt", "run.json"]


def test_foreign_folders_and_files_are_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    for existing in ("refuse", "resume", "overwrite"):
        with pytest.raises(EmogapError, match=r"no run of emogap \(it holds thesis.tex"):
            claim(tmp_path, run(), existing)
    with pytest.raises(EmogapError, match="is a file"):
        claim(tmp_path / "thesis.tex", run())
    with pytest.raises(EmogapError, match="cannot write"):
        claim(tmp_path / "thesis.tex" / "run", run())
