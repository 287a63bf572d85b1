"""Fitting a linear head on pooled frames, and choosing it by grouped inner validation.

Conventions:
    Vectors have shape ``(n_utterances, pooled_dim)``, one array per pooling; ``columns`` holds the column of each
    reference label. The head is a linear discriminant analysis with shrinkage: it has a closed form, so the same data
    give the same head, and on few talkers it beat logistic regression and support vector machines on these features.
    Labels have equal priors, because UA counts all labels alike.

    Whatever is chosen (pooling, balance, shrinkage, temperature) is chosen on folds inside the training data whose
    groups, talkers or texts, are never on both sides.

References:
    O. Ledoit and M. Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", Journal of
    Multivariate Analysis 88(2), 2004, for shrinkage towards a scaled identity.
    C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017 (arXiv:1706.04599), for the temperature.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve
from threadpoolctl import threadpool_limits

from emogap.metrics.calibration import fit_temperature
from emogap.metrics.classification import unweighted_average_recall

__all__ = ["BALANCES", "Balance", "Candidate", "Examples", "Linear", "Selection", "fit", "grouped_folds", "select"]

Floats = npt.NDArray[np.float64]
Columns = npt.NDArray[np.int64]
Names = npt.NDArray[np.str_]

Balance = Literal["utterance", "corpus", "talker"]
BALANCES: tuple[Balance, ...] = ("utterance", "corpus", "talker")
"""What weighs the same in a fit: every utterance, every corpus, or every talker."""


class Candidate(NamedTuple):
    """One way to make a head.

    Attributes:
        pooling: key of ``Examples.vectors``
        balance: a member of ``BALANCES``
        shrinkage: of the within-label covariance towards a scaled identity, above 0 and up to 1

    """

    pooling: str
    balance: Balance
    shrinkage: float


@dataclass(frozen=True)
class Examples:
    """Human utterances to fit on.

    Attributes:
        vectors: by pooling, ``(n, pooled_dim)``
        labels: the label set; ``columns`` points into it
        columns: ``(n,)`` reference labels
        corpora: ``(n,)`` names
        talkers: ``(n,)`` names
        groups: ``(n,)`` units of inner validation: talkers where a corpus has many, texts where it has not

    """

    vectors: Mapping[str, npt.NDArray[np.float32]]
    labels: tuple[str, ...]
    columns: Columns
    corpora: Names
    talkers: Names
    groups: Names

    def __len__(self) -> int:
        """Number of utterances."""
        return len(self.columns)

    def only(self, chosen: npt.NDArray[np.bool_]) -> "Examples":
        """Return the utterances where ``chosen`` is true."""
        return Examples(
            {pooling: vectors[chosen] for pooling, vectors in self.vectors.items()},
            self.labels, self.columns[chosen], self.corpora[chosen], self.talkers[chosen], self.groups[chosen],
        )  # fmt: skip


class Linear(NamedTuple):
    """Weights ``(n_labels, pooled_dim)`` and bias ``(n_labels,)``; standardisation is folded in."""

    weights: Floats
    bias: Floats

    def logits(self, vectors: npt.NDArray[np.float32]) -> Floats:
        """Return ``(n, n_labels)`` logits of ``(n, pooled_dim)`` vectors."""
        return np.asarray(vectors.astype(np.float64) @ self.weights.T + self.bias)


@dataclass(frozen=True)
class Selection:
    """What inner validation chose.

    Attributes:
        candidate: the winner
        temperature: fitted on its held-out logits of utterances whose talker was held out too
        tried: UA on held-out groups by corpus, of every candidate

    """

    candidate: Candidate
    temperature: float
    tried: Mapping[Candidate, Mapping[str, float]]

    @property
    def uar(self) -> Mapping[str, float]:
        """UA of the winner on held-out groups, by corpus."""
        return self.tried[self.candidate]


def fit(examples: Examples, candidate: Candidate) -> Linear:
    """Fit a head; the same examples in the same order give the same numbers.

    Raises:
        ValueError: if a label has no example, or the shrinkage is not above 0 and up to 1

    """
    return _fit_path(examples, candidate.pooling, candidate.balance, [candidate.shrinkage])[0]


def select(
    examples: Examples, candidates: Sequence[Candidate], n_folds: int, floors: Mapping[str, float] | None = None
) -> Selection:
    """Choose by UA on held-out groups, mean over corpora; of equals the first candidate wins.

    Args:
        examples: training utterances
        candidates: what to choose from
        n_folds: inner folds
        floors: UA by corpus that a winner must reach; if no candidate reaches them all, they are set aside

    Raises:
        ValueError: if there is no candidate, or a label has no example outside a fold

    """
    if not candidates:
        raise ValueError("nothing to choose from: no candidate")
    folds = grouped_folds(examples.corpora, examples.groups, n_folds)
    logits = {candidate: np.zeros((len(examples), len(examples.labels))) for candidate in candidates}
    for fold in range(n_folds):
        held_out = folds == fold
        if not held_out.any():
            continue
        seen = examples.only(~held_out)
        for (pooling, balance), alike in groupby(sorted(candidates), key=lambda c: (c.pooling, c.balance)):
            group = list(alike)
            path = _fit_path(seen, pooling, balance, [candidate.shrinkage for candidate in group])
            for candidate, linear in zip(group, path, strict=True):
                logits[candidate][held_out] = linear.logits(examples.vectors[pooling][held_out])
    tried = {candidate: _uar_by_corpus(examples, logits[candidate]) for candidate in candidates}
    able = [c for c in candidates if all(tried[c][corpus] >= floor for corpus, floor in (floors or {}).items())]
    best = max(able or candidates, key=lambda candidate: float(np.mean(list(tried[candidate].values()))))
    by_talker = examples.groups == examples.talkers
    judged = by_talker if by_talker.any() else np.ones(len(examples), dtype=bool)
    temperature = fit_temperature(logits[best][judged], examples.columns[judged])
    return Selection(best, temperature, tried)


def grouped_folds(corpora: Names, groups: Names, n_folds: int) -> Columns:
    """Deal the groups of each corpus, in order of name, to folds in turn.

    Returns:
        ``(n,)`` fold of each utterance; utterances of one group share a fold

    Raises:
        ValueError: if a corpus has fewer than two groups, so that nothing could be held out

    >>> grouped_folds(np.array(["a"] * 4), np.array(["x", "y", "z", "x"]), 2)
    array([0, 1, 0, 0])
    """
    folds = np.zeros(len(groups), dtype=np.int64)
    for corpus in np.unique(corpora):
        members = corpora == corpus
        names, position = np.unique(groups[members], return_inverse=True)
        if len(names) < 2:
            raise ValueError(f"corpus {corpus!r} has one group only ({names[0]!r}): nothing can be held out")
        folds[members] = position % n_folds
    return folds


def _weights(examples: Examples, balance: Balance) -> Floats:
    """Return ``(n,)`` weights, mean 1."""
    if balance == "utterance":
        return np.ones(len(examples))
    names = examples.corpora if balance == "corpus" else examples.talkers
    _, position, counts = np.unique(names, return_inverse=True, return_counts=True)
    return np.asarray(len(names) / (len(counts) * counts[position]), dtype=np.float64)


def _fit_path(examples: Examples, pooling: str, balance: Balance, shrinkages: Sequence[float]) -> list[Linear]:
    """Fit one head per shrinkage; they share the covariance."""
    if not all(0 < shrinkage <= 1 for shrinkage in shrinkages):
        raise ValueError(f"a shrinkage is above 0 and up to 1, got {list(shrinkages)}")
    missing = [label for k, label in enumerate(examples.labels) if not (examples.columns == k).any()]
    if missing:
        raise ValueError(f"no training example of: {', '.join(missing)}")
    with threadpool_limits(limits=1):  # sums in one order, whatever the number of cores
        weights = _weights(examples, balance)
        vectors = examples.vectors[pooling].astype(np.float64)
        centre = np.average(vectors, axis=0, weights=weights)
        scale = np.sqrt(np.average((vectors - centre) ** 2, axis=0, weights=weights))
        scale[scale < 1e-9] = 1.0  # a value that never varies carries nothing
        vectors = (vectors - centre) / scale
        means = np.stack(
            [
                np.average(vectors[examples.columns == k], axis=0, weights=weights[examples.columns == k])
                for k in range(len(examples.labels))
            ]
        )
        within = (vectors - means[examples.columns]) * np.sqrt(weights / weights.sum())[:, np.newaxis]
        covariance = within.T @ within
        path = []
        for shrinkage in shrinkages:
            shrunk = (1 - shrinkage) * covariance
            shrunk[np.diag_indices_from(shrunk)] += shrinkage * np.trace(covariance) / len(covariance)
            directions = solve(shrunk, means.T, assume_a="pos").T
            bias = -0.5 * (directions * means).sum(axis=1) - (directions / scale) @ centre
            path.append(Linear(directions / scale, bias))
    return path


def _uar_by_corpus(examples: Examples, logits: Floats) -> dict[str, float]:
    names = np.array(examples.labels)
    reference, predicted = names[examples.columns], names[logits.argmax(axis=1)]
    found = {}
    for corpus in np.unique(examples.corpora):
        members = examples.corpora == corpus
        spoken = [label for label in examples.labels if label in reference[members]]
        found[str(corpus)] = unweighted_average_recall(
            reference[members].tolist(), predicted[members].tolist(), labels=spoken
        )
    return found
