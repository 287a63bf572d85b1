"""Intervals against statsmodels and their own laws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from emogap.metrics.clusters import Clusters
from emogap.metrics.intervals import (
    NO_INTERVAL,
    Estimate,
    difference_bounds,
    estimate_bounds,
    newcombe,
    paired_bounds,
    percentile_interval,
    wilson,
)

levels = st.floats(0.05, 0.99)
TEXTS = Clusters("text", (np.arange(40),), (40,), "conditional on these 2 speakers")
UTTERANCES = Clusters("utterance", (), (40,))


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (1, 10), (8, 10), (10, 10), (679, 700), (3, 17)])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_wilson_agrees_with_statsmodels(successes, n, level):
    expected = proportion_confint(successes, n, alpha=1 - level, method="wilson")
    assert wilson(successes, n, level) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("a", "n", "b", "m"), [(56, 70, 48, 80), (10, 10, 3, 20), (0, 10, 0, 12), (9, 10, 10, 10)])
def test_newcombe_agrees_with_statsmodels(a, n, b, m):
    expected = confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff")
    assert newcombe(a / n, n, b / m, m) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(st.integers(2, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), levels, levels)
def test_wilson_laws(counts, one, other):
    successes, n = counts
    narrow, wide = (wilson(successes, n, level) for level in sorted((one, other)))
    assert 0 <= wide[0] <= narrow[0] <= successes / n + 1e-12
    assert successes / n - 1e-12 <= narrow[1] <= wide[1] <= 1
    assert narrow[0] < narrow[1]


def test_no_interval_for_fewer_than_two():
    assert all(math.isnan(end) for end in wilson(1, 1))
    assert all(math.isnan(end) for end in wilson(0, 0))
    assert all(math.isnan(end) for end in newcombe(1, 1, 0.5, 10))


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="confidence level"):
        wilson(1, 2, 95)
    with pytest.raises(ValueError, match="confidence level"):
        percentile_interval(np.ones(3), 1.0)
    with pytest.raises(ValueError, match="successes"):
        wilson(3, 2)
    with pytest.raises(ValueError, match="no resamples"):
        percentile_interval(np.array([]))


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=50), levels, levels)
def test_wider_level_gives_wider_percentiles(values, one, other):
    narrow, wide = (percentile_interval(np.array(values), level) for level in sorted((one, other)))
    assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]
    assert min(values) <= wide[0] and wide[1] <= max(values)


def test_resamples_without_a_value_are_set_aside_and_counted():
    resampled = np.array([0.4, 0.5, 0.6, 0.7, np.nan])
    assert percentile_interval(resampled, 0.5) == pytest.approx((0.475, 0.625))
    bounds = estimate_bounds(Estimate(0.5, resampled, TEXTS, 40), 0.5)
    assert bounds.note == "conditional on these 2 speakers; 1 of 5 resamples lack a label and were set aside"
    assert bounds.method == "cluster bootstrap, percentile, 5 resamples"


def test_no_interval_when_most_resamples_have_no_value():
    bounds = estimate_bounds(Estimate(0.5, np.array([np.nan, np.nan, 0.5]), TEXTS, 40), 0.95)
    assert math.isnan(bounds.low) and math.isnan(bounds.high)
    assert bounds.method == NO_INTERVAL and bounds.note.startswith("2 of 3 resamples lack a label")


def test_no_interval_for_one_cluster():
    one = Clusters("text", (np.zeros(5, int),), (1,))
    for bounds in (
        estimate_bounds(Estimate(0.5, np.full(9, 0.5), one, 1), 0.95),
        paired_bounds(np.full(9, 0.5), one, 0.95),
        difference_bounds(
            Estimate(0.5, np.full(9, 0.5), one, 1),
            Estimate(0.5, np.linspace(0, 1, 9), TEXTS, 40),
            0.95,
            ("human", "synthesized"),
        ),
    ):
        assert math.isnan(bounds.low) and math.isnan(bounds.high)
        assert "fewer than two of: text" in bounds.note


def test_width_is_never_zero():
    perfect = Estimate(1.0, np.ones(100), TEXTS, 40)
    bounds = estimate_bounds(perfect, 0.95)
    assert (bounds.low, bounds.high) == wilson(40, 40)
    assert "Wilson's interval over 40 clusters" in bounds.method
    both = difference_bounds(perfect, perfect, 0.95, ("human", "synthesized"))
    assert (both.low, both.high) == newcombe(1, 40, 1, 40)
    assert both.low < 0 < both.high
    paired = paired_bounds(np.zeros(100), TEXTS, 0.95)
    assert math.isnan(paired.low) and "no resample differs" in paired.note


def test_a_proportion_of_independent_utterances_gets_wilson():
    bounds = estimate_bounds(Estimate(0.25, np.linspace(0, 1, 9), UTTERANCES, 40, is_proportion=True), 0.95)
    assert (bounds.low, bounds.high, bounds.method) == (*wilson(10, 40), "Wilson")


def test_difference_names_its_sides():
    first = Estimate(0.9, np.linspace(0.8, 1, 50), TEXTS, 40)
    second = Estimate(0.3, np.linspace(0.35, 0.25, 50), UTTERANCES, 40)
    bounds = difference_bounds(first, second, 0.95, ("human", "synthesized"))
    assert bounds.low <= 0.6 <= bounds.high
    assert bounds.method == "cluster bootstrap and utterance bootstrap, percentile, 50 resamples"
    assert bounds.note == "human: conditional on these 2 speakers"
