"""The label set, its aliases and the policies that map corpora's own labels onto it.

Conventions:
    The label set is that of the paper's equation (1): seven emotions and ``other``. Nothing else in emogap
    spells a label. Corpora and recognizers map their own codes onto it here or on their cards, and a label that
    no map knows is refused by name, never guessed and never dropped in silence.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from emogap.errors import UnknownNameError

__all__ = ["ALIASES", "EMOTIONS", "LABELS", "OUTSIDE", "LabelPolicy", "canonical_label"]

EMOTIONS: tuple[str, ...] = ("angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised")
"""The seven emotions a synthesizer can be asked for and a listener can be asked about."""

LABELS: tuple[str, ...] = (*EMOTIONS, "other")
"""Every label (paper, equation 1)."""

OUTSIDE = "outside"
"""Name of the confusion-matrix column for predictions outside the evaluated labels; never a label itself."""

ALIASES: Mapping[str, str] = {
    **{label: label for label in LABELS},
    "anger": "angry",
    "ang": "angry",
    "disgust": "disgusted",
    "dis": "disgusted",
    "fear": "fearful",
    "fea": "fearful",
    "afraid": "fearful",
    "joy": "happy",
    "happiness": "happy",
    "hap": "happy",
    "neu": "neutral",
    "sadness": "sad",
    "surprise": "surprised",
    "sur": "surprised",
    "ps": "surprised",
    "pleasant_surprise": "surprised",
    "oth": "other",
    "<unk>": "other",
    "unknown": "other",
}
"""Spellings met in corpora and checkpoints. Calm, excited, boredom and frustrated are policies, not aliases."""


class LabelPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of corpus labels outside the label set. Every report prints the policy in force.

    The defaults are those that reproduce the paper's test-set sizes: calm is dropped (RAVDESS), excited counts
    as happy (IEMOCAP, four-class convention), frustrated and boredom are ``other``.
    """

    calm: Literal["drop", "neutral", "other"] = "drop"
    excited: Literal["happy", "other", "drop"] = "happy"
    boredom: Literal["other", "drop"] = "other"
    frustrated: Literal["other", "drop"] = "other"


def canonical_label(label: str, policy: LabelPolicy | None = None, where: str = "") -> str | None:
    """Map a corpus or user label onto the label set.

    Args:
        label: the label as found; case, spaces and hyphens do not matter
        policy: what becomes of calm, excited, boredom and frustrated; the defaults if None
        where: file and line, or option, named in the error

    Returns:
        a member of ``LABELS``, or None when the policy drops the label

    Raises:
        UnknownNameError: if no alias and no policy knows the label

    >>> canonical_label("Disgust"), canonical_label("exc"), canonical_label("calm")
    ('disgusted', 'happy', None)
    """
    policy = policy or LabelPolicy()
    key = label.strip().lower().replace(" ", "_").replace("-", "_")
    by_policy = {
        "calm": policy.calm,
        "exc": policy.excited,
        "excited": policy.excited,
        "excitement": policy.excited,
        "boredom": policy.boredom,
        "bored": policy.boredom,
        "fru": policy.frustrated,
        "frustrated": policy.frustrated,
        "frustration": policy.frustrated,
    }
    if key in by_policy:
        found = by_policy[key]
        return None if found == "drop" else found
    if key in ALIASES:
        return ALIASES[key]
    raise UnknownNameError("emotion label", label, (*LABELS, *by_policy), where)
