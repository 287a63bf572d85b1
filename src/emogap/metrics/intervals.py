"""Confidence intervals: Wilson for proportions, percentiles of a bootstrap for the rest.

Conventions:
    An interval is a pair of numbers, or a pair of NaN where none can be given: fewer than two clusters, or too many
    resamples without a value. It never has a width of zero: where no resample differs from another (every utterance
    right), the bootstrap sees no spread, which is no evidence that there is none, and Wilson's interval over the
    number of clusters stands in.
    A resample in which a label of the frozen label set does not occur has no recall for it (NaN). Such resamples
    are set aside, which is drawing again until every label occurs; the interval is conditional on that, its note
    tells how many, and with more than half of them set aside there is no interval.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from emogap.metrics.clusters import Clusters

__all__ = ["NO_INTERVAL", "Bounds", "Estimate", "difference_bounds", "estimate_bounds", "newcombe", "paired_bounds",
           "percentile_interval", "wilson"]  # fmt: skip

Floats = npt.NDArray[np.float64]

NO_INTERVAL = "none"
"""Method of an interval that cannot be given."""

_FEWEST_DEFINED = 0.5
"""Share of resamples that must have a value."""

_ROUNDING = 1e-12
"""Widths up to this are floating-point noise."""


@dataclass(frozen=True)
class Bounds:
    """An interval and how it came about.

    Attributes:
        low: lower end; NaN when no interval can be given
        high: upper end; NaN likewise
        method: e.g. ``text cluster bootstrap, percentile, 2000 resamples``
        note: what the interval is conditional on, or why there is none

    """

    low: float
    high: float
    method: str
    note: str = ""


@dataclass(frozen=True)
class Estimate:
    """A metric in [0, 1] with what its interval is made of.

    Attributes:
        value: point estimate, in [0, 1]
        resampled: the metric in each resample, ``(n_resamples,)``; NaN where it is not defined
        clusters: what was resampled
        n_independent: units behind the value, for the case that no resample differs from another: clusters of the
            scarcer key; for a mean over labels, of the label with the fewest
        is_proportion: whether the value is a share of utterances

    """

    value: float
    resampled: Floats
    clusters: Clusters
    n_independent: int
    is_proportion: bool = False


def wilson(successes: float, n: float, level: float = 0.95) -> tuple[float, float]:
    r"""Score interval of a proportion [Wilson 1927].

    .. math:: \frac{\hat p + z^2/2n \pm z \sqrt{\hat p (1 - \hat p)/n + z^2/4n^2}}{1 + z^2/n}

    Args:
        successes: number of successes, in [0, n]; need not be whole
        n: number of trials; need not be whole
        level: confidence level, in (0, 1)

    Returns:
        (low, high) in [0, 1]; (NaN, NaN) for fewer than two trials

    Raises:
        ValueError: if ``level`` is outside (0, 1), or ``successes`` outside [0, n]

    >>> [round(end, 4) for end in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    _check_level(level)
    if n < 2:
        return math.nan, math.nan
    if not 0 <= successes <= n:
        raise ValueError(f"successes must lie in [0, {n}], got {successes}")
    z = float(norm.ppf(0.5 + level / 2))
    share = successes / n
    center = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    # At 0 and at n the formula gives 0 and 1 but for rounding.
    return (0.0 if successes == 0 else center - half), (1.0 if successes == n else center + half)


def percentile_interval(resampled: Floats, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of resampled values [Efron & Tibshirani 1993, chapter 13].

    Args:
        resampled: values, ``(n_resamples,)``; NaN where a resample has none
        level: confidence level, in (0, 1)

    Returns:
        (low, high); (NaN, NaN) when more than half of the resamples have no value

    Raises:
        ValueError: if ``level`` is outside (0, 1), or there is no resample

    >>> percentile_interval(np.arange(101.0), level=0.5)
    (25.0, 75.0)
    """
    _check_level(level)
    if resampled.size == 0:
        raise ValueError("no resamples")
    defined = resampled[np.isfinite(resampled)]
    if defined.size < _FEWEST_DEFINED * resampled.size:
        return math.nan, math.nan
    low, high = np.quantile(defined, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)


def newcombe(first: float, n_first: float, second: float, n_second: float, level: float = 0.95) -> tuple[float, float]:
    r"""Hybrid score interval of a difference of two independent proportions [Newcombe 1998, method 10].

    .. math:: d - \sqrt{(p_1 - l_1)^2 + (u_2 - p_2)^2}, \quad d + \sqrt{(u_1 - p_1)^2 + (p_2 - l_2)^2}

    where :math:`(l_i, u_i)` is Wilson's interval of :math:`p_i`.

    Args:
        first: first proportion, in [0, 1]
        n_first: trials behind it
        second: second proportion, in [0, 1]
        n_second: trials behind it
        level: confidence level, in (0, 1)

    Returns:
        (low, high) of first minus second, in [-1, 1]; (NaN, NaN) for fewer than two trials on a side

    Raises:
        ValueError: if ``level`` is outside (0, 1), or a proportion outside [0, 1]

    >>> [round(end, 4) for end in newcombe(56 / 70, 70, 48 / 80, 80)]
    [0.0524, 0.3339]
    """
    low_1, high_1 = wilson(first * n_first, n_first, level)
    low_2, high_2 = wilson(second * n_second, n_second, level)
    difference = first - second
    return (
        difference - math.hypot(first - low_1, high_2 - second),
        difference + math.hypot(high_1 - first, second - low_2),
    )


def estimate_bounds(estimate: Estimate, level: float) -> Bounds:
    """Interval of one estimate: Wilson for a proportion of independent utterances, else percentiles."""
    clusters = estimate.clusters
    if not clusters.can_vary:
        return Bounds(math.nan, math.nan, NO_INTERVAL, _joined(clusters.why_fixed, clusters.note))
    if estimate.is_proportion and not clusters.codes:
        low, high = wilson(estimate.value * estimate.n_independent, estimate.n_independent, level)
        return Bounds(low, high, "Wilson", clusters.note)
    n = estimate.n_independent
    stand_in = (*wilson(estimate.value * n, n, level), f"Wilson's interval over {n} clusters")
    return _percentile_bounds(estimate.resampled, clusters.method, clusters.note, level, stand_in)


def difference_bounds(first: Estimate, second: Estimate, level: float, names: tuple[str, str]) -> Bounds:
    """Interval of first minus second, two groups resampled independently of each other.

    Args:
        first: minuend
        second: subtrahend, with as many resamples
        level: confidence level, in (0, 1)
        names: what the groups are called in the note

    """
    sides = [(name, side.clusters) for name, side in zip(names, (first, second), strict=True)]
    note = _joined(*(f"{name}: {clusters.note}" for name, clusters in sides if clusters.note))
    fixed = [f"{name}: {clusters.why_fixed}" for name, clusters in sides if not clusters.can_vary]
    if fixed:
        return Bounds(math.nan, math.nan, NO_INTERVAL, _joined(*fixed, note))
    stand_in = (
        *newcombe(first.value, first.n_independent, second.value, second.n_independent, level),
        f"Newcombe's interval over {first.n_independent} and {second.n_independent} clusters",
    )
    methods = dict.fromkeys(clusters.method for _, clusters in sides)
    return _percentile_bounds(first.resampled - second.resampled, " and ".join(methods), note, level, stand_in)


def paired_bounds(resampled: Floats, clusters: Clusters, level: float) -> Bounds:
    """Interval of a mean difference of pairs from its resamples; none where no resample differs from another."""
    if not clusters.can_vary:
        return Bounds(math.nan, math.nan, NO_INTERVAL, _joined(clusters.why_fixed, clusters.note))
    return _percentile_bounds(resampled, clusters.method, clusters.note, level, None)


def _percentile_bounds(
    resampled: Floats, method: str, note: str, level: float, stand_in: tuple[float, float, str] | None
) -> Bounds:
    low, high = percentile_interval(resampled, level)
    n_lost = int((~np.isfinite(resampled)).sum())
    if math.isnan(low):
        return Bounds(low, high, NO_INTERVAL, _joined(f"{n_lost} of {len(resampled)} resamples lack a label", note))
    if high - low <= _ROUNDING:
        if stand_in is None or math.isnan(stand_in[0]):
            return Bounds(math.nan, math.nan, NO_INTERVAL, _joined("no resample differs from another", note))
        return Bounds(stand_in[0], stand_in[1], f"{stand_in[2]}, as no resample differs from another", note)
    lost = f"{n_lost} of {len(resampled)} resamples lack a label and were set aside" if n_lost else ""
    return Bounds(low, high, f"{method}, percentile, {len(resampled)} resamples", _joined(note, lost))


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies in (0, 1), got {level}")
