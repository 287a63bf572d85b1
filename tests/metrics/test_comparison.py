"""Tests of two recognizers against statsmodels, scipy and exhaustive enumeration."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, permutation_test
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from emogap.metrics.classification import accuracy_of, unweighted_average_recall_of
from emogap.metrics.comparison import cluster_contributions, holm, mcnemar_exact, sign_flip_test


@pytest.mark.parametrize(("b", "c"), [(0, 1), (1, 9), (5, 5), (30, 12), (0, 40), (3, 4)])
def test_mcnemar_agrees_with_statsmodels_and_scipy(b, c):
    assert mcnemar_exact(b, c) == pytest.approx(mcnemar([[10, b], [c, 10]], exact=True).pvalue, abs=1e-12)
    assert mcnemar_exact(b, c) == pytest.approx(binomtest(b, b + c).pvalue, abs=1e-12)
    assert mcnemar_exact(b, c) == mcnemar_exact(c, b)


def test_mcnemar_without_disagreement():
    assert mcnemar_exact(0, 0) == 1.0
    with pytest.raises(ValueError, match="0 or more"):
        mcnemar_exact(-1, 2)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_agrees_with_statsmodels(p_values):
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist(), abs=1e-12)


def test_holm_of_nothing_and_of_nonsense():
    assert holm([]) == []
    with pytest.raises(ValueError, match="p-values"):
        holm([1.2])


def disagreeing(rng, n=60):
    return rng.random(n) < 0.7, rng.random(n) < 0.5, rng.integers(0, 3, n), rng.integers(0, 8, n)


@pytest.mark.parametrize("per_label", [False, True])
def test_contributions_add_up_to_the_difference(per_label):
    rng = np.random.default_rng(0)
    first, second, reference, codes = disagreeing(rng)
    metric = unweighted_average_recall_of if per_label else accuracy_of
    values = []
    for right in (first, second):
        confusion = np.zeros((3, 4), int)
        np.add.at(confusion, (reference, np.where(right, reference, 3)), 1)
        values.append(metric(confusion))
    parts = cluster_contributions(first, second, reference, codes, per_label)
    assert parts.shape == (8,)
    assert parts.sum() == pytest.approx(float(values[0] - values[1]), abs=1e-12)


def test_swapping_a_cluster_flips_its_part():
    first, second, reference, codes = disagreeing(np.random.default_rng(1))
    inside = codes == 3
    swapped = np.where(inside, second, first), np.where(inside, first, second)
    before = cluster_contributions(first, second, reference, codes, per_label=True)
    after = cluster_contributions(*swapped, reference, codes, per_label=True)
    assert after == pytest.approx(before * np.where(np.arange(8) == 3, -1, 1), abs=1e-12)


def test_exact_sign_flips_are_all_patterns():
    parts = np.random.default_rng(2).normal(0.1, 1, 9)
    patterns = itertools.product((1, -1), repeat=9)
    sums = np.abs([np.dot(pattern, parts) for pattern in patterns])
    p_value, method = sign_flip_test(parts, 1000, np.random.default_rng(0))
    assert p_value == pytest.approx(float((sums >= abs(parts.sum()) - 1e-9).mean()), abs=1e-12)
    assert method == "exact cluster permutation"
    scipys = permutation_test((parts,), np.sum, permutation_type="samples", n_resamples=np.inf, alternative="two-sided")
    assert p_value == pytest.approx(scipys.pvalue, abs=1e-9)


def test_random_sign_flips_are_near_the_exact_p_value():
    parts = np.random.default_rng(3).normal(0.35, 1, 14)
    exact, _ = sign_flip_test(parts, 2**14, np.random.default_rng(0))
    drawn, method = sign_flip_test(parts, 8000, np.random.default_rng(0))
    assert method == "cluster permutation, 8000 draws"
    assert drawn == pytest.approx(exact, abs=0.02)


def test_sign_flips_of_single_utterances_are_mcnemar():
    first, second = np.array([1] * 10 + [0] * 3, bool), np.array([0] * 10 + [1] * 3, bool)
    parts = cluster_contributions(first, second, np.zeros(13, int), np.arange(13), per_label=False)
    p_value, _ = sign_flip_test(parts, 2**13, np.random.default_rng(0))
    assert p_value == pytest.approx(mcnemar_exact(10, 3), abs=1e-12)


def test_no_difference_and_clear_difference():
    assert sign_flip_test(np.zeros(30), 500, np.random.default_rng(0))[0] == 1.0
    assert sign_flip_test(np.full(30, 0.02), 500, np.random.default_rng(0))[0] == pytest.approx(1 / 501)
    with pytest.raises(ValueError, match="n_permutations"):
        sign_flip_test(np.ones(2), 0, np.random.default_rng(0))
    with pytest.raises(ValueError, match="one length"):
        cluster_contributions(np.ones(2, bool), np.ones(1, bool), np.zeros(2, int), np.zeros(2, int), per_label=False)


def test_false_alarms_stay_near_the_level_with_clusters():
    """Two equal recognizers whose errors go by talker: the clustered test holds its level, McNemar does not."""
    rng = np.random.default_rng(4)
    codes = np.repeat(np.arange(20), 20)
    alarms = {"clusters": 0, "mcnemar": 0}
    for _ in range(200):
        ease = rng.random((2, 20))[:, codes]
        first, second = rng.random((2, 400)) < ease
        parts = cluster_contributions(first, second, np.zeros(400, int), codes, per_label=False)
        alarms["clusters"] += sign_flip_test(parts, 200, rng)[0] <= 0.05
        alarms["mcnemar"] += mcnemar_exact(int((first & ~second).sum()), int((second & ~first).sum())) <= 0.05
    assert alarms["clusters"] <= 20
    assert alarms["mcnemar"] >= 60
