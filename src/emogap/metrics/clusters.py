"""Which utterances are not independent of each other, and what may therefore be resampled.

Conventions:
    Utterances are crossed by speaker and by text: two utterances of one talker, or of one sentence, err together,
    and an interval that takes them for independent is too narrow. A key (speaker or text) is resampled when it has
    at least ``MIN_CLUSTERS`` clusters, since with a few clusters a cluster bootstrap is itself far too narrow
    (Cameron, Gelbach & Miller 2008), and when a few large clusters do not dominate: the effective number of clusters
    (Carter, Schnepel & Steigerwald 2017) is at least ``MIN_EFFECTIVE``. A key that does not qualify is held fixed,
    and the note says what the interval is conditional on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["MIN_CLUSTERS", "MIN_EFFECTIVE", "Clusters", "choose_clusters"]

MIN_CLUSTERS = 15
"""Fewest clusters that are resampled; a convention."""

MIN_EFFECTIVE = 10.0
"""Smallest effective number of clusters, ``n**2 / sum(n_c**2)``, that is resampled; a convention."""

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Clusters:
    """A resampling scheme.

    Attributes:
        key: what is resampled: ``speaker x text``, ``speaker``, ``text``, or the unit itself, e.g. ``utterance``
        codes: one array per key, ``(n,)``, cluster of each utterance in ``0..n_clusters-1``; empty for the unit
        n_clusters: clusters per key; for the unit, how many there are
        note: what an interval is conditional on; empty when nothing is held fixed

    """

    key: str
    codes: tuple[Codes, ...]
    n_clusters: tuple[int, ...]
    note: str = ""

    @property
    def can_vary(self) -> bool:
        """Whether there is anything to resample: at least two clusters of every key."""
        return min(self.n_clusters) >= 2

    @property
    def why_fixed(self) -> str:
        """Why there is nothing to resample."""
        return f"fewer than two of: {self.key}"

    @property
    def method(self) -> str:
        """Name of the resampling, e.g. ``two-way cluster bootstrap``."""
        return (f"{self.key} bootstrap", "cluster bootstrap", "two-way cluster bootstrap")[len(self.codes)]


def choose_clusters(
    speakers: Sequence[str | None] | None, texts: Sequence[str | None] | None, unit: str = "utterance"
) -> Clusters:
    """Choose what to resample: speakers and texts (two-way), one of them, or the utterances.

    An utterance without an id stands alone, as a cluster of one, when the key qualifies by the ids there are.

    Args:
        speakers: speaker of each utterance; None when the key does not apply
        texts: identity of each utterance's text; None when the key does not apply
        unit: what an item is called, used where no key qualifies

    Returns:
        the scheme, with its note

    Raises:
        ValueError: if neither key is given, or the two differ in length

    >>> scheme = choose_clusters(["OAF", "YAF"] * 40, [f"word-{n // 2}" for n in range(80)])
    >>> scheme.key, scheme.n_clusters, scheme.note
    ('text', (40,), 'conditional on these 2 speakers')
    >>> choose_clusters(["a", "b", "c", "d"], ["kids", "dogs", "kids", "dogs"]).note
    'conditional on these 4 speakers and on these 2 texts'
    """
    given = [(name, ids) for name, ids in (("speaker", speakers), ("text", texts)) if ids is not None]
    if not given or len({len(ids) for _, ids in given}) != 1:
        raise ValueError("choose_clusters needs speakers or texts, of one length")
    keys: list[str] = []
    codes: list[Codes] = []
    fixed: list[str] = []
    unknown: list[str] = []
    for name, ids in given:
        found, n_known = _encode(ids)
        if n_known >= MIN_CLUSTERS and _effective_number(found) >= MIN_EFFECTIVE:
            keys.append(name)
            codes.append(found)
            n_missing = sum(value is None for value in ids)
            if n_missing:
                unknown.append(f"{n_missing} without a {name} id count as a {name} each")
        elif n_known == 0:
            unknown.append(f"no {name} ids, so what one {name} has in common is not accounted for")
        else:
            fixed.append(_fixed(name, n_known, found))
    note = "; ".join([*(["conditional on " + " and on ".join(fixed)] if fixed else []), *unknown])
    if not keys:
        return Clusters(unit, (), (len(given[0][1]),), note)
    return Clusters(" x ".join(keys), tuple(codes), tuple(int(code.max()) + 1 for code in codes), note)


def _encode(ids: Sequence[str | None]) -> tuple[Codes, int]:
    """Number the clusters in the order of their names; unnamed ones come last, each its own."""
    names = sorted({value for value in ids if value is not None})
    number = {name: index for index, name in enumerate(names)}
    codes = np.empty(len(ids), np.int64)
    free = len(names)
    for index, value in enumerate(ids):
        if value is None:
            codes[index], free = free, free + 1
        else:
            codes[index] = number[value]
    return codes, len(names)


def _effective_number(codes: Codes) -> float:
    sizes = np.bincount(codes)
    return float(sizes.sum() ** 2 / (sizes**2).sum())


def _fixed(name: str, n_known: int, codes: Codes) -> str:
    if n_known == 1:
        return f"this {name}"
    if n_known < MIN_CLUSTERS:
        return f"these {n_known} {name}s"
    return f"these {n_known} {name}s, of very unequal size (effective number {_effective_number(codes):.1f})"
