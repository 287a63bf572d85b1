"""Synthesizing a plan of texts and emotions into a folder of utterances.

Conventions:
    A file's name ends in a hash of everything that shapes its samples (synthesizer, text, emotion, control, seed) and
    the file appears under that name only when it is whole. A rerun therefore makes only what is missing.
"""

import hashlib
import os
import re
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec

from emogap.errors import EmogapError
from emogap.execution.decoding import in_order
from emogap.execution.progress import Progress
from emogap.manifest.audio import write_wav
from emogap.manifest.controls import Control
from emogap.manifest.records import Dropped, Utterance
from emogap.manifest.texts import text_id
from emogap.plugins import Synthesizer

__all__ = ["Request", "synthesize"]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One utterance to be made.

    Attributes:
        text: to be said
        emotion: target emotion
        corpus: the set of sentences the text comes from
        source_id: the human utterance whose text it is
        control: how the emotion is asked for; the synthesizer's own way when None
        seed: of whatever is random in the synthesizer

    """

    text: str
    emotion: str
    corpus: str
    source_id: str | None = None
    control: Control | None = None
    seed: int = 0


def synthesize(
    requests: Sequence[Request], synthesizer: Synthesizer, folder: Path, progress: Progress
) -> tuple[list[Utterance], list[Dropped]]:
    """Make ``folder/audio/*.wav`` and return the utterances, in the order of the requests.

    Returns:
        utterances with paths relative to ``folder``, and the requests that failed, with reasons

    Raises:
        EmogapError: if the folder cannot be written, or a package is missing

    """

    def make(request: Request) -> Utterance | Dropped:
        control = request.control or synthesizer.control_for(request.emotion)
        name = _file_name(request, control, synthesizer.fingerprint)
        target = folder / "audio" / name
        try:
            if not target.exists():
                waveform = synthesizer.synthesize(request.text, request.emotion, control, request.seed)
                if len(waveform) == 0:
                    raise ValueError("the synthesizer gave no samples")
                partial = target.with_suffix(f".{os.getpid()}-{threading.get_ident()}.partial")
                write_wav(partial, waveform, synthesizer.sampling_rate_hz)
                partial.replace(target)
        except EmogapError as problem:
            if str(problem).startswith("cannot write"):
                raise
            return Dropped(path=request.text, reason="synthesis failed", detail=str(problem))
        except Exception as problem:  # one sentence a synthesizer chokes on must not lose the others
            return Dropped(path=request.text, reason="synthesis failed", detail=f"{type(problem).__name__}: {problem}")
        return _utterance(request, control, synthesizer, f"audio/{name}")

    utterances: list[Utterance] = []
    dropped: list[Dropped] = []
    with progress.step(f"synthesize ({synthesizer.card.id})", len(requests)) as advance:
        for made in in_order(make, requests):
            if isinstance(made, Dropped):
                dropped.append(made)
            else:
                utterances.append(made)
            advance(1)
    return utterances, dropped


def _file_name(request: Request, control: Control, fingerprint: str) -> str:
    content = msgspec.json.encode([fingerprint, request.text, request.emotion, control, request.seed])
    slug = re.sub(r"[^\w-]", "", text_id(request.text) or "text")[:40]
    return f"{request.emotion}_{slug}_{hashlib.sha256(content).hexdigest()[:10]}.wav"


def _utterance(request: Request, control: Control, synthesizer: Synthesizer, path: str) -> Utterance:
    system = synthesizer.card.id
    identity = text_id(request.text)
    suffix = f"/{request.seed}" if request.seed else ""
    return Utterance(
        id=f"{system}/{request.corpus}/{request.emotion}/{identity}{suffix}",
        path=path,
        domain="synthesized",
        emotion=request.emotion,
        corpus=request.corpus,
        speaker=synthesizer.speaker,
        text=request.text,
        text_id=identity,
        system=system,
        vocoder=synthesizer.card.vocoder,
        control=control.__struct_config__.tag if isinstance(control.__struct_config__.tag, str) else None,
        source_id=request.source_id,
        sampling_rate_hz=synthesizer.sampling_rate_hz,
    )
