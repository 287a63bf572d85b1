"""The sentence a reader takes away, on results made by hand."""

import msgspec
import pytest

from emogap.manifest.scores import Gap, Group, Interval, Score, Scores
from emogap.report.headline import headline
from emogap.report.roster import Results, Roster

LABELS = ("angry", "happy", "neutral", "sad")


def said(
    human: float, synthesized: float, low: float | None, high: float | None, own: tuple[float, float] = (0.2, 0.3)
):
    between = Interval(
        low=low, high=high, level=0.9, method="m", cluster_key="text", n_clusters=(20,), seed=0, note="one voice"
    )
    found = Gap(
        name="uar", recognizer="r", human=Group(domain="human"), synthesized=Group(domain="synthesized"),
        pairing="unpaired", labels=LABELS, human_value=human, synthesized_value=synthesized,
        difference=human - synthesized, ratio=None, interval=between, n_human=50, n_synthesized=60,
    )  # fmt: skip
    score = Score(
        name="uar", recognizer="r", group=found.synthesized, value=synthesized, n=60, labels=LABELS, low=own[0],
        high=own[1], level=0.9, method="m", cluster_key="text", n_clusters=(20,), seed=0,
    )  # fmt: skip
    return found, score


def results(found: Gap, score: Score) -> Results:
    roster = Roster(frozenset({("human", "a", None), ("synthesized", "b", "x")}))
    return Results(Scores(scores=(score,), gap=(found,), confusions=()), roster, "r")


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((0.9, 0.25, 0.6, 0.7), "more often than the target emotion of synthesized speech: the gap is 65.0"),
        ((0.9, 0.25, 0.6, 0.7), "cannot be told from chance (25.0 %)"),
        ((0.9, 0.5, 0.3, 0.5, (0.4, 0.6)), "better than chance"),
        ((0.9, 0.1, 0.7, 0.9, (0.0, 0.2)), "worse than chance"),
        ((0.5, 0.5, -0.1, 0.1), "includes zero"),
        ((0.5, 0.5, -0.1, 0.1), "not evidence that there is none"),
        ((0.3, 0.6, -0.4, -0.2, (0.5, 0.7)), "target emotion of synthesized speech more often than the reference"),
        ((0.9, 0.3, None, None), "no interval can be given"),
    ],
)
def test_meaning(numbers, words):
    assert words in headline(results(*said(*numbers))).meaning


def test_numbers_carry_interval_n_and_condition():
    top = headline(results(*said(0.9, 0.25, 0.6, 0.7)))
    assert [(figure.value, figure.detail) for figure in top.figures] == [
        ("90.0 %", "over the 4 emotions both sides have, n = 50"),
        ("25.0 %", "[20.0, 30.0], n = 60"),
        ("+65.0 points", "[60.0, 70.0], 90% interval"),
        ("25.0 %", "1 / 4 emotions"),
    ]
    assert "About the interval of the gap: one voice." in top.remarks


def test_a_score_over_other_labels_is_not_passed_off_as_the_gaps():
    found, score = said(0.9, 0.25, 0.6, 0.7)
    top = headline(results(found, msgspec.structs.replace(score, labels=(*LABELS, "surprised"))))
    assert top.figures[1].detail == "over the 4 emotions both sides have, n = 60"
    assert "chance" not in top.meaning
