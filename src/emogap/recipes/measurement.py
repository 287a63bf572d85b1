"""The main job: recognize human and synthesized speech, compare, and leave a run folder.

Conventions:
    A run folder holds what was heard (``human.jsonl``, ``synthesized.jsonl``, ``placebo.jsonl``), what was answered
    (``predictions.jsonl``; ``predictions.compare.jsonl`` for a second recognizer; ``transcripts.jsonl``), what was
    left behind (``dropped.jsonl``), the numbers (``scores.json``) and how they came about (``run.json``).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from emogap import plugins
from emogap.analysis.gap import Answers, GapSettings, measure_gap
from emogap.analysis.placebo import ARMS, nuisance, placebo_utterances
from emogap.errors import EmogapError, UnknownNameError
from emogap.execution.answering import Nuisance
from emogap.execution.cache import Cache
from emogap.execution.inspection import flag_duplicates
from emogap.execution.progress import Progress
from emogap.execution.recognition import recognize
from emogap.execution.run_folder import Existing, claim
from emogap.manifest.files import write_rows
from emogap.manifest.labels import LabelPolicy
from emogap.manifest.provenance import Run
from emogap.manifest.records import Dropped, Prediction, Transcript, Utterance
from emogap.manifest.scores import Scores, WordErrorRate
from emogap.plugins import Recognizer
from emogap.recipes.sources import Source, as_domain, default_system, inspected, merged, path_of, read_source

__all__ = ["GapRequest", "Outcome", "Speech", "described", "gap", "measure", "portable"]

_FAILURES = frozenset({"missing file", "synthesis failed"})
"""Reasons of dropped items that were asked for by name, so that the exit code tells."""


class GapRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What ``emogap gap`` is asked.

    Attributes:
        human: sources of human speech
        synthesized: sources of synthesized speech
        recognizer: plug-in name
        compare: a second recognizer to test against the first
        placebo: names of arms, see ``analysis.placebo``
        policy: what becomes of labels outside the label set
        settings: of the intervals

    """

    human: tuple[str, ...]
    synthesized: tuple[str, ...]
    recognizer: str
    compare: str | None = None
    placebo: tuple[str, ...] = ()
    policy: LabelPolicy = LabelPolicy()
    settings: GapSettings = GapSettings()


