"""Random streams and resampling schemes of groups."""

import numpy as np
import pytest

from emogap.analysis.samples import PairedSample, Sample, clusters_of, stream
from emogap.analysis.scored import GapSettings, checked, score_answers


def draws(utterances, purpose="recall", seed=0):
    return stream(GapSettings(seed=seed), purpose, utterances).integers(0, 2**60)


def test_a_stream_belongs_to_its_utterances_purpose_and_seed(make):
    a, b = make.human("a", "sad"), make.human("b", "sad")
    assert draws([a, b]) == draws([b, a])
    assert len({draws([a]), draws([b]), draws([a, b]), draws([a], "words"), draws([a], seed=1)}) == 5


def test_clusters_come_from_speaker_and_text(make):
    rows = [make.human(f"{s}-{t}", "sad", speaker=f"s{s}", text_id=f"t{t}") for s in range(16) for t in range(17)]
    assert clusters_of(rows).n_clusters == (16, 17)


@pytest.fixture
def scored(make, large):
    utterances = checked([u for u, _ in large if u.domain == "human" and u.system is None])
    return score_answers(utterances, make.answers(large))[0]


def test_resamples_surround_the_estimate(make, scored):
    sample = Sample(scored, make.QUICK)
    for name in ("wa", "uar", "macro_f1"):
        estimate = sample.estimate(name, sample.labels)
        assert estimate.resampled.shape == (300,)
        assert np.nanmean(estimate.resampled) == pytest.approx(estimate.value, abs=0.02)
    recalls = [sample.recall(label).value for label in sample.labels]
    assert np.mean(recalls) == pytest.approx(sample.estimate("uar", sample.labels).value)


def test_over_fewer_labels_the_other_predictions_are_outside(make, scored):
    sample = Sample(scored, make.QUICK)
    whole, part = sample.confusion(sample.labels), sample.confusion(("sad", "angry"))
    assert part.shape == (2, 3)
    assert part.sum(axis=1).tolist() == [whole[2].sum(), whole[0].sum()]
    assert part[0, 0] == whole[2, 2] and part[0, 1] == whole[2, 0]


def test_a_pair_of_equal_answers_has_no_difference(make, scored):
    pairs = PairedSample(scored, scored, make.QUICK)
    for name in ("wa", "uar"):
        first, second = pairs.values(name)
        assert first == second == pytest.approx(Sample(scored, make.QUICK).estimate(name, scored.labels).value)
        assert (pairs.resampled_difference(name) == 0).all()
