"""The packaged sentences: what the embedded synthesizers speak when nobody brings a text.

Conventions:
    A *carrier* is emotionally neutral and is spoken in every emotion, so that only the voice tells its renditions
    apart; a *fitting* sentence is spoken in the one emotion that its words suggest. The difference between the two is
    what a recognizer reads from words. English, five to ten words, no names, no digits.
"""

from collections.abc import Sequence
from importlib import resources

import msgspec

from emogap.errors import EmogapError
from emogap.manifest.labels import EMOTIONS
from emogap.manifest.texts import text_id

__all__ = ["Sentence", "packaged_sentences", "plan"]


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One sentence to be spoken.

    Attributes:
        text: as it is to be spoken
        text_id: see ``manifest.texts.text_id``
        emotion: the emotion its words fit, a member of ``EMOTIONS``; None marks an emotionally neutral carrier

    """

    text: str
    text_id: str
    emotion: str | None


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    carriers: tuple[str, ...]
    fitting: dict[str, tuple[str, ...]]


def packaged_sentences() -> list[Sentence]:
    """Return the carriers, then the fitting sentences in the order of ``EMOTIONS``.

    >>> sentences = packaged_sentences()
    >>> sentences[0].text, sentences[0].emotion
    ('The keys are on the kitchen table.', None)
    """
    content = resources.files("emogap.manifest").joinpath("sentences.toml").read_bytes()
    table = msgspec.toml.decode(content, type=_Table)
    carriers = [_sentence(text, None) for text in table.carriers]
    return carriers + [_sentence(text, emotion) for emotion in EMOTIONS for text in table.fitting[emotion]]


def plan(sentences: Sequence[Sentence]) -> list[tuple[str, str]]:
    """Return what is to be spoken: every carrier in every emotion, every fitting sentence in its own.

    Returns:
        pairs of text and target emotion, in the order of ``sentences``, emotions in the order of ``EMOTIONS``

    >>> pairs = plan(packaged_sentences())
    >>> len(pairs), pairs[1]
    (112, ('The keys are on the kitchen table.', 'disgusted'))
    """
    return [
        (sentence.text, emotion)
        for sentence in sentences
        for emotion in (EMOTIONS if sentence.emotion is None else (sentence.emotion,))
    ]


def _sentence(text: str, emotion: str | None) -> Sentence:
    identity = text_id(text)
    if identity is None:
        raise EmogapError(f"packaged sentence {text!r} holds no word")
    return Sentence(text=text, text_id=identity, emotion=emotion)
