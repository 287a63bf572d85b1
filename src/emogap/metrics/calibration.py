"""Are confident answers right more often? Temperature scaling and three calibration metrics.

Conventions:
    Scores have shape ``(n_utterances, n_labels)``, rows that sum to 1; log-scores are any real numbers whose softmax
    is meant (logits will do). ``reference`` holds the column of the reference label, ``(n_utterances,)``.
    A temperature is fitted on held-out human speech and then kept: fitted on the speech under test it would hide
    what it should show.

Metrics:
    ``negative_log_likelihood`` (0 or more, nats), ``brier_score`` (0 to 2) and ``expected_calibration_error``
    (0 to 1); lower is better.
"""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

__all__ = ["apply_temperature", "brier_score", "expected_calibration_error", "fit_temperature",
           "negative_log_likelihood"]  # fmt: skip

Floats = npt.NDArray[np.floating]
Columns = npt.NDArray[np.integer]

_TEMPERATURES = (0.05, 20.0)
"""Search range: beyond it the scores are one-hot or uniform for any purpose."""

_TINY = 1e-12
"""A score of 0 for the reference label counts as this, so that one answer cannot make the mean infinite."""


def fit_temperature(log_scores: Floats, reference: Columns) -> float:
    r"""Find the temperature that makes held-out answers most likely (Guo et al. 2017, arXiv:1706.04599).

    .. math:: T^* = \arg\min_T -\frac{1}{n} \sum_u \log \text{softmax}(z_u / T)_{y_u}

    The likelihood is convex in 1/T, so the minimum found is the only one in the range searched, 0.05 to 20.

    Returns:
        temperature; above 1 the recognizer was over-confident, below 1 under-confident

    Raises:
        ValueError: if shapes do not match, there is no row, or a reference column does not exist

    >>> z = np.log(np.array([[0.9, 0.1]] * 4))
    >>> round(fit_temperature(z, np.array([0, 0, 0, 1])), 3)
    2.0
    """
    _check(log_scores, reference)
    picked = np.arange(len(reference))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(log_scores / np.exp(log_temperature), axis=1)[picked, reference].mean())

    found = minimize_scalar(loss, bounds=tuple(np.log(_TEMPERATURES)), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def apply_temperature(log_scores: Floats, temperature: float) -> npt.NDArray[np.float64]:
    """Return ``softmax(log_scores / temperature)``, shape ``(n_utterances, n_labels)``.

    Raises:
        ValueError: if the temperature is not above 0

    >>> apply_temperature(np.array([[0.0, 0.0]]), 2.0)
    array([[0.5, 0.5]])
    """
    if not temperature > 0:
        raise ValueError(f"a temperature is above 0, got {temperature}")
    return np.asarray(softmax(np.asarray(log_scores, np.float64) / temperature, axis=1))


def negative_log_likelihood(scores: Floats, reference: Columns) -> float:
    r"""Mean surprise at the reference label, in nats.

    .. math:: \text{NLL} = -\frac{1}{n} \sum_u \log s_{u, y_u}

    Raises:
        ValueError: if shapes do not match, there is no row, or a reference column does not exist

    >>> round(negative_log_likelihood(np.array([[0.5, 0.5]]), np.array([1])), 4)
    0.6931
    """
    _check(scores, reference)
    picked = np.asarray(scores, np.float64)[np.arange(len(reference)), reference]
    return float(-np.log(np.maximum(picked, _TINY)).mean())


def brier_score(scores: Floats, reference: Columns) -> float:
    r"""Mean squared distance to the one-hot reference, summed over labels (Brier 1950).

    .. math:: \text{BS} = \frac{1}{n} \sum_u \sum_k (s_{uk} - [y_u = k])^2

    Returns:
        value in [0, 2]

    Raises:
        ValueError: if shapes do not match, there is no row, or a reference column does not exist

    Notes:
        ``sklearn.metrics.brier_score_loss`` halves this for two labels.

    >>> brier_score(np.array([[0.5, 0.5]]), np.array([1]))
    0.5
    """
    _check(scores, reference)
    errors = np.asarray(scores, np.float64).copy()
    errors[np.arange(len(reference)), reference] -= 1.0
    return float((errors**2).sum(axis=1).mean())


def expected_calibration_error(scores: Floats, reference: Columns, n_bins: int = 15) -> float:
    r"""Mean distance between confidence and accuracy over bins of equal mass (Nguyen & O'Connor 2015).

    .. math:: \text{ECE} = \sum_b \frac{n_b}{n} |\text{accuracy}_b - \text{confidence}_b|

    Equal confidences share a bin, so the value does not depend on the order of utterances.

    Returns:
        value in [0, 1]; a small n biases it upwards (Kumar et al. 2019, arXiv:1909.10155)

    Raises:
        ValueError: if ``n_bins`` is below 1
        ValueError: if shapes do not match, there is no row, or a reference column does not exist

    >>> round(expected_calibration_error(np.array([[0.8, 0.2]] * 5), np.array([0, 0, 0, 1, 1]), n_bins=1), 4)
    0.2
    """
    if n_bins < 1:
        raise ValueError(f"n_bins is at least 1, got {n_bins}")
    _check(scores, reference)
    confidence = np.asarray(scores, np.float64).max(axis=1)
    right = (np.asarray(scores).argmax(axis=1) == reference).astype(np.float64)
    edges = np.quantile(confidence, np.linspace(0, 1, n_bins + 1)[1:-1])
    bins = np.searchsorted(np.unique(edges), confidence, side="right")
    excess = np.bincount(bins, weights=right - confidence, minlength=n_bins)
    return float(np.abs(excess).sum() / len(confidence))


def _check(scores: Floats, reference: Columns) -> None:
    if scores.ndim != 2 or reference.shape != scores.shape[:1] or len(scores) == 0:
        raise ValueError(
            f"expected scores (n, n_labels) and reference (n,) with n of at least 1, got {scores.shape} and "
            f"{reference.shape}"
        )
    if reference.min() < 0 or reference.max() >= scores.shape[1]:
        raise ValueError(f"reference columns must lie in 0..{scores.shape[1] - 1}")
