"""Rows of the number tables, on results made by hand."""

import msgspec
import pytest

from emogap.manifest.scores import Gap, Group, Interval, Score, Scores
from emogap.report.published import published_rows, read_published
from emogap.report.roster import Results, Roster
from emogap.report.tables import Footnotes, gap_rows, score_rows

LABELS = ("angry", "sad")
HUMAN, PLAIN, RULES = ("human", "TESS", None), ("synthesized", "tess", "plain"), ("synthesized", "tess", "rules")


def interval(note: str = "") -> Interval:
    return Interval(
        low=0.1, high=0.3, level=0.95, method="bootstrap", cluster_key="text", n_clusters=(20,), seed=0, note=note
    )


def score(name: str, value: float, **group) -> Score:
    return Score(
        name=name, recognizer="r", group=Group(**group), value=value, n=40, labels=LABELS, low=value - 0.05,
        high=value + 0.05, level=0.95, method="bootstrap", cluster_key="text", n_clusters=(20,), seed=0,
    )  # fmt: skip


def gap(name: str, pairing: str, human: Group, synthesized: Group, note: str = "") -> Gap:
    return Gap(
        name=name, recognizer="r", human=human, synthesized=synthesized, pairing=pairing, labels=LABELS,
        human_value=0.9, synthesized_value=0.7, difference=0.2, ratio=0.7 / 0.9, interval=interval(note),
        n_human=1200, n_synthesized=40, n_pairs=None if pairing == "unpaired" else 12,
    )  # fmt: skip


def results(cells, scores=(), gaps=()) -> Results:
    return Results(Scores(scores=tuple(scores), gap=tuple(gaps), confusions=()), Roster(frozenset(cells)), "r")


def test_gaps_of_one_pair_of_groups_share_a_row_whatever_the_spelling():
    pooled, named = Group(domain="human"), Group(domain="human", corpus="TESS")
    rules = Group(domain="synthesized", system="rules")
    main, notes, corpora, _ = gap_rows(
        results(
            {HUMAN, RULES},
            gaps=[
                gap("uar", "text+emotion", pooled, rules, "one voice; 5 of 9 resamples lack a label"),
                gap("uar", "unpaired", pooled, rules, "one voice"),
                gap(
                    "wa",
                    "unpaired",
                    named,
                    msgspec.structs.replace(rules, corpus="tess"),
                    "7 of 9 resamples lack a label",
                ),
                gap("recall", "unpaired", pooled, rules),
            ],
        )
    )
    assert corpora == []
    (row,) = main
    assert (row.human, row.other, row.placebo) == ("Human · TESS", "rules", False)
    assert [line.pairing for line in row.lines] == ["unpaired", "text and emotion"]
    first, second = row.lines
    assert (first.sizes, first.n_pairs, second.n_pairs) == ("1,200 / 40", "", "12")
    assert (first.uar.human, first.uar.other, first.uar.difference) == ("90.0", "70.0", "+20.0")
    assert (first.uar.mark, first.wa.mark, second.uar.mark, second.wa) == ("a", "b", "a,b", None)
    assert notes.marked == [("a", "one voice"), ("b", "5 to 7 of 9 resamples lack a label")]


def test_placebo_arms_come_last_and_single_corpora_stand_apart():
    human, arm = Group(domain="human"), Group(domain="human", system="placebo/trim")
    cells = {
        HUMAN,
        ("human", "ravdess", None),
        ("human", "TESS", "placebo/trim"),
        ("human", "ravdess", "placebo/trim"),
        RULES,
        PLAIN,
    }
    gaps = [
        gap("uar", "utterance", human, arm),
        gap("uar", "unpaired", human, Group(domain="synthesized", system="rules")),
        gap("uar", "unpaired", human, Group(domain="synthesized")),
        gap("uar", "unpaired", Group(domain="human", corpus="ravdess"), Group(domain="synthesized")),
    ]
    main, _, corpora, _ = gap_rows(results(cells, gaps=gaps))
    assert [(row.other, row.placebo) for row in main] == [
        ("All synthesized", False), ("rules", False), ("Placebo · trim", True),
    ]  # fmt: skip
    assert [(row.human, row.other) for row in corpora] == [("Human · ravdess", "All synthesized")]


def test_published_cells_are_matched_by_domain_corpus_and_emotion():
    found = results(
        {HUMAN, PLAIN, RULES, ("human", "TESS", "placebo/trim"), ("human", "MELD", None)},
        scores=[
            score("wa", 0.9, domain="human"),
            score("wa", 0.8, domain="human", corpus="TESS"),
            score("recall", 0.7, domain="human", corpus="TESS", emotion="angry"),
            score("wa", 0.6, domain="human", corpus="TESS", system="placebo/trim"),
            score("wa", 0.5, domain="synthesized", corpus="tess", system="rules"),
            score("wa", 0.4, domain="synthesized", corpus="tess"),
            score("recall", 0.3, domain="synthesized", corpus="tess", system="rules", emotion="sad"),
            score("recall", 0.2, domain="synthesized", corpus="tess", emotion="sad"),
        ],
    )
    footnotes = Footnotes()
    rows = published_rows(found, read_published(), footnotes)
    table1 = [(r.part, r.metric, r.printed, r.printed_n, r.ours, r.who) for r in rows if r.place == "Table 1, part I"]
    assert table1 == [
        ("TESS, human", "WA", "99.64", "280", "80.0", "Human · TESS"),
        ("TESS, human", "recall, angry", "97.50", "40", "70.0", "Human · TESS"),
        ("TESS, synthesized", "WA", "15.31", "196", "40.0", "All synthesized"),
        ("TESS, synthesized", "WA", "15.31", "196", "50.0", "rules"),
        ("TESS, synthesized", "recall, sad", "0.00", "27", "20.0", "All synthesized"),
    ]
    assert {row.part for row in rows} == {"TESS, human", "TESS, synthesized"}
    assert footnotes.marked[0][1] == "emotion2vec-base with a head trained on human speech"


def test_the_other_side_of_a_matched_corpus_is_listed_as_not_measured():
    rows = published_rows(
        results({HUMAN}, scores=[score("wa", 0.8, domain="human", corpus="TESS")]), read_published(), Footnotes()
    )
    missing = [row for row in rows if row.part == "TESS, synthesized"]
    assert {(row.metric, row.ours, row.who) for row in missing} == {("WA", "–", "not measured here")}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (("human", "RAVDESS", None), 77.88),
        (("synthesized", "IEMOCAP", None), 49.58),
        (("synthesized", "TESS", "angry"), 50.0),
    ],
)
def test_packaged_numbers_are_those_of_the_paper(cell, value):
    cells = {(c.domain, c.corpus, c.emotion): c.percent for c in read_published().cells if c.experiment == "table1"}
    assert cells[cell] == value


def test_every_score_is_listed_with_its_notes():
    footnotes = Footnotes()
    rows = score_rows(
        [msgspec.structs.replace(score("wa", 0.5, domain="human"), low=None, high=None, note="n < 2")],
        Roster(frozenset({HUMAN})),
        footnotes,
    )
    assert rows[0]["interval"] == "no interval"
    assert rows[0]["clusters"] == "text (20)"
    assert footnotes.marked == [("a", "n < 2")]
