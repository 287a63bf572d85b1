"""Intervals: the vectorised bootstrap against a loop over scikit-learn."""

import time

import numpy as np
from sklearn.metrics import accuracy_score, recall_score

from benchmarks.timing import Row, in_turns
from emogap.metrics.bootstrap import resample_counts
from emogap.metrics.classification import accuracy_of, unweighted_average_recall_of
from emogap.metrics.clusters import choose_clusters

N, LABELS, RESAMPLES, LOOPED = 20_000, 7, 2_000, 20
"""Predictions, labels, resamples, and how many of them the slow loop is timed on."""


def bootstrap(_scratch: object = None) -> list[Row]:
    """Accuracy and UAR of 2,000 resamples: drawing utterances, and drawing speakers and texts."""
    rng = np.random.default_rng(0)
    reference = rng.integers(0, LABELS, N)
    predicted = np.where(rng.random(N) < 0.65, reference, rng.integers(0, LABELS, N))
    cells = reference * (LABELS + 1) + predicted
    speakers, texts = (rng.integers(0, n, N).astype(str).tolist() for n in (100, 200))
    schemes = {
        "utterances": choose_clusters([None] * N, [None] * N),
        "speakers x texts": choose_clusters(speakers, texts),
    }

    def ours(name: str) -> None:
        counts = resample_counts(cells, LABELS * (LABELS + 1), schemes[name], RESAMPLES, np.random.default_rng(0))
        confusion = counts.reshape(-1, LABELS, LABELS + 1)
        accuracy_of(confusion)
        unweighted_average_recall_of(confusion)

    start = time.perf_counter()
    for _ in range(LOOPED):
        drawn = rng.integers(0, N, N)
        accuracy_score(reference[drawn], predicted[drawn])
        recall_score(reference[drawn], predicted[drawn], average="macro")
    loop_s = (time.perf_counter() - start) / LOOPED * RESAMPLES
    one_s, two_s = in_turns([lambda: ours("utterances"), lambda: ours("speakers x texts")], rounds=5)
    detail = f"{N:,} predictions, {RESAMPLES:,} resamples; loop {loop_s:.1f} s (scaled from {LOOPED})"
    return [
        Row("bootstrap over a naive loop", loop_s / one_s, "at least 500", loop_s / one_s >= 500,
            f"{detail}, ours {1e3 * one_s:.1f} ms"),
        Row("two-way cluster bootstrap over the same loop", loop_s / two_s, "-", True, f"ours {1e3 * two_s:.0f} ms"),
    ]  # fmt: skip
