"""A group's answers together with their resamples: what every score, gap and comparison is computed from.

Conventions:
    The random stream of a group is derived from the seed and from the ids of its utterances: equal groups get equal
    intervals, different groups independent ones, and nothing depends on the order of work.
    The scheme (what is resampled) is chosen for the utterances a number is about: a recall has its own, because an
    emotion may occur in a few texts only.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from emogap.analysis.scored import GapSettings, Scored
from emogap.manifest.labels import LABELS
from emogap.manifest.records import Utterance
from emogap.metrics.bootstrap import resample_counts
from emogap.metrics.classification import accuracy_of, macro_f1_of, unweighted_average_recall_of
from emogap.metrics.clusters import Clusters, choose_clusters
from emogap.metrics.intervals import Estimate

__all__ = ["PairedSample", "Sample", "clusters_of", "stream"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Pooled = Literal["wa", "uar", "macro_f1"]

_FUNCTIONS = {"wa": accuracy_of, "uar": unweighted_average_recall_of, "macro_f1": macro_f1_of}
_N_COLUMNS = len(LABELS) + 1


def clusters_of(utterances: Sequence[Utterance]) -> Clusters:
    """Choose what to resample from the utterances' speakers and texts."""
    return choose_clusters([u.speaker for u in utterances], [u.text_id for u in utterances])


def stream(settings: GapSettings, purpose: str, utterances: Sequence[Utterance]) -> np.random.Generator:
    """Return the random stream of a group of utterances, the same in any order of theirs."""
    digest = hashlib.sha256("\n".join([purpose, *sorted(u.id for u in utterances)]).encode()).digest()
    return np.random.default_rng([settings.seed, int.from_bytes(digest[:8], "little")])


