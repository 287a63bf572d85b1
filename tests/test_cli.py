"""The command line as a user meets it: real commands, real files, with the plug-ins that need no weights."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from emogap import cli
from emogap.manifest.records import Prediction, Utterance


@pytest.fixture
def emogap(monkeypatch, capsys, tmp_path):
    """Run ``emogap ...`` and return exit code, standard output and standard error."""
    monkeypatch.setenv("EMOGAP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "240")
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["emogap", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def made(emogap, tmp_path):
    """A folder of toy speech: six neutral-worded sentences in seven emotions."""
    texts = tmp_path / "texts.txt"
    words = ("cup", "lamp", "spoon", "candle", "blanket", "umbrella")  # of different lengths, or they sound alike
    texts.write_text("\n".join(f"The {word} is on the table" for word in words))
    code, out, _ = emogap("synthesize", "toy", "--texts", texts, "--emotions", "all", "--out", "toy-speech")
    assert code == 0, out
    return tmp_path / "toy-speech"


def rows(path, kind):
    from emogap.manifest.files import read_rows

    return read_rows(Path(path), kind)


def as_human(folder, name, keep=lambda u: True):
    """Offer synthesized clips as a folder of recordings with a table, as a user would bring them."""
    with (folder / f"{name}.csv").open("w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(["path", "emotion", "text", "speaker"])
        for i, u in enumerate(filter(keep, rows(folder / "manifest.jsonl", Utterance))):
            writer.writerow([u.path, u.emotion, u.text, f"s{i % 3}"])
    (folder / "manifest.jsonl").unlink()
    return folder


def test_help_and_version(emogap):
    assert "check-leakage" in emogap("--help")[1]
    assert emogap("--version")[1].startswith("emogap 0.")


def test_every_kind_can_be_listed(emogap):
    code, out, _ = emogap("list")
    assert code == 0
    for name in ("tess", "hibari", "whisper", "toy", "folder"):
        assert name in out
    assert "hibari/plain" in emogap("list", "synthesizers")[1]
    code, _, err = emogap("list", "recognisers")
    assert code == 2
    assert "Did you mean 'recognizers'" in err


def test_synthesize_makes_a_folder_that_explains_itself(made):
    utterances = rows(made / "manifest.jsonl", Utterance)
    assert len(utterances) == 42
    assert len({u.id for u in utterances}) == 42
    assert all((made / u.path).is_file() and u.system == "toy" and u.domain == "synthesized" for u in utterances)
    run = json.loads((made / "run.json").read_text())
    assert run["finished"]
    assert run["items"] == {"ok": 42, "failed": 0}


def test_recognize_and_embed_write_one_row_each(emogap, made, tmp_path):
    code, out, _ = emogap("recognize", made, "--recognizer", "toy", "--out", "run")
    assert code == 0
    assert "42 predictions" in out
    predictions = rows(tmp_path / "run" / "predictions.jsonl", Prediction)
    by_id = {u.id: u for u in rows(made / "manifest.jsonl", Utterance)}
    right = sum(p.predicted == by_id[p.utterance_id].emotion for p in predictions)
    assert right > 35  # the toy pair agree with each other
    assert emogap("embed", made, "--recognizer", "toy", "--out", "vectors")[0] == 0
    assert np.load(tmp_path / "vectors" / "embeddings.npy").shape[0] == 42


def test_a_gap_on_folders_of_the_users_own(emogap, made, tmp_path):
    human = as_human(Path(shutil.copytree(made, tmp_path / "recordings")), "table")
    swapped = Path(shutil.copytree(made, tmp_path / "mytts"))
    by_emotion = tmp_path / "by_emotion"
    for u in rows(swapped / "manifest.jsonl", Utterance):  # a synthesizer that says everything happily
        source = next((made / "audio").glob(f"happy_{u.text_id}_*"))
        (by_emotion / u.emotion).mkdir(parents=True, exist_ok=True)
        shutil.copy(source, by_emotion / u.emotion / f"{u.emotion}-{u.text_id}.wav")
        (by_emotion / u.emotion / f"{u.emotion}-{u.text_id}.txt").write_text(u.text)
    code, out, err = emogap(
        "gap", "--human", f"folder:{human}", "--synthesized", f"happy-tts={by_emotion}", "--recognizer", "toy",
        "--placebo", "resample,loudness", "--out", "run", "--resamples", "300",
    )  # fmt: skip
    assert code == 0, err
    assert "report" in out
    scores = json.loads((tmp_path / "run" / "scores.json").read_text())
    uar = {
        (s["group"]["domain"], s["group"]["system"]): s
        for s in scores["scores"]
        if s["name"] == "uar" and s["group"]["emotion"] is None
    }
    assert uar["human", None]["value"] > 0.85
    assert uar["synthesized", "happy-tts"]["value"] < 0.3
    assert uar["human", "placebo/loudness"]["n"] == 42
    paired = [g for g in scores["gap"] if g["pairing"] == "text+emotion" and g["synthesized"]["system"] == "happy-tts"]
    assert paired
    assert paired[0]["n_pairs"] == 42
    assert "happy-tts" in (tmp_path / "run" / "report.html").read_text()
    assert {p.name for p in (tmp_path / "run").iterdir()} >= {
        "run.json", "human.jsonl", "synthesized.jsonl", "placebo.jsonl", "predictions.jsonl", "scores.json",
        "report.html",
    }  # fmt: skip


def test_the_same_gap_again_gives_the_same_files(emogap, made, tmp_path):
    human = as_human(Path(shutil.copytree(made, tmp_path / "recordings")), "table")
    command = ("gap", "--human", f"folder:{human}", "--synthesized", made, "--recognizer", "toy", "--out", "run")
    assert emogap(*command)[0] == 0
    first = {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir() if p.name not in {"run.json", "report.html"}}
    assert emogap(*command)[0] == 0
    assert {name: (tmp_path / "run" / name).read_bytes() for name in first} == first
    code, _, err = emogap(*command, "--seed", "1")
    assert code == 2
    assert "another run" in err
    assert emogap(*command, "--seed", "1", "--overwrite")[0] == 0


def test_two_recognizers_are_compared(emogap, made, tmp_path):
    human = as_human(Path(shutil.copytree(made, tmp_path / "recordings")), "table")
    code, _, err = emogap(
        "gap", "--human", f"folder:{human}", "--synthesized", made, "--recognizer", "toy", "--compare", "whisper",
        "--out", "run", "--resamples", "200",
    )  # fmt: skip
    assert code == 0, err
    scores = json.loads((tmp_path / "run" / "scores.json").read_text())
    assert {(c["recognizer"], c["other"]) for c in scores["comparisons"]} == {("toy", "whisper")}
    assert all(0 <= c["p_value"] <= c["p_holm"] <= 1 for c in scores["comparisons"])
    assert (tmp_path / "run" / "predictions.compare.jsonl").exists()


def test_utterances_without_a_target_are_counted_not_scored(emogap, made, tmp_path):
    human = as_human(Path(shutil.copytree(made, tmp_path / "recordings")), "table")
    wavs = tmp_path / "no labels"
    wavs.mkdir()
    shutil.copy(next((made / "audio").iterdir()), wavs / "one 'quoted' \u00e9.wav")
    code, out, _ = emogap(
        "gap", "--human", f"folder:{human}", "--synthesized", made, "--synthesized", wavs, "--recognizer", "toy",
        "--out", "run", "--resamples", "200",
    )  # fmt: skip
    assert code == 0
    assert "left out: 1 of synthesized" in out
    assert "no target emotion" in out


def test_bad_files_are_listed_and_the_exit_code_says_so(emogap, made, tmp_path):
    wavs = tmp_path / "wavs"
    shutil.copytree(made / "audio", wavs / "happy")
    (wavs / "happy" / "empty.wav").write_bytes(b"")
    (wavs / "happy" / "pointer.wav").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    soundfile.write(wavs / "happy" / "nan.wav", np.full(16_000, np.nan), 16_000, subtype="FLOAT")
    code, out, err = emogap("recognize", wavs, "--recognizer", "toy", "--out", "run")
    assert code == 1
    assert "45 predictions" in out
    for reason in ("empty file", "git-lfs pointer", "samples that are not numbers"):
        assert reason in err
    outcomes = [p.outcome for p in rows(tmp_path / "run" / "predictions.jsonl", Prediction)]
    assert (outcomes.count("ok"), outcomes.count("failed")) == (42, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("read", "tes", "x", "-o", "m.jsonl"), "Did you mean 'tess'"),
        (("read", "tess", "nowhere", "-o", "m.jsonl"), "nowhere"),
        (("recognize", "nowhere.jsonl", "--out", "run"), "no such file or folder"),
        (("recognize", "nowhere.jsonl", "--out", "run", "--recognizer", "whispr"), "Did you mean 'whisper'"),
        (("synthesize", "toy", "--emotions", "hapy", "--out", "x"), "Did you mean 'happy'"),
        (("gap", "--human", "a", "--synthesized", "b", "--out", "run", "--calm", "bored"), "label policy"),
        (("gap", "--human", "a", "--synthesized", "b", "--out", "x", "--resume", "--overwrite"), "exclude each other"),
        (("report", "nowhere"), "nowhere"),
        (("run", "tab99", "--human", "a", "--out", "x"), "unknown recipe"),
    ],
)
def test_mistakes_are_one_sentence_and_exit_code_2(emogap, arguments, message):
    code, _, err = emogap(*arguments)
    assert code == 2
    assert message in err
    assert "Traceback" not in err


def test_an_unwritable_output_is_a_sentence(emogap, made, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = emogap("recognize", made, "--recognizer", "toy", "--out", tmp_path / "file" / "run")
    assert code == 2
    assert "cannot write" in err


def test_a_foreign_folder_is_never_written_to(emogap, made, tmp_path):
    foreign = tmp_path / "thesis"
    foreign.mkdir()
    (foreign / "thesis.tex").write_text("")
    code, _, err = emogap("recognize", made, "--recognizer", "toy", "--out", foreign, "--overwrite")
    assert code == 2
    assert "no run of emogap" in err
    assert [p.name for p in foreign.iterdir()] == ["thesis.tex"]


def test_leakage_between_splits(emogap, made, tmp_path):
    manifest = (made / "manifest.jsonl").read_text().splitlines()
    (made / "a.jsonl").write_text("\n".join(manifest[:10]))
    (made / "b.jsonl").write_text("\n".join(manifest[9:]))
    code, out, _ = emogap("check-leakage", made / "a.jsonl", made / "b.jsonl")
    assert code == 1
    for kind in ("utterance", "audio", "speaker", "text"):
        assert kind in out


def test_a_transcript_has_an_error_rate(emogap, made):
    code, out, _ = emogap("transcribe", made, "--transcriber", "toy", "-o", "t.jsonl")
    assert code == 0
    assert "WER" in out
    assert "42 transcripts" in out


def test_a_script_in_a_text_is_only_text(emogap, tmp_path):
    texts = tmp_path / "texts.txt"
    texts.write_text('<script>alert(1)</script> said the "cat"\nPlain words here\n')
    emogap("synthesize", "toy", "--texts", texts, "--emotions", "all", "--out", "evil")
    human = as_human(Path(shutil.copytree(tmp_path / "evil", tmp_path / "recordings")), "table")
    code, _, err = emogap(
        "gap", "--human", f"folder:{human}", "--synthesized", f"<b>x</b>={tmp_path / 'evil'}", "--recognizer", "toy",
        "--out", "run", "--resamples", "200",
    )  # fmt: skip
    assert code == 0, err
    page = (tmp_path / "run" / "report.html").read_text()
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


def test_a_corpus_is_read_with_its_counts(emogap, data_folder, tmp_path):
    code, out, _ = emogap("read", "ravdess", data_folder / "RAVDESS", "-o", "ravdess.jsonl")
    assert code == 0
    assert "936 utterances" in out
    assert "duplicate_pcm: 1" in out
    assert len(rows(tmp_path / "ravdess.jsonl", Utterance)) == 936


def test_the_demo_runs_without_weights_on_the_users_own_speech(emogap, made, tmp_path):
    human = as_human(Path(shutil.copytree(made, tmp_path / "recordings")), "table")
    code, out, err = emogap(
        "demo", "--human", f"folder:{human}", "--synthesizer", "toy", "--transcriber", "toy", "--recognizer", "toy"
    )
    assert code == 0, err
    assert {p.name for p in (tmp_path / "runs" / "demo").iterdir()} >= {
        "scores.json",
        "report.html",
        "transcripts.jsonl",
    }
    assert "synthesized" in out


def test_an_interrupt_is_a_sentence(tmp_path):
    script = tmp_path / "interrupted.py"
    script.write_text(
        "import sys\nfrom emogap import cli\ndef stop(): raise KeyboardInterrupt\ncli.app = stop\ncli.main()\n"
    )
    run = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert run.returncode == 130
    assert "goes on where it was" in run.stderr
    assert "Traceback" not in run.stderr
