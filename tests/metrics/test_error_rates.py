"""Word errors by hand and by the laws of an edit distance."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emogap.metrics.error_rates import WordErrors, word_error_counts, word_error_rate

texts = st.lists(st.sampled_from(["say", "the", "word", "back"]), max_size=7).map(" ".join)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "expected"),
    [
        ("say the word back", "say the word back", (0, 0, 0, 4)),
        ("Say the word 'back'.", "say THE word — back!", (0, 0, 0, 4)),
        ("say the word back", "say the word bag", (1, 0, 0, 4)),
        ("say the word back", "say word back", (0, 1, 0, 4)),
        ("say the word back", "say the the word back", (0, 0, 1, 4)),
        ("say the word back", "", (0, 4, 0, 4)),
        ("", "say", (0, 0, 1, 0)),
        ("", "", (0, 0, 0, 0)),
        ("I don’t know", "I don't know", (0, 0, 0, 3)),
        ("dogs are sitting by the door", "the dogs were sitting by door", (1, 1, 1, 6)),
        ("a b", "b a c d", (1, 0, 2, 2)),
    ],
)
def test_by_hand(reference, hypothesis, expected):
    assert word_error_counts(reference, hypothesis) == WordErrors(*expected)


def test_rate_is_over_all_words_and_can_exceed_one():
    assert word_error_rate([("one two three", "one two three"), ("four", "for")]) == 0.25
    assert word_error_rate([("yes", "no no no")]) == 3.0
    with pytest.raises(ValueError, match="hold no word"):
        word_error_rate([("...", "yes")])


def distance(reference, hypothesis):
    """Textbook recursion, as an independent check."""
    if not reference or not hypothesis:
        return len(reference) + len(hypothesis)
    if reference[0] == hypothesis[0]:
        return distance(reference[1:], hypothesis[1:])
    return 1 + min(
        distance(reference[1:], hypothesis[1:]),
        distance(reference[1:], hypothesis),
        distance(reference, hypothesis[1:]),
    )


@settings(deadline=None)
@given(texts, texts)
def test_laws_of_an_edit_distance(one, other):
    forth, back = word_error_counts(one, other), word_error_counts(other, one)
    assert forth.total == distance(one.split(), other.split())
    assert forth.total == back.total
    assert (forth.total == 0) == (one == other)
    assert forth.n_words - forth.deletions + forth.insertions == back.n_words
