import io
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from emogap.errors import EmogapError
from emogap.execution.answering import Nuisance
from emogap.execution.cache import Cache
from emogap.execution.progress import Silent
from emogap.execution.recognition import embed, recognize
from emogap.manifest.audio import Audio
from emogap.manifest.embeddings import read_embeddings
from emogap.manifest.files import write_rows
from emogap.manifest.records import Utterance


def test_rows_come_in_the_order_of_the_manifest(pitch_recognizer, speech, cache):
    utterances = speech(50)
    recognizer = pitch_recognizer()
    rows = list(recognize(utterances, recognizer, cache, Silent()))
    assert [row.utterance_id for row in rows] == [u.id for u in utterances]
    assert {row.outcome for row in rows} == {"ok"}
    assert {row.predicted for row in rows} == {"happy", "sad"}
    for row in rows:
        assert row.predicted == max(row.scores, key=row.scores.get)


def test_batches_hold_neighbours_in_length(pitch_recognizer, speech, cache):
    recognizer = pitch_recognizer()
    list(recognize(speech(32), recognizer, cache, Silent()))
    assert {len(lengths) for lengths in recognizer.batches} == {4}
    padding = sum(max(lengths) * len(lengths) - sum(lengths) for lengths in recognizer.batches)
    assert padding / sum(sum(lengths) for lengths in recognizer.batches) < 0.05


def test_a_second_run_asks_the_model_nothing(pitch_recognizer, speech, cache):
    utterances = speech(10)
    first = list(recognize(utterances, pitch_recognizer(), cache, Silent()))
    again = pitch_recognizer()
    assert list(recognize(utterances, again, cache, Silent())) == first
    assert again.heard == 0


def test_other_weights_are_asked_again(pitch_recognizer, speech, cache):
    utterances = speech(5)
    list(recognize(utterances, pitch_recognizer(), cache, Silent()))
    other = pitch_recognizer("pitch-2")
    list(recognize(utterances, other, cache, Silent()))
    assert other.heard == 5


def test_a_changed_file_is_heard_again(pitch_recognizer, speech, cache, tone):
    utterances = speech(5)
    before = list(recognize(utterances, pitch_recognizer(), cache, Silent()))
    time.sleep(0.01)
    tone(Path(utterances[2].path), hz=2000, seconds=0.1)
    again = pitch_recognizer()
    after = list(recognize(utterances, again, cache, Silent()))
    assert again.heard == 1
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, True, False, True, True]


def test_bad_files_and_loud_ones_are_rows_with_reasons(pitch_recognizer, speech, cache, tmp_path, tone):
    utterances = speech(6)
    soundfile.write(tmp_path / "loud.wav", np.sign(np.sin(np.arange(8000))), 16_000)
    extra = {
        "gone": tmp_path / "gone.wav",
        "loud": tmp_path / "loud.wav",
        "short": tone(tmp_path / "short.wav", seconds=0.01),
    }
    utterances[3:3] = [Utterance(id=name, path=str(path), domain="human") for name, path in extra.items()]
    rows = {row.utterance_id: row for row in recognize(utterances, pitch_recognizer(), cache, Silent())}
    assert rows["gone"].reason == "missing file"
    assert rows["loud"].reason == "the model failed: RuntimeError: too loud"
    assert rows["short"].reason == "too short (under 25 ms)"
    assert all(rows[name].outcome == "failed" and rows[name].predicted is None for name in extra)
    assert sum(row.outcome == "ok" for row in rows.values()) == 6


def test_an_unusable_recognizer_stops_the_run(pitch_recognizer, speech, cache):
    class Unusable(pitch_recognizer):
        def scores(self, waveforms, lengths):
            raise EmogapError("no head in this checkpoint")

    with pytest.raises(EmogapError, match="no head"):
        list(recognize(speech(3), Unusable(), cache, Silent()))


def test_scores_that_are_not_numbers_fail(pitch_recognizer, speech, cache):
    class Broken(pitch_recognizer):
        def scores(self, waveforms, lengths):
            return np.full((len(lengths), 2), np.nan, np.float32)

    rows = list(recognize(speech(3), Broken("broken"), cache, Silent()))
    assert {row.outcome for row in rows} == {"failed"}
    assert "not numbers" in (rows[0].reason or "")


