"""The rule that picks what is resampled."""

import pytest

from emogap.metrics.clusters import Clusters, choose_clusters


def names(prefix, count):
    return [f"{prefix}{index}" for index in range(count)]


def test_many_speakers_and_texts_give_the_two_way_scheme():
    speakers = [s for s in names("s", 20) for _ in range(30)]
    texts = names("t", 30) * 20
    scheme = choose_clusters(speakers, texts)
    assert (scheme.key, scheme.n_clusters, scheme.note) == ("speaker x text", (20, 30), "")
    assert scheme.method == "two-way cluster bootstrap"


def test_two_speakers_are_held_fixed_as_in_tess():
    scheme = choose_clusters(["OAF", "YAF"] * 200, [t for t in names("t", 200) for _ in range(2)])
    assert (scheme.key, scheme.n_clusters) == ("text", (200,))
    assert scheme.note == "conditional on these 2 speakers"


def test_two_texts_and_four_speakers_leave_the_utterances_as_in_ravdess():
    scheme = choose_clusters(names("actor", 4) * 4, ["kids"] * 8 + ["dogs"] * 8)
    assert (scheme.key, scheme.n_clusters, scheme.codes) == ("utterance", (16,), ())
    assert scheme.note == "conditional on these 4 speakers and on these 2 texts"
    assert scheme.method == "utterance bootstrap"


def test_many_speakers_and_two_texts_cluster_on_speakers():
    scheme = choose_clusters(names("actor", 18) * 2, ["kids"] * 18 + ["dogs"] * 18)
    assert (scheme.key, scheme.n_clusters, scheme.note) == ("speaker", (18,), "conditional on these 2 texts")


def test_fifteen_is_the_border():
    assert choose_clusters(names("s", 15), None).key == "speaker"
    assert choose_clusters(names("s", 14), None).key == "utterance"


def test_a_few_large_clusters_do_not_pass_for_many():
    # Two talkers with 1,000 utterances each beside 18 with 20: their mean rests on two people.
    speakers = ["a"] * 1000 + ["b"] * 1000 + names("s", 18) * 20
    scheme = choose_clusters(speakers, names("t", 50) * 47 + names("t", 10))
    assert scheme.key == "text"
    assert scheme.note == "conditional on these 20 speakers, of very unequal size (effective number 2.8)"


def test_missing_ids_are_said():
    nothing = choose_clusters([None] * 30, [None] * 30)
    assert nothing.key == "utterance"
    assert "no speaker ids" in nothing.note and "no text ids" in nothing.note
    some = choose_clusters(None, [*names("t", 20), None, None])
    assert (some.key, some.n_clusters) == ("text", (22,))
    assert some.note == "2 without a text id count as a text each"
    assert len(set(some.codes[0].tolist())) == 22


def test_one_speaker():
    assert choose_clusters(["hibari"] * 4, None).note == "conditional on this speaker"


def test_one_utterance_cannot_vary():
    assert not choose_clusters(["a"], ["t"]).can_vary
    assert not Clusters("text", (), (1,)).can_vary
    assert choose_clusters(["a", "a"], ["t", "t"]).can_vary


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="speakers or texts"):
        choose_clusters(None, None)
    with pytest.raises(ValueError, match="one length"):
        choose_clusters(["a"], ["t", "t"])
