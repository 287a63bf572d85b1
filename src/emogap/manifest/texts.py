"""One identity for a text, so that a human utterance and its synthesized twins find each other."""

import hashlib
import re
import unicodedata

__all__ = ["text_id"]

_MAX_SLUG = 60


def text_id(text: str) -> str | None:
    """Return an id equal for texts that differ only in case, punctuation and spacing.

    Long texts are cut and end in a hash of the whole, so that the id stays readable and unique.

    Returns:
        lower-case words joined by hyphens, or None when the text holds no letter or digit

    >>> text_id("Say the word 'back'."), text_id("say the word back"), text_id(" ... ")
    ('say-the-word-back', 'say-the-word-back', None)
    """
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", ""))
    slug = "-".join(words)
    if len(slug) > _MAX_SLUG:
        slug = f"{slug[:_MAX_SLUG]}~{hashlib.sha256(slug.encode()).hexdigest()[:8]}"
    return slug or None
