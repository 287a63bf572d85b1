import pytest

from emogap.errors import EmogapError
from emogap.execution.run_folder import claim
from emogap.manifest.provenance import Run


def run(**asked):
    return Run.start("gap", asked)


def finished(folder, **asked):
    claim(folder, run(**asked))
    (folder / "scores.json").write_text("{}")


def test_a_new_folder_is_taken(tmp_path):
    claim(tmp_path / "runs" / "a", run(human=("x",)))
    assert Run.read(tmp_path / "runs" / "a").asked == {"human": ["x"]}


def test_the_same_request_goes_on(tmp_path):
    finished(tmp_path, human=("x",))
    claim(tmp_path, run(human=("x",)))
    assert (tmp_path / "scores.json").exists()


def test_another_request_is_refused_unless_told(tmp_path):
    finished(tmp_path, human=("x",), seed=0)
    with pytest.raises(EmogapError, match=r"another run \(asked with human=\['x'\]\).*--resume.*--overwrite"):
        claim(tmp_path, run(human=("y",), seed=0))
    with pytest.raises(EmogapError, match="of `emogap gap`"):
        claim(tmp_path, Run.start("embed", {}))
    claim(tmp_path, run(human=("y",), seed=0), "resume")
    assert Run.read(tmp_path).asked["human"] == ["y"]


def test_a_run_that_left_no_result_gives_way(tmp_path):
    claim(tmp_path, run(human=("typo",)))
    claim(tmp_path, run(human=("corrected",)))
    assert Run.read(tmp_path).asked["human"] == ["corrected"]


def test_what_a_killed_process_left_is_cleared(tmp_path):
    tmp_path.joinpath(".predictions.jsonl.123-456").write_text("half")
    claim(tmp_path, run())
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


def test_overwriting_removes_what_emogap_wrote_and_nothing_else(tmp_path):
    finished(tmp_path, a=1)
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio" / "angry_say-the-word_0123456789.wav").write_text("")
    (tmp_path / "audio" / "field recording.wav").write_text("mine")
    (tmp_path / "notes.txt").write_text("mine")
    claim(tmp_path, run(a=2), "overwrite")
    left = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*"))
    assert left == ["audio", "audio/field recording.wav", "notes.txt", "run.json"]


def test_overwriting_never_removes_what_the_run_reads(tmp_path):
    finished(tmp_path, a=1)
    with pytest.raises(EmogapError, match="would remove .*manifest.jsonl, which this run reads"):
        claim(tmp_path, run(a=2), "overwrite", [tmp_path / "manifest.jsonl"])
    with pytest.raises(EmogapError, match="which this run reads"):
        claim(tmp_path, run(a=2), "overwrite", [tmp_path])
    assert (tmp_path / "scores.json").exists()


@pytest.mark.parametrize("existing", ["refuse", "resume", "overwrite"])
def test_foreign_folders_and_files_are_left_alone(tmp_path, existing):
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(EmogapError, match=r"no run of emogap \(it holds thesis.tex"):
        claim(tmp_path, run(), existing)
    (tmp_path / "run.json").write_text('{"wandb": 1}')
    with pytest.raises(EmogapError, match="not of this version"):
        claim(tmp_path, run(), existing)
    assert (tmp_path / "run.json").read_text() == '{"wandb": 1}'
    with pytest.raises(EmogapError, match="is a file"):
        claim(tmp_path / "thesis.tex", run(), existing)
    with pytest.raises(EmogapError, match="cannot write"):
        claim(tmp_path / "thesis.tex" / "run", run(), existing)
