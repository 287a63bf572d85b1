"""What the command line prints: progress bars, tables, and lists of what failed.

Results go to standard output, everything else to standard error.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.table import Table

from emogap.manifest.records import Dropped
from emogap.manifest.scores import Group, Scores
from emogap.recipes.sources import Source

__all__ = [
    "exit_with_failures", "interval", "list_dropped", "print_source", "progress_bars", "say", "show", "summary", "warn",
]  # fmt: skip

_out = Console()
_err = Console(stderr=True)

_SHOWN = 10
"""Failed items printed before the rest is only counted."""


def say(text: str) -> None:
    """Print a line of results as it is: names may hold brackets."""
    _out.print(text, markup=False, highlight=False, soft_wrap=True)


def show(table: Table) -> None:
    """Print a table."""
    _out.print(table)


def warn(text: str) -> None:
    """Print a line to standard error as it is."""
    _err.print(text, markup=False, highlight=False, soft_wrap=True)


class _Bars:
    """Progress bars on standard error."""

    def __init__(self, bars: RichProgress) -> None:
        self._bars = bars

    @contextmanager
    def step(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        task = self._bars.add_task(label, total=total)
        yield lambda n: self._bars.advance(task, n)


@contextmanager
def progress_bars() -> Iterator[_Bars]:
    """Show progress bars while the block runs; on no terminal they appear at its end."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with RichProgress(*columns, console=_err) as bars:
        yield _Bars(bars)


def summary(scores: Scores) -> Table:
    """Return the short table: UA, its interval, WA and n of human speech by corpus and synthesized speech by system."""
    table = Table("recognizer", "speech", "UA %", "interval", "WA %", "n")
    wa = {(s.recognizer, s.group): s.value for s in scores.scores if s.name == "wa"}
    shown = [s for s in scores.scores if s.name == "uar" and _is_listed(s.group)]
    parts = Counter((s.recognizer, s.group.domain) for s in shown if s.group.corpus or s.group.system)
    for score in shown:
        group = score.group
        pooled = group.corpus is None and group.system is None
        if pooled and parts[score.recognizer, group.domain] == 1:
            continue  # the same utterances as their only part
        name = " ".join(part for part in (group.domain, group.corpus, group.system) if part)
        ends, other = interval(score.low, score.high), wa[score.recognizer, group]
        table.add_row(
            escape(score.recognizer), escape(name), f"{100 * score.value:.1f}", ends, f"{100 * other:.1f}", str(score.n)
        )
    return table


def _is_listed(group: Group) -> bool:
    return group.system is None if group.domain == "human" and group.corpus else group.corpus is None


def interval(low: float | None, high: float | None) -> str:
    """Return an interval in percent, or that there is none."""
    return "none" if low is None or high is None else f"{100 * low:.1f} to {100 * high:.1f}"


def print_source(source: Source) -> None:
    """Print found and expected counts, flags and notes of a source."""
    table = Table("count", "found", "expected")
    for name in dict.fromkeys((*source.expected, *source.found)):
        found, expected = source.found.get(name, 0), source.expected.get(name)
        table.add_row(name, str(found), "" if expected is None else str(expected))
    show(table)
    for flag, n in Counter(flag for u in source.utterances for flag in u.flags).items():
        say(f"flag {flag}: {n}")
    for note in source.notes:
        say(f"note: {note}")


def list_dropped(dropped: Sequence[Dropped]) -> None:
    """List what did not become an utterance: each reason with its count and first examples."""
    for reason, n in Counter(item.reason for item in dropped).items():
        examples = [item for item in dropped if item.reason == reason][:3]
        warn(f"{n} x {reason}:")
        for item in examples:
            warn(f"  {item.path} {item.detail}")


def exit_with_failures(failed: Sequence[tuple[str, str]]) -> None:
    """List failed utterances, ``(id, reason)``, and leave with exit code 1; do nothing when there is none."""
    if not failed:
        return
    warn(f"{len(failed)} failed:")
    for utterance_id, reason in failed[:_SHOWN]:
        warn(f"  {utterance_id}: {reason}")
    if len(failed) > _SHOWN:
        warn(f"  and {len(failed) - _SHOWN} more")
    raise typer.Exit(1)
