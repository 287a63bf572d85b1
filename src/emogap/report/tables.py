"""The tables of numbers: gaps, recognizers compared, word error rates, every score."""

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass

from emogap.manifest.scores import Comparison, Gap, Group, Interval, Score, WordErrorRate
from emogap.report.roster import HUMAN, Results, Roster
from emogap.report.wording import interval_text, percent, points, side

__all__ = [
    "Cell", "Footnotes", "GapLine", "GapRow", "comparison_rows", "error_rate_rows", "gap_rows", "recall_gap_rows",
    "score_rows",
]  # fmt: skip

_LEADING_COUNT = re.compile(r"(\d+) of \d+ ")
_PAIRINGS = {"unpaired": "unpaired", "text+emotion": "text and emotion", "utterance": "utterance"}


class Footnotes:
    """Notes under a table, each said once, marked a, b, ..., z, aa, ab, ...

    Clauses that differ in their leading count alone ("58 of 2000 resamples ...") share a mark and give the range.

    >>> footnotes = Footnotes()
    >>> footnotes.mark("58 of 2000 resamples lack a label; one voice"), footnotes.mark("one voice")
    ('a,b', 'b')
    >>> footnotes.mark("75 of 2000 resamples lack a label"), footnotes.marked[0]
    ('a', ('a', '58 to 75 of 2000 resamples lack a label'))
    """

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}

    def mark(self, note: str) -> str:
        """Return the marks of a note, one per clause that a semicolon ends; empty for an empty note."""
        marks = []
        for clause in filter(None, map(str.strip, note.split("; "))):
            leading = _LEADING_COUNT.match(clause)
            text = clause[leading.end(1) :] if leading else clause
            counts = self._counts.setdefault(text, [])
            counts += [int(leading[1])] if leading else []
            marks.append(_letters(list(self._counts).index(text)))
        return ",".join(marks)

    @property
    def marked(self) -> list[tuple[str, str]]:
        """Marks and notes, in order."""
        return [
            (_letters(index), f"{_range(counts)}{text}") for index, (text, counts) in enumerate(self._counts.items())
        ]


@dataclass(frozen=True)
class Cell:
    """One metric of one comparison, written out.

    Attributes:
        human: value on the human side, percent
        other: value on the other side
        difference: human minus other, percentage points
        interval: of the difference
        mark: of its footnote

    """

    human: str
    other: str
    difference: str
    interval: str
    mark: str


@dataclass(frozen=True)
class GapLine:
    """Two groups compared in one way.

    Attributes:
        pairing: how utterances were matched
        uar: unweighted average recall, None when not measured
        wa: accuracy, None when not measured
        sizes: utterances on both sides
        n_pairs: pairs, empty when unpaired

    """

    pairing: str
    uar: Cell | None
    wa: Cell | None
    sizes: str
    n_pairs: str


@dataclass(frozen=True)
class GapRow:
    """Two groups compared, once per way of matching.

    Attributes:
        human: name of the human side
        other: name of the other side
        lines: the ways of matching
        placebo: whether the other side is a placebo arm

    """

    human: str
    other: str
    lines: tuple[GapLine, ...]
    placebo: bool


def gap_rows(results: Results) -> tuple[list[GapRow], Footnotes, list[GapRow], Footnotes]:
    """Return one row per pair of groups.

    Returns:
        rows of pooled human speech, their footnotes, rows of single human corpora, their footnotes
    """
    resolve, name = results.roster.resolve, results.roster.name
    together: dict[tuple[Group, Group], dict[str, dict[str, Gap]]] = {}
    for gap in results.gaps:
        if gap.name != "recall":
            pairings = together.setdefault((resolve(gap.human), resolve(gap.synthesized)), {})
            pairings.setdefault(gap.pairing, {})[gap.name] = gap
    everything = resolve(HUMAN)

    def order(sides: tuple[Group, Group]) -> tuple[object, ...]:
        human, other = sides
        return (
            side(other) == "placebo", human != everything, human.corpus or "",
            other.corpus is not None, other.system is not None, other.system or "", other.corpus or "",
        )  # fmt: skip

    main: list[GapRow] = []
    corpora: list[GapRow] = []
    main_notes, corpora_notes = Footnotes(), Footnotes()
    for human, other in sorted(together, key=order):
        rows, footnotes = (main, main_notes) if human == everything else (corpora, corpora_notes)
        pairings = together[human, other]
        lines = (_gap_line(pairing, pairings[pairing], footnotes) for pairing in sorted(pairings, key=_unpaired_first))
        rows.append(GapRow(name(human), name(other), tuple(lines), side(other) == "placebo"))
    return main, main_notes, corpora, corpora_notes


