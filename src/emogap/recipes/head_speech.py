"""Human speech as a head is fitted on it: usable utterances with their pooled frames.

Conventions:
    Utterances are ordered by id, so that nothing depends on the order of a manifest. Pooled frames go through the
    cache: a rebuild that was stopped goes on where it was, and a second one encodes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from emogap.errors import EmogapError
from emogap.execution.answering import Task, answer
from emogap.execution.cache import Cache
from emogap.execution.progress import Progress
from emogap.manifest.flags import CONFLICTING, DUPLICATE
from emogap.manifest.head import EncoderIdentity, pool
from emogap.manifest.labels import EMOTIONS
from emogap.manifest.records import Dropped, Utterance
from emogap.plugins import Lengths, Waveforms
from emogap.recipes.head_plan import Plan
from emogap.training.head import Examples

__all__ = ["FrameEncoder", "Mask", "Speech", "gather"]

Mask = npt.NDArray[np.bool_]

_MAX_BATCH = 32


class FrameEncoder(Protocol):
    """What a head is fitted on: samples to frames."""

    identity: EncoderIdentity
    sampling_rate_hz: int
    min_samples: int

    def frames(self, waveforms: Waveforms, lengths: Lengths) -> list[npt.NDArray[np.float32]]:
        """Return one ``(n_frames, embedding_dim)`` array per row."""
        ...


@dataclass(frozen=True)
class Speech:
    """Utterances with their examples, row by row."""

    utterances: list[Utterance]
    examples: Examples

    def where(self, corpus: str, speakers: Sequence[str]) -> Mask:
        """Return which utterances are of these speakers of a corpus, ``(n,)``."""
        return np.array([u.corpus == corpus and u.speaker in speakers for u in self.utterances])


def gather(
    utterances: Sequence[Utterance], plan: Plan, encoder: FrameEncoder, cache: Cache, progress: Progress
) -> tuple[Speech, list[Dropped]]:
    """Keep what can be learnt from, ordered by id, with its pooled frames.

    Returns:
        the speech, and what was left out with the reason

    Raises:
        EmogapError: if a corpus of the plan is missing, or an utterance is of another

    """
    kept: list[Utterance] = []
    dropped: list[Dropped] = []
    for utterance in sorted(utterances, key=lambda u: u.id):
        reason = _unusable(utterance, plan)
        if reason:
            dropped.append(Dropped(path=utterance.path, reason=reason, detail=utterance.id))
        else:
            kept.append(utterance)
    poolings = plan.candidates.poolings

    def ask(waveforms: Waveforms, lengths: Lengths) -> list[bytes]:
        return [
            np.concatenate([pool(frames, pooling) for pooling in poolings]).astype("<f4").tobytes()
            for frames in encoder.frames(waveforms, lengths)
        ]

    task = Task(
        f"pooled {'+'.join(poolings)}|{encoder.identity}", encoder.sampling_rate_hz, encoder.min_samples, _MAX_BATCH,
        ask,
    )  # fmt: skip
    heard: list[Utterance] = []
    rows: list[npt.NDArray[np.float32]] = []
    for utterance, given in answer(kept, task, cache, progress, "encode human speech"):
        if given.value is None:
            dropped.append(Dropped(path=utterance.path, reason=f"failed: {given.reason}", detail=utterance.id))
        else:
            heard.append(utterance)
            rows.append(np.frombuffer(given.value, dtype="<f4"))
    for corpus in plan.inner_validation.groups:
        if not any(u.corpus == corpus for u in heard):
            raise EmogapError(f"no usable utterance of {corpus}; give it with --human {corpus}:DIR")
    return Speech(heard, _examples(heard, np.stack(rows), plan)), dropped


def _unusable(utterance: Utterance, plan: Plan) -> str | None:
    """Return why an utterance cannot be learnt from, None if it can."""
    if utterance.corpus not in plan.inner_validation.groups:
        corpora = " and ".join(plan.inner_validation.groups)
        raise EmogapError(f"{utterance.id}: this recipe is made for {corpora}, not for {utterance.corpus}")
    if utterance.emotion not in EMOTIONS:
        return f"no emotion of the head's: {utterance.emotion}"
    if utterance.speaker is None or utterance.text_id is None:
        return "no speaker or no text"
    if CONFLICTING in utterance.flags:
        return "duplicate with another label"
    return "duplicate of another utterance" if DUPLICATE in utterance.flags else None


def _examples(utterances: Sequence[Utterance], rows: npt.NDArray[np.float32], plan: Plan) -> Examples:
    poolings = plan.candidates.poolings
    n_segments = [len(pool(np.zeros((1, 1)), pooling)) for pooling in poolings]
    ends = np.cumsum(n_segments) * (rows.shape[1] // sum(n_segments))
    vectors = dict(zip(poolings, np.split(rows, ends[:-1], axis=1), strict=True))
    groups = plan.inner_validation.groups
    return Examples(
        vectors=vectors,
        labels=EMOTIONS,
        columns=np.array([EMOTIONS.index(u.emotion or "") for u in utterances]),
        corpora=np.array([u.corpus for u in utterances]),
        talkers=np.array([u.speaker for u in utterances]),
        groups=np.array([getattr(u, groups[u.corpus or ""]) for u in utterances]),
    )
