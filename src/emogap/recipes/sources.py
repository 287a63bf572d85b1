"""What a user may name as speech: a manifest, ``CORPUS:DIR``, or a folder of audio.

Conventions:
    ``tess:DIR`` reads a corpus by its plug-in. ``FILE.jsonl`` is a manifest. ``DIR`` is a folder that holds a
    ``manifest.jsonl`` (as ``emogap synthesize`` writes), or audio with a table beside it, or folders named by emotion.
    ``NAME=...`` in front of any of them names the system that made it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from emogap import plugins
from emogap.errors import EmogapError
from emogap.execution.cache import Cache
from emogap.execution.inspection import inspect_audio
from emogap.execution.progress import Progress
from emogap.manifest.files import read_utterances
from emogap.manifest.labels import LabelPolicy
from emogap.manifest.provenance import file_sha256
from emogap.manifest.records import Domain, Dropped, Utterance

__all__ = ["Source", "as_domain", "inspected", "merged", "read_source"]

_MANIFEST = "manifest.jsonl"


@dataclass(frozen=True)
class Source:
    """Speech as read from one place.

    Attributes:
        name: as the user wrote it
        utterances: ordered as read
        dropped: files that did not become utterances
        found: counts met, and ``expected`` those of the official release, where there is one
        notes: quirks met
        checksum: sha256 of the manifest, empty for a folder

    """

    name: str
    utterances: list[Utterance]
    dropped: list[Dropped] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=dict)
    expected: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    checksum: str = ""


def read_source(name: str, policy: LabelPolicy) -> Source:
    """Read a manifest, a corpus or a folder; no audio is opened.

    Raises:
        EmogapError: if nothing is there, or it cannot be read; see the corpus plug-ins and ``read_utterances``

    """
    system, _, place = name.rpartition("=") if "=" in name and not Path(name).exists() else ("", "", name)
    source = _read(place, policy)
    if system:
        source = Source(
            name, [msgspec.structs.replace(u, system=system) for u in source.utterances], source.dropped,
            source.found, source.expected, source.notes, source.checksum,
        )  # fmt: skip
    return source


def as_domain(source: Source, domain: Domain) -> list[Utterance]:
    """Return a source's utterances as human or synthesized speech.

    A synthesized utterance without a system gets the name of the folder or manifest it came from.

    Raises:
        EmogapError: if a manifest offered as human speech holds synthesized utterances

    """
    if domain == "human":
        wrong = next((u for u in source.utterances if u.system or u.domain == "synthesized"), None)
        if wrong is not None:
            raise EmogapError(f"{source.name}: {wrong.id!r} is synthesized speech; give it with --synthesized")
        return source.utterances
    place = Path(source.name.rpartition(":")[2])
    system = place.parent.name if place.name == _MANIFEST else place.stem
    return [
        msgspec.structs.replace(u, domain="synthesized", system=u.system or system or "synthesized")
        for u in source.utterances
    ]


def merged(parts: Iterable[Sequence[Utterance]]) -> list[Utterance]:
    """Join manifests into one.

    Raises:
        EmogapError: if an id occurs in two of them

    """
    everything: dict[str, Utterance] = {}
    for part in parts:
        for utterance in part:
            if utterance.id in everything:
                raise EmogapError(
                    f"id {utterance.id!r} occurs twice ({everything[utterance.id].path} and {utterance.path}); "
                    "ids must be unique, give each set its own system with NAME=PATH or its own ids"
                )
            everything[utterance.id] = utterance
    return list(everything.values())


def inspected(source: Source, cache: Cache, progress: Progress) -> Source:
    """Open every file: fill in rate, duration, hash and flags; what cannot be read is listed as dropped too."""
    utterances, unreadable = inspect_audio(source.utterances, cache, progress)
    return Source(
        source.name, utterances, [*source.dropped, *unreadable], source.found, source.expected, source.notes,
        source.checksum,
    )  # fmt: skip


def _read(place: str, policy: LabelPolicy) -> Source:
    corpus, separator, folder = place.partition(":")
    if separator and not Path(place).exists():
        plugin = plugins.load("corpora", corpus)
        return _from_corpus(place, plugin, Path(folder), policy)
    path = Path(place)
    if path.is_dir() and (path / _MANIFEST).is_file():
        path = path / _MANIFEST
    if path.is_dir():
        return _from_corpus(place, plugins.load("corpora", "folder"), path, policy)
    if not path.exists():
        known = ", ".join(f"{name}:DIR" for name in plugins.describe("corpora"))
        raise EmogapError(f"{place}: no such file or folder, expected a manifest, a folder of audio, or one of {known}")
    return Source(str(path), read_utterances(path), checksum=file_sha256(path))


def _from_corpus(name: str, corpus: plugins.Corpus, folder: Path, policy: LabelPolicy) -> Source:
    reading = corpus.read(folder, policy)
    return Source(name, reading.utterances, reading.dropped, reading.found, dict(corpus.card.expected), reading.notes)
