"""The whole page: what it says, that it is self-contained, escaped and reproducible, and that odd runs are drawn."""

import re
import shutil
import subprocess

import msgspec
import pytest

from emogap.errors import EmogapError
from emogap.manifest.files import read_rows, write_rows
from emogap.manifest.records import Prediction, Utterance
from emogap.manifest.scores import Scores
from emogap.report import draw

EVIL = "<script>alert(1)</script>"
SECTIONS = {
    "headline", "gap", "confusions", "emotions", "published", "comparison", "clips", "omissions", "settings",
}  # fmt: skip


def test_every_part_is_there(make_run, parse):
    page = parse(draw(make_run()))
    assert set(page.values("id")) >= SECTIONS
    for words in (
        "Human speech, UA", "Gap, human − synthesized", "Chance level", "14.3 %", "interval excludes zero",
        "Placebo · trim", "text and emotion", "Table 1, part I", "not a pass mark", "whisper against toy",
        "Word error rate", "no samples", "Most confidently wrong", "taken for", "How to cite", "ACL",
    ):  # fmt: skip
        assert words in page.text, words
    labels = [label for label in page.values("aria-label") if label.startswith("Confusion matrix of")]
    assert {label.partition(",")[0] for label in labels} >= {"Confusion matrix of Human", "Confusion matrix of hibari"}


def test_headline_prints_the_gap_of_the_results_file(make_run, parse):
    folder = make_run()
    gap = next(
        g for g in Scores.read(folder / "scores.json").gap
        if g.recognizer == "whisper" and g.name == "uar" and g.pairing == "unpaired"
        and g.human.corpus is None and g.synthesized.system is None and g.synthesized.corpus is None
    )  # fmt: skip
    text = parse(draw(folder)).text
    assert f"{100 * gap.human_value:.1f} %" in text
    assert f"{100 * gap.synthesized_value:.1f} %" in text
    assert f"{100 * gap.difference:+.1f} points" in text
    assert f"[{100 * gap.interval.low:.1f}, {100 * gap.interval.high:.1f}]" in text


def test_no_resource_comes_from_elsewhere_and_nothing_runs(make_run, parse):
    page = parse(draw(make_run()))
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "iframe", "object", "embed", "base", "img"}
    for attribute in ("src", "href", "srcset", "action", "data", "poster", "xlink:href"):
        for value in page.values(attribute):
            assert value.startswith(("#", "data:audio/wav;base64,")), value
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    styles = "".join(page.values("style"))
    assert "url(http" not in styles


def test_markup_in_texts_ids_and_reasons_is_shown_as_text(make_run, parse):
    folder = make_run(systems=(f"voice {EVIL}", "日本語 “x” a_1 $b$ 'c' / ..", "nul\x0bcontrol"))
    for name, kind in (("synthesized.jsonl", Utterance), ("predictions.jsonl", Prediction)):
        rows = read_rows(folder / name, kind)
        if kind is Prediction:
            rows[0] = msgspec.structs.replace(rows[0], outcome="failed", predicted=None, scores={}, reason=EVIL)
        write_rows(folder / name, rows)
    path = draw(folder)
    assert "<script" not in path.read_text(encoding="utf-8")
    page = parse(path)
    assert page.text.count(EVIL) >= 4
    assert "日本語 “x” a_1 $b$ 'c' / .." in page.text


def test_drawing_twice_gives_the_same_bytes(make_run):
    folder = make_run()
    first = draw(folder).read_bytes()
    assert draw(folder).read_bytes() == first


def test_users_matplotlib_settings_change_nothing(make_run):
    import matplotlib

    folder = make_run()
    first = draw(folder).read_bytes()
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert draw(folder).read_bytes() == first


def test_failed_answers_are_listed_with_their_reason(make_run, parse):
    folder = make_run()
    rows = read_rows(folder / "predictions.jsonl", Prediction)
    rows[3] = Prediction(
        utterance_id=rows[3].utterance_id, predicted=None, scores={}, outcome="failed", reason="truncated"
    )
    rows[4] = Prediction(
        utterance_id=rows[4].utterance_id, predicted=None, scores={}, outcome="refused", reason="policy"
    )
    write_rows(folder / "predictions.jsonl", rows)
    text = parse(draw(folder)).text
    for row in (rows[3], rows[4]):
        assert row.utterance_id in text
        assert row.reason in text


