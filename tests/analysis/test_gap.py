"""Scores, their intervals, and word error rates on hand-worked cases."""

import json
import math
import random

import pytest

from emogap.analysis.gap import Answers, GapSettings, measure_gap, word_error_rates
from emogap.errors import EmogapError, UnknownNameError
from emogap.manifest.records import Transcript
from emogap.manifest.scores import Group, Scores
from emogap.metrics.intervals import wilson

HUMAN = Group(domain="human")
SYNTHESIZED = Group(domain="synthesized")


def test_hand_worked_scores(make):
    angry, sad = [make.human(f"a{n}", "angry") for n in range(4)], [make.human(f"s{n}", "sad") for n in range(2)]
    pairs = [(angry[0], "angry"), (angry[1], "angry"), (angry[2], "angry"), (angry[3], "sad")]
    pairs += [(sad[0], "sad"), (sad[1], "happy")]
    found = make.measured(pairs)
    assert make.score(found, "wa", HUMAN).value == pytest.approx(4 / 6)
    assert make.score(found, "uar", HUMAN).value == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert make.score(found, "macro_f1", HUMAN).value == pytest.approx((6 / 7 + 2 / 4) / 2)
    recall = make.score(found, "recall", Group(domain="human", emotion="sad"))
    assert (recall.value, recall.n, recall.labels) == (0.5, 2, ("sad",))
    assert make.score(found, "uar", HUMAN).labels == ("angry", "sad")
    (pooled, _by_corpus) = found.confusions
    assert pooled.columns == ("angry", "sad", "outside")
    assert pooled.counts == ((3, 1, 0), (0, 1, 1))
    assert pooled.n == 6


def test_groups_and_placebo_arms_are_kept_apart(large, make):
    groups = {s.group for s in make.measured(large).scores if s.name == "uar"}
    assert groups == {
        HUMAN,
        Group(domain="human", corpus="tess"),
        Group(domain="human", corpus="ravdess"),
        Group(domain="human", system="placebo/codec"),
        SYNTHESIZED,
        Group(domain="synthesized", corpus="tess"),
        Group(domain="synthesized", system="tts-1"),
        Group(domain="synthesized", system="tts-2"),
    }
    found = make.measured(large)
    assert make.score(found, "wa", HUMAN).n == 180 + 54
    assert make.score(found, "wa", Group(domain="human", system="placebo/codec")).n == 180


def test_a_system_over_two_corpora_is_also_scored_within_each(make):
    pairs = [
        (make.synthesized(f"{corpus}-{n}", "sad", system, corpus=corpus), "sad")
        for corpus in ("c1", "c2") for system in ("s1", "s2") for n in range(2)
    ]  # fmt: skip
    groups = {s.group for s in make.measured(pairs).scores if s.name == "wa"}
    assert Group(domain="synthesized", corpus="c2", system="s1") in groups
    assert len(groups) == 1 + 2 + 2 + 4


def test_schemes_of_intervals_follow_the_ids(large, make):
    found = make.measured(large)
    tess = make.score(found, "uar", Group(domain="human", corpus="tess"))
    assert (tess.cluster_key, tess.n_clusters) == ("text", (30,))
    assert tess.note == "conditional on these 2 speakers"
    ravdess = make.score(found, "uar", Group(domain="human", corpus="ravdess"))
    assert (ravdess.cluster_key, ravdess.n_clusters) == ("speaker", (18,))
    assert ravdess.note == "conditional on this text"
    assert tess.method == "cluster bootstrap, percentile, 300 resamples"
    assert tess.low < tess.value < tess.high


def test_a_recall_has_a_scheme_of_its_own(make):
    pairs = [(make.human(f"s{n}", "sad", text_id=f"t{n}"), "sad" if n % 3 else "angry") for n in range(30)]
    pairs += [(make.human(f"a{n}", "angry", text_id=f"t{n % 3}"), "angry" if n % 2 else "sad") for n in range(10)]
    found = make.measured(pairs)
    assert make.score(found, "uar", HUMAN).cluster_key == "text"
    assert make.score(found, "recall", Group(domain="human", emotion="sad")).cluster_key == "text"
    angry = make.score(found, "recall", Group(domain="human", emotion="angry"))
    assert (angry.cluster_key, angry.method) == ("utterance", "Wilson")
    assert (angry.low, angry.high) == pytest.approx(wilson(5, 10))
    assert angry.note.startswith("conditional on these 3 texts")


def test_no_interval_for_one_utterance_and_never_one_of_width_zero(make):
    alone = make.measured([(make.human("1", "sad"), "sad")])
    for found in alone.scores:
        assert (found.low, found.high, found.method) == (None, None, "none")
        assert "fewer than two of: utterance" in found.note
    perfect = make.measured([(make.human(f"{n}", "sad", text_id=f"t{n}"), "sad") for n in range(20)])
    for found in perfect.scores:
        assert found.low < found.value == found.high == 1.0


