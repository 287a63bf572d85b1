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
from emogap.analysis.gap import Answers, GapSettings, word_error_rates
from emogap.errors import EmogapError, MissingDependencyError
from emogap.execution.cache import Cache
from emogap.execution.inspection import flag_duplicates, inspect_audio
from emogap.execution.progress import Progress
from emogap.execution.run_folder import Existing, claim
from emogap.execution.synthesis import synthesize
from emogap.execution.transcription import transcribe
from emogap.manifest.files import read_rows
from emogap.manifest.labels import LabelPolicy
from emogap.manifest.provenance import Run
from emogap.manifest.records import Dropped, Prediction, Utterance
from emogap.recipes.measurement import Outcome, Speech, described, measure
from emogap.recipes.requests import packaged_requests, paired_requests
from emogap.recipes.sources import Source, as_domain, inspected, merged, path_of, read_source

__all__ = ["DemoRequest", "demo"]

_PROXY_NOTE = (
    "The emotion of the embedded synthesizers is made by prosody rules: a proxy. "
    "Nothing here claims that listeners hear the target emotion."
)


class DemoRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What ``emogap demo`` is asked.

    Attributes:
        human: sources of human speech; the reference pack when empty
        synthesizers: plug-in names; every embedded one that is installed when empty
        transcriber: plug-in name
        recognizer: plug-in name

    """

    human: tuple[str, ...] = ()
    synthesizers: tuple[str, ...] = ()
    transcriber: str = "whisper"
    recognizer: str = "whisper"


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
    settings = GapSettings()
    run = Run.start("demo", msgspec.to_builtins(request))
    recognizer = plugins.load("recognizers", request.recognizer)
    transcriber = plugins.load("transcribers", request.transcriber)
    synthesizers = _synthesizers(request.synthesizers)
    sources = _human_sources(request)
    claim(folder, run, existing, [path_of(name) for name in request.human])
    human = _human_side([inspected(source, cache, progress) for source in sources])
    training = Answers(request.recognizer, {}, recognizer.training_ids, recognizer.training_sha256)
    requests = [*packaged_requests(), *paired_requests(human.utterances, training.trained_on)]
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
        word_error_rates=word_error_rates(synthesized, transcripts, transcriber.card.id, settings),
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
    return measure(folder, run, speech, {request.recognizer: recognizer}, settings, cache, progress)


def _synthesizers(names: Sequence[str]) -> list[plugins.Synthesizer]:
    if names:
        return [plugins.load("synthesizers", name) for name in names]
    embedded = [plugins.load("synthesizers", "hibari")]
    with contextlib.suppress(MissingDependencyError):  # an extra: GPL, so it is the user's choice
        embedded.append(plugins.load("synthesizers", "espeak"))
    return embedded


def _human_sources(request: DemoRequest) -> list[Source]:
    if not request.human and request.recognizer != "whisper":
        raise EmogapError(
            f"the reference pack holds answers of `whisper` only, not of {request.recognizer!r}; "
            "name human speech with --human CORPUS:DIR"
        )
    return [read_source(name, LabelPolicy()) for name in request.human]


def _human_side(sources: Sequence[Source]) -> _HumanSide:
    """Return the user's speech, or the reference pack when there is none."""
    if sources:
        utterances = flag_duplicates(merged(as_domain(source, "human") for source in sources))
        return _HumanSide(utterances, {}, [item for source in sources for item in source.dropped], None)
    with as_file(files("emogap.recipes") / "reference") as pack:
        utterances = read_rows(pack / "human.jsonl", Utterance)
        known = {row.utterance_id: row for row in read_rows(pack / "predictions.jsonl", Prediction)}
    note = (
        f"The human side is the reference pack: the default recognizer's answers to {len(utterances)} human "
        "utterances held out from its training (four actors of RAVDESS on whom it does better than on most, and words "
        "of TESS by talkers it knows; docs/model_card.md has the figures to expect). It ships without audio; give "
        "--human CORPUS:DIR to use your own."
    )
    return _HumanSide(utterances, known, [], note)
