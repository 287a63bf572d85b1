"""The demonstration: the whole pipeline on packaged sentences, with the embedded models.

Conventions:
    The human side is a corpus of the user's, or the reference pack that ships with the default head: predictions (no
    audio) of human utterances held out from its training. Besides the packaged sentences, the texts of the pack are
    synthesized, so that human and synthesized speech can be compared text by text.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import msgspec

from emogap import plugins
from emogap.analysis.gap import GapSettings, word_error_rates
from emogap.errors import EmogapError, MissingDependencyError
from emogap.execution.cache import Cache
from emogap.execution.inspection import inspect_audio
from emogap.execution.progress import Progress
from emogap.execution.run_folder import Existing, claim
from emogap.execution.synthesis import Request, synthesize
from emogap.execution.transcription import transcribe
from emogap.manifest.files import read_rows
from emogap.manifest.labels import EMOTIONS, LabelPolicy
from emogap.manifest.provenance import Run
from emogap.manifest.records import Dropped, Prediction, Utterance
from emogap.manifest.sentences import packaged_sentences, plan
from emogap.recipes.measurement import Outcome, Speech, described, measure
from emogap.recipes.sources import as_domain, inspected, merged, read_source

__all__ = ["DemoRequest", "demo", "packaged_requests", "requests_for_texts"]

SENTENCES = "emogap-sentences"
"""Name of the packaged set, in the ``corpus`` field of what is made from it."""

_PROXY_NOTE = (
    "The emotion of the embedded synthesizers is made by prosody rules: a proxy. "
    "Nothing here claims that listeners hear the target emotion."
)
_PAIRED_TEXTS = 6
"""Texts of the human side that are synthesized in all emotions, so that pairs exist."""


class DemoRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What ``emogap demo`` is asked.

    Attributes:
        human: sources of human speech; the reference pack when empty
        synthesizers: plug-in names; every embedded one that is installed when empty
        transcriber: plug-in name
        recognizer: plug-in name
        settings: of the intervals

    """

    human: tuple[str, ...] = ()
    synthesizers: tuple[str, ...] = ()
    transcriber: str = "whisper"
    recognizer: str = "whisper"
    settings: GapSettings = GapSettings()


@dataclass(frozen=True)
class _HumanSide:
    utterances: list[Utterance]
    known: dict[str, Prediction]
    dropped: list[Dropped]
    note: str | None


def demo(request: DemoRequest, folder: Path, existing: Existing, cache: Cache, progress: Progress) -> Outcome:
    """Synthesize, transcribe, recognize and compare.

    Raises:
        MissingDependencyError: if the embedded models are not installed, with the command
        EmogapError: if the reference pack is not of the recognizer asked for

    """
    run = Run.start("demo", msgspec.to_builtins(request))
    recognizer = plugins.load("recognizers", request.recognizer)
    transcriber = plugins.load("transcribers", request.transcriber)
    synthesizers = _synthesizers(request.synthesizers)
    claim(folder, run, existing)
    human = _human_side(request, cache, progress)
    requests = [*packaged_requests(), *_paired_requests(human.utterances)]
    made: list[list[Utterance]] = []
    dropped = list(human.dropped)
    for synthesizer in synthesizers:
        utterances, lost = synthesize(requests, synthesizer, folder, progress)
        made.append([msgspec.structs.replace(u, path=str(folder.absolute() / u.path)) for u in utterances])
        dropped += lost
    synthesized, unreadable = inspect_audio(merged(made), cache, progress)
    dropped += unreadable
    transcripts = list(transcribe(synthesized, transcriber, cache, progress))
    speech = Speech(
        human=human.utterances,
        synthesized=synthesized,
        known=human.known,
        dropped=dropped,
        transcripts=transcripts,
        word_error_rates=word_error_rates(synthesized, transcripts, transcriber.card.id, request.settings),
    )
    resolved = {
        "synthesizers": [described(synthesizer) for synthesizer in synthesizers],
        "transcriber": described(transcriber),
        "policy": msgspec.to_builtins(LabelPolicy()),
        "human": list(request.human) or ["reference pack"],
        "notes": [_PROXY_NOTE],
    }
    if human.note:
        resolved["reference_pack"] = human.note
    run = msgspec.structs.replace(run, resolved=resolved)
    return measure(folder, run, speech, {request.recognizer: recognizer}, request.settings, cache, progress)


def packaged_requests() -> list[Request]:
    """Return the packaged plan: neutral carriers in all seven emotions, fitting sentences in their own."""
    return [Request(text=text, emotion=emotion, corpus=SENTENCES) for text, emotion in plan(packaged_sentences())]


def requests_for_texts(utterances: Sequence[Utterance], emotions: Sequence[str] | None = None) -> list[Request]:
    """Return one request per text and emotion of human utterances (paper, equation 4).

    Args:
        utterances: whose texts are said again; those without a text are passed over
        emotions: target emotions for every text; each utterance's own emotion when None

    """
    found: dict[tuple[str, str], Request] = {}
    for utterance in utterances:
        if not utterance.text or not utterance.text_id:
            continue
        own = (utterance.emotion,) if utterance.emotion in EMOTIONS else ()
        for emotion in emotions or own:
            found.setdefault(
                (utterance.text_id, emotion or ""),
                Request(
                    text=utterance.text, emotion=emotion or "", corpus=utterance.corpus or "texts",
                    source_id=utterance.id,
                ),
            )  # fmt: skip
    return list(found.values())


def _synthesizers(names: Sequence[str]) -> list[plugins.Synthesizer]:
    if names:
        return [plugins.load("synthesizers", name) for name in names]
    embedded = [plugins.load("synthesizers", "hibari")]
    with contextlib.suppress(MissingDependencyError):  # an extra: GPL, so it is the user's choice
        embedded.append(plugins.load("synthesizers", "espeak"))
    return embedded


def _human_side(request: DemoRequest, cache: Cache, progress: Progress) -> _HumanSide:
    if request.human:
        sources = [inspected(read_source(name, LabelPolicy()), cache, progress) for name in request.human]
        dropped = [item for source in sources for item in source.dropped]
        return _HumanSide(merged(as_domain(s, "human") for s in sources), {}, dropped, None)
    if request.recognizer != "whisper":
        raise EmogapError(
            f"the reference pack holds answers of `whisper` only, not of {request.recognizer!r}; "
            "name human speech with --human CORPUS:DIR"
        )
    with as_file(files("emogap.recipes") / "reference") as pack:
        utterances = read_rows(pack / "human.jsonl", Utterance)
        known = {row.utterance_id: row for row in read_rows(pack / "predictions.jsonl", Prediction)}
    note = (
        f"The human side is the reference pack: the default recognizer's answers to {len(utterances)} human "
        "utterances held out from its training. It ships without audio; give --human CORPUS:DIR to use your own."
    )
    return _HumanSide(utterances, known, [], note)


def _paired_requests(human: Sequence[Utterance]) -> list[Request]:
    """Say some texts of the human side again: those spoken in most emotions, evenly over corpora."""
    texts: dict[str, dict[str, set[str]]] = {}
    for u in human:
        if u.text_id and u.emotion in EMOTIONS:
            texts.setdefault(u.corpus or "", {}).setdefault(u.text_id, set()).add(u.emotion)
    chosen: set[str] = set()
    for spoken in texts.values():
        ranked = sorted(spoken, key=lambda text: (-len(spoken[text]), text))
        chosen.update(ranked[: max(2, _PAIRED_TEXTS // len(texts))])
    return requests_for_texts([u for u in human if u.text_id in chosen], EMOTIONS)
