from hypothesis import given
from hypothesis import strategies as st

from emogap.manifest.texts import text_id


@given(st.text(max_size=80))
def test_case_and_surrounding_space_do_not_matter(text):
    assert text_id(text) == text_id(f"  {text}  ")


@given(st.text(alphabet="abc XYZ.,!'", max_size=200))
def test_ids_are_short_and_stable_under_case_and_punctuation(text):
    one = text_id(text)
    assert one == text_id(text.upper()) == text_id(text + "!")
    assert one is None or len(one) <= 70


def test_long_texts_that_differ_at_the_end_differ():
    assert text_id("word " * 40 + "one") != text_id("word " * 40 + "two")


def test_other_scripts_keep_their_words():
    assert text_id("你好，世界") == "你好-世界"
    assert text_id("?!") is None
