"""What no score counts, and why: left out, dropped, failed, unparsed, refused."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from emogap.manifest.records import Dropped, Prediction, Transcript, Utterance
from emogap.manifest.scores import Group, LeftOut
from emogap.report.roster import Roster

__all__ = ["Listed", "OutcomeRow", "dropped_rows", "failures", "left_out_rows", "outcome_rows"]

_N_EXAMPLES = 3
_OUTCOMES = ("ok", "unparsed", "refused", "failed")


@dataclass(frozen=True)
class OutcomeRow:
    """How a recognizer fared on one group: ``counts`` in the order ok, unparsed, refused, failed, unanswered."""

    recognizer: str
    group: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Listed:
    """Items with one fate: what, why, how many, and the first few."""

    where: str
    reason: str
    n: int
    examples: tuple[str, ...]


def outcome_rows(
    utterances: Iterable[Utterance], predictions: Mapping[str, Mapping[str, Prediction]], roster: Roster
) -> list[OutcomeRow]:
    """Count predictions by outcome, recognizer, and group; an utterance without a prediction is "unanswered"."""
    groups = [(utterance.id, _group(utterance)) for utterance in utterances]
    rows = []
    for recognizer, answers in predictions.items():
        counts: dict[Group, Counter[str]] = {}
        for utterance_id, group in groups:
            answer = answers.get(utterance_id)
            counts.setdefault(group, Counter())[answer.outcome if answer else "unanswered"] += 1
        rows += [
            OutcomeRow(recognizer, roster.name(group), tuple(found[name] for name in (*_OUTCOMES, "unanswered")))
            for group, found in sorted(counts.items(), key=lambda item: _order(item[0]))
        ]
    return rows


def left_out_rows(left_out: Sequence[LeftOut], roster: Roster) -> list[Listed]:
    """Write out what the results file left out of every score."""
    return [
        Listed(
            roster.name(entry.group) + (f" · {entry.recognizer}" if entry.recognizer else ""),
            entry.reason,
            entry.n,
            entry.examples,
        )
        for entry in sorted(left_out, key=lambda entry: (_order(entry.group), entry.reason, entry.recognizer or ""))
    ]


def dropped_rows(dropped: Sequence[Dropped]) -> list[Listed]:
    """Gather files that never became utterances by reason, the most frequent reason first."""
    by_reason: dict[str, list[Dropped]] = {}
    for entry in dropped:
        by_reason.setdefault(entry.reason, []).append(entry)
    return [
        Listed("", reason, len(entries), tuple(map(_with_detail, entries[:_N_EXAMPLES])))
        for reason, entries in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def failures(
    predictions: Mapping[str, Mapping[str, Prediction]], transcripts: Mapping[str, Transcript]
) -> list[tuple[str, str, str, str]]:
    """Return (step, utterance id, outcome, reason) of every answer that is not ``ok``."""
    found = [
        (recognizer, answer.utterance_id, str(answer.outcome), answer.reason or "no reason given")
        for recognizer, answers in predictions.items()
        for answer in answers.values()
        if answer.outcome != "ok"
    ]
    found += [
        ("transcription", transcript.utterance_id, str(transcript.outcome), transcript.reason or "no reason given")
        for transcript in transcripts.values()
        if transcript.outcome != "ok"
    ]
    return found


def _group(utterance: Utterance) -> Group:
    return Group(domain=utterance.domain, corpus=utterance.corpus, system=utterance.system)


def _order(group: Group) -> tuple[str, str, str]:
    return group.domain, group.system or "", group.corpus or ""


def _with_detail(entry: Dropped) -> str:
    return f"{entry.path} ({entry.detail})" if entry.detail else entry.path