def test_scores_without_interval_say_so(make_run, parse):
    folder = make_run()
    scores = Scores.read(folder / "scores.json")
    blind = msgspec.structs.replace(
        scores,
        scores=tuple(msgspec.structs.replace(s, low=None, high=None, note="no interval: n < 2") for s in scores.scores),
        gap=tuple(
            msgspec.structs.replace(g, interval=msgspec.structs.replace(g.interval, low=None, high=None, note="n < 2"))
            for g in scores.gap
        ),
    )
    blind.write(folder / "scores.json")
    text = parse(draw(folder)).text
    assert "no interval can be given" in text
    assert "no interval: n < 2" in text
    assert not re.search(r"\bnan\b", text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"human": (), "placebo": False}, "no human side"),
        ({"systems": ()}, "No synthesized utterance"),
        ({"target_emotions": False}, "No synthesized utterance"),
        ({"human": (), "systems": (), "placebo": False}, "nothing to compare"),
        ({"compare": False, "placebo": False, "human": ("TESS",), "systems": ("hibari",)}, "no placebo arm"),
        ({"audio": False}, "file not found"),
    ],
)
def test_one_sided_and_bare_runs(make_run, parse, options, words):
    page = parse(draw(make_run(per_emotion=3, **options)))
    assert words in page.text
    assert set(page.values("id")) >= SECTIONS


def test_one_corpus_and_one_system_go_by_their_names(make_run, parse):
    page = parse(draw(make_run(human=("TESS",), systems=("hibari",), compare=False)))
    assert "Human · TESS" in page.text
    assert "All synthesized" not in page.text
    assert any(label.startswith("Confusion matrix of hibari") for label in page.values("aria-label"))


def test_many_corpora_never_hide_the_systems(make_run, parse):
    folder = make_run(
        human=[f"corpus{i:03d}" for i in range(60)], systems=[f"system{i}" for i in range(10)],
        per_emotion=1, compare=False, placebo=False, audio=False,
    )  # fmt: skip
    page = parse(draw(folder))
    figure = next(label for label in page.values("aria-label") if label.startswith("UA per group"))
    assert "system9" in figure
    for words in (
        "further groups are in the table of all scores",
        "further groups are not drawn",
        "further groups (single",
    ):
        assert words in page.text
    assert "corpus059" in page.text


def test_reference_pack_has_no_players_for_people(make_run, parse):
    sentence = "The human side is the reference pack."
    page = parse(draw(make_run(resolved={"reference_pack": sentence, "notes": ["Rule-made emotion is a proxy."]})))
    assert sentence in page.text
    assert "Rule-made emotion is a proxy." in page.text
    assert "no audio shipped" in page.text
    audio = [attributes for tag, attributes in page.tags if tag == "audio"]
    assert audio
    assert not [one for one in audio if str(one["aria-label"]).startswith(("TESS/", "ravdess/"))]


def test_optional_files_may_be_absent(make_run, parse):
    folder = make_run(compare=False)
    for name in (
        "placebo.jsonl",
        "transcripts.jsonl",
        "dropped.jsonl",
        "human.jsonl",
        "synthesized.jsonl",
        "predictions.jsonl",
    ):
        (folder / name).unlink()
    assert "points" in parse(draw(folder)).text


def test_foreign_folders_are_refused_in_a_sentence(tmp_path, make_run):
    with pytest.raises(EmogapError, match="no such run folder"):
        draw(tmp_path / "absent")
    with pytest.raises(EmogapError, match="no run.json"):
        draw(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(EmogapError, match="is a file"):
        draw(tmp_path / "file")
    folder = make_run(per_emotion=2)
    (folder / "scores.json").write_text('{"scores": 1}')
    with pytest.raises(EmogapError, match="not a results file"):
        draw(folder)
    (folder / "scores.json").unlink()
    with pytest.raises(EmogapError, match="emogap gap"):
        draw(folder)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium on the PATH")
def test_a_browser_shows_the_page_without_network(make_run, tmp_path):
    page = draw(make_run())
    run = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr",
         "--window-size=1100,1400", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "Gap, human − synthesized" in run.stdout
    assert "<svg" in run.stdout
    assert "Content Security Policy" not in run.stderr
