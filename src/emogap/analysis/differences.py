"""Human minus synthesized: unpaired, paired by text and emotion, and of placebo arms.

Conventions:
    A gap is over the labels both sides have. Unpaired, both sides are resampled independently of each other, which
    is on the wide side where they share texts. Paired by text and emotion, a cell's value is the mean correctness of
    its utterances; ``wa`` is the mean over cells, ``uar`` the mean over the cells of each emotion and then over
    emotions. A placebo utterance is paired with its own source, so that its gap is that of the nuisance alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from emogap.analysis.groups import interval_record
from emogap.analysis.samples import PairedSample, Sample, stream
from emogap.analysis.scored import GapSettings, Scored, is_placebo
from emogap.manifest.labels import LABELS
from emogap.manifest.scores import Gap, Group
from emogap.metrics.bootstrap import resample_sums
from emogap.metrics.clusters import Clusters, choose_clusters
from emogap.metrics.intervals import Bounds, Estimate, difference_bounds, paired_bounds

__all__ = ["gaps_of"]

Floats = npt.NDArray[np.float64]
Pairing = Literal["unpaired", "text+emotion", "utterance"]


def gaps_of(recognizer: str, samples: Mapping[Group, Sample], settings: GapSettings) -> Iterator[Gap]:
    """Yield every gap of one recognizer.

    Human speech, pooled and by corpus, against all synthesized speech and each system; each human corpus against
    synthesized speech made from the same corpus; and human speech against its placebo arms.
    """
    for human, other in _opponents(samples):
        if is_placebo(other.system):
            yield from _placebo_gaps(_Sides(recognizer, human, other, settings), samples[human], samples[other])
            continue
        sides = _Sides(recognizer, human, other, settings)
        yield from _unpaired_gaps(sides, samples[human], samples[other])
        yield from _text_gaps(sides, samples[human], samples[other])


def _opponents(samples: Mapping[Group, Sample]) -> Iterator[tuple[Group, Group]]:
    humans = [group for group in samples if group.domain == "human" and group.system is None]
    for human in humans:
        for other in samples:
            if other.domain == "synthesized" and other.corpus in (None, human.corpus):
                yield human, other
            if is_placebo(other.system) and other.corpus == human.corpus:
                yield human, other


class _Sides:
    """Two groups that are compared, and how their gap is written down."""

    def __init__(self, recognizer: str, human: Group, other: Group, settings: GapSettings) -> None:
        self.recognizer, self.human, self.other, self.settings = recognizer, human, other, settings

    def gap(
        self, name: Literal["wa", "uar", "recall"], labels: tuple[str, ...], values: tuple[float, float],
        sizes: tuple[int, int], interval: tuple[Pairing, Bounds, Clusters], n_pairs: int | None = None,
    ) -> Gap:  # fmt: skip
        """Return the record; a recall names its emotion in both groups."""
        emotion = labels[0] if name == "recall" else None
        pairing, bounds, clusters = interval
        return Gap(
            name=name,
            recognizer=self.recognizer,
            human=_about(self.human, emotion),
            synthesized=_about(self.other, emotion),
            pairing=pairing,
            labels=labels,
            human_value=values[0],
            synthesized_value=values[1],
            difference=values[0] - values[1],
            ratio=values[1] / values[0] if values[0] > 0 else None,
            interval=interval_record(bounds, clusters, self.settings),
            n_human=sizes[0],
            n_synthesized=sizes[1],
            n_pairs=n_pairs,
        )


def _about(group: Group, emotion: str | None) -> Group:
    return Group(domain=group.domain, corpus=group.corpus, system=group.system, emotion=emotion)


def _unpaired_gaps(sides: _Sides, human: Sample, other: Sample) -> Iterator[Gap]:
    labels = tuple(label for label in human.labels if label in other.labels)
    if not labels:
        return

    def gap(name: Literal["wa", "uar", "recall"], over: tuple[str, ...], first: Estimate, second: Estimate) -> Gap:
        bounds = difference_bounds(first, second, sides.settings.level, ("human", "synthesized"))
        clusters = Clusters(
            key=f"human: {first.clusters.key}; synthesized: {second.clusters.key}",
            codes=(),
            n_clusters=first.clusters.n_clusters + second.clusters.n_clusters,
        )
        sizes = int(human.confusion(over).sum()), int(other.confusion(over).sum())
        return sides.gap(name, over, (first.value, second.value), sizes, ("unpaired", bounds, clusters))

    yield gap("uar", labels, human.estimate("uar", labels), other.estimate("uar", labels))
    yield gap("wa", labels, human.estimate("wa", labels), other.estimate("wa", labels))
    for label in labels:
        yield gap("recall", (label,), human.recall(label), other.recall(label))


def _text_gaps(sides: _Sides, human: Sample, other: Sample) -> Iterator[Gap]:
    cells = sorted(human.correctness_by_cell.keys() & other.correctness_by_cell.keys())
    if not cells:
        return
    human_cells = [human.correctness_by_cell[cell] for cell in cells]
    other_cells = [other.correctness_by_cell[cell] for cell in cells]
    labels = tuple(label for label in LABELS if any(emotion == label for _, emotion in cells))
    columns = [labels.index(emotion) for _, emotion in cells]
    # Per cell and emotion: is there a cell, its human value, its synthesized value.
    tables = np.zeros((len(cells), 3, len(labels)))
    for row, (column, (human_value, _), (other_value, _)) in enumerate(
        zip(columns, human_cells, other_cells, strict=True)
    ):
        tables[row, :, column] = 1.0, human_value, other_value
    clusters = choose_clusters(None, [text for text, _ in cells], unit="text+emotion cell")
    clusters = replace(clusters, note="; ".join(filter(None, (clusters.note, _speakers_held(human, other, cells)))))
    rng = stream(sides.settings, "cells", [*human.scored.utterances, *other.scored.utterances])
    flat = resample_sums(tables.reshape(len(cells), -1), clusters, sides.settings.n_resamples, rng)
    resampled = flat.reshape(-1, 3, len(labels))
    sizes = sum(n for _, n in human_cells), sum(n for _, n in other_cells)
    names: tuple[Literal["uar", "wa"], ...] = ("uar", "wa")
    for name in names:
        values = _cell_means(tables.sum(axis=0), name)
        first, second = _cell_means(resampled, name)
        bounds = paired_bounds(first - second, clusters, sides.settings.level)
        pair = float(values[0]), float(values[1])
        yield sides.gap(name, labels, pair, sizes, ("text+emotion", bounds, clusters), len(cells))


def _speakers_held(human: Sample, other: Sample, cells: Sequence[tuple[str, str]]) -> str:
    """Say whose speech the cells are means over: texts are resampled, speakers are not."""
    shared = set(cells)
    counts = []
    for name, sample in (("human", human), ("synthesized", other)):
        speakers = {u.speaker for u in sample.scored.utterances if (u.text_id, u.emotion) in shared}
        counts.append(f"{len(speakers)} {name}" if None not in speakers else f"{name} not all known")
    return f"conditional on the speakers ({', '.join(counts)})"


def _cell_means(sums: Floats, name: Literal["uar", "wa"]) -> tuple[Floats, Floats]:
    """Return human and synthesized means from sums of shape ``(..., 3, n_labels)``; NaN where a label has no cell."""
    n, human, other = sums[..., 0, :], sums[..., 1, :], sums[..., 2, :]
    with np.errstate(invalid="ignore"):
        if name == "wa":
            return human.sum(axis=-1) / n.sum(axis=-1), other.sum(axis=-1) / n.sum(axis=-1)
        return (human / n).mean(axis=-1), (other / n).mean(axis=-1)


def _placebo_gaps(sides: _Sides, human: Sample, arm: Sample) -> Iterator[Gap]:
    position = {utterance.id: index for index, utterance in enumerate(human.scored.utterances)}
    twins = [
        (position[utterance.source_id], index)
        for index, utterance in enumerate(arm.scored.utterances)
        if utterance.source_id in position
    ]
    if not twins:
        return
    rows = np.array(sorted(twins), np.int64)
    originals, filtered = human.scored.take(rows[:, 0]), arm.scored.take(rows[:, 1])
    yield _placebo_gap(sides, "uar", originals, filtered)
    yield _placebo_gap(sides, "wa", originals, filtered)
    for label in originals.labels:
        of_label = np.flatnonzero(originals.reference == LABELS.index(label))
        yield _placebo_gap(sides, "recall", originals.take(of_label), filtered.take(of_label))


def _placebo_gap(sides: _Sides, name: Literal["wa", "uar", "recall"], originals: Scored, filtered: Scored) -> Gap:
    pairs = PairedSample(originals, filtered, sides.settings)
    metric: Literal["wa", "uar"] = "uar" if name == "uar" else "wa"
    bounds = paired_bounds(pairs.resampled_difference(metric), pairs.clusters, sides.settings.level)
    n = len(originals.utterances)
    return sides.gap(name, pairs.labels, pairs.values(metric), (n, n), ("utterance", bounds, pairs.clusters), n)
