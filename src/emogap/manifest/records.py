"""The records that flow through emogap, one JSON object per line of a manifest.

Conventions:
    Records are frozen; unknown fields are refused. Four emotions are never mixed up: the *reference* emotion of a
    human utterance and the *target* emotion of a synthesized one share the field ``emotion`` (``domain`` says
    which it is); the *perceived* emotion is a ``Judgement``; the *predicted* emotion is a ``Prediction``.
"""

from typing import Literal

import msgspec

__all__ = ["Domain", "Dropped", "Judgement", "Outcome", "Prediction", "Transcript", "Utterance"]

Domain = Literal["human", "synthesized"]
Outcome = Literal["ok", "unparsed", "refused", "failed"]


class Utterance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One stretch of speech by one speaker.

    Attributes:
        id: unique in its manifest, ``corpus/name`` or ``system/name``
        path: audio file, absolute or relative to the manifest's folder
        domain: ``human`` or ``synthesized``
        emotion: reference emotion (human) or target emotion (synthesized), a member of ``LABELS``; None if unknown
        corpus: published collection, or the set of sentences a synthesized utterance was made from
        speaker: talker, or the voice of a synthesizer
        text: what is said
        text_id: identity of the text across corpora and systems, see ``manifest.texts.text_id``
        intensity: the corpus's own intensity code
        system: synthesizer that made it; None for human speech
        vocoder: family of its last stage, e.g. ``HiFi-GAN``
        control: how the emotion was asked for, e.g. ``prosody_rules``
        source_id: the human utterance whose text or prompt speech was used
        split: ``train``, ``dev`` or ``test`` where the corpus has one
        sampling_rate_hz: of the file
        duration_s: in seconds
        sha256: of the decoded samples, see ``manifest.audio.pcm_sha256``
        flags: what is odd about the file, e.g. ``silent``
        version: of this record's format

    """

    id: str
    path: str
    domain: Domain
    emotion: str | None = None
    corpus: str | None = None
    speaker: str | None = None
    text: str | None = None
    text_id: str | None = None
    intensity: str | None = None
    system: str | None = None
    vocoder: str | None = None
    control: str | None = None
    source_id: str | None = None
    split: str | None = None
    sampling_rate_hz: int | None = None
    duration_s: float | None = None
    sha256: str | None = None
    flags: tuple[str, ...] = ()
    version: Literal[1] = 1


class Prediction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a recognizer answered for one utterance.

    Attributes:
        utterance_id: id of the utterance
        predicted: the label with the highest score, None unless the outcome is ``ok``
        scores: one score per label of the recognizer, in [0, 1]
        outcome: ``ok``; ``unparsed`` or ``refused`` (a speech LLM's answer that is no label); ``failed``
        reason: why the outcome is not ``ok``

    """

    utterance_id: str
    predicted: str | None
    scores: dict[str, float]
    outcome: Outcome = "ok"
    reason: str | None = None


class Transcript(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a transcriber heard (paper, equation 3).

    Attributes:
        utterance_id: id of the utterance
        hypothesis: recognized text, None when the outcome is ``failed``
        outcome: ``ok`` or ``failed``
        reason: why the outcome is not ``ok``

    """

    utterance_id: str
    hypothesis: str | None
    outcome: Literal["ok", "failed"] = "ok"
    reason: str | None = None


class Judgement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One annotator's answer about one utterance.

    Attributes:
        utterance_id: id of the utterance
        annotator: pseudonym
        shown: the emotion the annotator was asked about
        answer: does the utterance saliently express ``shown``?

    """

    utterance_id: str
    annotator: str
    shown: str
    answer: Literal["yes", "no", "unclear"]


class Dropped(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file or row that did not become an utterance, and why; a reader returns these beside what it kept.

    Attributes:
        path: file, or file and line
        reason: one short phrase, the same for every item dropped for the same cause
        detail: what exactly was found

    """

    path: str
    reason: str
    detail: str = ""
