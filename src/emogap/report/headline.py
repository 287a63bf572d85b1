"""The first thing a reader sees: human against synthesized, the gap, and one sentence that says how sure."""

from dataclasses import dataclass

from emogap.manifest.scores import Gap, Score
from emogap.report.roster import HUMAN, SYNTHESIZED, Results
from emogap.report.wording import as_fraction, interval_text, percent, points, side

__all__ = ["Figure", "Headline", "headline"]

_CANNOT_TELL = (
    "A gap alone cannot tell a recognizer that misses an emotion from a synthesizer that never expressed it; "
    "only listeners can."
)


@dataclass(frozen=True)
class Figure:
    """One of the large numbers.

    Attributes:
        title: what it is
        value: with its unit
        detail: interval and n, or how it comes about
        kind: ``human``, ``synthesized``, ``gap`` or ``chance``; colours it

    """

    title: str
    value: str
    detail: str
    kind: str


@dataclass(frozen=True)
class Headline:
    """The numbers, what they mean, and what qualifies them.

    Attributes:
        figures: the large numbers
        meaning: one or two plain sentences
        remarks: further sentences: pairing, placebo, what a gap cannot tell
        labels: the label set the numbers are over

    """

    figures: tuple[Figure, ...]
    meaning: str
    remarks: tuple[str, ...]
    labels: tuple[str, ...]


def headline(results: Results) -> Headline:
    """Say the main result: UA of human and of synthesized speech over the labels both have, and their gap."""
    gap = results.gap("uar", "unpaired", HUMAN, SYNTHESIZED)
    if gap is None:
        return _one_sided(results)
    human, synthesized = results.score("uar", HUMAN), results.score("uar", SYNTHESIZED)
    chance = 1 / len(gap.labels)
    interval = gap.interval
    figures = (
        Figure("Human speech, UA", f"{percent(gap.human_value)} %", _detail(human, gap, gap.n_human), "human"),
        Figure(
            "Synthesized speech, UA",
            f"{percent(gap.synthesized_value)} %",
            _detail(synthesized, gap, gap.n_synthesized),
            "synthesized",
        ),
        Figure("Gap, human − synthesized", f"{points(gap.difference)} points", _gap_detail(gap), "gap"),
        Figure("Chance level", f"{percent(chance)} %", f"1 / {len(gap.labels)} emotions", "chance"),
    )
    remarks = [*_systems(results), *_paired(results), *_placebo(results), _CANNOT_TELL]
    if interval.note:
        remarks.insert(0, f"About the interval of the gap: {interval.note}.".replace("..", "."))
    return Headline(
        figures, f"{_gap_sentence(gap)} {_chance_sentence(synthesized, gap, chance)}", tuple(remarks), gap.labels
    )


def _one_sided(results: Results) -> Headline:
    """Without a gap, show what there is and say what is missing."""
    human, synthesized = results.score("uar", HUMAN), results.score("uar", SYNTHESIZED)
    shown = [("Human speech, UA", human, "human"), ("Synthesized speech, UA", synthesized, "synthesized")]
    figures = [
        Figure(title, f"{percent(score.value)} %", f"{interval_text(score.low, score.high)}, n = {score.n:,}", kind)
        for title, score, kind in shown
        if score is not None
    ]
    labels = next((score.labels for score in (human, synthesized) if score is not None), ())
    if labels:
        figures.append(Figure("Chance level", f"{percent(1 / len(labels))} %", f"1 / {len(labels)} emotions", "chance"))
    missing = {
        (True, True): "Neither side of this run has utterances that can be scored, so there is nothing to compare.",
        (True, False): "This run has no human side that can be scored, so no gap can be measured.",
        (False, True): "No synthesized utterance of this run has a target emotion that can be scored, so no gap can be "
        "measured.",
        (False, False): "The results file holds no gap between human and synthesized speech; it may be that the two "
        "sides share no emotion.",
    }[human is None, synthesized is None]
    return Headline(tuple(figures), missing, (), labels)


def _detail(score: Score | None, gap: Gap, n: int) -> str:
    """Give the interval of the score only where it is the same number: over the same labels."""
    if score is None or score.labels != gap.labels:
        return f"over the {len(gap.labels)} emotions both sides have, n = {n:,}"
    return f"{interval_text(score.low, score.high)}, n = {n:,}"


