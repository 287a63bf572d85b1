import shutil

import msgspec
import numpy as np
import soundfile

from emogap.execution.inspection import inspect_audio
from emogap.execution.progress import Silent
from emogap.manifest.records import Utterance


def test_facts_are_filled_in_and_nothing_is_lost(speech, cache, tmp_path):
    utterances = speech(3)
    (tmp_path / "pointer.wav").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    utterances.insert(1, Utterance(id="pointer", path=str(tmp_path / "pointer.wav"), domain="human"))
    seen, unreadable = inspect_audio(utterances, cache, Silent())
    assert [u.id for u in seen] == [u.id for u in utterances]
    assert seen[1].flags == ("unreadable",)
    assert [(d.reason, "git lfs pull" in d.detail) for d in unreadable] == [("git-lfs pointer", True)]
    assert seen[0].sampling_rate_hz == 16_000
    assert seen[0].duration_s == 0.1
    assert len(seen[0].sha256 or "") == 64


def test_duplicates_are_flagged_by_what_is_heard(speech, cache, tmp_path):
    first, second = speech(2)
    shutil.copy(first.path, tmp_path / "copy.wav")
    samples, rate = soundfile.read(second.path, dtype="int16")
    soundfile.write(tmp_path / "other.flac", samples, rate)
    copy = msgspec.structs.replace(first, id="copy", path=str(tmp_path / "copy.wav"))
    other = msgspec.structs.replace(second, id="other", path=str(tmp_path / "other.flac"), emotion="angry")
    seen, _ = inspect_audio([first, second, copy, other], cache, Silent())
    assert [u.flags for u in seen] == [
        (), ("duplicate_conflicting_label",), ("duplicate_pcm",), ("duplicate_conflicting_label",)
    ]  # fmt: skip


def test_silent_files_are_no_duplicates(cache, tmp_path):
    utterances = []
    for name in ("a", "b"):
        soundfile.write(tmp_path / f"{name}.wav", np.zeros(8000), 16_000)
        utterances.append(Utterance(id=name, path=str(tmp_path / f"{name}.wav"), domain="human"))
    seen, _ = inspect_audio(utterances, cache, Silent())
    assert [u.flags for u in seen] == [("silent",), ("silent",)]


def test_a_second_look_decodes_nothing(speech, cache, monkeypatch):
    utterances = speech(4)
    first, _ = inspect_audio(utterances, cache, Silent())
    monkeypatch.setattr("emogap.execution.decoding.read_audio", lambda path: pytest_fail())
    assert inspect_audio(utterances, cache, Silent())[0] == first


def pytest_fail():
    raise AssertionError("a file was decoded again")


def test_the_byte_identical_pair_of_ravdess_is_found(data_folder, cache):
    names = ("03-01-03-01-02-01-07", "03-01-03-01-02-02-07")
    pair = [
        Utterance(id=n, path=str(data_folder / "RAVDESS" / "Actor_07" / f"{n}.flac"), domain="human", emotion="happy")
        for n in names
    ]
    seen, _ = inspect_audio(pair, cache, Silent())
    assert [u.flags for u in seen] == [(), ("duplicate_pcm",)]


def test_flags_of_a_manifest_are_decided_anew(speech, cache):
    first = speech(1)[0]
    stale = msgspec.structs.replace(first, flags=("wrongly_cut", "duplicate_pcm", "unreadable", "silent"))
    seen, unreadable = inspect_audio([stale], cache, Silent())
    assert seen[0].flags == ("wrongly_cut",)
    assert unreadable == []
