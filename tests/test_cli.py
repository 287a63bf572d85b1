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


def human_manifest(folder, **changes):
    """Offer toy speech as human speech in a manifest of the README's kind: text, and no text_id."""
    lines = []
    for line in (folder / "manifest.jsonl").read_text().splitlines():
        row = {k: v for k, v in json.loads(line).items() if k in {"id", "path", "emotion", "text", "speaker"}}
        lines.append(json.dumps({**row, "id": f"human/{row['id']}", "domain": "human", **changes}))
    (folder / "human.jsonl").write_text("\n".join(lines))
    return folder / "human.jsonl"


def gap_of(tmp_path, run="run"):
    return json.loads((tmp_path / run / "scores.json").read_text())


QUICK = ("--recognizer", "toy", "--out", "run", "--resamples", "200")


def test_a_manifest_with_texts_is_paired(emogap, made, tmp_path):
    assert emogap("gap", "--human", human_manifest(made), "--synthesized", made, *QUICK)[0] == 0
    paired = [g for g in gap_of(tmp_path)["gap"] if g["pairing"] == "text+emotion"]
    assert {g["n_pairs"] for g in paired} == {42}


def test_systems_that_nothing_names_are_not_merged(emogap, made, tmp_path):
    human = human_manifest(made)
    for name in ("xtts_v1.0", "xtts_v1.5"):
        shutil.copytree(made / "audio", tmp_path / name / "happy")
    code, _, err = emogap("gap", "--human", human, "--synthesized", "xtts_v1.0", "--synthesized", "xtts_v1.5", *QUICK)
    assert code == 0, err
    systems = {s["group"]["system"] for s in gap_of(tmp_path)["scores"]}
    assert {"xtts_v1.0", "xtts_v1.5"} <= systems
    for name in ("a", "b"):
        shutil.copytree(tmp_path / "xtts_v1.0", tmp_path / name / "wavs")
    both = ("--synthesized", "a/wavs", "--synthesized", "b/wavs")
    code, _, err = emogap("gap", "--human", human, *both, *QUICK, "--overwrite")
    assert code == 2
    assert "would both be the system 'wavs'; name them with NAME=PATH" in err
    named = ("--synthesized", "A=a/wavs", "--synthesized", "B=b/wavs")
    assert emogap("gap", "--human", human, *named, *QUICK, "--overwrite")[0] == 0
    assert {"A", "B"} <= {s["group"]["system"] for s in gap_of(tmp_path)["scores"]}


def test_the_same_recording_in_two_corpora_counts_once(emogap, made, tmp_path):
    human = human_manifest(made)
    copy = Path(shutil.copytree(made, tmp_path / "copy"))
    again = human_manifest(copy)
    again.write_text(again.read_text().replace('"id": "human/', '"id": "again/'))
    code, out, err = emogap("gap", "--human", human, "--human", again, "--synthesized", made, *QUICK)
    assert code == 0, err
    assert "left out: 42 of human: duplicate of another utterance" in out


def test_a_recognizer_is_not_compared_with_itself(emogap, made):
    human = human_manifest(made)
    code, _, err = emogap("gap", "--human", human, "--synthesized", made, *QUICK, "--compare", "toy")
    assert code == 2
    assert "that is the first recognizer" in err


def test_the_policy_holds_for_manifests_too(emogap, made, tmp_path):
    human = human_manifest(made)
    human.write_text(human.read_text().replace('"emotion": "neutral"', '"emotion": "calm"'))
    command = ("gap", "--human", human, "--synthesized", made, *QUICK)
    assert "left out: 6 of human: label dropped by policy" in emogap(*command)[1]
    assert "label dropped" not in emogap(*command, "--calm", "neutral", "--overwrite")[1]


def test_files_that_a_table_names_and_nobody_finds_fail_the_command(emogap, tone, tmp_path):
    tone(tmp_path / "set" / "a.wav")
    (tmp_path / "set" / "table.csv").write_text("path,emotion\na.wav,sad\ngone.wav,sad\n")
    code, out, err = emogap("recognize", "set", "--recognizer", "toy", "--out", "run")
    assert code == 1
    assert "1 predictions" in out
    assert "missing file" in err
    assert "gone.wav" in err


def test_a_wrong_request_does_not_take_the_folder(emogap, made):
    human = human_manifest(made)
    command = ("gap", "--human", human, "--synthesized", made, *QUICK)
    assert "Did you mean 'codec'" in emogap(*command, "--placebo", "codex")[2]
    assert emogap(*command)[0] == 0


def test_overwriting_the_folder_one_reads_from_is_refused(emogap, made):
    code, _, err = emogap("recognize", made, "--recognizer", "toy", "--out", made, "--overwrite")
    assert code == 2
    assert "which this run reads" in err
    assert len(list((made / "audio").iterdir())) == 42


def test_texts_that_differ_in_punctuation_alone_are_said_once(emogap, tmp_path):
    (tmp_path / "t.txt").write_text("Yes.\nYes?\nNo\n")
    code, _, err = emogap("synthesize", "toy", "--texts", "t.txt", "--emotions", "happy,happy", "--out", "said")
    assert code == 0
    assert "1 texts are asked for twice" in err
    assert [u.text for u in rows(tmp_path / "said" / "manifest.jsonl", Utterance)] == ["Yes.", "No"]


def test_brackets_in_names_are_printed_as_they_are(emogap, made, tmp_path):
    human = human_manifest(made)
    code, out, err = emogap(
        "gap", "--human", human, "--synthesized", f"my[/tts]={made}", "--recognizer", "toy", "--out", "runs [v2]/[/x]",
        "--resamples", "200",
    )  # fmt: skip
    assert code == 0, err
    assert "runs [v2]/[/x]/report.html" in out
    assert "my[/tts]" in out


def test_a_manifest_is_not_written_over_something_else(emogap, made, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    code, _, err = emogap("transcribe", made, "--transcriber", "toy", "-o", "thesis.tex")
    assert code == 2
    assert "exists and is no file of Transcript records" in err
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_the_demo_is_paired_on_texts_the_recognizer_did_not_train_on(emogap, data_folder, tmp_path):
    for word in ("back", "youth"):  # a training word and a held-out one
        for file in (data_folder / "TESS").glob(f"*_{word}_*"):
            (tmp_path / "tess").mkdir(exist_ok=True)
            shutil.copy(file, tmp_path / "tess" / file.name)
    code, out, err = emogap(
        "demo", "--human", "tess:tess", "--synthesizer", "toy", "--transcriber", "toy", "--out", "run"
    )
    assert code == 0, err
    assert "left out (whisper): 14 of human tess: seen in training" in out
    paired = [g for g in gap_of(tmp_path)["gap"] if g["pairing"] == "text+emotion"]
    assert paired
    assert {g["n_pairs"] for g in paired} == {7}
