"""Accuracy, unweighted average recall, macro F1 and the confusion matrix they come from.

Conventions:
    ``labels`` is always given and frozen: a metric whose label set is read off the data changes with the data. A
    prediction outside ``labels``, or None (an answer that could not be parsed), is a miss: it stays in its row of
    the confusion matrix, in a last column of its own, "outside". A label without reference items has no recall:
    that raises, unless ``absent="skip"`` takes the mean over the labels that occur, or ``absent="nan"`` gives NaN.
    Rows are reference emotions, columns are predicted emotions.

Metrics:
    The field writes WA for ``accuracy`` and UA for ``unweighted_average_recall`` (also: balanced accuracy).
    Each metric exists twice, from sequences and, with the suffix ``_of``, from a confusion array of shape
    ``(..., n_labels, n_labels + 1)``; the second is vectorised over the leading axes, so that a bootstrap calls the
    very function that made the point estimate.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from emogap.errors import UnknownNameError

__all__ = [
    "Absent", "accuracy", "accuracy_of", "confusion_matrix", "macro_f1", "macro_f1_of", "recall_of",
    "recall_per_class", "unweighted_average_recall", "unweighted_average_recall_of",
]  # fmt: skip

Absent = Literal["raise", "skip", "nan"]
"""What becomes of a label without reference items."""

Counts = npt.NDArray[np.number[Any]]
Floats = npt.NDArray[np.float64]


def confusion_matrix(
    reference: Sequence[str], predicted: Sequence[str | None], labels: Sequence[str]
) -> npt.NDArray[np.int64]:
    r"""Count predictions by reference label.

    .. math:: C_{ij} = |\{u : \text{reference}_u = i, \text{predicted}_u = j\}|

    Args:
        reference: reference labels, ``(n,)``
        predicted: predicted labels, ``(n,)``; None for an answer that is no label
        labels: the label set, in the order of rows and columns

    Returns:
        counts of shape ``(n_labels, n_labels + 1)``; the last column is "outside"

    Raises:
        ValueError: if ``labels`` is empty or repeats a label
        ValueError: if ``reference`` and ``predicted`` differ in length
        UnknownNameError: if a reference label is not in ``labels``

    >>> confusion_matrix(["sad", "sad", "happy"], ["sad", "calm", None], ["happy", "sad"])
    array([[0, 0, 1],
           [0, 1, 1]])
    """
    row = {label: index for index, label in enumerate(labels)}
    if not row or len(row) != len(labels):
        raise ValueError(f"labels must be distinct and at least one, got {list(labels)}")
    if len(reference) != len(predicted):
        raise ValueError(f"{len(reference)} reference labels but {len(predicted)} predicted labels")
    strangers = sorted({label for label in reference if label not in row})
    if strangers:
        raise UnknownNameError("reference label", strangers[0], labels)
    outside = len(row)
    rows = np.fromiter((row[label] for label in reference), np.int64, len(reference))
    columns = np.fromiter(
        (outside if label is None else row.get(label, outside) for label in predicted), np.int64, len(predicted)
    )
    flat = np.bincount(rows * (outside + 1) + columns, minlength=outside * (outside + 1))
    return flat.reshape(outside, outside + 1).astype(np.int64)


def accuracy(reference: Sequence[str], predicted: Sequence[str | None], labels: Sequence[str]) -> float:
    r"""Fraction of utterances predicted right (WA, "weighted accuracy").

    .. math:: \text{WA} = \frac{\sum_i C_{ii}}{\sum_{ij} C_{ij}}

    Returns:
        value in [0, 1]

    Raises:
        ValueError: if there is no utterance
        ValueError, UnknownNameError: as ``confusion_matrix``

    Notes:
        ``mir_eval.chord.weighted_accuracy`` weights by duration; this does not.

    >>> accuracy(["sad", "sad", "happy"], ["sad", "other", "happy"], ["happy", "sad"])
    0.6666666666666666
    """
    if len(reference) == 0:
        raise ValueError("accuracy of no utterance is not defined")
    return float(accuracy_of(confusion_matrix(reference, predicted, labels)))


def recall_per_class(
    reference: Sequence[str], predicted: Sequence[str | None], labels: Sequence[str], absent: Absent = "raise"
) -> dict[str, float]:
    r"""Recall of each label.

    .. math:: \text{recall}_i = \frac{C_{ii}}{\sum_j C_{ij}}

    Returns:
        values in [0, 1] by label, in the order of ``labels``; with ``absent="skip"`` without the absent labels, with
        ``absent="nan"`` NaN for them

    Raises:
        ValueError: if a label has no reference item and ``absent="raise"``
        ValueError, UnknownNameError: as ``confusion_matrix``

    >>> recall_per_class(["sad", "sad", "happy"], ["sad", "other", "happy"], ["happy", "sad"])
    {'happy': 1.0, 'sad': 0.5}
    """
    counts = confusion_matrix(reference, predicted, labels)
    _check_absent(counts, labels, absent)
    recalls = zip(labels, recall_of(counts), strict=True)
    return {label: float(value) for label, value in recalls if absent == "nan" or np.isfinite(value)}


def unweighted_average_recall(
    reference: Sequence[str], predicted: Sequence[str | None], labels: Sequence[str], absent: Absent = "raise"
) -> float:
    r"""Mean of the recalls of all labels (UAR, UA, "balanced accuracy").

    .. math:: \text{UAR} = \frac{1}{K} \sum_{i=1}^{K} \frac{C_{ii}}{\sum_j C_{ij}}

    Returns:
        value in [0, 1]; chance is 1/K

    Raises:
        ValueError: if a label has no reference item and ``absent="raise"``, or no label has one
        ValueError, UnknownNameError: as ``confusion_matrix``

    Notes:
        Definitions differ where a prediction lies outside ``labels``. Here it stays in the denominator, as in
        ``sklearn.metrics.recall_score(average="macro", labels=labels)``. ``sklearn.metrics.balanced_accuracy_score``
        agrees for labels seen in the reference; ``audmetric`` with explicit labels leaves such rows out and scores
        higher. Absent labels count as 0 in ``audmetric`` and are skipped in the paper's training code.

    >>> unweighted_average_recall(["angry", "angry", "sad", "sad"], ["angry", "other", "sad", "sad"], ["angry", "sad"])
    0.75
    """
    counts = confusion_matrix(reference, predicted, labels)
    _check_absent(counts, labels, absent)
    return float(unweighted_average_recall_of(counts, "nan" if absent == "nan" else "skip"))


def macro_f1(
    reference: Sequence[str], predicted: Sequence[str | None], labels: Sequence[str], absent: Absent = "raise"
) -> float:
    r"""Mean of the F1 of all labels.

    .. math:: \text{F1}_i = \frac{2 C_{ii}}{\sum_j C_{ij} + \sum_j C_{ji}}

    Returns:
        value in [0, 1]

    Raises:
        ValueError: if a label has no reference item and ``absent="raise"``, or no label has one
        ValueError, UnknownNameError: as ``confusion_matrix``

    Notes:
        This is the mean of the F1 values, as in sklearn, not the F1 of mean precision and mean recall (Opitz &
        Burst 2019, arXiv:1911.03347), and not the F1 weighted by class sizes, which the paper's code calls macro.
        With ``absent="skip"``, a prediction of an absent label is a miss of its own row and no false alarm.

    >>> round(macro_f1(["sad", "sad", "happy"], ["sad", "happy", "happy"], ["happy", "sad"]), 4)
    0.6667
    """
    counts = confusion_matrix(reference, predicted, labels)
    _check_absent(counts, labels, absent)
    return float(macro_f1_of(counts, "nan" if absent == "nan" else "skip"))


def accuracy_of(confusion: Counts) -> Floats:
    """Return accuracy over confusions of shape ``(..., n_labels, n_labels + 1)``; NaN for an empty one.

    >>> accuracy_of(np.array([[3, 1, 0], [0, 2, 2]]))
    array(0.625)
    """
    hits = np.diagonal(_checked(confusion), axis1=-2, axis2=-1).sum(axis=-1)
    return _divide(hits, confusion.sum(axis=(-2, -1)))


def recall_of(confusion: Counts) -> Floats:
    """Return recall per label, shape ``(..., n_labels)``; NaN for a label without reference items.

    >>> recall_of(np.array([[3, 1, 0], [0, 2, 2]]))
    array([0.75, 0.5 ])
    """
    hits = np.diagonal(_checked(confusion), axis1=-2, axis2=-1)
    return _divide(hits, confusion.sum(axis=-1))


def unweighted_average_recall_of(confusion: Counts, absent: Literal["skip", "nan"] = "nan") -> Floats:
    """Return the mean recall over confusions of shape ``(..., n_labels, n_labels + 1)``.

    An absent label gives NaN, or is left out of its own confusion's mean with ``absent="skip"``.

    >>> unweighted_average_recall_of(np.array([[3, 1, 0], [0, 2, 2]]))
    array(0.625)
    """
    return _mean_over_labels(recall_of(confusion), absent)


def macro_f1_of(confusion: Counts, absent: Literal["skip", "nan"] = "nan") -> Floats:
    """Return macro F1 over confusions of shape ``(..., n_labels, n_labels + 1)``; ``absent`` as for the mean recall.

    >>> macro_f1_of(np.array([[2, 0, 0], [0, 2, 0]]))
    array(1.)
    """
    hits = np.diagonal(_checked(confusion), axis1=-2, axis2=-1)
    rows = confusion.sum(axis=-1)
    columns = confusion[..., :-1].sum(axis=-2)
    f1 = np.where(rows > 0, _divide(2 * hits, rows + columns), np.nan)
    return _mean_over_labels(f1, absent)


def _mean_over_labels(values: Floats, absent: Literal["skip", "nan"]) -> Floats:
    if absent == "nan":
        return np.asarray(values.mean(axis=-1))
    present = np.isfinite(values)
    return _divide(np.where(present, values, 0.0).sum(axis=-1), present.sum(axis=-1))


def _divide(numerator: Counts, denominator: Counts) -> Floats:
    """Divide; NaN where the denominator is 0."""
    shape = np.broadcast_shapes(np.shape(numerator), np.shape(denominator))
    quotient: Floats = np.full(shape, np.nan)
    np.divide(numerator, denominator, out=quotient, where=np.asarray(denominator) != 0)
    return quotient


def _checked(confusion: Counts) -> Counts:
    if confusion.ndim < 2 or confusion.shape[-1] != confusion.shape[-2] + 1:
        raise ValueError(f"a confusion has shape (..., n_labels, n_labels + 1), got {confusion.shape}")
    return confusion


def _check_absent(confusion: Counts, labels: Sequence[str], absent: Absent) -> None:
    missing = [label for label, count in zip(labels, confusion.sum(axis=-1), strict=True) if count == 0]
    if len(missing) == len(labels):
        raise ValueError("no utterance: the mean over labels is not defined")
    if missing and absent == "raise":
        raise ValueError(
            f"no reference item of: {', '.join(missing)}; leave them out of labels, or pass absent='skip' to take the "
            "mean over the labels that occur"
        )