def test_an_interrupted_run_goes_on_where_it_was(pitch_recognizer, speech, cache, tmp_path):
    utterances = speech(40)
    whole = list(recognize(utterances, pitch_recognizer(), Cache(None), Silent()))
    with pytest.raises(KeyboardInterrupt):
        list(recognize(utterances, pitch_recognizer(stop_after=17), cache, Silent()))
    again = pitch_recognizer()
    assert list(recognize(utterances, again, cache, Silent())) == whole
    assert again.heard == 40 - 16  # the four whole batches before the stop were kept


KILLED = """
    import sys, time
    from pathlib import Path
    from emogap import plugins
    from emogap.execution.cache import Cache
    from emogap.execution.progress import Silent
    from emogap.execution.recognition import recognize
    from emogap.manifest.files import read_utterances, write_rows
    folder = Path(sys.argv[1])
    recognizer = plugins.load("recognizers", "toy")
    ask = recognizer.scores
    def slowly(waveforms, lengths):
        time.sleep(0.05)
        print("batch", flush=True)
        return ask(waveforms, lengths)
    recognizer.scores = slowly
    recognizer.max_batch = 4
    rows = recognize(read_utterances(folder / "m.jsonl"), recognizer, Cache(folder / "cache"), Silent())
    write_rows(folder / "predictions.jsonl", rows)
"""


def test_a_killed_process_restarts_to_identical_files(speech, tmp_path):
    write_rows(tmp_path / "m.jsonl", speech(60))
    script = tmp_path / "killed.py"
    script.write_text(textwrap.dedent(KILLED))
    command = [sys.executable, str(script), str(tmp_path)]
    for batches in (1, 4, 2):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for _ in range(batches):
            assert process.stdout is not None
            assert process.stdout.readline() == "batch\n"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not (tmp_path / "predictions.jsonl").exists()
    resumed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.count("batch")
    assert 0 < resumed < 15
    content = (tmp_path / "predictions.jsonl").read_bytes()
    (tmp_path / "predictions.jsonl").unlink()
    for file in (tmp_path / "cache").iterdir():
        file.unlink()
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "predictions.jsonl").read_bytes() == content


def test_a_nuisance_is_heard_and_kept_apart(pitch_recognizer, speech, cache):
    utterances = speech(4)
    plain = list(recognize(utterances, pitch_recognizer(), cache, Silent()))
    doubled = Nuisance("every other sample", lambda a: Audio(a.waveform[::2], a.sampling_rate_hz, a.flags))
    changed = list(recognize(utterances, pitch_recognizer(), cache, Silent(), doubled))
    assert all(a.scores != b.scores for a, b in zip(plain, changed, strict=True))
    assert list(recognize(utterances, pitch_recognizer(), cache, Silent())) == plain


def test_a_nuisance_that_fails_on_one_recording_is_one_row(pitch_recognizer, speech, cache):
    def choosy(audio):
        if len(audio.waveform) == 1600:
            raise ValueError("too short to trim")
        return audio

    rows = list(recognize(speech(4), pitch_recognizer(), cache, Silent(), Nuisance("choosy", choosy)))
    assert [row.outcome for row in rows] == ["failed", "ok", "ok", "ok"]
    assert rows[0].reason == "the nuisance failed: ValueError: too short to trim"


def test_a_rate_that_cannot_be_resampled_is_a_row(pitch_recognizer, speech, cache):
    impossible = Nuisance("no rate", lambda audio: Audio(audio.waveform, 0, audio.flags))
    rows = list(recognize(speech(2), pitch_recognizer(), cache, Silent(), impossible))
    assert all((row.reason or "").startswith("resampling failed: ") for row in rows)


def test_an_impossible_name_is_a_row(pitch_recognizer, speech, cache):
    utterances = [*speech(2), Utterance(id="nul", path="a\0b.wav", domain="human")]
    rows = list(recognize(utterances, pitch_recognizer(), cache, Silent()))
    assert [row.outcome for row in rows] == ["ok", "ok", "failed"]
    assert rows[2].reason == "unreadable file (embedded null byte)"


