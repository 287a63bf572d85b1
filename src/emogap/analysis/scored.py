"""Which answers count in a score, and which do not and why.

Conventions:
    Every utterance is either scored or counted once in a ``LeftOut`` with the first reason that applies, in this
    order: no reference or target emotion; (human speech) its samples occur under another label; (human speech) a copy
    of another utterance; seen in training; no prediction; failed. A synthesizer that says two emotions alike is no
    fault of the data: its copies count, and one answer cannot be right for both. An answer that is no label
    (``unparsed``, ``refused``) is a miss, not left out.
    A placebo utterance shares the fate of its source: a copy or a training utterance stays one when filtered.
    Utterances are ordered by id, so that no number depends on the order of a manifest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import numpy as np
import numpy.typing as npt

from emogap.errors import EmogapError, UnknownNameError
from emogap.manifest.flags import CONFLICTING, DUPLICATE, LABEL_DROPPED
from emogap.manifest.labels import LABELS
from emogap.manifest.records import Prediction, Utterance
from emogap.manifest.scores import Group, LeftOut

__all__ = ["PLACEBO", "Answers", "GapSettings", "Scored", "checked", "is_placebo", "score_answers"]

PLACEBO = "placebo/"
"""How the ``system`` of a placebo arm begins."""

_EXAMPLES = 5

Codes = npt.NDArray[np.int64]


class GapSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How intervals and tests are made.

    Attributes:
        level: confidence level, in (0, 1)
        n_resamples: bootstrap resamples; a permutation test draws at least 10,000
        seed: of all resampling, 0 or more

    """

    level: float = 0.95
    n_resamples: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        """Check ranges.

        Raises:
            EmogapError: if a setting is out of range

        """
        if not 0 < self.level < 1:
            raise EmogapError(f"level is {self.level}, expected a number between 0 and 1, e.g. 0.95")
        if self.n_resamples < 1:
            raise EmogapError(f"n_resamples is {self.n_resamples}, expected at least 1, e.g. 2000")
        if self.seed < 0:
            raise EmogapError(f"seed is {self.seed}, expected 0 or more")


@dataclass(frozen=True)
class Answers:
    """What one recognizer answered.

    Attributes:
        recognizer: id
        predictions: by utterance id; those of other utterances are not looked at
        training_ids: ids of utterances its weights were fitted on
        training_sha256: hashes of their samples, so that a copy under another id is known too

    """

    recognizer: str
    predictions: Mapping[str, Prediction]
    training_ids: frozenset[str] = frozenset()
    training_sha256: frozenset[str] = frozenset()

    def trained_on(self, utterance: Utterance) -> bool:
        """Whether the weights were fitted on this utterance, or on the source of this placebo utterance."""
        known_as = utterance.source_id if is_placebo(utterance.system) else utterance.id
        return known_as in self.training_ids or utterance.sha256 in self.training_sha256


@dataclass(frozen=True)
class Scored:
    """Utterances with an answer that counts, ordered by id.

    Attributes:
        utterances: ``n`` of them
        reference: reference or target emotion, ``(n,)``, as a position in ``LABELS``
        predicted: predicted emotion likewise; ``len(LABELS)`` for an answer that is no label

    """

    utterances: tuple[Utterance, ...]
    reference: Codes
    predicted: Codes

    @property
    def hits(self) -> npt.NDArray[np.bool_]:
        """Whether each answer is right, ``(n,)``."""
        return np.asarray(self.reference == self.predicted)

    @property
    def labels(self) -> tuple[str, ...]:
        """Emotions that occur as reference, in the order of ``LABELS``."""
        return tuple(LABELS[code] for code in np.unique(self.reference))

    def take(self, indices: Codes) -> "Scored":
        """Return the utterances at these positions, in this order."""
        return Scored(tuple(self.utterances[i] for i in indices), self.reference[indices], self.predicted[indices])


