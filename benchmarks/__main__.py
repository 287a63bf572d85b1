"""Run every benchmark and print one table."""

import os
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import intervals, memory, recognition, transcription


def main() -> None:
    """Print the table, and the same as Markdown for docs/performance.md."""
    table = Table("what", "figure", "target", "met", "how")
    lines = ["| what | figure | target | met | how |", "|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for benchmark in (
            recognition.harness, recognition.windows, transcription.batched, intervals.bootstrap, memory.flat
        ):  # fmt: skip
            for row in benchmark(scratch):
                cells = (row.name, f"{row.value:.3g}", row.target, "yes" if row.met else "no", row.detail)
                table.add_row(*cells)
                lines.append("| " + " | ".join(cells) + " |")
    Console().print(table)
    print(f"\n{os.cpu_count()} cores\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
