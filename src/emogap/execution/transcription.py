"""Transcribing utterances (paper, equation 3): one transcript per utterance, in the order of the manifest."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from emogap.execution.answering import Task, answer
from emogap.execution.cache import Cache
from emogap.execution.progress import Progress
from emogap.manifest.audio import Waveform
from emogap.manifest.records import Transcript, Utterance
from emogap.plugins import Transcriber

__all__ = ["transcribe"]

_MIN_SAMPLES = 400
"""Shorter recordings hold no word."""


def transcribe(
    utterances: Sequence[Utterance], transcriber: Transcriber, cache: Cache, progress: Progress
) -> Iterator[Transcript]:
    """Yield one transcript per utterance, in the order given; failures are rows with a reason."""

    def ask(waveforms: Waveform, lengths: npt.NDArray[np.int64]) -> list[bytes]:
        return [text.encode() for text in transcriber.transcribe(waveforms, lengths)]

    task = Task(
        f"text|{transcriber.fingerprint}", transcriber.sampling_rate_hz, _MIN_SAMPLES, transcriber.max_batch, ask
    )
    for utterance, given in answer(utterances, task, cache, progress, f"transcribe ({transcriber.card.id})"):
        if given.value is None:
            yield Transcript(utterance_id=utterance.id, hypothesis=None, outcome="failed", reason=given.reason)
        else:
            yield Transcript(utterance_id=utterance.id, hypothesis=given.value.decode())
