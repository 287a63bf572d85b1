import subprocess

import pytest

from emogap import __version__
from emogap.errors import EmogapError
from emogap.manifest.provenance import Run, git_state


def test_a_run_explains_itself(tmp_path):
    run = Run.start("gap", {"human": ["tess:DIR"]})
    assert run.finished is None
    run.finish({"level": 0.95}, {"ok": 3}).write(tmp_path)
    read = Run.read(tmp_path)
    assert (read.command, read.asked, read.items) == ("gap", {"human": ["tess:DIR"]}, {"ok": 3})
    assert read.emogap == __version__
    assert read.packages["numpy"]
    assert read.seconds is not None
    assert read.seconds >= 0
    assert read.started <= (read.finished or "")


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(EmogapError, match="not a run folder"):
        Run.read(tmp_path)
    (tmp_path / "run.json").write_text('{"command": 1}')
    with pytest.raises(EmogapError, match="not of this version"):
        Run.read(tmp_path)


def test_git_state_tells_commit_and_dirt(tmp_path):
    def git(*arguments):
        command = ["git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e@example.org", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    tracked, installed = tmp_path / "a", tmp_path / ".venv" / "emogap.py"
    installed.parent.mkdir()
    for file in (tracked, installed):
        file.write_text("1")
    assert git_state(tracked) == {}
    git("init", "-q")
    git("add", "a")
    git("commit", "-qm", "a")
    assert git_state(tracked) == {"commit": git("rev-parse", "HEAD"), "dirty": False}
    tracked.write_text("2")
    assert git_state(tracked)["dirty"] is True
    assert git_state(installed) == {}  # the commit of someone's own repository is not emogap's