def test_order_of_utterances_does_not_matter(large, make):
    shuffled = list(large)
    random.Random(0).shuffle(shuffled)
    assert make.measured(shuffled) == make.measured(large)


def test_seed_decides_intervals_and_nothing_else(large, make):
    one, two = (make.measured(large, settings=GapSettings(n_resamples=300, seed=seed)) for seed in (0, 1))
    assert [s.value for s in one.scores] == [s.value for s in two.scores]
    assert [s.low for s in one.scores] != [s.low for s in two.scores]


def test_wider_level_gives_wider_intervals(large, make):
    narrow, wide = (make.measured(large, settings=GapSettings(n_resamples=300, level=level)) for level in (0.8, 0.99))
    for inner, outer in zip(narrow.scores, wide.scores, strict=True):
        assert outer.low < inner.low < inner.high <= outer.high
    for inner, outer in zip(narrow.gap, wide.gap, strict=True):
        assert outer.interval.low < inner.interval.low < inner.interval.high < outer.interval.high


def test_equal_groups_have_equal_intervals(make):
    pairs = [(make.human(f"{n}", "sad", text_id=f"t{n % 17}"), "sad" if n % 3 else "angry") for n in range(60)]
    found = make.measured(pairs)
    pooled, corpus = make.score(found, "wa", HUMAN), make.score(found, "wa", Group(domain="human", corpus="tess"))
    assert (pooled.low, pooled.high) == (corpus.low, corpus.high)


def test_file_is_strict_json_and_comes_back(large, tmp_path, make):
    other = make.answers([(u, u.emotion) for u, _ in large], "r2")
    lonely = make.human("lonely", "surprised", corpus="one")
    found = make.measured([*large, (lonely, "sad")], other)
    found.write(tmp_path / "scores.json")

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    json.loads((tmp_path / "scores.json").read_text(), parse_constant=refuse)
    assert Scores.read(tmp_path / "scores.json") == found
    numbers = [s.value for s in found.scores] + [s.low for s in found.scores if s.low is not None]
    assert not any(math.isnan(number) for number in numbers)


def test_nothing_to_score(make):
    empty = measure_gap([], [Answers("r", {})], make.QUICK)
    assert (empty.scores, empty.gap, empty.left_out) == ((), (), ())
    two = measure_gap([make.human("1", "sad")], [Answers("r", {}), Answers("s", {})], make.QUICK)
    assert two.comparisons == () and len(two.left_out) == 2


def test_bad_input_is_refused(make):
    row = make.human("1", "sad")
    with pytest.raises(EmogapError, match="'tess/1' occurs twice"):
        measure_gap([row, row], [Answers("r", {})])
    with pytest.raises(UnknownNameError, match=r"utterance tess/1: unknown emotion label 'hapy'.*'happy'"):
        measure_gap([make.human("1", "hapy")], [Answers("r", {})])
    with pytest.raises(EmogapError, match="names must differ"):
        measure_gap([row], [Answers("r", {}), Answers("r", {})])
    for wrong in ({"level": 95.0}, {"n_resamples": 0}, {"seed": -1}):
        with pytest.raises(EmogapError, match=f"{next(iter(wrong))} is"):
            GapSettings(**wrong)


def test_word_error_rates_by_hand(make):
    rows = [make.synthesized(f"{n}", None, text="say the word back", text_id="say") for n in range(2)]
    rows.append(make.synthesized("3", "sad", system="other", text="yes indeed", text_id="yes"))
    rows.append(make.synthesized("4", "sad", text="never transcribed", text_id="never"))
    rows.append(make.synthesized("5", "sad"))
    heard = ["say the word back", "say the word", "yes indeed my friend"]
    transcripts = [Transcript(utterance_id=u.id, hypothesis=h) for u, h in zip(rows, heard, strict=False)]
    transcripts.append(Transcript(utterance_id=rows[3].id, hypothesis=None, outcome="failed", reason="missing file"))
    found = {rate.group: rate for rate in word_error_rates(rows, transcripts, "whisper", make.QUICK)}
    assert set(found) == {SYNTHESIZED, *(Group(domain="synthesized", system=s) for s in ("tts", "other"))}
    pooled = found[SYNTHESIZED]
    assert (pooled.value, pooled.n, pooled.n_words) == (3 / 10, 3, 10)
    assert found[Group(domain="synthesized", system="other")].value == 1.0
    assert found[Group(domain="synthesized", system="other")].interval.low is None


def test_word_error_rate_intervals_resample_texts(make):
    rows = [make.synthesized(f"{n}", "sad", text=f"word number {n}", text_id=f"t{n}") for n in range(40)]
    transcripts = [Transcript(utterance_id=u.id, hypothesis=u.text if n % 4 else "wrong") for n, u in enumerate(rows)]
    (pooled, *_) = word_error_rates(rows, transcripts, "whisper", make.QUICK)
    assert pooled.interval.cluster_key == "text"
    assert pooled.interval.low < pooled.value < pooled.interval.high
