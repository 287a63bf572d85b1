"""Errors that a user sees.

Conventions: one sentence says what was wrong, where, what was expected, and, where one exists, the command
that mends it. The command line prints the sentence without a traceback and exits with code 2.
"""

import difflib
from collections.abc import Iterable

__all__ = ["EmogapError", "MissingDependencyError", "UnknownNameError", "nearest"]


class EmogapError(Exception):
    """Anything the user can mend; the message is the whole explanation."""


class MissingDependencyError(EmogapError):
    """An optional package is absent.

    Args:
        feature: what the user asked for, e.g. ``"the hibari synthesizer"``
        extra: the extra of emogap that brings it, e.g. ``"offline"``
        detail: what the import said

    """

    def __init__(self, feature: str, extra: str, detail: str = "") -> None:
        because = f" ({detail})" if detail else ""
        super().__init__(
            f"{feature} needs a package that is not installed{because}. Install it with: pip install 'emogap[{extra}]'"
        )


class UnknownNameError(EmogapError):
    """A name is not one of the allowed ones; the message lists them and names the nearest.

    Args:
        what: the kind of name, e.g. ``"recognizer"``
        name: what was given
        allowed: the legal names
        where: file, line or option it came from

    """

    def __init__(self, what: str, name: str, allowed: Iterable[str], where: str = "") -> None:
        names = list(allowed)
        place = f"{where}: " if where else ""
        hint = nearest(name, names)
        meant = f" Did you mean {hint!r}?" if hint else ""
        super().__init__(
            f"{place}unknown {what} {name!r}, expected one of: {', '.join(names) or 'none available'}.{meant}"
        )


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed name closest in spelling, or None when nothing is close.

    >>> nearest("hapy", ["happy", "sad"])
    'happy'
    >>> nearest("xyz", ["happy", "sad"]) is None
    True
    """
    found = difflib.get_close_matches(name.lower(), [str(a) for a in allowed], n=1, cutoff=0.5)
    return found[0] if found else None
