"""Progress as the steps see it; what it looks like is the caller's business."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

__all__ = ["Progress", "Silent"]


class Progress(Protocol):
    """Shows how far a step is."""

    def step(self, label: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Begin a step of ``total`` items; the context gives a function that is told how many more are done."""
        ...


class Silent:
    """Shows nothing."""

    @contextmanager
    def step(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        """Begin a step that nobody watches."""
        yield lambda n: None
