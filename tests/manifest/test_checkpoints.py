"""Checkpoints from a folder, and from a real client of a hub that this test serves on loopback."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from emogap.errors import EmogapError
from emogap.manifest.checkpoints import checkpoint_folder

FILES = {"model.bin": b"weights" * 100, "config.json": b"{}"}
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(BaseHTTPRequestHandler):
    """The part of the hub's protocol that a download of one repository uses."""

    def do_HEAD(self):
        self._answer(body=False)

    def do_GET(self):
        self._answer(body=True)

    def _answer(self, body):
        path = self.path.partition("?")[0]
        if path in {"/api/models/lab/recognizer", "/api/models/lab/recognizer/revision/main"}:
            content = json.dumps(
                {"id": "lab/recognizer", "sha": COMMIT, "siblings": [{"rfilename": name} for name in FILES]}
            ).encode()
        elif path.startswith(f"/api/models/lab/recognizer/tree/{COMMIT}"):
            content = json.dumps(
                [
                    {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
                    for name, data in FILES.items()
                ]
            ).encode()
        elif path.startswith(f"/lab/recognizer/resolve/{COMMIT}/") and path.rpartition("/")[2] in FILES:
            content = FILES[path.rpartition("/")[2]]
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, *arguments):
        """Keep the test's output clean."""


@pytest.fixture
def fetch(tmp_path):
    """Call ``checkpoint_folder`` in a process of its own, whose hub is the loopback server."""
    pytest.importorskip("huggingface_hub", reason="comes with the offline extra")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        **os.environ, "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "HF_HOME": str(tmp_path / "hub"),
        "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_OFFLINE": "0",
    }  # fmt: skip
    environment.pop("HF_TOKEN", None)
    code = (
        "import sys; from emogap.manifest.checkpoints import checkpoint_folder; print(checkpoint_folder(sys.argv[1]))"
    )

    def call(name):
        return subprocess.run(
            [sys.executable, "-c", code, name], env=environment, capture_output=True, text=True, timeout=60
        )

    yield call
    server.shutdown()


def test_a_folder_is_taken_as_it_is(tmp_path):
    assert checkpoint_folder(str(tmp_path)) == tmp_path


def test_a_path_that_is_not_there_is_no_hub_id(tmp_path):
    with pytest.raises(EmogapError, match="no such folder, expected a checkpoint folder or a hub id"):
        checkpoint_folder(str(tmp_path / "none"))


def test_a_repository_is_fetched_whole(fetch):
    run = fetch("lab/recognizer")
    assert run.returncode == 0, run.stderr
    folder = Path(run.stdout.strip())
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES


def test_a_repository_the_hub_does_not_have_is_a_sentence(fetch):
    run = fetch("lab/unknown")
    assert run.returncode == 1
    assert "EmogapError: lab/unknown: no such folder, and the hub does not give a repository" in run.stderr