@dataclass(frozen=True)
class Speech:
    """What is compared.

    Attributes:
        human: utterances
        synthesized: utterances
        arms: placebo arms with their utterances
        known: predictions that need no model (the reference pack), by utterance id
        dropped: files that did not become utterances
        transcripts: of any of the utterances
        word_error_rates: of the transcripts

    """

    human: list[Utterance]
    synthesized: list[Utterance]
    arms: list[tuple[Nuisance, list[Utterance]]] = field(default_factory=list)
    known: Mapping[str, Prediction] = field(default_factory=dict)
    dropped: list[Dropped] = field(default_factory=list)
    transcripts: list[Transcript] = field(default_factory=list)
    word_error_rates: tuple[WordErrorRate, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        scores: as in ``scores.json``
        run: as in ``run.json``
        failed: what was asked for and could not be done: (utterance, reason)
        dropped: files that did not become utterances

    """

    scores: Scores
    run: Run
    failed: list[tuple[str, str]]
    dropped: list[Dropped]


def gap(request: GapRequest, folder: Path, existing: Existing, cache: Cache, progress: Progress) -> Outcome:
    """Compare human and synthesized speech.

    Raises:
        EmogapError: if a source cannot be read, nothing is left to compare, or the folder is taken

    """
    _check(request)
    run = Run.start("gap", msgspec.to_builtins(request))
    names = [name for name in (request.recognizer, request.compare) if name is not None]
    recognizers = {name: plugins.load("recognizers", name) for name in names}
    human_sources = [read_source(name, request.policy) for name in request.human]
    synthesized_sources = [read_source(name, request.policy) for name in request.synthesized]
    _check_systems(synthesized_sources)
    merged([u for source in sides for u in source.utterances] for sides in (human_sources, synthesized_sources))
    claim(folder, run, existing, [path_of(name) for name in (*request.human, *request.synthesized)])
    human_sources = [inspected(source, cache, progress) for source in human_sources]
    synthesized_sources = [inspected(source, cache, progress) for source in synthesized_sources]
    sources = [*human_sources, *synthesized_sources]
    human = flag_duplicates(merged(as_domain(source, "human") for source in human_sources))
    synthesized = merged(as_domain(source, "synthesized") for source in synthesized_sources)
    speech = Speech(
        human=human,
        synthesized=synthesized,
        arms=[(nuisance(arm, synthesized), placebo_utterances(human, arm)) for arm in request.placebo],
        dropped=[item for source in sources for item in source.dropped],
    )
    resolved = {
        "policy": msgspec.to_builtins(request.policy),
        "placebo": [what.name for what, _ in speech.arms],
        "sources": [_source_facts(source) for source in sources],
        "notes": _training_notes(recognizers, human),
    }
    run = msgspec.structs.replace(
        run, resolved=resolved, inputs={source.name: source.checksum for source in sources if source.checksum}
    )
    return measure(folder, run, speech, recognizers, request.settings, cache, progress)


def _check(request: GapRequest) -> None:
    """Refuse what cannot work before anything is read or written."""
    if not request.human or not request.synthesized:
        raise EmogapError("a gap has two sides: name at least one --human and one --synthesized source")
    if request.compare == request.recognizer:
        raise EmogapError(f"--compare {request.compare}: that is the first recognizer; name another one")
    for arm in request.placebo:
        if arm not in ARMS:
            raise UnknownNameError("placebo arm", arm, ARMS, "--placebo")
    if len(set(request.placebo)) != len(request.placebo):
        raise EmogapError("--placebo names an arm twice")


def _training_notes(recognizers: Mapping[str, Recognizer], human: Sequence[Utterance]) -> list[str]:
    corpora = {u.corpus for u in human}
    return [
        f"{name} was trained on other utterances of {', '.join(known)}, so it may know their talkers: "
        "its scores on them are better than on people it never heard."
        for name, recognizer in recognizers.items()
        if (known := [corpus for corpus in recognizer.card.trained_on if corpus in corpora])
    ]


def _check_systems(sources: Sequence[Source]) -> None:
    """Two sources that nothing names may not become one system in silence."""
    taken: dict[str, str] = {}
    for source in sources:
        if all(u.system for u in source.utterances):
            continue
        system = default_system(source)
        if system in taken:
            raise EmogapError(
                f"--synthesized {taken[system]} and {source.name} would both be the system {system!r}; "
                "name them with NAME=PATH"
            )
        taken[system] = source.name


def measure(
    folder: Path,
    run: Run,
    speech: Speech,
    recognizers: Mapping[str, Recognizer],
    settings: GapSettings,
    cache: Cache,
    progress: Progress,
) -> Outcome:
    """Recognize, score and write the run folder; ``run.json`` comes last and says that the run is finished."""
    arms = [u for _, utterances in speech.arms for u in utterances]
    _write_speech(folder, speech, arms)
    answers: list[Answers] = []
    failed = [(item.path, item.reason) for item in speech.dropped if item.reason in _FAILURES]
    failed += [(t.utterance_id, t.reason or "") for t in speech.transcripts if t.outcome == "failed"]
    for index, (name, recognizer) in enumerate(recognizers.items()):
        rows = _predictions(speech, recognizer, cache, progress)
        write_rows(folder / ("predictions.jsonl" if index == 0 else "predictions.compare.jsonl"), rows)
        failed += [(row.utterance_id, row.reason or "") for row in rows if row.outcome == "failed"]
        answers.append(
            Answers(
                name,
                {row.utterance_id: row for row in rows},
                recognizer.training_ids,
                recognizer.training_sha256,
            )
        )
    with progress.step("intervals", 1) as advance:
        scores = measure_gap([*speech.human, *speech.synthesized, *arms], answers, settings)
        scores = msgspec.structs.replace(scores, word_error_rates=speech.word_error_rates)
        advance(1)
    scores.write(folder / "scores.json")
    resolved = dict(run.resolved)
    for key, recognizer in zip(("recognizer", "compare"), recognizers.values(), strict=False):
        resolved[key] = described(recognizer)
    resolved["intervals"] = msgspec.to_builtins(settings)
    if len(recognizers) == 1:
        (folder / "predictions.compare.jsonl").unlink(missing_ok=True)
    outcomes = {a.recognizer: Counter(row.outcome for row in a.predictions.values()) for a in answers}
    run = run.finish(
        resolved,
        {
            outcome if len(outcomes) == 1 else f"{name}: {outcome}": n
            for name, counts in outcomes.items()
            for outcome, n in counts.items()
        },
    )
    run.write(folder)
    return Outcome(scores, run, failed, speech.dropped)


def described(plugin: Any) -> dict[str, Any]:
    """Return what a report prints of a recognizer, synthesizer or transcriber."""
    facts = {"id": plugin.card.id, "fingerprint": plugin.fingerprint, "card": msgspec.to_builtins(plugin.card)}
    if hasattr(plugin, "training_ids"):
        facts["n_training_ids"] = len(plugin.training_ids)
    return facts


def portable(utterances: Sequence[Utterance], folder: Path) -> list[Utterance]:
    """Return utterances whose audio inside a folder is named relative to it, so that the folder can be moved."""
    inside = folder.absolute()
    return [
        msgspec.structs.replace(u, path=Path(u.path).relative_to(inside).as_posix())
        if Path(u.path).is_relative_to(inside)
        else u
        for u in utterances
    ]


def _write_speech(folder: Path, speech: Speech, arms: list[Utterance]) -> None:
    write_rows(folder / "human.jsonl", portable(speech.human, folder))
    write_rows(folder / "synthesized.jsonl", portable(speech.synthesized, folder))
    optional: dict[str, Sequence[msgspec.Struct]] = {
        "placebo.jsonl": portable(arms, folder),
        "dropped.jsonl": speech.dropped,
        "transcripts.jsonl": speech.transcripts,
    }
    for name, rows in optional.items():
        if rows:
            write_rows(folder / name, rows)
        else:
            (folder / name).unlink(missing_ok=True)


def _predictions(speech: Speech, recognizer: Recognizer, cache: Cache, progress: Progress) -> list[Prediction]:
    """Return one row per utterance: human, synthesized, then the placebo arms.

    Utterances the recognizer was trained on count in no score, so it is not asked about them.
    """
    known = Answers("", {}, recognizer.training_ids, recognizer.training_sha256)
    unseen = [u for u in (*speech.human, *speech.synthesized) if not known.trained_on(u)]
    asked = [u for u in unseen if u.id not in speech.known]
    new = {row.utterance_id: row for row in recognize(asked, recognizer, cache, progress)}
    rows = [speech.known.get(u.id) or new[u.id] for u in unseen]
    for what, utterances in speech.arms:
        rows += recognize([u for u in utterances if not known.trained_on(u)], recognizer, cache, progress, what)
    return rows


def _source_facts(source: Source) -> dict[str, Any]:
    return {
        "name": source.name,
        "utterances": len(source.utterances),
        "found": source.found,
        "expected": source.expected,
        "notes": source.notes,
        "flags": dict(Counter(flag for u in source.utterances for flag in u.flags)),
    }
