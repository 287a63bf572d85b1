"""Memory: the peak of recognizing a manifest, and of one ten times as long."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.timing import Row
from emogap.manifest.files import write_rows
from emogap.manifest.records import Utterance

N = 400
"""Utterances of the short manifest."""


def flat(scratch: Path) -> list[Row]:
    """Grow the manifest tenfold; every file is different, so nothing is shared through the cache."""
    short, long = (_peak_mb(scratch / str(n), n) for n in (N, 10 * N))
    rows_mb = 9 * N * 3e-3  # a record, its key and its cached facts, about 3 kB each
    growth = long - short
    met = growth <= rows_mb + 10
    audio_mb = 9 * N * 2 * 64e-3
    detail = f"{short:.0f} MB for {N}, {long:.0f} MB for {10 * N} utterances of 2 s ({audio_mb:.0f} MB more audio)"
    return [Row("peak memory, growth in MB for 10x", growth, f"at most {rows_mb + 10:.0f} (the manifest)", met, detail)]


def _peak_mb(folder: Path, n: int) -> float:
    generator = np.random.default_rng(n)
    rows = []
    folder.mkdir(parents=True)
    for i in range(n):
        path = folder / f"{i}.wav"
        soundfile.write(path, generator.uniform(-0.1, 0.1, 32_000).astype(np.float32), 16_000)
        rows.append(Utterance(id=str(i), path=str(path), domain="human", emotion="sad"))
    write_rows(folder / "manifest.jsonl", rows)
    return float(
        subprocess.run(
            [sys.executable, "-m", "benchmarks.memory", str(folder)], check=True, capture_output=True, text=True
        ).stdout.split()[-1]
    )


def _recognize(folder: Path) -> None:
    from emogap import plugins
    from emogap.execution.cache import Cache
    from emogap.execution.progress import Silent
    from emogap.execution.recognition import recognize
    from emogap.manifest.files import read_utterances

    recognizer = plugins.load("recognizers", "toy")
    rows = recognize(read_utterances(folder / "manifest.jsonl"), recognizer, Cache(folder / "cache"), Silent())
    write_rows(folder / "predictions.jsonl", rows)
    print(_own_peak_mb())


def _own_peak_mb() -> float:
    """Peak of this program alone: ``ru_maxrss`` would count the parent's memory at the moment of the fork."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this benchmark needs Linux: /proc/self/status has no VmHWM")


if __name__ == "__main__":
    _recognize(Path(sys.argv[1]))
