"""Two recognizers on the same utterances: is the difference more than chance?

Conventions:
    Everything is paired: item i of both sequences is the same utterance. P-values are two-sided. A p-value from
    random signs is ``(1 + hits) / (1 + draws)``, so it is never 0 [Phipson & Smyth 2010].

Metrics:
    ``mcnemar_exact`` for independent utterances; ``sign_flip_test`` where utterances come in clusters; ``holm``
    corrects the p-values of one table.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

__all__ = ["cluster_contributions", "holm", "mcnemar_exact", "sign_flip_test"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_CHUNK_CELLS = 4_000_000
_TIE = 1e-9
"""Sums this close, relative to the largest possible one, are ties: adding up in another order moves the last bits."""


def mcnemar_exact(only_first: int, only_second: int) -> float:
    r"""Exact test of equal accuracy on the same independent utterances [McNemar 1947; Dietterich 1998].

    .. math:: p = \min(1, 2 P(X \le \min(b, c))), \quad X \sim \text{Binomial}(b + c, 1/2)

    Args:
        only_first: utterances that only the first recognizer got right (b)
        only_second: utterances that only the second got right (c)

    Returns:
        p-value in (0, 1]; 1 when they never disagree

    Raises:
        ValueError: if a count is negative

    >>> mcnemar_exact(1, 9)
    0.021484375
    """
    if only_first < 0 or only_second < 0:
        raise ValueError(f"counts are 0 or more, got {only_first} and {only_second}")
    n = only_first + only_second
    return float(min(1.0, 2 * binom.cdf(min(only_first, only_second), n, 0.5))) if n else 1.0


def cluster_contributions(first: Flags, second: Flags, reference: Codes, codes: Codes, per_label: bool) -> Floats:
    r"""Split a difference of accuracies, or of mean recalls, into one part per cluster.

    Both recognizers see the same utterances, so the number :math:`n_k` of each label is fixed and even the mean recall
    is a sum over utterances:

    .. math:: \Delta = \sum_u w_u ([\text{first right}]_u - [\text{second right}]_u),
        \quad w_u = 1/n \text{ (accuracy) or } 1/(K n_{y_u}) \text{ (mean recall)}

    Args:
        first: whether the first recognizer was right, ``(n,)``
        second: whether the second was, ``(n,)``
        reference: reference label of each utterance as a number, ``(n,)``
        codes: cluster of each utterance, ``(n,)``, from 0
        per_label: True for the mean recall, False for accuracy

    Returns:
        parts, ``(n_clusters,)``; their sum is the difference, in [-1, 1]

    Raises:
        ValueError: if the arrays differ in length or are empty

    >>> yes, no = np.array([True, True]), np.array([False, True])
    >>> cluster_contributions(yes, no, np.array([0, 1]), np.array([0, 1]), per_label=False)
    array([0.5, 0. ])
    """
    if len(first) == 0 or len({len(first), len(second), len(reference), len(codes)}) != 1:
        raise ValueError("expected four arrays of one length, at least 1")
    weights: Floats = np.full(len(first), 1 / len(first))
    if per_label:
        sizes = np.bincount(reference)
        weights = 1 / (np.count_nonzero(sizes) * sizes[reference])
    differences = weights * (first.astype(np.float64) - second.astype(np.float64))
    return np.asarray(np.bincount(codes, weights=differences), np.float64)


def sign_flip_test(contributions: Floats, n_permutations: int, rng: np.random.Generator) -> tuple[float, str]:
    """Permutation test of a paired difference: swap the recognizers within whole clusters.

    Under the null hypothesis the two recognizers are exchangeable in every cluster, so each part's sign is as likely
    plus as minus. All sign patterns are tried where there are no more of them than ``n_permutations``.

    Args:
        contributions: parts of the difference, ``(n_clusters,)``
        n_permutations: random sign patterns
        rng: source of randomness

    Returns:
        p-value in (0, 1], and the name of the test

    Raises:
        ValueError: if ``n_permutations`` is below 1

    >>> sign_flip_test(np.array([0.1, 0.2, 0.1, 0.3]), 1000, np.random.default_rng(0))
    (0.125, 'exact cluster permutation')
    """
    if n_permutations < 1:
        raise ValueError(f"n_permutations is at least 1, got {n_permutations}")
    parts = contributions[contributions != 0]
    observed = abs(parts.sum()) - _TIE * np.abs(parts).sum()
    if 2.0 ** len(parts) <= n_permutations:
        patterns = (np.arange(2 ** len(parts))[:, None] >> np.arange(len(parts))) & 1
        share = float((np.abs((1 - 2 * patterns) @ parts) >= observed).mean())
        return share, "exact cluster permutation"
    hits = 0
    chunk = max(1, _CHUNK_CELLS // len(parts))
    for start in range(0, n_permutations, chunk):
        signs = 1.0 - 2.0 * rng.integers(0, 2, (min(chunk, n_permutations - start), len(parts)), dtype=np.int8)
        hits += int((np.abs(signs @ parts) >= observed).sum())
    return (1 + hits) / (1 + n_permutations), f"cluster permutation, {n_permutations} draws"


def holm(p_values: Sequence[float]) -> list[float]:
    r"""Correct the p-values of one table for their number [Holm 1979].

    .. math:: p^*_{(i)} = \max_{j \le i} \min(1, (m - j + 1)\, p_{(j)})

    Returns:
        corrected p-values in [0, 1], in the order given

    Raises:
        ValueError: if a p-value is outside [0, 1]

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"p-values lie in [0, 1], got {list(p_values)}")
    order = np.argsort(values, kind="stable")
    stepped = np.minimum(1.0, values[order] * np.arange(len(values), 0, -1))
    corrected = np.empty_like(values)
    corrected[order] = np.maximum.accumulate(stepped)
    return [float(value) for value in corrected]
