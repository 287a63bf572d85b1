"""How differently does a recognizer treat human and synthesized speech, and how sure is that?

Conventions:
    The labels of a group are the emotions that occur in it as reference or target emotion. Groups are described in
    ``analysis.groups``, gaps in ``analysis.differences``, what is left out in ``analysis.scored``. Results depend on
    the seed and on nothing else: not on the order of utterances, not on what else is measured.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np

from emogap.analysis.differences import gaps_of
from emogap.analysis.groups import group_members, interval_fields, interval_record
from emogap.analysis.recognizer_comparison import compare_recognizers
from emogap.analysis.samples import Sample, clusters_of, stream
from emogap.analysis.scored import Answers, GapSettings, checked, score_answers
from emogap.errors import EmogapError
from emogap.manifest.labels import OUTSIDE
from emogap.manifest.records import Transcript, Utterance
from emogap.manifest.scores import Confusion, Gap, Group, LeftOut, Score, Scores, WordErrorRate
from emogap.metrics.bootstrap import resample_sums
from emogap.metrics.error_rates import word_error_counts
from emogap.metrics.intervals import Estimate, estimate_bounds, paired_bounds

__all__ = ["Answers", "GapSettings", "measure_gap", "word_error_rates"]


def measure_gap(
    utterances: Sequence[Utterance], answers: Sequence[Answers], settings: GapSettings | None = None
) -> Scores:
    """Score every group, measure every gap and, with several recognizers, compare the first with the others.

    Args:
        utterances: human, synthesized and placebo utterances together
        answers: of one recognizer or more
        settings: of intervals and tests; the defaults if None

    Returns:
        scores (``wa``, ``uar``, ``macro_f1``, ``recall`` per emotion), confusion matrices, gaps, comparisons, and what
        was left out. Nothing in it is NaN

    Raises:
        EmogapError: if an utterance id occurs twice, or two answers name the same recognizer
        UnknownNameError: if an emotion is not a label

    """
    settings = settings or GapSettings()
    names = [answer.recognizer for answer in answers]
    if len(set(names)) != len(names):
        raise EmogapError(f"answers of recognizers {names}: names must differ, or their scores could not be told apart")
    ordered = checked(utterances)
    scores: list[Score] = []
    confusions: list[Confusion] = []
    gaps: list[Gap] = []
    left_out: dict[LeftOut, None] = {}  # a reason that lies in the utterance comes up once per recognizer
    scored_by_recognizer = []
    for answer in answers:
        scored, left = score_answers(ordered, answer)
        left_out.update(dict.fromkeys(left))
        scored_by_recognizer.append((answer.recognizer, scored))
        samples = {
            group: Sample(scored.take(positions), settings)
            for group, positions in group_members(scored.utterances).items()
        }
        for group, sample in samples.items():
            scores += _scores(answer.recognizer, group, sample)
            confusions.append(_confusion(answer.recognizer, group, sample))
        gaps += gaps_of(answer.recognizer, samples, settings)
    return Scores(
        scores=tuple(scores),
        gap=tuple(gaps),
        confusions=tuple(confusions),
        comparisons=compare_recognizers(scored_by_recognizer, settings) if len(answers) > 1 else (),
        left_out=tuple(left_out),
    )


def _scores(recognizer: str, group: Group, sample: Sample) -> Iterator[Score]:
    labels = sample.labels

    def score(
        name: Literal["wa", "uar", "macro_f1", "recall"], over: tuple[str, ...], about: Group, estimate: Estimate
    ) -> Score:
        bounds = estimate_bounds(estimate, sample.settings.level)
        return Score(
            name=name,
            recognizer=recognizer,
            group=about,
            value=estimate.value,
            n=int(sample.confusion(over).sum()),
            labels=over,
            **interval_fields(bounds, estimate.clusters, sample.settings),
        )

    yield score("wa", labels, group, sample.estimate("wa", labels))
    yield score("uar", labels, group, sample.estimate("uar", labels))
    yield score("macro_f1", labels, group, sample.estimate("macro_f1", labels))
    for label in labels:
        about = Group(domain=group.domain, corpus=group.corpus, system=group.system, emotion=label)
        yield score("recall", (label,), about, sample.recall(label))


def _confusion(recognizer: str, group: Group, sample: Sample) -> Confusion:
    counts = sample.confusion(sample.labels)
    return Confusion(
        recognizer=recognizer,
        group=group,
        labels=sample.labels,
        columns=(*sample.labels, OUTSIDE),
        counts=tuple(tuple(int(count) for count in row) for row in counts),
        n=int(counts.sum()),
    )


def word_error_rates(
    utterances: Sequence[Utterance],
    transcripts: Iterable[Transcript],
    transcriber: str,
    settings: GapSettings | None = None,
) -> tuple[WordErrorRate, ...]:
    """Measure how well the words survived, per group.

    An utterance counts when its text is known, holds a word, and was transcribed; ``n`` says how many did.

    Args:
        utterances: with the text that should have been said
        transcripts: what was heard
        transcriber: id of the transcriber
        settings: of intervals; the defaults if None

    Returns:
        one rate per domain, corpus and system, errors over reference words within the group

    Raises:
        EmogapError: if an utterance id occurs twice
        UnknownNameError: if an emotion is not a label

    """
    settings = settings or GapSettings()
    heard = {transcript.utterance_id: transcript.hypothesis for transcript in transcripts}
    counted, rows = [], []
    for utterance in checked(utterances):
        hypothesis = heard.get(utterance.id)
        if utterance.text is None or hypothesis is None:
            continue
        errors = word_error_counts(utterance.text, hypothesis)
        if errors.n_words:
            counted.append(utterance)
            rows.append((errors.total, errors.n_words))
    tables = np.array(rows, np.float64).reshape(-1, 2)
    found = []
    for group, positions in group_members(tuple(counted)).items():
        members = [counted[index] for index in positions]
        clusters = clusters_of(members)
        sums = resample_sums(tables[positions], clusters, settings.n_resamples, stream(settings, "words", members))
        with np.errstate(invalid="ignore"):
            bounds = paired_bounds(sums[:, 0] / sums[:, 1], clusters, settings.level)
        n_errors, n_words = tables[positions].sum(axis=0)
        found.append(
            WordErrorRate(
                transcriber=transcriber,
                group=group,
                value=float(n_errors / n_words),
                interval=interval_record(bounds, clusters, settings),
                n=len(members),
                n_words=int(n_words),
            )
        )
    return tuple(found)
