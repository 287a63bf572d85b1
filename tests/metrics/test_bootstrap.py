"""The vectorised bootstrap: right distribution, right width, right speed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import recall_score

from emogap.metrics import bootstrap
from emogap.metrics.bootstrap import resample_counts, resample_sums
from emogap.metrics.classification import accuracy_of, unweighted_average_recall_of
from emogap.metrics.clusters import Clusters

K = 3
N_CELLS = K * (K + 1)


def crossed(n_speakers, n_texts):
    """Every speaker says every text once."""
    speakers = np.repeat(np.arange(n_speakers), n_texts)
    texts = np.tile(np.arange(n_texts), n_speakers)
    return Clusters("speaker x text", (speakers, texts), (n_speakers, n_texts))


def one_way(scheme, key):
    return Clusters(("speaker", "text")[key], (scheme.codes[key],), (scheme.n_clusters[key],))


def independent(n):
    return Clusters("utterance", (), (n,))


def schemes(n):
    codes = np.arange(n) % 4, np.arange(n) % 3
    return [
        independent(n),
        Clusters("speaker", (codes[0],), (4,)),
        Clusters("speaker x text", codes, (4, 3)),
    ]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_counts_and_sums_are_the_same_thing(index):
    rng = np.random.default_rng(0)
    categories = rng.integers(0, N_CELLS, 60)
    scheme = schemes(60)[index]
    counts = resample_counts(categories, N_CELLS, scheme, 4000, np.random.default_rng(1))
    sums = resample_sums(np.eye(N_CELLS)[categories], scheme, 4000, np.random.default_rng(1))
    assert counts.shape == sums.shape == (4000, N_CELLS)
    if index:
        assert (counts == sums).all()  # the same draws, added up in another way
    assert counts.mean(axis=0) == pytest.approx(np.bincount(categories, minlength=N_CELLS), abs=0.6)
    assert counts.std(axis=0) == pytest.approx(sums.std(axis=0), rel=0.1, abs=0.01)


def test_one_way_draws_whole_clusters():
    scheme = Clusters("text", (np.array([0, 0, 0, 1, 1, 2]),), (3,))
    counts = resample_counts(np.array([0, 0, 0, 1, 1, 2]), 3, scheme, 500, np.random.default_rng(0))
    assert (counts[:, 0] % 3 == 0).all() and (counts[:, 1] % 2 == 0).all()
    assert counts @ [1 / 3, 1 / 2, 1] == pytest.approx(np.full(500, 3.0))


def test_two_way_weight_is_the_product_of_the_two_weights():
    scheme = crossed(2, 2)
    counts = resample_counts(np.arange(4), 4, scheme, 300, np.random.default_rng(0)).reshape(-1, 2, 2)
    assert (counts.sum(axis=(1, 2)) == 4).all()
    assert np.linalg.det(counts) == pytest.approx(np.zeros(300))  # an outer product has rank 1


def test_two_way_weights_go_to_their_own_utterances():
    # Speaker 0 says texts 0, 1, 2; speaker 1 says text 0 only. The counts are r0 c0, r0 c1, r0 c2, r1 c0.
    scheme = Clusters("speaker x text", (np.array([0, 0, 0, 1]), np.array([0, 1, 2, 0])), (2, 3))
    counts = resample_counts(np.arange(4), 4, scheme, 400, np.random.default_rng(0))
    first_speaker = counts[:, :3].sum(axis=1) / 3
    assert set(first_speaker) == {0.0, 1.0, 2.0}
    drawn = first_speaker > 0
    first_text = counts[drawn, 0] / first_speaker[drawn]
    assert (counts[drawn, 3] == (2 - first_speaker[drawn]) * first_text).all()
    assert set(counts[~drawn, 3]) == {0.0, 2.0, 4.0, 6.0}


def test_chunks_bound_memory_and_keep_the_distribution(monkeypatch):
    categories = np.random.default_rng(0).integers(0, N_CELLS, 200)
    for scheme in schemes(200)[1:]:
        whole = resample_counts(categories, N_CELLS, scheme, 2000, np.random.default_rng(1))
        monkeypatch.setattr(bootstrap, "_CHUNK_CELLS", 100)
        pieces = resample_counts(categories, N_CELLS, scheme, 2000, np.random.default_rng(1))
        monkeypatch.undo()
        assert pieces.shape == whole.shape
        assert pieces.mean(axis=0) == pytest.approx(whole.mean(axis=0), rel=0.15)
        assert pieces.std(axis=0) == pytest.approx(whole.std(axis=0), rel=0.15, abs=0.3)


def test_same_distribution_as_redrawing_rows():
    rng = np.random.default_rng(0)
    reference = rng.integers(0, K, 150)
    predicted = np.where(rng.random(150) < 0.5, reference, rng.integers(0, K + 1, 150))
    cells = reference * (K + 1) + predicted
    fast = unweighted_average_recall_of(
        resample_counts(cells, N_CELLS, independent(150), 4000, rng).reshape(-1, K, K + 1)
    )
    rows = rng.integers(0, 150, (2000, 150))
    slow = np.array([recall_score(reference[r], predicted[r], labels=range(K), average="macro") for r in rows[:400]])
    assert fast.mean() == pytest.approx(slow.mean(), abs=0.01)
    assert fast.std() == pytest.approx(slow.std(), rel=0.15)
    assert np.quantile(fast, [0.05, 0.95]) == pytest.approx(np.quantile(slow, [0.05, 0.95]), abs=0.02)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, N_CELLS - 1), min_size=40, max_size=80), st.integers(0, 2))
def test_mean_of_resamples_is_near_the_point_estimate(cells, index):
    categories = np.array(cells)
    counts = resample_counts(categories, N_CELLS, schemes(len(cells))[index], 600, np.random.default_rng(0))
    value = accuracy_of(np.bincount(categories, minlength=N_CELLS).reshape(K, K + 1))
    resampled = accuracy_of(counts.reshape(-1, K, K + 1))
    assert ((resampled >= 0) & (resampled <= 1)).all()
    assert np.nanmean(resampled) == pytest.approx(float(value), abs=0.08)


def test_a_label_that_vanishes_has_no_value_in_that_resample():
    scheme = Clusters("text", (np.array([0, 1, 2]),), (3,))
    counts = resample_counts(np.array([0, 5, 5]), N_CELLS, scheme, 300, np.random.default_rng(0))
    two_labels = counts.reshape(-1, K, K + 1)[:, :2, [0, 1, 3]]
    values = unweighted_average_recall_of(two_labels)
    vanished = (two_labels.sum(axis=-1) == 0).any(axis=-1)
    assert 0 < vanished.sum() < 300
    assert (np.isnan(values) == vanished).all()


def simulated(rng, speaker_sd, text_sd, shape=(20, 25)):
    """Right or wrong, with speakers and texts that differ in how hard they are."""
    hardness = rng.normal(0, speaker_sd, (shape[0], 1)) + rng.normal(0, text_sd, (1, shape[1]))
    return (rng.normal(0, 1, shape) < hardness + 0.3).astype(np.int64).ravel()


def widths(hits, scheme, rng):
    counts = resample_counts(hits, 2, scheme, 400, rng)
    return np.subtract(*np.quantile(counts[:, 1] / counts.sum(axis=1), [0.975, 0.025]))


def test_two_way_is_at_least_as_wide_as_one_way_when_both_keys_matter():
    rng = np.random.default_rng(5)
    scheme = crossed(20, 25)
    wider = 0
    for _ in range(10):
        hits = simulated(rng, 0.7, 0.7)
        both = widths(hits, scheme, rng)
        wider += both > max(widths(hits, one_way(scheme, 0), rng), widths(hits, one_way(scheme, 1), rng))
    assert wider >= 9


@pytest.mark.parametrize(("speaker_sd", "text_sd"), [(1.0, 0.0), (0.7, 0.7)])
def test_clustered_intervals_cover_where_independent_ones_do_not(speaker_sd, text_sd):
    rng = np.random.default_rng(11)
    scheme = crossed(20, 25)
    clustered = scheme if text_sd else one_way(scheme, 0)
    truth = simulated(rng, speaker_sd, text_sd, (3000, 3000)).mean()
    covered = {"clustered": 0, "independent": 0}
    n_trials = 150
    for _ in range(n_trials):
        hits = simulated(rng, speaker_sd, text_sd)
        for name, chosen in (("clustered", clustered), ("independent", independent(hits.size))):
            counts = resample_counts(hits, 2, chosen, 400, rng)
            low, high = np.quantile(counts[:, 1] / counts.sum(axis=1), [0.025, 0.975])
            covered[name] += low <= truth <= high
    assert covered["clustered"] / n_trials >= 0.9
    assert covered["independent"] / n_trials <= 0.75


def test_deterministic_for_a_seed():
    categories = np.arange(30) % 4
    for scheme in schemes(30):
        one, two, other = (
            resample_counts(categories, 4, scheme, 50, np.random.default_rng(seed)) for seed in (7, 7, 8)
        )
        assert (one == two).all() and (one != other).any()


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="needs utterances and resamples"):
        resample_counts(np.array([], np.int64), 2, independent(0), 10, np.random.default_rng(0))
    with pytest.raises(ValueError, match="needs utterances and resamples"):
        resample_sums(np.ones((2, 1)), independent(2), 0, np.random.default_rng(0))
