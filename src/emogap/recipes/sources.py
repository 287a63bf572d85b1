"""What a user may name as speech: a manifest, ``CORPUS:DIR``, or a folder of audio.

Conventions:
    ``tess:DIR`` reads a corpus by its plug-in. ``FILE.jsonl`` is a manifest. ``DIR`` is a folder that holds a
    ``manifest.jsonl`` (as ``emogap synthesize`` writes), or audio with a table beside it, or folders named by emotion.
    ``NAME=...`` in front of any of them names the system that made it, and begins the ids of its utterances.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
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

__all__ = ["Source", "as_domain", "default_system", "inspected", "merged", "path_of", "read_source"]

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
    system, place = _split(name)
    source = _read(place, policy)
    if not system:
        return source
    named = [msgspec.structs.replace(u, id=f"{system}/{u.id}", system=system) for u in source.utterances]
    return replace(source, name=name, utterances=named)


def path_of(name: str) -> Path:
    """Return the place that the name of a source points to."""
    return _folder(_split(name)[1])


def _split(name: str) -> tuple[str, str]:
    """Split ``NAME=PLACE``; an equals sign inside a path belongs to the path."""
    system, separator, place = name.partition("=")
    corpus, colon, _ = system.partition(":")
    in_path = (colon and corpus in plugins.describe("corpora")) or ("/" in system and not _folder(place).exists())
    return ("", name) if not separator or Path(name).exists() or in_path else (system, place)


def _folder(place: str) -> Path:
    _, _, folder = place.partition(":")
    return Path(folder if folder and not Path(place).exists() else place)


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
    system = default_system(source)
    return [msgspec.structs.replace(u, domain="synthesized", system=u.system or system) for u in source.utterances]


def default_system(source: Source) -> str:
    """Return what a source's system is called when nothing names it: its folder, or its manifest."""
    place = path_of(source.name)
    if place.name == _MANIFEST:
        place = place.parent
    return (place.stem if place.is_file() else place.absolute().name) or "synthesized"


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
    return replace(source, utterances=utterances, dropped=[*source.dropped, *unreadable])


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
    return Source(str(path), read_utterances(path, policy), checksum=file_sha256(path))


def _from_corpus(name: str, corpus: plugins.Corpus, folder: Path, policy: LabelPolicy) -> Source:
    reading = corpus.read(folder, policy)
    return Source(name, reading.utterances, reading.dropped, reading.found, dict(corpus.card.expected), reading.notes)
