"""Classification metrics against hand-worked cases and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from emogap.errors import UnknownNameError
from emogap.metrics import classification as cl

LABELS = ("angry", "happy", "neutral", "sad")
OTHER = "calm"  # a label outside the label set

answers = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from((*LABELS, OTHER, None))), min_size=1, max_size=60)


def split(pairs):
    reference, predicted = zip(*pairs, strict=True)
    return list(reference), list(predicted)


@pytest.fixture
def plain():
    rng = np.random.default_rng(3)
    reference = rng.choice(LABELS, 400)
    predicted = np.where(rng.random(400) < 0.6, reference, rng.choice([*LABELS, OTHER], 400))
    return reference.tolist(), predicted.tolist()


def test_agrees_with_sklearn(plain):
    reference, predicted = plain
    assert cl.accuracy(*plain, LABELS) == pytest.approx(sk.accuracy_score(*plain), abs=1e-12)
    recalls = sk.recall_score(reference, predicted, labels=LABELS, average=None)
    assert list(cl.recall_per_class(*plain, LABELS).values()) == pytest.approx(list(recalls), abs=1e-12)
    assert cl.unweighted_average_recall(*plain, LABELS) == pytest.approx(recalls.mean(), abs=1e-12)
    f1 = sk.f1_score(reference, predicted, labels=LABELS, average="macro")
    assert cl.macro_f1(*plain, LABELS) == pytest.approx(f1, abs=1e-12)


def test_balanced_accuracy_of_sklearn_agrees_within_the_label_set(plain):
    inside = [(r, p) for r, p in zip(*plain, strict=True) if p in LABELS]
    reference, predicted = split(inside)
    expected = sk.balanced_accuracy_score(reference, predicted)
    assert cl.unweighted_average_recall(reference, predicted, LABELS) == pytest.approx(expected, abs=1e-12)


def test_confusion_is_sklearns_with_the_outside_column(plain):
    counts = cl.confusion_matrix(*plain, LABELS)
    full = sk.confusion_matrix(*plain, labels=[*LABELS, OTHER])
    assert counts.shape == (4, 5)
    assert (counts == full[:4]).all()


def test_a_prediction_outside_the_labels_is_a_miss_and_not_dropped():
    # The case of docs that splits the libraries: 0.75 here, 1.00 where the row is left out.
    reference, predicted = ["angry", "angry", "sad", "sad"], ["angry", "other", "sad", "sad"]
    assert cl.unweighted_average_recall(reference, predicted, ["angry", "sad"]) == 0.75
    assert cl.accuracy(reference, [*predicted[:3], None], ["angry", "sad"]) == 0.5
    assert cl.confusion_matrix(reference, predicted, ["angry", "sad"]).tolist() == [[1, 0, 1], [0, 2, 0]]


def test_a_label_without_reference_items():
    reference, predicted = ["angry", "angry"], ["angry", "sad"]
    for metric in (cl.unweighted_average_recall, cl.macro_f1, cl.recall_per_class):
        with pytest.raises(ValueError, match=r"no reference item of: sad.*absent='skip'"):
            metric(reference, predicted, ["angry", "sad"])
    assert cl.unweighted_average_recall(reference, predicted, ["angry", "sad"], absent="skip") == 0.5
    assert np.isnan(cl.unweighted_average_recall(reference, predicted, ["angry", "sad"], absent="nan"))
    assert cl.recall_per_class(reference, predicted, ["angry", "sad"], absent="skip") == {"angry": 0.5}
    assert list(cl.recall_per_class(reference, predicted, ["angry", "sad"], absent="nan")) == ["angry", "sad"]
    assert cl.macro_f1(reference, predicted, ["angry", "sad"], absent="skip") == pytest.approx(2 / 3)


def test_bad_input_is_refused():
    with pytest.raises(UnknownNameError, match=r"unknown reference label 'hapy'.*'happy'"):
        cl.confusion_matrix(["hapy"], ["happy"], LABELS)
    with pytest.raises(ValueError, match="2 reference labels but 1 predicted"):
        cl.accuracy(["sad", "sad"], ["sad"], LABELS)
    with pytest.raises(ValueError, match="distinct"):
        cl.confusion_matrix(["sad"], ["sad"], ["sad", "sad"])
    with pytest.raises(ValueError, match="distinct"):
        cl.confusion_matrix([], [], [])
    for metric in (cl.accuracy, cl.unweighted_average_recall, cl.macro_f1):
        with pytest.raises(ValueError, match="no utterance"):
            metric([], [], LABELS)
    with pytest.raises(ValueError, match="shape"):
        cl.accuracy_of(np.zeros((3, 3), int))


@settings(deadline=None)
@given(answers, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_values_are_fractions(pairs, random):
    shuffled = list(pairs)
    random.shuffle(shuffled)
    for metric in (cl.accuracy, cl.unweighted_average_recall, cl.macro_f1):
        options = {} if metric is cl.accuracy else {"absent": "skip"}
        value = metric(*split(pairs), LABELS, **options)
        assert 0 <= value <= 1
        assert metric(*split(shuffled), LABELS, **options) == pytest.approx(value, abs=1e-12)


@settings(deadline=None)
@given(answers)
def test_relabelling_both_sides_changes_nothing(pairs):
    new = dict(zip(LABELS, ("w", "x", "y", "z"), strict=True)) | {OTHER: "v", None: None}
    renamed = [(new[r], new[p]) for r, p in pairs]
    value = cl.unweighted_average_recall(*split(pairs), LABELS, absent="skip")
    assert cl.unweighted_average_recall(*split(renamed), "wxyz", absent="skip") == value


@settings(deadline=None)
@given(st.lists(answers, min_size=1, max_size=4))
def test_leading_axes_are_vectorised(many):
    stacked = np.stack([cl.confusion_matrix(*split(pairs), LABELS) for pairs in many])
    for index, pairs in enumerate(many):
        one = split(pairs)
        assert cl.accuracy_of(stacked)[index] == cl.accuracy(*one, LABELS)
        expected = cl.unweighted_average_recall(*one, LABELS, absent="skip")
        assert cl.unweighted_average_recall_of(stacked, "skip")[index] == expected
        assert cl.macro_f1_of(stacked, "skip")[index] == cl.macro_f1(*one, LABELS, absent="skip")


def test_empty_confusions_have_no_value():
    nothing = np.zeros((2, 3), int)
    assert np.isnan(cl.accuracy_of(nothing))
    assert np.isnan(cl.unweighted_average_recall_of(nothing, "skip"))
    assert np.isnan(cl.recall_of(nothing)).all()
