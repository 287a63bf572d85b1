import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.preprocessing import StandardScaler

from emogap.training.head import Candidate, Examples, fit, grouped_folds, select

LABELS = ("angry", "happy", "sad")


def some_examples(n_per_cell=4, spread=1.0, seed=0):
    """Corpus `few` has 2 talkers and 10 texts, corpus `many` 10 talkers; labels are 1.5 apart in one pooling."""
    rng = np.random.default_rng(seed)
    columns, corpora, talkers, groups = [], [], [], []
    for corpus, names in (("few", ["f0", "f1"]), ("many", [f"m{i}" for i in range(10)])):
        for talker in names:
            for column in range(3):
                for text in range(n_per_cell):
                    columns.append(column)
                    corpora.append(corpus)
                    talkers.append(talker)
                    groups.append(talker if corpus == "many" else f"text-{text}")
    columns = np.array(columns)
    good = spread * rng.standard_normal((len(columns), 6))
    good[np.arange(len(columns)), columns] += 1.5
    vectors = {"noise": rng.standard_normal((len(columns), 6)), "good": 100 * good + 7}
    return Examples(
        {name: v.astype(np.float32) for name, v in vectors.items()},
        LABELS, columns, np.array(corpora), np.array(talkers), np.array(groups),
    )  # fmt: skip


def test_agrees_with_scikit_learn():
    examples = some_examples(seed=3)
    vectors = examples.vectors["good"]
    linear = fit(examples, Candidate("good", "utterance", 0.2))
    theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.2, priors=[1 / 3] * 3)
    scaled = StandardScaler().fit_transform(vectors.astype(np.float64))
    theirs.fit(scaled, examples.columns)
    # scikit-learn pools the covariances of the labels with their priors, which are equal here as the labels are
    np.testing.assert_array_equal(linear.logits(vectors).argmax(axis=1), theirs.predict(scaled))
    ours = linear.logits(vectors) - linear.logits(vectors).mean(axis=1, keepdims=True)
    decision = theirs.decision_function(scaled)
    np.testing.assert_allclose(ours, decision - decision.mean(axis=1, keepdims=True), atol=0.05)
    assert np.corrcoef(ours.ravel(), decision.ravel())[0, 1] > 0.999


def test_scale_and_offset_of_the_vectors_do_not_matter():
    examples = some_examples()
    moved = Examples(
        {"good": examples.vectors["good"] * 3 - 50}, LABELS, examples.columns, examples.corpora, examples.talkers,
        examples.groups,
    )  # fmt: skip
    candidate = Candidate("good", "corpus", 0.1)
    first, second = fit(examples, candidate), fit(moved, candidate)
    np.testing.assert_allclose(first.logits(examples.vectors["good"]), second.logits(moved.vectors["good"]), atol=1e-4)


def test_balance_is_a_matter_of_copies():
    examples = some_examples()  # `many` has five times the utterances of `few`
    weighed = fit(examples, Candidate("good", "corpus", 0.1))
    rows = np.concatenate(
        [np.flatnonzero(examples.corpora == "many"), np.repeat(np.flatnonzero(examples.corpora == "few"), 5)]
    )
    copied = Examples(
        {"good": examples.vectors["good"][rows]}, LABELS, examples.columns[rows], examples.corpora[rows],
        examples.talkers[rows], examples.groups[rows],
    )  # fmt: skip
    plain = fit(copied, Candidate("good", "utterance", 0.1))
    np.testing.assert_allclose(weighed.weights, plain.weights, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(weighed.bias, plain.bias, rtol=1e-6, atol=1e-9)


def test_a_value_that_never_varies_does_no_harm():
    examples = some_examples()
    vectors = examples.vectors["good"].copy()
    vectors[:, 5] = 3.0
    flat = Examples({"good": vectors}, LABELS, examples.columns, examples.corpora, examples.talkers, examples.groups)
    linear = fit(flat, Candidate("good", "utterance", 0.1))
    assert np.isfinite(linear.weights).all() and np.isfinite(linear.bias).all()


def test_folds_never_split_a_group_and_use_every_corpus():
    examples = some_examples()
    folds = grouped_folds(examples.corpora, examples.groups, 4)
    for corpus in ("few", "many"):
        assert set(folds[examples.corpora == corpus]) == {0, 1, 2, 3}
    for group in np.unique(examples.groups):
        assert len(set(folds[examples.groups == group])) == 1
    with pytest.raises(ValueError, match="one group only"):
        grouped_folds(np.array(["a", "a"]), np.array(["x", "x"]), 2)


def test_selection_finds_the_pooling_that_generalizes():
    examples = some_examples(spread=0.6)
    candidates = [Candidate(p, "utterance", s) for p in ("noise", "good") for s in (0.1, 0.3)]
    selection = select(examples, candidates, 4)
    assert selection.candidate.pooling == "good"
    assert min(selection.uar.values()) > 0.7 > max(selection.tried[candidates[0]].values())
    assert select(examples, candidates, 4) == selection


def test_floors_pass_over_candidates_that_miss_them():
    examples = some_examples(spread=2.0)
    candidates = [Candidate("good", "utterance", 0.1), Candidate("noise", "utterance", 0.1)]
    free = select(examples, candidates, 4)
    assert free.candidate.pooling == "good"
    between = {"few": 0.0, "many": max(free.tried[candidates[1]]["many"], 0.0)}
    assert select(examples, candidates[::-1], 4, between).candidate.pooling == "good"
    nobody = {"few": 1.01}
    assert select(examples, candidates, 4, nobody).candidate == free.candidate


def test_temperature_tells_overconfident_from_honest():
    clear = select(some_examples(spread=0.3), [Candidate("good", "utterance", 0.1)], 4)
    blurred = select(some_examples(spread=3.0), [Candidate("good", "utterance", 0.01)], 4)
    assert clear.temperature < blurred.temperature


def test_says_what_is_missing():
    examples = some_examples()
    with pytest.raises(ValueError, match="no training example of: sad"):
        fit(examples.only(examples.columns != 2), Candidate("good", "utterance", 0.1))
    with pytest.raises(ValueError, match="shrinkage"):
        fit(examples, Candidate("good", "utterance", 0.0))
    with pytest.raises(ValueError, match="no candidate"):
        select(examples, [], 4)