def is_placebo(system: str | None) -> bool:
    """Whether a system is a placebo arm: human speech passed through a nuisance.

    >>> is_placebo("placebo/codec"), is_placebo("hibari"), is_placebo(None)
    (True, False, False)
    """
    return system is not None and system.startswith(PLACEBO)


def checked(utterances: Sequence[Utterance]) -> list[Utterance]:
    """Return the utterances ordered by id.

    Raises:
        EmogapError: if an id occurs twice
        UnknownNameError: if an emotion is not a label

    """
    ordered = sorted(utterances, key=lambda utterance: utterance.id)
    for before, after in pairwise(ordered):
        if before.id == after.id:
            raise EmogapError(f"utterance id {after.id!r} occurs twice; ids must be unique over all manifests")
    for utterance in ordered:
        if utterance.emotion is not None and utterance.emotion not in LABELS:
            raise UnknownNameError("emotion label", utterance.emotion, LABELS, f"utterance {utterance.id}")
    return ordered


def score_answers(utterances: Sequence[Utterance], answers: Answers) -> tuple[Scored, list[LeftOut]]:
    """Sort utterances into those whose answer counts and those left out.

    Args:
        utterances: as ``checked`` returns them
        answers: of one recognizer

    Returns:
        the scored utterances, and counts of the others by group and reason; a reason that lies in the utterance,
        not in the answer, has recognizer None

    """
    sources = {utterance.id: utterance for utterance in utterances}
    scored: list[Utterance] = []
    left: list[tuple[Utterance, str, bool]] = []
    for utterance in utterances:
        origin = sources.get(utterance.source_id or "", utterance) if is_placebo(utterance.system) else utterance
        own = _unfit(utterance) or _unfit(origin)
        reason = own or _no_answer(utterance, answers)
        if reason is None:
            scored.append(utterance)
        else:
            left.append((utterance, reason, own is not None))
    position = {label: index for index, label in enumerate(LABELS)}
    reference = [position[utterance.emotion or ""] for utterance in scored]
    predicted = [_position(answers.predictions[utterance.id], position) for utterance in scored]
    return (
        Scored(tuple(scored), np.array(reference, np.int64), np.array(predicted, np.int64)),
        _counted(left, answers.recognizer),
    )


def _unfit(utterance: Utterance) -> str | None:
    if LABEL_DROPPED in utterance.flags:
        return "label dropped by policy"
    if utterance.emotion is None:
        return "no reference emotion" if utterance.domain == "human" else "no target emotion"
    if utterance.domain == "human" and CONFLICTING in utterance.flags:
        return "duplicate with another label"
    if utterance.domain == "human" and DUPLICATE in utterance.flags:
        return "duplicate of another utterance"
    return None


def _no_answer(utterance: Utterance, answers: Answers) -> str | None:
    if answers.trained_on(utterance):
        return "seen in training"
    prediction = answers.predictions.get(utterance.id)
    if prediction is None:
        return "no prediction"
    if prediction.outcome == "failed":
        cause = (prediction.reason or "").partition("(")[0].strip()
        return f"failed: {cause}" if cause else "failed"
    return None


def _position(prediction: Prediction, position: Mapping[str, int]) -> int:
    outside = len(position)
    if prediction.outcome != "ok" or prediction.predicted is None:
        return outside
    return position.get(prediction.predicted, outside)


def _counted(left: Iterable[tuple[Utterance, str, bool]], recognizer: str) -> list[LeftOut]:
    ids: dict[tuple[Group, str, str | None], list[str]] = {}
    for utterance, reason, is_own in left:
        group = Group(domain=utterance.domain, corpus=utterance.corpus, system=utterance.system)
        ids.setdefault((group, reason, None if is_own else recognizer), []).append(utterance.id)
    return [
        LeftOut(recognizer=who, group=group, reason=reason, n=len(found), examples=tuple(found[:_EXAMPLES]))
        for (group, reason, who), found in sorted(ids.items(), key=lambda item: (_sortable(item[0][0]), item[0][1]))
    ]


def _sortable(group: Group) -> tuple[str, str, str]:
    return group.domain, group.corpus or "", group.system or ""