def recall_gap_rows(results: Results, footnotes: Footnotes) -> list[tuple[str, str, str, Cell, str]]:
    """Return (emotion, human side, other side, cell, sizes) per gap of one emotion's recall, pooled human side only."""
    resolve, name = results.roster.resolve, results.roster.name
    rows: dict[tuple[str, str, str], tuple[str, str, str, Cell, str]] = {}
    for gap in results.gaps:
        human = resolve(_pooled(gap.human))
        if gap.name != "recall" or human != resolve(HUMAN) or side(gap.synthesized) == "placebo":
            continue
        emotion = gap.human.emotion or gap.synthesized.emotion or ", ".join(gap.labels)
        other = name(_pooled(gap.synthesized))
        cell = _gap_cell(gap, footnotes)
        if cell is not None:
            row = (emotion, name(human), other, cell, f"{gap.n_human:,} / {gap.n_synthesized:,}")
            rows[row[:3]] = row  # equal groups are stored under several spellings
    return sorted(rows.values(), key=lambda row: (row[0], row[2]))


def comparison_rows(comparisons: Sequence[Comparison], roster: Roster, footnotes: Footnotes) -> list[dict[str, str]]:
    """Write out the comparisons of two recognizers on the same utterances."""
    return [
        {
            "group": roster.name(comparison.group),
            "metric": {"uar": "UA", "wa": "WA"}[comparison.name],
            "value": percent(comparison.value),
            "other_value": percent(comparison.other_value),
            "difference": points(comparison.difference),
            "interval": _interval(comparison.interval),
            "mark": footnotes.mark(comparison.interval.note),
            "p_value": _p_value(comparison.p_value),
            "p_holm": _p_value(comparison.p_holm),
            "method": comparison.method,
            "n": f"{comparison.n:,}",
        }
        for comparison in comparisons
    ]


def error_rate_rows(rates: Sequence[WordErrorRate], roster: Roster, footnotes: Footnotes) -> list[dict[str, str]]:
    """Write out word error rates."""
    return [
        {
            "transcriber": rate.transcriber,
            "group": roster.name(rate.group),
            "value": percent(rate.value),
            "interval": _interval(rate.interval),
            "mark": footnotes.mark(rate.interval.note),
            "n": f"{rate.n:,}",
            "n_words": f"{rate.n_words:,}",
        }
        for rate in rates
    ]


def score_rows(scores: Sequence[Score], roster: Roster, footnotes: Footnotes) -> list[dict[str, str]]:
    """Write out every score of the results file, in its order."""
    titles = {"uar": "UA (UAR)", "wa": "WA", "macro_f1": "macro-F1", "recall": "recall"}
    return [
        {
            "recognizer": score.recognizer,
            "group": roster.name(score.group),
            "emotion": score.group.emotion or "all",
            "metric": titles[score.name],
            "value": percent(score.value),
            "interval": interval_text(score.low, score.high),
            "mark": footnotes.mark(score.note),
            "n": f"{score.n:,}",
            "method": score.method,
            "clusters": _clusters(score.cluster_key, score.n_clusters),
        }
        for score in scores
    ]


def _gap_line(pairing: str, gaps: dict[str, Gap], footnotes: Footnotes) -> GapLine:
    first = next(iter(gaps.values()))
    return GapLine(
        pairing=_PAIRINGS.get(pairing, pairing),
        uar=_gap_cell(gaps.get("uar"), footnotes),
        wa=_gap_cell(gaps.get("wa"), footnotes),
        sizes=f"{first.n_human:,} / {first.n_synthesized:,}",
        n_pairs="" if first.n_pairs is None else f"{first.n_pairs:,}",
    )


def _unpaired_first(pairing: str) -> tuple[bool, str]:
    return pairing != "unpaired", pairing


def _gap_cell(gap: Gap | None, footnotes: Footnotes) -> Cell | None:
    if gap is None:
        return None
    return Cell(
        human=percent(gap.human_value),
        other=percent(gap.synthesized_value),
        difference=points(gap.difference),
        interval=_interval(gap.interval),
        mark=footnotes.mark(gap.interval.note),
    )


def _interval(interval: Interval) -> str:
    return interval_text(interval.low, interval.high)


def _clusters(key: str, counts: Sequence[int]) -> str:
    sizes = " × ".join(f"{count:,}" for count in counts)
    return f"{key} ({sizes})" if sizes else key


def _pooled(group: Group) -> Group:
    return Group(domain=group.domain, corpus=group.corpus, system=group.system)


def _p_value(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _range(counts: Sequence[int]) -> str:
    if not counts:
        return ""
    return str(counts[0]) if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"


def _letters(index: int) -> str:
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = string.ascii_lowercase[rest] + text
    return text
