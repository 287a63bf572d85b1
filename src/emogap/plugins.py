"""The folder is the registry: one plug-in, one file.

Conventions:
    A plug-in is a module in ``emogap/<kind>/``, or an entry point of another package in the group
    ``emogap.<kind>``. Its file name is its id; ``id/variant`` picks a variant, ``id@PATH_OR_HUB_ID`` a local
    checkpoint or a hub id. Listing reads docstrings as text and imports nothing; loading imports one module.
    The module holds a docstring, ``CARDS`` (one frozen card per variant, the default first) and ``PLUGIN``, a
    class called with ``(card, checkpoint)``. Heavy imports happen inside the class. Files that start with an
    underscore are not plug-ins.
"""

import ast
import importlib
import importlib.util
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from emogap.errors import EmogapError, UnknownNameError
from emogap.manifest.controls import Control
from emogap.manifest.labels import LabelPolicy
from emogap.manifest.records import Dropped, Utterance

__all__ = [
    "KINDS", "Card", "Corpus", "CorpusCard", "PluginName", "Reading", "Recognizer", "RecognizerCard",
    "Synthesizer", "SynthesizerCard", "Transcriber", "TranscriberCard", "cards", "describe", "load",
]  # fmt: skip

KINDS: tuple[str, ...] = ("corpora", "synthesizers", "transcribers", "recognizers")

Waveforms = npt.NDArray[np.float32]
"""``(n, longest)`` float32 at the plug-in's sampling rate, zero-padded at the end."""

