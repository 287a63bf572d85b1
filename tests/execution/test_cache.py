import contextlib
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from emogap.errors import EmogapError
from emogap.execution import cache as cache_module
from emogap.execution.cache import Cache, FileFacts, answer_key, default_cache_folder


def test_answers_outlive_the_process(tmp_path):
    Cache(tmp_path).put([(b"k" * 32, b"value")])
    assert Cache(tmp_path).get(b"k" * 32) == b"value"
    assert Cache(tmp_path).get(b"x" * 32) is None
    assert Cache(None).get(b"k" * 32) is None


def test_a_key_tells_audio_nuisance_and_plugin_apart():
    keys = {answer_key(*parts) for parts in (("a", "", "f"), ("b", "", "f"), ("a", "n", "f"), ("a", "", "g"))}
    assert len(keys) == 4


def test_facts_hold_until_the_file_changes(tmp_path):
    file = tmp_path / "a.wav"
    file.write_bytes(b"1234")
    cache = Cache(tmp_path / "cache")
    facts = FileFacts("hash", 2, 16_000, ("silent",))
    cache.remember([(file, facts)])
    assert cache.facts(file) == facts
    file.write_bytes(b"12345")
    assert cache.facts(file) is None
    assert cache.facts(tmp_path / "gone") is None


def test_another_decoder_looks_again(tmp_path, monkeypatch):
    file = tmp_path / "a.wav"
    file.write_bytes(b"1234")
    facts = FileFacts("hash", 2, 16_000, ())
    Cache(tmp_path).remember([(file, facts)])
    monkeypatch.setattr(cache_module, "DECODER", "2|libsndfile 9")
    cache = Cache(tmp_path)
    assert cache.facts(file) is None
    cache.remember([(file, facts)])
    assert cache.facts(file) == facts


def test_another_resampler_is_another_answer(monkeypatch):
    key = answer_key("a", "", "f")
    monkeypatch.setattr(cache_module, "RESAMPLER", "1|soxr 9")
    assert answer_key("a", "", "f") != key


def test_a_cache_of_an_earlier_version_keeps_its_answers(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "answers.sqlite")) as old, old:
        old.execute("CREATE TABLE answers (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
        old.execute("CREATE TABLE files (path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, facts BLOB)")
        old.execute("INSERT INTO answers VALUES (?, ?)", (b"k", b"value"))
    file = tmp_path / "a.wav"
    file.write_bytes(b"1234")
    cache = Cache(tmp_path)
    cache.remember([(file, FileFacts("hash", 2, 16_000, ()))])
    assert cache.get(b"k") == b"value"
    assert cache.facts(file) is not None


def test_files_that_vanish_or_cannot_be_are_not_remembered(tmp_path):
    cache = Cache(None)
    for path in (tmp_path / "gone.wav", Path("a\0b.wav"), tmp_path / "\ud800.wav"):
        cache.remember([(path, FileFacts("hash", 2, 16_000, ()))])
        assert cache.facts(path) is None


def test_the_folder_can_be_named(tmp_path, monkeypatch):
    monkeypatch.setenv("EMOGAP_CACHE", str(tmp_path))
    assert default_cache_folder() == tmp_path
    monkeypatch.delenv("EMOGAP_CACHE")
    assert default_cache_folder().name in {"emogap", "cache"}


def test_an_unusable_cache_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EmogapError, match="EMOGAP_CACHE"):
        Cache(tmp_path / "file")
    (tmp_path / "answers.sqlite").write_text("this is no database, however long it may be" * 100)
    with pytest.raises(EmogapError, match="cannot be used"):
        Cache(tmp_path)


FULL = """
    import resource, sys
    from pathlib import Path
    from emogap.errors import EmogapError
    from emogap.execution.cache import Cache
    from emogap.manifest.files import write_rows
    from emogap.manifest.records import Dropped
    folder = Path(sys.argv[1])
    cache = Cache(folder / "cache")
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        for i in range(100):
            cache.put([(bytes([i]) * 32, bytes(10_000))])
    except EmogapError as problem:
        print(problem)
    try:
        write_rows(folder / "rows.jsonl", (Dropped(path="x" * 1000, reason="r") for _ in range(1000)))
    except EmogapError as problem:
        print(problem)
    print(sorted(p.name for p in folder.iterdir()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_disk_that_fills_up_is_a_sentence_and_loses_nothing(tmp_path):
    script = Path(tmp_path / "full.py")
    script.write_text(textwrap.dedent(FULL))
    folder = tmp_path / "work"
    folder.mkdir()
    run = subprocess.run([sys.executable, str(script), str(folder)], capture_output=True, text=True, check=True)
    first, second, left = run.stdout.splitlines()
    assert first.startswith("cannot write the cache")
    assert "goes on where it stopped" in first
    assert second.startswith("cannot write ")
    assert left == "['cache']"
    assert Cache(folder / "cache").get(bytes(32)) == bytes(10_000)