class Sample:
    """The scored answers of one recognizer in one group, with resamples made when first asked for.

    Args:
        scored: at least one utterance
        settings: of the resampling

    """

    def __init__(self, scored: Scored, settings: GapSettings) -> None:
        self.scored = scored
        self.settings = settings

    @property
    def labels(self) -> tuple[str, ...]:
        """Emotions that occur as reference."""
        return self.scored.labels

    @cached_property
    def clusters(self) -> Clusters:
        """What is resampled for metrics over the whole group."""
        return clusters_of(self.scored.utterances)

    def confusion(self, labels: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return counts over ``labels``, shape ``(n_labels, n_labels + 1)``; other rows are left out."""
        cells = np.bincount(self._cells, minlength=len(LABELS) * _N_COLUMNS)
        return _restricted(cells.reshape(len(LABELS), _N_COLUMNS), labels).astype(np.int64)

    def estimate(self, name: Pooled, labels: Sequence[str]) -> Estimate:
        """Return a metric over the utterances whose emotion is in ``labels``."""
        metric = _FUNCTIONS[name]
        if name == "wa":
            n_independent = min(self._clusters_within(labels).n_clusters)
        else:
            n_independent = min(min(self._recalls[label].clusters.n_clusters) for label in labels)
        return Estimate(
            value=float(metric(self.confusion(labels))),
            resampled=metric(_restricted(self._resampled, labels)),
            clusters=self.clusters,
            n_independent=n_independent,
            is_proportion=name == "wa",
        )

    def recall(self, label: str) -> Estimate:
        """Return the recall of an emotion that occurs in the group."""
        return self._recalls[label]

    @cached_property
    def correctness_by_cell(self) -> dict[tuple[str, str], tuple[float, int]]:
        """Mean correctness and number of utterances by (text_id, emotion), of utterances with a text."""
        found: dict[tuple[str, str], list[bool]] = {}
        for utterance, hit in zip(self.scored.utterances, self.scored.hits, strict=True):
            if utterance.text_id is not None and utterance.emotion is not None:
                found.setdefault((utterance.text_id, utterance.emotion), []).append(bool(hit))
        return {cell: (sum(hits) / len(hits), len(hits)) for cell, hits in sorted(found.items())}

    @property
    def _cells(self) -> Codes:
        return self.scored.reference * _N_COLUMNS + self.scored.predicted

    @cached_property
    def _resampled(self) -> Floats:
        """Resampled confusions over all labels, ``(n_resamples, n_labels, n_labels + 1)``."""
        rng = stream(self.settings, "confusion", self.scored.utterances)
        counts = resample_counts(self._cells, len(LABELS) * _N_COLUMNS, self.clusters, self.settings.n_resamples, rng)
        return counts.reshape(-1, len(LABELS), _N_COLUMNS)

    @cached_property
    def _recalls(self) -> dict[str, Estimate]:
        return {label: self._recall(label) for label in self.labels}

    def _recall(self, label: str) -> Estimate:
        part = self.scored.take(np.flatnonzero(self.scored.reference == LABELS.index(label)))
        clusters = clusters_of(part.utterances)
        rng = stream(self.settings, "recall", part.utterances)
        counts = resample_counts(part.hits.astype(np.int64), 2, clusters, self.settings.n_resamples, rng)
        with np.errstate(invalid="ignore"):
            resampled = counts[:, 1] / counts.sum(axis=1)
        return Estimate(float(part.hits.mean()), resampled, clusters, min(clusters.n_clusters), is_proportion=True)

    def _clusters_within(self, labels: Sequence[str]) -> Clusters:
        if tuple(labels) == self.labels:
            return self.clusters
        kept = np.isin(self.scored.reference, [LABELS.index(label) for label in labels])
        return clusters_of(self.scored.take(np.flatnonzero(kept)).utterances)


class PairedSample:
    """Two answers for each utterance: of two recognizers, or to an original and its placebo twin.

    Args:
        first: scored answers
        second: scored answers, row by row the counterparts of ``first``, with the same reference emotions
        settings: of the resampling

    """

    def __init__(self, first: Scored, second: Scored, settings: GapSettings) -> None:
        self.scored = first
        self.first, self.second = first.hits, second.hits
        self.settings = settings

    @property
    def labels(self) -> tuple[str, ...]:
        """Emotions that occur as reference."""
        return self.scored.labels

    @cached_property
    def clusters(self) -> Clusters:
        """What is resampled."""
        return clusters_of(self.scored.utterances)

    def values(self, name: Literal["wa", "uar"]) -> tuple[float, float]:
        """Return the metric of the first and of the second answers."""
        cells = np.bincount(self._categories, minlength=4 * len(LABELS)).reshape(len(LABELS), 2, 2)
        first, second = self._metric(cells, name)
        return float(first), float(second)

    def resampled_difference(self, name: Literal["wa", "uar"]) -> Floats:
        """Return first minus second in each resample, ``(n_resamples,)``; NaN where a label does not occur."""
        first, second = self._metric(self._resampled, name)
        return first - second

    @property
    def _categories(self) -> Codes:
        """Emotion, whether the first is right, whether the second is right, as one number."""
        return self.scored.reference * 4 + 2 * self.first + self.second

    @cached_property
    def _resampled(self) -> Floats:
        rng = stream(self.settings, "pairs", self.scored.utterances)
        counts = resample_counts(self._categories, 4 * len(LABELS), self.clusters, self.settings.n_resamples, rng)
        return counts.reshape(-1, len(LABELS), 2, 2)

    def _metric(self, cells: npt.NDArray[np.number[Any]], name: Literal["wa", "uar"]) -> tuple[Floats, Floats]:
        rows = cells[..., [LABELS.index(label) for label in self.labels], :, :]
        n = rows.sum(axis=(-2, -1))
        return _hit_rate(rows[..., 1, :].sum(axis=-1), n, name), _hit_rate(rows[..., :, 1].sum(axis=-1), n, name)


def _hit_rate(hits: npt.NDArray[np.number[Any]], n: npt.NDArray[np.number[Any]], name: Literal["wa", "uar"]) -> Floats:
    """Return accuracy or mean recall from hits and totals per label, both ``(..., n_labels)``; NaN for 0 of 0."""
    with np.errstate(invalid="ignore"):
        return np.asarray(hits.sum(axis=-1) / n.sum(axis=-1) if name == "wa" else (hits / n).mean(axis=-1), np.float64)


def _restricted(confusions: npt.NDArray[np.number[Any]], labels: Sequence[str]) -> npt.NDArray[np.number[Any]]:
    """Keep the rows of ``labels``; predictions of other labels join the "outside" column."""
    rows = [LABELS.index(label) for label in labels]
    kept = confusions[..., rows, :]
    inside = kept[..., rows]
    outside = kept.sum(axis=-1, keepdims=True) - inside.sum(axis=-1, keepdims=True)
    return np.concatenate([inside, outside], axis=-1)
