"""Timing two ways of doing one thing in turns, so that a machine whose speed drifts treats both alike."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table: a measured figure, its target, and what was measured how."""

    name: str
    value: float
    target: str
    met: bool
    detail: str


def in_turns(ways: Sequence[Callable[[], object]], rounds: int = 3) -> list[float]:
    """Run each way once per round, one after the other, and return the median seconds of each."""
    seconds: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, taken in zip(ways, seconds, strict=True):
            start = time.perf_counter()
            way()
            taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in seconds]
