"""Which answers count, and what is said about those that do not."""

import msgspec

from emogap.analysis.gap import Answers, measure_gap
from emogap.manifest.scores import Group

HUMAN = Group(domain="human")


def test_answers_that_are_no_label_are_misses(make):
    rows = [make.human(f"a{n}", "angry") for n in range(4)]
    predictions = {
        rows[0].id: make.answer(rows[0], "angry"),
        rows[1].id: make.answer(rows[1], None, outcome="unparsed", reason="a poem"),
        rows[2].id: make.answer(rows[2], None, outcome="refused", reason="cannot"),
        rows[3].id: make.answer(rows[3], "calm"),
    }
    found = measure_gap(rows, [Answers("r", predictions)], make.QUICK)
    assert make.score(found, "wa", HUMAN).value == 0.25
    assert found.confusions[0].counts == ((1, 3),)
    assert found.left_out == ()


def test_every_left_out_utterance_is_counted_once_with_its_reason(make):
    scored = make.human("scored", "angry")
    rows = {
        "no reference emotion": make.human("unlabelled", None),
        "no target emotion": make.synthesized("untargeted", None),
        "no prediction": make.human("unanswered", "angry"),
        "failed: missing file": make.human("failed", "angry"),
        "seen in training": make.human("seen", "angry"),
        "duplicate of another utterance": make.human("copy", "angry", flags=("duplicate_pcm",)),
        "duplicate with another label": make.human("twin", "angry", flags=("duplicate_conflicting_label",)),
    }
    failed = rows["failed: missing file"]
    predictions = {u.id: make.answer(u, "angry") for u in [scored, *rows.values()]}
    predictions[failed.id] = make.answer(failed, None, outcome="failed", reason="missing file (/x/a.wav)")
    del predictions[rows["no prediction"].id]
    found = measure_gap(
        [scored, *rows.values()], [Answers("r", predictions, frozenset([rows["seen in training"].id]))], make.QUICK
    )
    assert {entry.reason: entry.examples for entry in found.left_out} == {
        reason: (utterance.id,) for reason, utterance in rows.items()
    }
    assert all(entry.n == 1 for entry in found.left_out)
    by_answer = {entry.reason for entry in found.left_out if entry.recognizer == "r"}
    assert by_answer == {"no prediction", "failed: missing file", "seen in training"}
    assert make.score(found, "wa", HUMAN).n == 1


def test_placebo_of_a_training_utterance_or_copy_is_left_out_too(make):
    seen, copy = make.human("seen", "angry"), make.human("copy", "angry", flags=("duplicate_pcm",))
    pairs = [(seen, "angry"), (copy, "angry"), (make.placebo(seen), "angry")]
    pairs.append((msgspec.structs.replace(make.placebo(copy), flags=()), "angry"))
    found = measure_gap([u for u, _ in pairs], [make.answers(pairs, training_ids={seen.id})], make.QUICK)
    assert found.scores == ()
    reasons = {(entry.group.system, entry.reason): entry.n for entry in found.left_out}
    assert reasons == {
        (None, "seen in training"): 1,
        (None, "duplicate of another utterance"): 1,
        ("placebo/codec", "seen in training"): 1,
        ("placebo/codec", "duplicate of another utterance"): 1,
    }


def test_examples_of_left_out_are_the_first_five(make):
    rows = [make.synthesized(f"{n:02}", None) for n in range(12)]
    (entry,) = measure_gap(rows[::-1], [Answers("r", {})], make.QUICK).left_out
    assert entry.n == 12 and entry.examples == tuple(f"tts/{n:02}" for n in range(5))


def test_a_reason_of_the_utterance_is_told_once_for_two_recognizers(make):
    row, scored = make.synthesized("1", None), make.synthesized("2", "sad")
    pairs = [(row, "sad"), (scored, "sad")]
    found = measure_gap([row, scored], [make.answers(pairs, "r1"), make.answers(pairs, "r2")], make.QUICK)
    assert [(entry.recognizer, entry.reason) for entry in found.left_out] == [(None, "no target emotion")]


def test_a_synthesizer_that_says_two_emotions_alike_is_scored(make):
    flags = ("duplicate_conflicting_label",)
    rows = [make.synthesized("one", "angry", flags=flags), make.synthesized("two", "sad", flags=flags)]
    found = measure_gap(rows, [Answers("r", {u.id: make.answer(u, "sad") for u in rows})], make.QUICK)
    assert found.left_out == ()
    assert make.score(found, "wa", Group(domain="synthesized")).value == 0.5


def test_a_training_utterance_is_known_by_its_samples_too(make):
    copy = msgspec.structs.replace(make.human("renamed", "angry"), sha256="heard-before")
    other = msgspec.structs.replace(make.human("other", "angry"), sha256="new")
    predictions = {u.id: make.answer(u, "angry") for u in (copy, other)}
    answers = Answers("r", predictions, training_sha256=frozenset(["heard-before"]))
    found = measure_gap([copy, other], [answers], make.QUICK)
    assert [(entry.reason, entry.examples) for entry in found.left_out] == [("seen in training", (copy.id,))]
