"""The results file, ``scores.json``: numbers that explain themselves.

Conventions:
    Values are fractions in [0, 1], never percent. Every number carries n, its interval, the method and level of
    the interval, the cluster key and the seed. A ``Group`` with a None field is pooled over that field.
"""

from pathlib import Path
from typing import Literal

import msgspec

from emogap.errors import EmogapError
from emogap.manifest.files import write_atomically

__all__ = ["Comparison", "Confusion", "Gap", "Group", "Interval", "LeftOut", "Score", "Scores", "WordErrorRate"]


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, order=True):
    """Which utterances a number is about.

    Attributes:
        domain: ``human`` or ``synthesized``
        corpus: None when pooled
        system: synthesizer; ``placebo/NAME`` for human speech passed through a nuisance; None for plain human speech
        emotion: reference or target emotion; None when pooled

    """

    domain: str
    corpus: str | None = None
    system: str | None = None
    emotion: str | None = None


class Interval(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How sure a number is.

    Attributes:
        low: lower end; NaN (null in JSON) when no interval can be given
        high: upper end
        level: e.g. 0.95
        method: e.g. ``two-way cluster bootstrap, percentile, 2000 resamples``
        cluster_key: what was resampled, e.g. ``speaker x text``
        n_clusters: clusters per key, in the order of the key
        seed: of the resampling
        note: what the interval is conditional on, or why there is none

    """

    low: float | None
    high: float | None
    level: float
    method: str
    cluster_key: str
    n_clusters: tuple[int, ...]
    seed: int
    note: str = ""


class Score(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One metric of one recognizer on one group.

    Attributes:
        name: ``wa`` (accuracy), ``uar`` (unweighted average recall, UA), ``macro_f1`` or ``recall`` (one emotion)
        recognizer: id
        group: the utterances
        value: in [0, 1]
        n: utterances scored
        labels: the label set the metric is over
        low: lower end of the interval, None when none can be given
        high: upper end
        level: confidence level
        method: of the interval
        cluster_key: what was resampled
        n_clusters: clusters per key
        seed: of the resampling
        note: conditions of the interval

    """

    name: Literal["wa", "uar", "macro_f1", "recall"]
    recognizer: str
    group: Group
    value: float
    n: int
    labels: tuple[str, ...]
    low: float | None
    high: float | None
    level: float
    method: str
    cluster_key: str
    n_clusters: tuple[int, ...]
    seed: int
    note: str = ""


class Confusion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Counts of reference or target emotion (rows) against prediction (columns).

    Attributes:
        recognizer: id
        group: the utterances
        labels: row labels
        columns: ``labels``, then ``outside``
        counts: one row per label
        n: their sum

    """

    recognizer: str
    group: Group
    labels: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    n: int


class Gap(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Human minus synthesized, over the labels both have.

    Attributes:
        name: the metric
        recognizer: id
        human: group of the human side
        synthesized: group of the other side (a placebo arm is also a "synthesized" side)
        pairing: ``unpaired``; ``text+emotion``: mean over (text, emotion) cells that both sides have; ``utterance``: a
            placebo utterance with its own source
        labels: labels both sides have
        human_value: in [0, 1]
        synthesized_value: in [0, 1]
        difference: human minus synthesized, in [-1, 1]
        ratio: synthesized over human, None when the human value is 0
        interval: of the difference
        n_human: utterances on the human side
        n_synthesized: utterances on the other side
        n_pairs: cells or utterances paired, None when unpaired

    """

    name: Literal["wa", "uar", "recall"]
    recognizer: str
    human: Group
    synthesized: Group
    pairing: Literal["unpaired", "text+emotion", "utterance"]
    labels: tuple[str, ...]
    human_value: float
    synthesized_value: float
    difference: float
    ratio: float | None
    interval: Interval
    n_human: int
    n_synthesized: int
    n_pairs: int | None = None


class Comparison(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Two recognizers on the same utterances.

    Attributes:
        name: metric compared
        recognizer: first
        other: second
        group: the utterances both answered
        value: of the first
        other_value: of the second
        difference: first minus second
        interval: of the difference
        p_value: two-sided
        p_holm: after Holm's correction over the comparisons of this file
        method: of the test
        n: utterances

    """

    name: Literal["wa", "uar"]
    recognizer: str
    other: str
    group: Group
    value: float
    other_value: float
    difference: float
    interval: Interval
    p_value: float
    p_holm: float
    method: str
    n: int


class WordErrorRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Did the words survive? Word error rate of transcripts against what should have been said.

    Attributes:
        transcriber: id
        group: the utterances
        value: errors over reference words; can exceed 1
        interval: over texts
        n: utterances
        n_words: reference words

    """

    transcriber: str
    group: Group
    value: float
    interval: Interval
    n: int
    n_words: int


class LeftOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Utterances that no score counts, and why. Nothing leaves a denominator without a row here.

    Attributes:
        recognizer: id, None when it concerns every recognizer
        group: domain, corpus and system they belong to
        reason: e.g. ``no target emotion``, ``failed: missing file``, ``seen in training``
        n: how many
        examples: ids of the first few

    """

    recognizer: str | None
    group: Group
    reason: str
    n: int
    examples: tuple[str, ...] = ()


class Scores(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything ``scores.json`` holds."""

    scores: tuple[Score, ...]
    gap: tuple[Gap, ...]
    confusions: tuple[Confusion, ...]
    comparisons: tuple[Comparison, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    word_error_rates: tuple[WordErrorRate, ...] = ()
    version: Literal[1] = 1

    def write(self, path: Path) -> None:
        """Write as indented JSON."""
        write_atomically(path, [msgspec.json.format(msgspec.json.encode(self), indent=1), b"\n"])

    @classmethod
    def read(cls, path: Path) -> "Scores":
        """Read a results file.

        Raises:
            EmogapError: if it is missing or not a results file

        """
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except FileNotFoundError:
            raise EmogapError(
                f"{path}: no such file; only finished runs of `emogap gap` and `emogap demo` have one"
            ) from None
        except msgspec.DecodeError as problem:
            raise EmogapError(f"{path} is not a results file of this version: {problem}") from None
