"""Which utterances a number is about, and how an interval is written down.

Conventions:
    Groups are domain; domain and corpus; domain and system; and all three together where that is not one of the
    former again. A placebo arm is a system of the human domain; groups of plain human speech never hold its
    utterances.
"""

import math
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from emogap.analysis.scored import GapSettings, is_placebo
from emogap.manifest.records import Utterance
from emogap.manifest.scores import Group, Interval
from emogap.metrics.clusters import Clusters
from emogap.metrics.intervals import Bounds

__all__ = ["IntervalFields", "group_members", "interval_fields", "interval_record", "number_or_none"]


class IntervalFields(TypedDict):
    """Fields that a ``Score`` and an ``Interval`` share."""

    low: float | None
    high: float | None
    level: float
    method: str
    cluster_key: str
    n_clusters: tuple[int, ...]
    seed: int
    note: str


def group_members(utterances: tuple[Utterance, ...]) -> dict[Group, npt.NDArray[np.int64]]:
    """Return the groups that utterances form, with the positions of their members.

    Returns:
        positions by group; wider groups first, human before synthesized, placebo arms after plain human speech
    """
    members: dict[Group, list[int]] = {}
    for index, utterance in enumerate(utterances):
        for group in _groups_of(utterance):
            members.setdefault(group, []).append(index)
    kept: dict[Group, npt.NDArray[np.int64]] = {}
    seen: set[tuple[int, ...]] = set()
    for group in sorted(members, key=_order):
        positions = tuple(members[group])
        is_narrowest = group.corpus is not None and group.system is not None
        if is_narrowest and positions in seen:
            continue
        seen.add(positions)
        kept[group] = np.array(positions, np.int64)
    return kept


def interval_fields(bounds: Bounds, clusters: Clusters, settings: GapSettings) -> IntervalFields:
    """Write an interval down; an end that does not exist is None, never NaN."""
    return IntervalFields(
        low=number_or_none(bounds.low),
        high=number_or_none(bounds.high),
        level=settings.level,
        method=bounds.method,
        cluster_key=clusters.key,
        n_clusters=clusters.n_clusters,
        seed=settings.seed,
        note=bounds.note,
    )


def interval_record(bounds: Bounds, clusters: Clusters, settings: GapSettings) -> Interval:
    """Write an interval down as a record of its own."""
    return Interval(**interval_fields(bounds, clusters, settings))


def number_or_none(value: float) -> float | None:
    """Return None for NaN, which JSON does not have.

    >>> number_or_none(float("nan")), number_or_none(0.5)
    (None, 0.5)
    """
    return None if math.isnan(value) else float(value)


def _groups_of(utterance: Utterance) -> list[Group]:
    domain, corpus, system = utterance.domain, utterance.corpus, utterance.system
    if is_placebo(system):
        groups = [Group(domain=domain, system=system), Group(domain=domain, corpus=corpus, system=system)]
    else:
        groups = [
            Group(domain=domain),
            Group(domain=domain, corpus=corpus),
            Group(domain=domain, system=system),
            Group(domain=domain, corpus=corpus, system=system),
        ]
    return list(dict.fromkeys(groups))


def _order(group: Group) -> tuple[str, bool, int, str, str]:
    width = (group.corpus is not None) + (group.system is not None)
    return group.domain, is_placebo(group.system), width, group.corpus or "", group.system or ""