def _gap_detail(gap: Gap) -> str:
    text = interval_text(gap.interval.low, gap.interval.high)
    return text if text == "no interval" else f"{text}, {gap.interval.level:.0%} interval"


def _gap_sentence(gap: Gap) -> str:
    low, high = as_fraction(gap.interval.low), as_fraction(gap.interval.high)
    size = f"{percent(abs(gap.difference))} percentage points"
    if low is None or high is None:
        return (
            f"The two sides differ by {size} of unweighted average recall, but no interval can be given: "
            "this describes these utterances and supports no claim beyond them."
        )
    between = f"({gap.interval.level:.0%} interval {percent(low)} to {percent(high)})"
    if low > 0:
        return (
            f"The recognizer finds the reference emotion of human speech more often than the target emotion of "
            f"synthesized speech: the gap is {size} {between}, and the interval excludes zero."
        )
    if high < 0:
        return (
            f"The recognizer finds the target emotion of synthesized speech more often than the reference emotion of "
            f"human speech: by {size} {between}, and the interval excludes zero."
        )
    return (
        f"The measured gap is {points(gap.difference)} percentage points {between}; the interval includes zero, so "
        "these utterances show no gap, which is not evidence that there is none."
    )


def _chance_sentence(synthesized: Score | None, gap: Gap, chance: float) -> str:
    if synthesized is None or synthesized.labels != gap.labels:
        return ""
    low, high = as_fraction(synthesized.low), as_fraction(synthesized.high)
    if low is None or high is None:
        return ""
    if low > chance:
        return f"Its answers on synthesized speech are better than chance ({percent(chance)} %)."
    if high < chance:
        return f"Its answers on synthesized speech are worse than chance ({percent(chance)} %)."
    return f"Its answers on synthesized speech cannot be told from chance ({percent(chance)} %)."


def _systems(results: Results) -> list[str]:
    """Say what "synthesized" pools, because systems can be far apart and one of them may be a control."""
    systems = [score for score in results.lineup() if side(score.group) == "synthesized" and score.group.system]
    if len(systems) < 2:
        return []
    by_value = sorted(systems, key=lambda score: score.value)
    named = [f"{results.roster.name(score.group)} ({percent(score.value)} %)" for score in (by_value[0], by_value[-1])]
    return [
        f"Synthesized speech pools {len(systems)} groups, from {named[0]} to {named[1]}; section 2 has each of them."
    ]


def _paired(results: Results) -> list[str]:
    gap = results.gap("uar", "text+emotion", HUMAN, SYNTHESIZED) or results.gap(
        "wa", "text+emotion", HUMAN, SYNTHESIZED
    )
    if gap is None:
        return []
    interval = interval_text(gap.interval.low, gap.interval.high)
    return [
        f"Compared on the {gap.n_pairs:,} combinations of text and emotion that both sides have, the gap is "
        f"{points(gap.difference)} points ({interval})."
        if gap.n_pairs is not None
        else f"Paired by text and emotion, the gap is {points(gap.difference)} points ({interval})."
    ]


def _placebo(results: Results) -> list[str]:
    resolve = results.roster.resolve
    arms = [
        gap
        for gap in results.gaps
        if gap.name == "uar" and side(gap.synthesized) == "placebo" and resolve(gap.human) == resolve(HUMAN)
    ]
    if not arms:
        return []
    worst = max(arms, key=lambda gap: (gap.difference, str(gap.synthesized.system)))
    name = results.roster.name(worst.synthesized)
    if as_fraction(worst.interval.low) is None:
        return [
            f"Human speech passed through a nuisance alone lost {percent(max(worst.difference, 0.0))} points at most "
            f"({name}); without an interval this bounds nothing beyond these utterances."
        ]
    return [
        f"Human speech passed through a nuisance alone loses at most {percent(max(worst.difference, 0.0))} points "
        f"({name}, {interval_text(worst.interval.low, worst.interval.high)}); a larger gap is not explained by these "
        "nuisances alone."
    ]
