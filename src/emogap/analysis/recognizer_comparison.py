"""Two recognizers on the same utterances, group by group.

Conventions:
    Only utterances that both answers count for are compared. Accuracy of independent utterances is tested by the
    exact McNemar test; where utterances come in clusters, and for the mean recall, recognizers are swapped within whole
    clusters (sign-flip permutation). Where speakers and texts both qualify as clusters, the coarser key is used.
    Holm's correction is over all comparisons of one call.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from emogap.analysis.groups import group_members, interval_record
from emogap.analysis.samples import PairedSample, stream
from emogap.analysis.scored import GapSettings, Scored, is_placebo
from emogap.manifest.scores import Comparison, Group
from emogap.metrics.clusters import Clusters
from emogap.metrics.comparison import cluster_contributions, holm, mcnemar_exact, sign_flip_test
from emogap.metrics.intervals import paired_bounds

__all__ = ["compare_recognizers"]

_FEWEST_DRAWS = 10_000
"""Sign patterns drawn at least: the smallest p-value they can give must survive Holm's correction."""


def compare_recognizers(scored: Sequence[tuple[str, Scored]], settings: GapSettings) -> tuple[Comparison, ...]:
    """Compare the first recognizer with each of the others.

    Args:
        scored: recognizer ids with their scored answers, the first being compared with the rest
        settings: of intervals and tests

    Returns:
        one comparison per metric and distinct group (domain, corpus, system; no placebo arms), with Holm's correction
    """
    found: list[Comparison] = []
    for name, answers in scored[1:]:
        first, second = _common(scored[0][1], answers)
        for group, positions in _distinct_groups(first):
            pairs = PairedSample(first.take(positions), second.take(positions), settings)
            found += _comparisons((scored[0][0], name), group, pairs, settings)
    corrected = holm([comparison.p_value for comparison in found])
    return tuple(msgspec.structs.replace(comparison, p_holm=p) for comparison, p in zip(found, corrected, strict=True))


def _common(first: Scored, second: Scored) -> tuple[Scored, Scored]:
    where = {utterance.id: index for index, utterance in enumerate(second.utterances)}
    mine = [index for index, utterance in enumerate(first.utterances) if utterance.id in where]
    theirs = [where[first.utterances[index].id] for index in mine]
    return first.take(np.array(mine, np.int64)), second.take(np.array(theirs, np.int64))


def _distinct_groups(scored: Scored) -> Iterator[tuple[Group, npt.NDArray[np.int64]]]:
    """Yield groups once: the same utterances under two names would count twice in Holm's correction."""
    seen: set[bytes] = set()
    for group, positions in group_members(scored.utterances).items():
        is_narrowest = group.corpus is not None and group.system is not None
        if is_placebo(group.system) or is_narrowest or positions.tobytes() in seen:
            continue
        seen.add(positions.tobytes())
        yield group, positions


def _comparisons(
    names: tuple[str, str], group: Group, pairs: PairedSample, settings: GapSettings
) -> Iterator[Comparison]:
    metrics: tuple[Literal["wa", "uar"], ...] = ("wa", "uar")
    for metric in metrics:
        value, other_value = pairs.values(metric)
        bounds = paired_bounds(pairs.resampled_difference(metric), pairs.clusters, settings.level)
        p_value, method = _test(pairs, metric, settings)
        yield Comparison(
            name=metric,
            recognizer=names[0],
            other=names[1],
            group=group,
            value=value,
            other_value=other_value,
            difference=value - other_value,
            interval=interval_record(bounds, pairs.clusters, settings),
            p_value=p_value,
            p_holm=p_value,
            method=method,
            n=len(pairs.first),
        )


def _test(pairs: PairedSample, metric: Literal["wa", "uar"], settings: GapSettings) -> tuple[float, str]:
    first, second = pairs.first, pairs.second
    key, codes = _coarsest(pairs.clusters)
    if metric == "wa" and codes is None:
        return mcnemar_exact(int((first & ~second).sum()), int((second & ~first).sum())), "exact McNemar"
    if codes is None:
        codes = np.arange(len(first))
    parts = cluster_contributions(first, second, pairs.scored.reference, codes, per_label=metric == "uar")
    rng = stream(settings, f"signs {metric}", pairs.scored.utterances)
    p_value, method = sign_flip_test(parts, max(settings.n_resamples, _FEWEST_DRAWS), rng)
    return p_value, f"{method}, swapped within each {key}"


def _coarsest(clusters: Clusters) -> tuple[str, npt.NDArray[np.int64] | None]:
    """Return the key with the fewest clusters; None for codes when utterances are the unit."""
    if not clusters.codes:
        return clusters.key, None
    keys = clusters.key.split(" x ")
    coarsest = int(np.argmin(clusters.n_clusters))
    return keys[coarsest], clusters.codes[coarsest]
