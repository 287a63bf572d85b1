"""Two recognizers on the same utterances."""

import numpy as np

from emogap.analysis.gap import measure_gap
from emogap.manifest.scores import Group
from emogap.metrics.comparison import mcnemar_exact

HUMAN = Group(domain="human")
SYNTHESIZED = Group(domain="synthesized")


def test_comparison_of_independent_utterances_is_exact_mcnemar(make):
    rows = [make.human(f"{n}", "sad" if n % 2 else "angry") for n in range(20)]
    first = make.answers([(u, u.emotion if n < 16 else "happy") for n, u in enumerate(rows)], "r1")
    second = make.answers([(u, u.emotion if n < 6 or n == 19 else "happy") for n, u in enumerate(rows)], "r2")
    found = measure_gap(rows, [first, second], make.QUICK)
    wa, uar = found.comparisons
    assert (wa.recognizer, wa.other, wa.group, wa.n) == ("r1", "r2", HUMAN, 20)
    assert (wa.value, wa.other_value) == (0.8, 0.35)
    assert (wa.p_value, wa.method) == (mcnemar_exact(10, 1), "exact McNemar")
    assert uar.method.startswith("cluster permutation, 300 draws") or uar.method.startswith("exact cluster")
    assert wa.interval.low < wa.difference < wa.interval.high


def test_comparison_of_clustered_utterances_swaps_within_clusters(large, make):
    rng = np.random.default_rng(1)
    other = make.answers([(u, u.emotion if rng.random() < 0.5 else "neutral") for u, _ in large], "r2")
    found = make.measured(large, other)
    groups = [c.group for c in found.comparisons if c.name == "wa"]
    assert groups == [
        HUMAN,
        Group(domain="human", corpus="ravdess"),
        Group(domain="human", corpus="tess"),
        SYNTHESIZED,
        Group(domain="synthesized", system="tts-1"),
        Group(domain="synthesized", system="tts-2"),
    ]
    by_group = {c.group: c for c in found.comparisons if c.name == "wa"}
    assert by_group[groups[1]].method.endswith("swapped within each speaker")
    assert by_group[groups[2]].method.endswith("swapped within each text")
    assert all(c.p_holm >= c.p_value for c in found.comparisons)
    assert by_group[HUMAN].p_holm < 0.05


def test_comparison_is_over_utterances_both_answered(make):
    rows = [make.human(f"{n}", "sad") for n in range(6)]
    found = measure_gap(
        rows,
        [make.answers([(u, "sad") for u in rows[:4]], "r1"), make.answers([(u, "sad") for u in rows[2:]], "r2")],
        make.QUICK,
    )
    assert {c.n for c in found.comparisons} == {2}
    assert {c.p_value for c in found.comparisons} == {1.0}


def test_nothing_in_common_gives_no_comparison(make):
    rows = [make.human("1", "sad"), make.human("2", "sad")]
    found = measure_gap(
        rows, [make.answers([(rows[0], "sad")], "r1"), make.answers([(rows[1], "sad")], "r2")], make.QUICK
    )
    assert found.comparisons == ()
