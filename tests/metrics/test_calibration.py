"""Calibration metrics against scikit-learn and hand-worked cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax
from sklearn.metrics import brier_score_loss, log_loss

from emogap.metrics import calibration as ca


@pytest.fixture
def answers():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1.5, (4000, 5))
    scores = ca.apply_temperature(logits, 1.0)
    reference = np.array([rng.choice(5, p=row) for row in scores])
    return logits, scores, reference


def test_agrees_with_sklearn(answers):
    _, scores, reference = answers
    assert ca.negative_log_likelihood(scores, reference) == pytest.approx(log_loss(reference, scores), abs=1e-9)
    halved = brier_score_loss(reference == 1, scores[:, 1])
    two = np.stack([1 - scores[:, 1], scores[:, 1]], axis=1)
    assert ca.brier_score(two, (reference == 1).astype(int)) == pytest.approx(2 * halved, abs=1e-12)


@pytest.mark.parametrize("truth", [0.5, 1.0, 3.0])
def test_temperature_is_found_again(answers, truth):
    logits, _, reference = answers
    found = ca.fit_temperature(logits * truth, reference)
    assert found == pytest.approx(truth, rel=0.08)
    best = ca.negative_log_likelihood(ca.apply_temperature(logits * truth, found), reference)
    for nearby in (found * 0.98, found * 1.02):
        assert best < ca.negative_log_likelihood(ca.apply_temperature(logits * truth, nearby), reference)


def test_temperature_does_not_depend_on_normalisation_of_log_scores(answers):
    logits, _, reference = answers
    assert ca.fit_temperature(log_softmax(logits, axis=1), reference) == pytest.approx(
        ca.fit_temperature(logits, reference), rel=1e-4
    )


def test_calibrated_answers_have_a_small_error_and_over_confident_ones_a_large_one(answers):
    logits, scores, reference = answers
    assert ca.expected_calibration_error(scores, reference) < 0.03
    assert ca.expected_calibration_error(ca.apply_temperature(logits, 0.3), reference) > 0.15


def test_calibration_error_by_hand():
    scores = np.array([[0.6, 0.4], [0.6, 0.4], [0.9, 0.1], [0.9, 0.1]])
    reference = np.array([0, 1, 0, 0])
    # Two bins of two: |0.5 - 0.6| / 2 + |1 - 0.9| / 2.
    assert ca.expected_calibration_error(scores, reference, n_bins=2) == pytest.approx(0.1)
    assert ca.expected_calibration_error(scores, reference, n_bins=1) == pytest.approx(0.0)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.5, 0.7, 0.9]), st.integers(0, 1)), min_size=1, max_size=40),
       st.randoms(use_true_random=False))  # fmt: skip
def test_order_does_not_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    values = []
    for order in (rows, shuffled):
        scores = np.array([[confidence, 1 - confidence] for confidence, _ in order])
        values.append(ca.expected_calibration_error(scores, np.array([label for _, label in order]), n_bins=4))
    assert 0 <= values[0] <= 1
    assert values[0] == pytest.approx(values[1], abs=1e-12)


def test_a_score_of_zero_is_finite():
    assert np.isfinite(ca.negative_log_likelihood(np.array([[1.0, 0.0]]), np.array([1])))


def test_bad_input_is_refused():
    scores, reference = np.full((2, 2), 0.5), np.array([0, 1])
    for metric in (ca.brier_score, ca.negative_log_likelihood, ca.expected_calibration_error, ca.fit_temperature):
        with pytest.raises(ValueError, match="expected scores"):
            metric(scores, reference[:1])
        with pytest.raises(ValueError, match="columns"):
            metric(scores, np.array([0, 2]))
        with pytest.raises(ValueError, match="expected scores"):
            metric(scores[:0], reference[:0])
    with pytest.raises(ValueError, match="n_bins"):
        ca.expected_calibration_error(scores, reference, n_bins=0)
    with pytest.raises(ValueError, match="above 0"):
        ca.apply_temperature(scores, 0.0)
