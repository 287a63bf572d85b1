"""The page: everything that a run folder says, written into one HTML file that needs no network and no script.

Conventions:
    Every text is escaped by the template engine; only figures, whose texts matplotlib escapes, are inserted as they
    are. The same folder gives the same bytes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from emogap.manifest.files import write_atomically
from emogap.manifest.labels import LABELS
from emogap.manifest.scores import Score
from emogap.report.clips import confidently_wrong, with_audio
from emogap.report.figures import Dot, Series, colour_scale, confusion_picture, emotion_dots, group_dots
from emogap.report.headline import headline
from emogap.report.omissions import dropped_rows, failures, left_out_rows, outcome_rows
from emogap.report.published import published_rows, read_published
from emogap.report.roster import Results, Roster
from emogap.report.run_data import RunData, read_run_folder
from emogap.report.settings import citations, setting_tables
from emogap.report.tables import Footnotes, comparison_rows, error_rate_rows, gap_rows, recall_gap_rows, score_rows
from emogap.report.wording import side

__all__ = ["draw"]

_MOST_DOTS = {"human": 16, "placebo": 12, "synthesized": 24}
"""Groups of each side in the first picture; the tables hold all of them."""

_MOST_MATRICES = {"human": 4, "placebo": 0, "synthesized": 20}
_MOST_SERIES = {"human": 1, "placebo": 0, "synthesized": 8}
_MOST_FAILURES = 50


def draw(run_folder: Path) -> Path:
    """Write ``report.html`` into a run folder from what lies in that folder alone.

    Args:
        run_folder: holds ``run.json`` and ``scores.json``; manifests, predictions, transcripts and the list of
            dropped files are used where they are there

    Returns:
        the path of the page

    Raises:
        EmogapError: if the folder is missing or no run folder, or holds a file that cannot be read
        EmogapError: if the page cannot be written

    """
    data = read_run_folder(run_folder)
    page = _environment().get_template("report.html.j2").render(_content(data))
    path = run_folder / "report.html"
    write_atomically(path, [page.encode("utf-8")])
    return path


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("emogap.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _content(data: RunData) -> dict[str, Any]:
    """Return everything the template names."""
    roster = Roster.of(data.utterances.values(), data.predictions[data.recognizer])
    results = Results(data.scores, roster, data.recognizer)
    return {
        "run": data.run,
        "recognizer": data.recognizer,
        "compared": data.compared,
        "notes": data.notes,
        "reference_pack": data.reference_pack,
        "level": next((f"{score.level:.0%}" for score in data.scores.scores), "95%"),
        **_pictures(results),
        **_number_tables(data, results),
        **_accounts(data, roster),
    }


def _pictures(results: Results) -> dict[str, Any]:
    top, lineup = headline(results), results.lineup()
    chance = 1 / len(top.labels) if top.labels else None
    dots = [_dot(score, results.roster.name(score.group)) for score in _at_most(_MOST_DOTS, lineup)]
    single = [score for score in lineup if side(score.group) == "human" or score.group.system is not None]
    in_matrices, in_series = _at_most(_MOST_MATRICES, single), _at_most(_MOST_SERIES, single)
    series = [_recalls(results, score) for score in in_series]
    emotions = {dot.name for one in series for dot in one.dots}
    ordered = [label for label in LABELS if label in emotions] + sorted(emotions.difference(LABELS))
    return {
        "headline": top,
        "group_dots": group_dots(dots, chance, "UA per group") if dots else None,
        "groups_not_drawn": len(lineup) - len(dots),
        "confusions": _matrices(results, in_matrices),
        "matrices_not_drawn": len(single) - len(in_matrices),
        "colour_scale": colour_scale(),
        "series_not_drawn": len(single) - len(in_series),
        "emotion_dots": emotion_dots(series, ordered, "Recall per emotion") if ordered else None,
    }


def _at_most(limits: Mapping[str, int], lineup: Iterable[Score]) -> list[Score]:
    """Keep the first groups of each side, so that many corpora of one side never hide the other."""
    taken: Counter[str] = Counter()
    kept = []
    for score in lineup:
        taken[side(score.group)] += 1
        if taken[side(score.group)] <= limits[side(score.group)]:
            kept.append(score)
    return kept


def _dot(score: Score, name: str) -> Dot:
    return Dot(name, side(score.group), score.value, score.low, score.high, score.n)


def _recalls(results: Results, pooled: Score) -> Series:
    recalls = ((label, results.recall(pooled.group, label)) for label in pooled.labels)
    dots = tuple(_dot(recall, label) for label, recall in recalls if recall is not None)
    return Series(results.roster.name(pooled.group), side(pooled.group), dots)


def _matrices(results: Results, lineup: Iterable[Score]) -> list[dict[str, Any]]:
    matrices = []
    for score in lineup:
        confusion, name = results.confusion(score.group), results.roster.name(score.group)
        if confusion is not None:
            rows = "reference emotion" if side(score.group) == "human" else "target emotion"
            picture = confusion_picture(confusion, f"Confusion matrix of {name}", rows)
            matrices.append({"name": name, "n": f"{confusion.n:,}", "picture": picture})
    return matrices


def _number_tables(data: RunData, results: Results) -> dict[str, Any]:
    recall_notes, published_notes, comparison_notes, error_notes, score_notes = (Footnotes() for _ in range(5))
    published = read_published()
    rows, gap_notes, corpus_rows, corpus_notes = gap_rows(results)
    return {
        "gap_rows": rows,
        "gap_notes": gap_notes.marked,
        "corpus_gap_rows": corpus_rows,
        "corpus_gap_notes": corpus_notes.marked,
        "recall_rows": recall_gap_rows(results, recall_notes),
        "recall_notes": recall_notes.marked,
        "published": published,
        "published_rows": published_rows(results, published, published_notes),
        "published_notes": published_notes.marked,
        "comparison_rows": comparison_rows(data.scores.comparisons, results.roster, comparison_notes),
        "comparison_notes": comparison_notes.marked,
        "error_rate_rows": error_rate_rows(data.scores.word_error_rates, results.roster, error_notes),
        "error_rate_notes": error_notes.marked,
        "score_rows": score_rows(data.scores.scores, results.roster, score_notes),
        "score_notes": score_notes.marked,
    }


def _accounts(data: RunData, roster: Roster) -> dict[str, Any]:
    """Return the parts about single utterances: wrong answers, what is not counted, settings."""
    wrong = confidently_wrong(data.utterances.values(), data.predictions[data.recognizer], data.transcripts, roster)
    failed = failures(data.predictions, data.transcripts)
    return {
        "clip_groups": with_audio(wrong, data.folder, data.reference_pack is not None),
        "outcome_rows": outcome_rows(data.utterances.values(), data.predictions, roster),
        "left_out_rows": left_out_rows(data.scores.left_out, roster),
        "dropped_rows": dropped_rows(data.dropped),
        "n_dropped": len(data.dropped),
        "failures": failed[:_MOST_FAILURES],
        "failures_not_listed": max(0, len(failed) - _MOST_FAILURES),
        "setting_tables": setting_tables(data.run),
        "citations": citations(data.run),
    }
