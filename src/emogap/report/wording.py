"""How numbers and groups are written on the page.

Conventions:
    Results files keep fractions; the page prints percentages with one decimal, differences in percentage points,
    a true minus sign, and says "no interval" where none can be given.
"""

import math
import re

from emogap.analysis.scored import is_placebo
from emogap.manifest.scores import Group

__all__ = ["as_fraction", "interval_text", "percent", "points", "readable", "side"]

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def percent(value: float | None, digits: int = 1) -> str:
    """Write a fraction as a percentage without the sign.

    >>> percent(0.14286), percent(-0.031), percent(None)
    ('14.3', '−3.1', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{100 * value:.{digits}f}"
    return "0." + "0" * digits if float(text) == 0 else text.replace("-", "−")


def points(value: float | None) -> str:
    """Write a difference of fractions in percentage points, with its sign.

    >>> points(0.525), points(-0.02), points(0.0)
    ('+52.5', '−2.0', '0.0')
    """
    text = percent(value)
    return f"+{text}" if value is not None and value > 0 and text[0] not in "−–" and float(text) > 0 else text


def interval_text(low: float | None, high: float | None) -> str:
    """Write an interval of fractions.

    >>> interval_text(0.61, 0.734), interval_text(None, None)
    ('[61.0, 73.4]', 'no interval')
    """
    if as_fraction(low) is None or as_fraction(high) is None:
        return "no interval"
    return f"[{percent(low)}, {percent(high)}]"


def as_fraction(value: float | None) -> float | None:
    """Return None for a number that is absent or not finite."""
    return value if value is not None and math.isfinite(value) else None


def readable(text: str) -> str:
    r"""Replace what can stand in no XML document, so that a figure can carry any name.

    >>> readable("a\x00b")
    'a�b'
    """
    return _UNPRINTABLE.sub("�", text)


def side(group: Group) -> str:
    """Return ``human``, ``placebo`` or ``synthesized``.

    >>> side(Group(domain="human", system="placebo/codec"))
    'placebo'
    """
    if is_placebo(group.system):
        return "placebo"
    return "human" if group.domain == "human" else "synthesized"