def test_embeddings_keep_a_row_for_failures(pitch_recognizer, speech, cache, tmp_path):
    utterances = speech(9)
    utterances.insert(4, Utterance(id="gone", path=str(tmp_path / "gone.wav"), domain="human"))
    rows = embed(utterances, pitch_recognizer(), tmp_path / "embeddings.npy", cache, Silent())
    values, read = read_embeddings(tmp_path / "embeddings.npy")
    assert rows == read
    assert values.shape == (10, 8)
    assert values.dtype == np.float32
    assert np.isnan(values[4]).all()
    assert np.isfinite(np.delete(values, 4, axis=0)).all()
    assert (read[4].outcome, read[4].reason) == ("failed", "missing file")
    content = (tmp_path / "embeddings.npy").read_bytes()
    embed(utterances, pitch_recognizer(), tmp_path / "embeddings.npy", cache, Silent())
    assert (tmp_path / "embeddings.npy").read_bytes() == content


def test_failures_before_the_first_embedding_are_rows_too(pitch_recognizer, speech, cache, tmp_path):
    gone = [Utterance(id=f"gone{i}", path=str(tmp_path / "gone.wav"), domain="human") for i in range(3)]
    embed([*gone, *speech(2), gone[0]], pitch_recognizer(), tmp_path / "e.npy", cache, Silent())
    values = np.load(tmp_path / "e.npy")
    assert values.shape == (6, 8)
    assert np.isnan(values).all(axis=1).tolist() == [True, True, True, False, False, True]
    saved = io.BytesIO()
    np.save(saved, values)
    assert (tmp_path / "e.npy").read_bytes() == saved.getvalue()


def test_embeddings_of_two_lengths_are_refused(pitch_recognizer, speech, cache, tmp_path):
    class Uneven(pitch_recognizer):
        def frames(self, waveforms, lengths):
            return [np.ones((2, 3 + i), np.float32) for i, _ in enumerate(lengths)]

    with pytest.raises(EmogapError, match="in one array"):
        embed(speech(4), Uneven("uneven"), tmp_path / "e.npy", cache, Silent())
    assert list(tmp_path.glob("*e.npy*")) == []


FULL = """
    import resource, sys
    from pathlib import Path
    import numpy as np
    from emogap import plugins
    from emogap.errors import EmogapError
    from emogap.execution.cache import Cache
    from emogap.execution.progress import Silent
    from emogap.execution.recognition import embed
    from emogap.manifest.files import read_utterances
    folder = Path(sys.argv[1])
    recognizer = plugins.load("recognizers", "toy")
    recognizer.frames = lambda waveforms, lengths: [np.ones((1, 5000), np.float32) for _ in lengths]
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        embed(read_utterances(folder / "m.jsonl"), recognizer, folder / "out" / "e.npy", Cache(None), Silent())
    except EmogapError as problem:
        print(problem)
    print(sorted(p.name for p in (folder / "out").iterdir()), (folder / "out" / "e.npy").read_text())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_disk_that_fills_up_with_embeddings_is_a_sentence(speech, tmp_path):
    write_rows(tmp_path / "m.jsonl", speech(20))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "e.npy").write_text("earlier")
    script = tmp_path / "full.py"
    script.write_text(textwrap.dedent(FULL))
    run = subprocess.run([sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, check=True)
    sentence, left = run.stdout.splitlines()
    assert sentence.startswith(f"cannot write {tmp_path / 'out' / 'e.npy'}: ")
    assert left == "['e.npy'] earlier"


def test_nothing_to_embed_is_an_error(pitch_recognizer, cache, tmp_path):
    gone = [Utterance(id="gone", path=str(tmp_path / "gone.wav"), domain="human")]
    with pytest.raises(EmogapError, match="no utterance could be embedded"):
        embed(gone, pitch_recognizer(), tmp_path / "e.npy", cache, Silent())
    assert list(tmp_path.glob("e*")) == []


def test_one_recording_under_many_names_is_heard_once(pitch_recognizer, speech, cache):
    first, second = speech(2)
    utterances = [msgspec.structs.replace(u, id=f"{u.id}/{i}") for i in range(5) for u in (first, second)]
    recognizer = pitch_recognizer()
    rows = list(recognize(utterances, recognizer, cache, Silent()))
    assert recognizer.heard == 2
    assert [row.utterance_id for row in rows] == [u.id for u in utterances]
    assert len({tuple(row.scores.values()) for row in rows}) == 2
