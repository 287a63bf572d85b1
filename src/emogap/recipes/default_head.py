"""The default head: fitted on human speech, chosen by inner validation, judged on talkers and words it never heard.

Conventions:
    Three protocols, each with its own choice of pooling, balance, shrinkage and temperature inside the training part:
    RAVDESS leave-actors-out over the folds of EmoBox (TESS in training, its unseen words not); TESS unseen words,
    whose talkers are known; TESS leave-one-talker-out. The first says what to expect of a new talker in a known
    corpus, the second how much of that is knowing the talker, the third what to expect of a new talker and corpus.

    The head that ships is the one of the RAVDESS fold named in ``default_head.toml``. The actors of that fold and the
    unseen words make the reference pack: predictions and embeddings of human speech outside its training, no audio.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from emogap.analysis.gap import Answers, GapSettings, measure_gap
from emogap.errors import EmogapError
from emogap.execution.cache import Cache
from emogap.execution.progress import Progress
from emogap.manifest.embeddings import EmbeddingRow
from emogap.manifest.files import write_atomically, write_rows
from emogap.manifest.head import EncoderIdentity, Head, HeadRecord
from emogap.manifest.labels import EMOTIONS
from emogap.manifest.provenance import file_sha256
from emogap.manifest.records import Prediction, Utterance
from emogap.metrics.calibration import expected_calibration_error
from emogap.recipes.head_plan import Plan, packaged_plan
from emogap.recipes.head_speech import FrameEncoder, Mask, Speech, gather
from emogap.recognizers.whisper import packaged_encoder
from emogap.training.head import Selection, fit, select

__all__ = ["FACTS_FILE", "HEAD_FILE", "REFERENCE_FOLDER", "Summary", "rebuild"]

FACTS_FILE = "default_head.json"
HEAD_FILE = "whisper_head.safetensors"
REFERENCE_FOLDER = "reference"

_LEAVE_ACTORS_OUT = "ravdess leave-actors-out"
_DECIMALS = 6
"""Of scores on disk, as in ``execution.recognition``."""


@dataclass(frozen=True)
class Summary:
    """What a rebuild found: ``facts`` for ``run.json``, ``lines`` to print."""

    facts: dict[str, Any]
    lines: list[str]


@dataclass(frozen=True)
class _Fitted:
    """A head and how it was chosen."""

    head: Head
    selection: Selection


def rebuild(
    utterances: Sequence[Utterance],
    folder: Path,
    cache: Cache,
    progress: Progress,
    encoder: FrameEncoder | None = None,
    plan: Plan | None = None,
) -> Summary:
    """Fit, judge and write the default head and its reference pack.

    Writes ``whisper_head.safetensors``, ``reference/`` and ``default_head.json``. The same speech gives the same
    files, byte for byte.

    Args:
        utterances: inspected human utterances of TESS and RAVDESS
        folder: the run folder
        cache: where pooled frames are kept
        progress: shown while it works
        encoder: of the frames; the packaged Whisper encoder if None
        plan: the recipe; the packaged one if None

    Raises:
        EmogapError: if a corpus is missing or foreign, or too few talkers or words are at hand to hold any out
        MissingDependencyError: if the packaged encoder is not installed

    """
    plan = plan or packaged_plan()
    encoder = encoder or packaged_encoder()
    speech, dropped = gather(utterances, plan, encoder, cache, progress)
    splits = _splits(speech, plan)
    fitted: dict[str, list[_Fitted]] = {}
    with progress.step("fit heads", sum(map(len, splits.values()))) as advance:
        for name, parts in splits.items():
            fitted[name] = []
            for train, _ in parts:
                fitted[name].append(_fit(speech, train, plan, encoder.identity))
                advance(1)
    protocols = {
        name: _judge(speech, [(part, test) for part, (_, test) in zip(fitted[name], parts, strict=True)])
        for name, parts in splits.items()
    }
    actors = _actors(speech, plan.ravdess_folds[plan.shipped_fold])
    position = next(i for i, (_, test) in enumerate(splits[_LEAVE_ACTORS_OUT]) if (test == actors).all())
    shipped = fitted[_LEAVE_ACTORS_OUT][position]
    n_training = len(shipped.head.record.training_ids)
    shipped.head.save(folder / HEAD_FILE)
    held_out = actors | _unseen_words(speech, plan.tess_unseen_words)
    facts = {
        "plan": msgspec.to_builtins(plan),
        "encoder": msgspec.to_builtins(encoder.identity),
        "protocols": protocols,
        "shipped": {**_selection_facts(shipped), "n_training": n_training, "sha256": file_sha256(folder / HEAD_FILE)},
        "reference_pack": _write_reference(folder / REFERENCE_FOLDER, speech, held_out, shipped.head),
        "dropped": [{**msgspec.to_builtins(item), "path": Path(item.path).name} for item in dropped],
    }
    write_atomically(folder / FACTS_FILE, [msgspec.json.format(msgspec.json.encode(facts), indent=1), b"\n"])
    written = f"wrote {folder / HEAD_FILE}, {folder / REFERENCE_FOLDER} and {folder / FACTS_FILE}"
    return Summary(facts, [*(_line(name, judged["uar"]) for name, judged in protocols.items()), written])


def _splits(speech: Speech, plan: Plan) -> dict[str, list[tuple[Mask, Mask]]]:
    """Return the (training, test) parts of each protocol.

    Raises:
        EmogapError: if too few talkers or words are at hand

    """
    unseen = _unseen_words(speech, plan.tess_unseen_words)
    folds = [held_out for fold in plan.ravdess_folds if (held_out := _actors(speech, fold)).any()]
    shipped = plan.ravdess_folds[plan.shipped_fold]
    n_actors = len(_speakers(speech, "ravdess"))
    n_left = [n_actors - len(set(speech.examples.talkers[held_out])) for held_out in folds]
    if not _actors(speech, shipped).any() or min(n_left) < 2:
        raise EmogapError(
            f"RAVDESS has {n_actors} actors here; expected some of actors {', '.join(shipped)}, whom the shipped head "
            "never hears, and at least two actors outside every fold"
        )
    talkers = [speech.where("tess", [talker]) for talker in _speakers(speech, "tess")]
    if len(talkers) < 2:
        raise EmogapError("TESS has one talker here; expected OAF and YAF, so that one can be held out")
    return {
        _LEAVE_ACTORS_OUT: [(~held_out & ~unseen, held_out) for held_out in folds],
        "tess unseen words": [(~unseen, unseen)],
        "tess leave-one-talker-out": [(~talker, talker) for talker in talkers],
    }


def _actors(speech: Speech, fold: Sequence[str]) -> Mask:
    return speech.where("ravdess", [f"ravdess-{actor}" for actor in fold])


def _speakers(speech: Speech, corpus: str) -> list[str]:
    return sorted({u.speaker or "" for u in speech.utterances if u.corpus == corpus})


def _unseen_words(speech: Speech, n_words: int) -> Mask:
    texts = sorted({u.text_id or "" for u in speech.utterances if u.corpus == "tess"})
    if len(texts) <= n_words:
        raise EmogapError(f"TESS has {len(texts)} words here, too few to hold {n_words} out; expected 200")
    return np.array([u.corpus == "tess" and u.text_id in texts[-n_words:] for u in speech.utterances])


def _fit(speech: Speech, train: Mask, plan: Plan, identity: EncoderIdentity) -> _Fitted:
    examples = speech.examples.only(train)
    inner = plan.inner_validation
    selection = select(examples, plan.candidates.all(), inner.n_folds, inner.floors)
    best = selection.candidate
    linear = fit(examples, best)
    trained_on = [u for u, chosen in zip(speech.utterances, train, strict=True) if chosen]
    record = HeadRecord(
        labels=examples.labels,
        pooling=best.pooling,
        temperature=round(selection.temperature, 4),
        encoder=identity,
        training_ids=tuple(u.id for u in trained_on),
        training_sha256=tuple(sorted({u.sha256 for u in trained_on if u.sha256})),
        method=f"linear discriminant analysis, equal priors, shrinkage {best.shrinkage}, every {best.balance} weighs "
        "the same; temperature from inner validation on held-out talkers",
    )
    return _Fitted(Head(record, linear.weights.astype(np.float32), linear.bias), selection)


def _predictions(speech: Speech, chosen: Mask, head: Head) -> list[Prediction]:
    vectors = speech.examples.vectors[head.record.pooling]
    found = []
    for index in np.flatnonzero(chosen):
        scores = head.scores_of(vectors[index]).astype(float)
        found.append(
            Prediction(
                utterance_id=speech.utterances[index].id,
                predicted=head.record.labels[int(scores.argmax())],
                scores={
                    label: round(float(score), _DECIMALS)
                    for label, score in zip(head.record.labels, scores, strict=True)
                },
            )
        )
    return found


def _judge(speech: Speech, parts: Sequence[tuple[_Fitted, Mask]]) -> dict[str, Any]:
    """Score a protocol: every test utterance answered once, by the head that did not hear it."""
    answered: dict[str, Prediction] = {}
    for part, test in parts:
        answered.update({p.utterance_id: p for p in _predictions(speech, test, part.head)})
    tested = [u for u in speech.utterances if u.id in answered]
    found = measure_gap(tested, [Answers("whisper", answered)], GapSettings())
    pooled = [score for score in found.scores if score.group.corpus is None and score.group.emotion is None]
    recalls = [score for score in found.scores if score.group.corpus is None and score.group.emotion is not None]
    scores = np.array([[answered[u.id].scores[label] for label in EMOTIONS] for u in tested])
    reference = np.array([EMOTIONS.index(u.emotion or "") for u in tested])
    return {
        **{score.name: msgspec.to_builtins(score) for score in pooled},
        "recall": {str(score.group.emotion): score.value for score in recalls},
        "expected_calibration_error": expected_calibration_error(scores, reference),
        "parts": [{**_selection_facts(part), **_part_facts(speech, test, answered)} for part, test in parts],
    }


def _part_facts(speech: Speech, test: Mask, answered: Mapping[str, Prediction]) -> dict[str, Any]:
    tested = [u for u, chosen in zip(speech.utterances, test, strict=True) if chosen]
    found = measure_gap(tested, [Answers("whisper", answered)], GapSettings(n_resamples=1))
    uar = next(score.value for score in found.scores if score.name == "uar" and score.group.corpus is None)
    return {"speakers": sorted({u.speaker or "" for u in tested}), "n": len(tested), "uar": uar}


def _selection_facts(part: _Fitted) -> dict[str, Any]:
    return {
        **part.selection.candidate._asdict(),
        "temperature": part.head.record.temperature,
        "inner_uar": dict(part.selection.uar),
    }


def _line(name: str, uar: Mapping[str, Any]) -> str:
    interval = "" if uar["low"] is None else f" [{100 * uar['low']:.1f}, {100 * uar['high']:.1f}]"
    return f"{name}: UA {100 * uar['value']:.1f}{interval}, n = {uar['n']}"


def _write_reference(folder: Path, speech: Speech, held_out: Mask, head: Head) -> dict[str, Any]:
    """Write the reference pack: rows, predictions and embeddings of utterances the head never heard; no audio."""
    utterances = [
        msgspec.structs.replace(u, path=Path(u.path).name)
        for u, chosen in zip(speech.utterances, held_out, strict=True)
        if chosen
    ]
    write_rows(folder / "human.jsonl", utterances)
    write_rows(folder / "predictions.jsonl", _predictions(speech, held_out, head))
    write_rows(folder / "embeddings.jsonl", [EmbeddingRow(utterance_id=u.id) for u in utterances])
    np.save(folder / "embeddings.npy", speech.examples.vectors["mean"][held_out])
    return {"n": len(utterances), **Counter(u.corpus or "" for u in utterances)}
