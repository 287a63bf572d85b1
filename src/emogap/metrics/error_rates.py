"""Word error rate: did the words survive synthesis and recognition?

Conventions:
    Texts are compared word by word after one fixed normalisation: Unicode NFKC, case folded, apostrophes removed,
    every other character that is no letter or digit a space. Numbers are not spelled out ("2" is not "two"). Words
    are what spaces separate, so the rate means little for scripts written without spaces.

Metrics:
    ``word_error_rate`` is the number of substituted, deleted and inserted words over the number of reference words,
    summed over all pairs before dividing (not the mean of the pairs' rates). It can exceed 1.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["WordErrors", "normalized_words", "word_error_counts", "word_error_rate"]


class WordErrors(NamedTuple):
    """Edits that turn a reference text into a hypothesis.

    Attributes:
        substitutions: words replaced
        deletions: reference words that are missing
        insertions: words that are not in the reference
        n_words: reference words

    """

    substitutions: int
    deletions: int
    insertions: int
    n_words: int

    @property
    def total(self) -> int:
        """Number of edits, the Levenshtein distance over words."""
        return self.substitutions + self.deletions + self.insertions


def normalized_words(text: str) -> list[str]:
    """Return the words that are compared.

    >>> normalized_words("Don't say “BACK”, now!")
    ['dont', 'say', 'back', 'now']
    """
    plain = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    return re.findall(r"[^\W_]+", plain)


def word_error_counts(reference: str, hypothesis: str) -> WordErrors:
    """Count the edits of a cheapest alignment (Levenshtein, every edit costs 1).

    Where several alignments are cheapest, one with the most substitutions is counted; the total does not depend on
    the choice.

    >>> word_error_counts("say the word back", "say a word back now")
    WordErrors(substitutions=1, deletions=0, insertions=1, n_words=4)
    """
    spoken, heard = normalized_words(reference), normalized_words(hypothesis)
    # Row by row; a cell is (edits, -substitutions, deletions, insertions), so that min() prefers substitutions.
    row = [(column, 0, 0, column) for column in range(len(heard) + 1)]
    for index, word in enumerate(spoken, 1):
        above, row = row, [(index, 0, index, 0)]
        for column, other in enumerate(heard, 1):
            diagonal, up, left = above[column - 1], above[column], row[column - 1]
            if word == other:
                row.append(diagonal)
                continue
            row.append(
                min(
                    (diagonal[0] + 1, diagonal[1] - 1, diagonal[2], diagonal[3]),
                    (up[0] + 1, up[1], up[2] + 1, up[3]),
                    (left[0] + 1, left[1], left[2], left[3] + 1),
                )
            )
    _, substitutions, deletions, insertions = row[-1]
    return WordErrors(-substitutions, deletions, insertions, len(spoken))


def word_error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    r"""Word error rate over ``(reference, hypothesis)`` pairs.

    .. math:: \text{WER} = \frac{\sum_p S_p + D_p + I_p}{\sum_p N_p}

    Returns:
        value of 0 or more

    Raises:
        ValueError: if the references hold no word

    >>> word_error_rate([("say the word back", "say the word back"), ("now", "no")])
    0.2
    """
    counts = [word_error_counts(reference, hypothesis) for reference, hypothesis in pairs]
    n_words = sum(count.n_words for count in counts)
    if n_words == 0:
        raise ValueError("the references hold no word: the word error rate is not defined")
    return sum(count.total for count in counts) / n_words