Lengths = npt.NDArray[np.int64]
"""``(n,)`` valid samples per row."""


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Facts about one variant of a plug-in.

    Attributes:
        id: ``name`` or ``name/variant``
        summary: one sentence
        licence: of the code and of the weights or the audio
        reference: what to cite
        extra: the extra of emogap that brings its requirements; empty for none
        unproven: what could not be tested, said openly

    """

    id: str
    summary: str
    licence: str
    reference: str
    extra: str = ""
    unproven: str = ""


class CorpusCard(Card, frozen=True, kw_only=True):
    """Facts about a corpus.

    Attributes:
        labels: emotions it has, in our spelling
        expected: golden counts of the official release, per name (``utterances``, ``speakers``, ...)
        text_source: ``script``, ``official``, ``asr`` or ``none``

    """

    labels: tuple[str, ...]
    expected: Mapping[str, int]
    text_source: str


class SynthesizerCard(Card, frozen=True, kw_only=True):
    """Facts about a synthesizer.

    Attributes:
        weights: where they come from
        vocoder: family of the last stage
        controls: names of the controls it takes, e.g. ``("prosody_rules",)``
        sampling_rate_hz: of its output

    """

    weights: str
    vocoder: str
    controls: tuple[str, ...]
    sampling_rate_hz: int


class TranscriberCard(Card, frozen=True, kw_only=True):
    """Facts about a transcriber; ``weights`` says where they come from."""

    weights: str


class RecognizerCard(Card, frozen=True, kw_only=True):
    """Facts about a recognizer.

    Attributes:
        weights: where they come from
        labels: what it can answer, in our spelling
        trained_on: corpora it has seen
        kind: ``discriminative`` or ``speech_llm``

    """

    weights: str
    labels: tuple[str, ...]
    trained_on: tuple[str, ...] = ()
    kind: str = "discriminative"


@dataclass(frozen=True)
class Reading:
    """What a corpus reader found: utterances (no audio opened yet), files it dropped, and what was noticed.

    Attributes:
        utterances: ordered by id
        dropped: files that did not become utterances, with reasons
        found: counts comparable with ``CorpusCard.expected``
        notes: quirks met, one sentence each

    """

    utterances: list[Utterance]
    dropped: list[Dropped]
    found: dict[str, int]
    notes: list[str]


class Corpus(Protocol):
    """A published collection on disk."""

    card: CorpusCard

    def read(self, folder: Path, policy: LabelPolicy) -> Reading:
        """Parse names and tables; open no audio.

        Raises:
            EmogapError: if the folder is missing or holds nothing of this corpus

        """
        ...


class Synthesizer(Protocol):
    """Text and emotion to speech (paper, equation 2)."""

    card: SynthesizerCard
    sampling_rate_hz: int
    speaker: str
    fingerprint: str

    def control_for(self, emotion: str) -> Control:
        """Return the control this synthesizer uses for an emotion when the user gives none."""
        ...

    def synthesize(self, text: str, emotion: str, control: Control, seed: int) -> npt.NDArray[np.float32]:
        """Return a mono waveform; the same arguments give the same samples."""
        ...


class Transcriber(Protocol):
    """Speech to text (paper, equation 3). ``fingerprint`` is cheap and names weights, code and precision."""

    card: TranscriberCard
    sampling_rate_hz: int
    max_batch: int
    fingerprint: str

    def transcribe(self, waveforms: Waveforms, lengths: Lengths) -> list[str]:
        """Return one text per row."""
        ...


class Recognizer(Protocol):
    """Speech to emotion (paper, equation 1).

    Attributes:
        labels: of the columns of ``scores``
        max_batch: the batch size it works best with
        sampling_rate_hz: of the waveforms it takes
        min_samples: shorter utterances fail with a reason instead of crashing
        fingerprint: names id, weights' checksum, code version and precision; cheap, loads no model
        training_ids: ids of utterances its weights were fitted on, so that no score counts them
        training_sha256: hashes of their samples, see ``manifest.audio.pcm_sha256``

    """

    card: RecognizerCard
    labels: tuple[str, ...]
    max_batch: int
    sampling_rate_hz: int
    min_samples: int
    fingerprint: str
    training_ids: frozenset[str]
    training_sha256: frozenset[str]

    def scores(self, waveforms: Waveforms, lengths: Lengths) -> npt.NDArray[np.float32]:
        """Return ``(n, n_labels)`` scores in [0, 1]; a row depends on its own samples alone."""
        ...

    def frames(self, waveforms: Waveforms, lengths: Lengths) -> list[npt.NDArray[np.float32]]:
        """Return one ``(n_frames, embedding_dim)`` array per row."""
        ...


@dataclass(frozen=True)
class PluginName:
    """A parsed plug-in name: ``id``, ``id/variant`` or ``id@CHECKPOINT`` (or ``id/variant@CHECKPOINT``).

    >>> PluginName.parse("emotion2vec/plus-large@/data/e2v")
    PluginName(module='emotion2vec', card_id='emotion2vec/plus-large', checkpoint='/data/e2v')
    """

    module: str
    card_id: str
    checkpoint: str | None

    @classmethod
    def parse(cls, name: str) -> "PluginName":
        """Split a name as a user writes it."""
        card_id, _, checkpoint = name.partition("@")
        return cls(card_id.partition("/")[0], card_id, checkpoint or None)


def describe(kind: str) -> dict[str, str]:
    """Return the ids of a kind with the first line of each docstring; nothing of ours is imported.

    Plug-ins of other packages are described by the package that brings them.

    Raises:
        UnknownNameError: if there is no such kind

    """
    if kind not in KINDS:
        raise UnknownNameError("kind of plug-in", kind, KINDS)
    found = {}
    for file in sorted((Path(__file__).parent / kind).glob("[a-z]*.py")):
        docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        found[file.stem] = docstring.partition("\n")[0]
    for point in _entry_points(kind):
        if point.name in found:
            raise EmogapError(f"two {kind} are called {point.name!r}; one comes from {point.value}")
        found[point.name] = f"from {point.dist.name if point.dist else point.value}"
    return found


def cards(kind: str, module: str) -> Sequence[Card]:
    """Return the cards of one plug-in file, the default variant first."""
    return tuple(_module(kind, module).CARDS)


def load(kind: str, name: str) -> Any:
    """Build one plug-in from ``id``, ``id/variant`` or ``id@CHECKPOINT``.

    Returns:
        a ``Corpus``, ``Synthesizer``, ``Transcriber`` or ``Recognizer``

    Raises:
        UnknownNameError: if no plug-in or no variant has this name
        MissingDependencyError: if an optional package is absent, with the command that installs it

    """
    parsed = PluginName.parse(name)
    module = _module(kind, parsed.module)
    by_id = {card.id: card for card in module.CARDS}
    card = module.CARDS[0] if parsed.card_id == parsed.module else by_id.get(parsed.card_id)
    if card is None:
        raise UnknownNameError(f"variant of {parsed.module}", parsed.card_id, by_id)
    return module.PLUGIN(card, parsed.checkpoint)


def _module(kind: str, name: str) -> types.ModuleType:
    known = describe(kind)
    if name not in known:
        raise UnknownNameError(kind.removesuffix("s") if kind != "corpora" else "corpus", name, known)
    for point in _entry_points(kind):
        if point.name == name:
            loaded: types.ModuleType = point.load()
            return loaded
    return importlib.import_module(f"emogap.{kind}.{name}")


def _entry_points(kind: str) -> Sequence[EntryPoint]:
    return tuple(entry_points(group=f"emogap.{kind}"))
