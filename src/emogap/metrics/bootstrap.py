"""Bootstrap by weights: resampling is one matrix product, never a loop over utterances.

Conventions:
    A metric here is a function of sums over utterances (a confusion matrix, errors and words). To draw clusters with
    replacement is to weigh each cluster by how often it was drawn, so all resamples are ``weights @ sums per
    cluster``. Drawing utterances with replacement is a multinomial draw over the cells of the confusion matrix:
    the same distribution as redrawing rows, without the rows. The two-way ("pigeonhole") bootstrap draws speakers
    and texts independently; an utterance weighs the product of its two weights [Owen 2007, Annals of Applied
    Statistics 1(2); Owen & Eckles 2012, ibid. 6(3)]. It errs on the wide side: noise that belongs to neither key
    counts three times, so an interval is up to 1.7 times too wide where neither key matters.
    Memory is bounded: weights are made in chunks of resamples.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from emogap.metrics.clusters import Clusters

__all__ = ["resample_counts", "resample_sums"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

_CHUNK_CELLS = 2_000_000
"""Cells of the largest array made at once (16 MB of float64)."""


def resample_counts(
    categories: Codes, n_categories: int, clusters: Clusters, n_resamples: int, rng: np.random.Generator
) -> Floats:
    """Resample how often each category occurs, e.g. each cell of a confusion matrix.

    Args:
        categories: category of each utterance, ``(n,)``, in ``0..n_categories-1``
        n_categories: number of categories
        clusters: what is drawn with replacement
        n_resamples: number of resamples
        rng: source of randomness

    Returns:
        counts of shape ``(n_resamples, n_categories)``; whole numbers, as float

    Raises:
        ValueError: if there is no utterance, or ``n_resamples`` is below 1

    >>> scheme = Clusters("utterance", (), (4,))
    >>> counts = resample_counts(np.array([0, 0, 1, 1]), 3, scheme, 1000, np.random.default_rng(0))
    >>> counts.shape, np.unique(counts[:, 2]), bool(abs(counts[:, 0].mean() - 2) < 0.1)
    ((1000, 3), array([0.]), True)
    """
    _check(len(categories), n_resamples)
    if not clusters.codes:
        observed = np.bincount(categories, minlength=n_categories)
        drawn = rng.multinomial(len(categories), observed / len(categories), size=n_resamples)
        return drawn.astype(np.float64)
    if len(clusters.codes) == 1:
        flat = np.bincount(
            clusters.codes[0] * n_categories + categories, minlength=clusters.n_clusters[0] * n_categories
        )
        return _one_way(flat.reshape(-1, n_categories).astype(np.float64), n_resamples, rng)
    ones = np.ones(len(categories))
    return _two_way(_Entries(clusters, np.arange(len(ones)), categories, ones, n_categories), n_resamples, rng)


def resample_sums(
    tables: npt.NDArray[np.number[Any]], clusters: Clusters, n_resamples: int, rng: np.random.Generator
) -> Floats:
    """Resample sums over utterances of any numbers, e.g. word errors and words.

    Args:
        tables: numbers of each utterance, ``(n, n_columns)``
        clusters: what is drawn with replacement
        n_resamples: number of resamples
        rng: source of randomness

    Returns:
        sums of shape ``(n_resamples, n_columns)``

    Raises:
        ValueError: if there is no utterance, or ``n_resamples`` is below 1

    >>> scheme = Clusters("text", (np.array([0, 0, 1]),), (2,))
    >>> sums = resample_sums(np.array([[1.0], [2.0], [10.0]]), scheme, 500, np.random.default_rng(0))
    >>> np.unique(sums)
    array([ 6., 13., 20.])
    """
    _check(len(tables), n_resamples)
    rows: Floats = np.asarray(tables, np.float64)
    if not clusters.codes:
        return _one_way(rows, n_resamples, rng)
    if len(clusters.codes) == 1:
        per_cluster = np.zeros((clusters.n_clusters[0], rows.shape[1]))
        np.add.at(per_cluster, clusters.codes[0], rows)
        return _one_way(per_cluster, n_resamples, rng)
    utterances, columns = np.nonzero(rows)
    entries = _Entries(clusters, utterances, columns, rows[utterances, columns], rows.shape[1])
    return _two_way(entries, n_resamples, rng)


def _check(n: int, n_resamples: int) -> None:
    if n == 0 or n_resamples < 1:
        raise ValueError(f"a bootstrap needs utterances and resamples, got {n} and {n_resamples}")


def _weights(n_clusters: int, n_resamples: int, rng: np.random.Generator) -> Floats:
    """Draw how often each cluster is drawn, ``(n_resamples, n_clusters)``; rows sum to ``n_clusters``.

    The counts of uniform draws are a multinomial, and counting them is faster than one binomial per cluster.
    """
    drawn = rng.integers(0, n_clusters, (n_resamples, n_clusters))
    drawn += np.arange(n_resamples)[:, None] * n_clusters
    counts = np.bincount(drawn.ravel(), minlength=n_resamples * n_clusters)
    return counts.reshape(n_resamples, n_clusters).astype(np.float64)


def _one_way(per_cluster: Floats, n_resamples: int, rng: np.random.Generator) -> Floats:
    n_clusters, n_columns = per_cluster.shape
    used = np.flatnonzero(per_cluster.any(axis=0))
    sums = np.zeros((n_resamples, n_columns))
    chunk = max(1, _CHUNK_CELLS // n_clusters)
    for start in range(0, n_resamples, chunk):
        stop = min(start + chunk, n_resamples)
        sums[start:stop, used] = _weights(n_clusters, stop - start, rng) @ per_cluster[:, used]
    return sums


class _Entries:
    """Numbers at (speaker, text, column), grouped for the two-way bootstrap.

    A sparse matrix maps the weights of the key with more clusters to (column, cluster of the other key) pairs; the
    pairs are then weighed by the other key and added up within each column.
    """

    def __init__(self, clusters: Clusters, utterances: Codes, columns: Codes, amounts: Floats, n_columns: int) -> None:
        many, few = sorted(range(2), key=lambda key: -clusters.n_clusters[key])
        self.n_many, self.n_few = clusters.n_clusters[many], clusters.n_clusters[few]
        self.n_columns = n_columns
        pairs, pair_of_entry = np.unique(columns * self.n_few + clusters.codes[few][utterances], return_inverse=True)
        self.pair_few = pairs % self.n_few
        self.columns, self.first_pair = np.unique(pairs // self.n_few, return_index=True)
        self.n_pairs = len(pairs)
        self.by_many = scipy.sparse.csr_array(
            (amounts, (pair_of_entry, clusters.codes[many][utterances])), shape=(self.n_pairs, self.n_many)
        )


def _two_way(entries: _Entries, n_resamples: int, rng: np.random.Generator) -> Floats:
    sums = np.zeros((n_resamples, entries.n_columns))
    if entries.n_pairs == 0:
        return sums
    chunk = max(1, _CHUNK_CELLS // max(entries.n_pairs, entries.n_many))
    for start in range(0, n_resamples, chunk):
        stop = min(start + chunk, n_resamples)
        many = _weights(entries.n_many, stop - start, rng)
        few = _weights(entries.n_few, stop - start, rng)
        weighed = (entries.by_many @ many.T) * few.T[entries.pair_few]
        sums[start:stop, entries.columns] = np.add.reduceat(weighed, entries.first_pair, axis=0).T
    return sums
