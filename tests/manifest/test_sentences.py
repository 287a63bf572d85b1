import re
from collections import Counter

from emogap.manifest.labels import EMOTIONS
from emogap.manifest.sentences import packaged_sentences, plan
from emogap.manifest.texts import text_id


def test_there_are_enough_of_each_kind():
    counts = Counter(sentence.emotion for sentence in packaged_sentences())
    assert set(counts) == {None, *EMOTIONS}
    assert min(counts.values()) >= 8


def test_sentences_are_short_english_without_digits_or_names():
    for sentence in packaged_sentences():
        words = re.findall(r"[A-Za-z']+", sentence.text)
        assert 5 <= len(words) <= 10, sentence.text
        assert re.fullmatch(r"[A-Z][A-Za-z', ]+[.!?]", sentence.text), sentence.text
        assert all(word == "I" or word.islower() for word in words[1:]), f"a name in {sentence.text!r}"


def test_text_ids_are_unique_and_those_of_the_texts():
    sentences = packaged_sentences()
    assert len({sentence.text_id for sentence in sentences}) == len(sentences)
    assert all(sentence.text_id == text_id(sentence.text) for sentence in sentences)


def test_plan_speaks_carriers_in_every_emotion_and_the_rest_in_their_own():
    sentences = packaged_sentences()
    pairs = plan(sentences)
    assert pairs == plan(packaged_sentences())
    assert len(pairs) == len(set(pairs)) == 112
    carriers = [sentence.text for sentence in sentences if sentence.emotion is None]
    assert pairs[: len(EMOTIONS)] == [(carriers[0], emotion) for emotion in EMOTIONS]
    fitting = {sentence.text: sentence.emotion for sentence in sentences if sentence.emotion is not None}
    for text, emotion in pairs:
        assert text in carriers or fitting[text] == emotion
    assert Counter(emotion for _, emotion in pairs) == dict.fromkeys(EMOTIONS, 16)


def test_plan_of_nothing_is_empty():
    assert plan([]) == []
