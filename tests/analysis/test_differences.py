"""Gaps on hand-worked cases: unpaired, paired by text and emotion, placebo arms."""

import pytest

from emogap.manifest.scores import Group

HUMAN = Group(domain="human")
SYNTHESIZED = Group(domain="synthesized")


def gap(scores, name, human_group, other, pairing):
    (found,) = [
        g for g in scores.gap if (g.name, g.human, g.synthesized, g.pairing) == (name, human_group, other, pairing)
    ]
    return found


def test_unpaired_gap_is_over_the_labels_both_sides_have(make):
    pairs = [(make.human(f"s{n}", "sad"), "sad") for n in range(20)]
    pairs += [(make.human(f"a{n}", "angry"), "sad") for n in range(20)]
    pairs += [(make.synthesized(f"s{n}", "sad"), "sad" if n < 5 else "happy") for n in range(20)]
    pairs += [(make.synthesized(f"h{n}", "happy"), "happy") for n in range(20)]
    found = make.measured(pairs)
    for name in ("wa", "uar"):
        one = gap(found, name, HUMAN, SYNTHESIZED, "unpaired")
        assert one.labels == ("sad",)
        assert (one.human_value, one.synthesized_value, one.difference, one.ratio) == (1.0, 0.25, 0.75, 0.25)
        assert (one.n_human, one.n_synthesized, one.n_pairs) == (20, 20, None)
        assert one.interval.low < 0.75 < one.interval.high
        assert one.interval.cluster_key == "human: utterance; synthesized: utterance"
    sad = Group(domain="human", emotion="sad"), Group(domain="synthesized", emotion="sad")
    assert gap(found, "recall", *sad, "unpaired").difference == 0.75


def test_ratio_to_a_human_value_of_zero_does_not_exist(make):
    pairs = [
        (make.human("1", "sad"), "angry"),
        (make.human("2", "sad"), "angry"),
        (make.synthesized("1", "sad"), "sad"),
    ]
    assert gap(make.measured(pairs), "wa", HUMAN, SYNTHESIZED, "unpaired").ratio is None


def test_gap_paired_by_text_and_emotion_by_hand(make):
    # (t1, sad): human 1/2, tts 1; (t2, sad): human 1, tts 0; (t1, angry): human 1, tts 0; t3 has no twin.
    pairs = [
        (make.human("1", "sad", text_id="t1"), "sad"),
        (make.human("2", "sad", text_id="t1"), "angry"),
        (make.human("3", "sad", text_id="t2"), "sad"),
        (make.human("4", "angry", text_id="t1"), "angry"),
        (make.human("5", "angry", text_id="t3"), "sad"),
        (make.human("6", "angry"), "sad"),
        (make.synthesized("1", "sad", text_id="t1"), "sad"),
        (make.synthesized("3", "sad", text_id="t2"), "angry"),
        (make.synthesized("4", "angry", text_id="t1"), "sad"),
    ]
    found = make.measured(pairs)
    wa = gap(found, "wa", HUMAN, SYNTHESIZED, "text+emotion")
    assert wa.human_value == pytest.approx((0.5 + 1 + 1) / 3)
    assert wa.synthesized_value == pytest.approx(1 / 3)
    assert wa.difference == pytest.approx(0.5)
    assert (wa.n_human, wa.n_synthesized, wa.n_pairs) == (4, 3, 3)
    uar = gap(found, "uar", HUMAN, SYNTHESIZED, "text+emotion")
    assert uar.human_value == pytest.approx((0.75 + 1) / 2)
    assert uar.difference == pytest.approx((0.75 + 1) / 2 - 0.5 / 2)
    assert uar.interval.cluster_key == "text+emotion cell"


def test_gap_paired_by_text_resamples_texts(large, make):
    found = make.measured(large)
    paired = gap(found, "uar", HUMAN, SYNTHESIZED, "text+emotion")
    assert (paired.n_pairs, paired.n_human, paired.n_synthesized) == (90, 180, 180)
    assert (paired.interval.cluster_key, paired.interval.n_clusters) == ("text", (30,))
    assert paired.interval.low < paired.difference < paired.interval.high
    assert paired.interval.low > 0.2
    assert paired.interval.note == "conditional on the speakers (2 human, 1 synthesized)"


def test_no_text_in_common_gives_no_paired_gap(make):
    pairs = [(make.human("1", "sad", text_id="x"), "sad"), (make.synthesized("1", "sad", text_id="y"), "sad")]
    assert {g.pairing for g in make.measured(pairs).gap} == {"unpaired"}


def test_no_label_in_common_gives_no_gap(make):
    pairs = [(make.human("1", "sad", text_id="x"), "sad"), (make.synthesized("1", "angry", text_id="x"), "sad")]
    assert make.measured(pairs).gap == ()


def test_placebo_gap_pairs_an_utterance_with_its_source(make):
    rows = [make.human(f"{n}", "sad" if n < 4 else "angry") for n in range(8)]
    pairs = [(u, u.emotion) for u in rows]
    # The first loses its label through the codec; the last has no twin.
    pairs += [(make.placebo(u), "happy" if u is rows[0] else u.emotion) for u in rows[:-1]]
    found = make.measured(pairs)
    arm = Group(domain="human", system="placebo/codec")
    wa = gap(found, "wa", HUMAN, arm, "utterance")
    assert wa.difference == pytest.approx(1 / 7)
    assert (wa.n_human, wa.n_synthesized, wa.n_pairs) == (7, 7, 7)
    assert wa.interval.low is not None
    assert gap(found, "uar", HUMAN, arm, "utterance").difference == pytest.approx(1 / 8)
    about_sad = Group(domain="human", emotion="sad"), Group(domain="human", system=arm.system, emotion="sad")
    assert gap(found, "recall", *about_sad, "utterance").difference == 0.25
    assert {g.pairing for g in found.gap if g.synthesized.system == arm.system} == {"utterance"}


def test_every_human_group_meets_every_system(large, make):
    opponents = {(g.human, g.synthesized) for g in make.measured(large).gap if g.name == "uar"}
    humans = {HUMAN, Group(domain="human", corpus="tess"), Group(domain="human", corpus="ravdess")}
    systems = {SYNTHESIZED, *(Group(domain="synthesized", system=s) for s in ("tts-1", "tts-2"))}
    assert {(h, s) for h in humans for s in systems} < opponents
    assert (Group(domain="human", corpus="tess"), Group(domain="synthesized", corpus="tess")) in opponents
    assert (Group(domain="human", corpus="ravdess"), Group(domain="synthesized", corpus="tess")) not in opponents
