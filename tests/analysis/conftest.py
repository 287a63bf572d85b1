"""Builders of small cases for the tests of the analysis."""

from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from emogap.analysis.gap import Answers, GapSettings, measure_gap
from emogap.manifest.records import Prediction, Utterance

QUICK = GapSettings(n_resamples=300)


def human(name, emotion, **fields):
    fields = {"corpus": "tess", **fields}
    return Utterance(id=f"{fields['corpus']}/{name}", path="a.wav", domain="human", emotion=emotion, **fields)


def synthesized(name, emotion, system="tts", **fields):
    return Utterance(
        id=f"{system}/{name}", path="a.wav", domain="synthesized", emotion=emotion, system=system, **fields
    )


def placebo(original, arm="codec"):
    return msgspec.structs.replace(
        original, id=f"placebo/{arm}/{original.id}", system=f"placebo/{arm}", source_id=original.id
    )


def answer(utterance, predicted, **fields):
    return Prediction(utterance_id=utterance.id, predicted=predicted, scores={}, **fields)


def answers(pairs, recognizer="r", training_ids=frozenset()):
    """Build answers from (utterance, predicted) pairs."""
    return Answers(recognizer, {u.id: answer(u, predicted) for u, predicted in pairs}, frozenset(training_ids))


def measured(pairs, *others, settings=QUICK):
    return measure_gap([u for u, _ in pairs], [answers(pairs), *others], settings)


def score(scores, name, group, recognizer="r"):
    (found,) = [s for s in scores.scores if (s.name, s.group, s.recognizer) == (name, group, recognizer)]
    return found


@pytest.fixture
def large():
    """Two corpora, two systems, placebo arm, 30 texts, 3 emotions; human 80 % right, synthesized 40 %, codec 70 %."""
    rng = np.random.default_rng(0)
    emotions = ("angry", "happy", "sad")
    pairs = []

    def add(utterance, rate):
        pairs.append((utterance, utterance.emotion if rng.random() < rate else "neutral"))

    for emotion in emotions:
        for text in range(30):
            for speaker in ("a", "b"):
                original = human(f"{speaker}-{text}-{emotion}", emotion, speaker=speaker, text_id=f"t{text}")
                add(original, 0.8)
                add(placebo(original), 0.7)
        for actor in range(18):
            add(human(f"{actor}-{emotion}", emotion, corpus="ravdess", speaker=f"r{actor}", text_id="kids"), 0.8)
        for system in ("tts-1", "tts-2"):
            for text in range(30):
                add(
                    synthesized(f"{text}-{emotion}", emotion, system, corpus="tess", speaker="v", text_id=f"t{text}"),
                    0.4,
                )
    return pairs


@pytest.fixture(scope="session")
def make():
    """Return the builders above."""
    return SimpleNamespace(
        QUICK=QUICK, human=human, synthesized=synthesized, placebo=placebo, answer=answer, answers=answers,
        measured=measured,
        score=score,
    )  # fmt: skip
