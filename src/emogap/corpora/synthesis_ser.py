"""Synthesis_SER: the set released with the paper "On the Emotion Understanding of Synthesized Speech".

Facts: JSON lists of items such as ``{"wav_path": ..., "emotion": "angry"}``; the path may be called ``wav_path``,
``path``, ``tts_wav_path``, ``test_path`` or ``response_wav_path``, and the list may lie under ``data``, ``items``,
``samples``, ``utterances``, ``records``, ``audios`` or ``metadata``. A list is called after its data set:
``TESS_Human_TEST``, ``CREMA-D_SYN_4o-TTS``, in general CORPUS_Human or CORPUS_SYN_SYSTEM, with an optional
TRAIN, DEV, TEST or ALL. Items of the probing experiments say ``data_type`` (human, syn) and ``data_source`` (human,
cv2, kimi, index, glm, 4o_tts, 4o_audio) themselves, which then goes before the list's name. The vocoder follows
from the system, as the paper groups them: HiFi-GAN for CosyVoice 2 and GLM-4-Voice, BigVGAN for Kimi-Audio and
IndexTTS 2, ``openai`` for the two GPT-4o systems, whose vocoder is not known.

Reference: "On the Emotion Understanding of Synthesized Speech", ACL 2026; https://huggingface.co/datasets/ak0255/Synthesis_SER.
Licence: unknown, ask the authors.

Quirks:
    Paths are absolute on the authors' machine. A file is found by the longest end of its path that occurs here.
    A file in two lists (TEST and ALL) is read once, from the list that names a split.
    A list that mixes two systems (KIMICOSY) gives ``kimicosy`` and no vocoder, unless its items name theirs.

Conventions:
    Ids are ``synthesis_ser/`` and the path below the folder without suffix.
"""

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from emogap.corpora._layout import (
    MISSING,
    NOT_IN_TABLE,
    SECOND_COPY,
    Draft,
    Reader,
    audio_among,
    decoded_text,
    path_below,
    visible_files,
)
from emogap.errors import EmogapError, UnknownNameError
from emogap.manifest.labels import EMOTIONS, LabelPolicy
from emogap.manifest.records import Domain, Utterance
from emogap.manifest.texts import text_id
from emogap.plugins import CorpusCard, Reading

__all__ = ["CARDS", "PLUGIN", "SynthesisSer"]

CARDS = (
    CorpusCard(
        id="synthesis_ser",
        summary="The paper's released set: human corpora and their synthesized counterparts by six systems.",
        licence="unknown, ask the authors",
        reference="On the Emotion Understanding of Synthesized Speech, ACL 2026",
        unproven="the release's layout was never seen; read from the lists and ids in the paper's public code",
        labels=EMOTIONS,
        expected={},
        text_source="asr",
    ),
)

_LAYOUT = "JSON lists called like TESS_Human_TEST.json or CREMA-D_SYN_COSY.json, and the audio files they name"
_LIST_NAME = re.compile(
    r"(?P<corpus>[A-Za-z0-9-]+)_(?:(?P<human>Human)|SYN_(?P<system>[A-Za-z0-9-]+?))(?:_(?P<split>TRAIN|DEV|TEST|ALL))?",
    re.IGNORECASE,
)
_LIST_KEYS = ("data", "items", "samples", "utterances", "records", "audios", "metadata")
_PATH_KEYS = ("wav_path", "path", "tts_wav_path", "test_path", "response_wav_path")
_READ_KEYS = frozenset({*_PATH_KEYS, "emotion", "data_type", "data_source", "text", "speaker"})
_DOMAINS: Mapping[str, Domain] = {"human": "human", "syn": "synthesized", "synthesized": "synthesized"}
_SYSTEMS = {
    "cosy": "cosyvoice2", "cv2": "cosyvoice2", "kimi": "kimi-audio", "glm": "glm-4-voice", "index": "indextts2",
    "4o-tts": "gpt-4o-tts", "4o-audio": "gpt-4o-audio",
}  # fmt: skip
_VOCODERS = {
    "cosyvoice2": "HiFi-GAN", "glm-4-voice": "HiFi-GAN", "kimi-audio": "BigVGAN", "indextts2": "BigVGAN",
    "gpt-4o-tts": "openai", "gpt-4o-audio": "openai",
}  # fmt: skip
_CORPORA = {"crema-d": "crema_d", "song": "ravdess_song"}


@dataclass(frozen=True)
class _Origin:
    """Where speech comes from, as far as a list's name or an item says."""

    domain: Domain | None = None
    corpus: str | None = None
    system: str | None = None
    split: str | None = None


@dataclass(frozen=True)
class _Item:
    """One item of a list, and its number there (from 1)."""

    listing: Path
    number: int
    content: dict[str, Any]

    @property
    def where(self) -> str:
        return f"{self.listing} item {self.number}"

    @property
    def wanted(self) -> PurePosixPath | None:
        """The path as it was on the authors' machine."""
        written = next((self.content[key] for key in _PATH_KEYS if self.content.get(key)), None)
        return PurePosixPath(written.replace("\\", "/")) if isinstance(written, str) else None


class SynthesisSer(Reader):
    """Reader of the paper's released set."""

    def read(self, folder: Path, policy: LabelPolicy) -> Reading:
        """Read the JSON lists and find the audio they name.

        Raises:
            EmogapError: if the folder is missing, or holds no JSON list or no audio that a list names
            EmogapError: if a list is not JSON
            UnknownNameError: if an item has an unknown emotion or data_type

        """
        draft = Draft(self.card, folder, _LAYOUT)
        files = visible_files(folder, _LAYOUT)
        audio = audio_among(files)
        lists = [path for path in files if path.suffix.lower() == ".json"]
        lists.sort(key=lambda path: (_origin_of_list(path).split is None, str(path)))
        items = [item for listing in lists for item in _items(draft, listing)]
        release = _Release(draft, folder.absolute(), audio, policy)
        release.learn(items)
        for item in items:
            release.take(item)
        for path in audio:
            if path not in release.taken:
                draft.drop(path, NOT_IN_TABLE, "no list names it")
        if unread := {key for item in items for key in item.content} - _READ_KEYS:
            draft.note(f"keys of items that were not read: {', '.join(sorted(unread))}")
        return draft.reading()


class _Release:
    """Turns items into utterances, each audio file once.

    Attributes:
        taken: audio files that an item named, and the list it was in

    """

    def __init__(self, draft: Draft, here: Path, audio: Sequence[Path], policy: LabelPolicy) -> None:
        self.taken: dict[Path, Path] = {}
        self._draft = draft
        self._here = here
        self._policy = policy
        self._by_stem: dict[str, list[Path]] = defaultdict(list)
        self._wanted: dict[str, set[PurePosixPath]] = defaultdict(set)
        for path in audio:
            self._by_stem[path.stem].append(path)

    def learn(self, items: Iterable[_Item]) -> None:
        """Note every path that is asked for, so that one file is never taken for another of the same name."""
        for item in items:
            if item.wanted is not None:
                self._wanted[item.wanted.stem].add(item.wanted)

    def take(self, item: _Item) -> None:
        """Make one item an utterance, or drop it with a reason."""
        path = self._locate(item)
        if path is None:
            return
        where, content = item.where, item.content
        if path in self.taken:
            self._draft.drop(where, SECOND_COPY, f"{path} is in {self.taken[path].name} too")
            return
        self.taken[path] = item.listing
        self._draft.n_files += 1
        origin = _merged(_origin_of_list(item.listing), _origin_of_item(content, where))
        if origin.domain is None:
            detail = "the item has no data_type, and the list's name says nothing either"
            self._draft.drop(where, "neither human nor synthesized", detail)
            return
        code = str(content.get("emotion") or "")
        emotion = self._draft.label(code, where, self._policy) if code else None
        if code and emotion is None:
            return
        text = str(content.get("text") or "").strip()
        speaker = str(content.get("speaker") or "").strip()
        self._draft.keep(
            Utterance(
                id=f"synthesis_ser/{path_below(path, self._here)}",
                path=str(path),
                domain=origin.domain,
                emotion=emotion,
                corpus=origin.corpus,
                speaker=f"{origin.system or origin.corpus or 'synthesis_ser'}-{speaker}" if speaker else None,
                text=text or None,
                text_id=text_id(text) if text else None,
                system=origin.system,
                vocoder=_VOCODERS.get(origin.system or ""),
                split=origin.split,
            )
        )

    def _locate(self, item: _Item) -> Path | None:
        """Find the file by the longest end of its path that occurs here; what is not found is dropped."""
        wanted = item.wanted
        if wanted is None:
            self._draft.drop(item.where, "item without a path", f"keys: {', '.join(item.content)}")
            return None
        if wanted.is_absolute() and Path(wanted).is_file():
            return Path(wanted)
        shared = {path: _shared_folders(path, wanted) for path in self._by_stem.get(wanted.stem, ())}
        most = max(shared.values(), default=0)
        nearest = [path for path, n in shared.items() if n == most]
        several = len({path.parent for path in nearest}) > 1 or (most == 0 and len(self._wanted[wanted.stem]) > 1)
        if nearest and not several:
            return nearest[0]
        met = ", ".join(map(str, nearest))
        reason = "several files may be meant" if met else MISSING
        self._draft.drop(item.where, reason, f"{wanted}; here: {met or 'none'}")
        return None


def _items(draft: Draft, listing: Path) -> Iterator[_Item]:
    """Yield the items of a list; what is no list of items is dropped."""
    try:
        content = json.loads(decoded_text(listing)[0])
    except json.JSONDecodeError as problem:
        raise EmogapError(f"{listing} line {problem.lineno} is not JSON: {problem.msg}") from None
    if isinstance(content, dict):
        content = next((content[key] for key in _LIST_KEYS if isinstance(content.get(key), list)), None)
    if not isinstance(content, list):
        draft.drop(listing, "JSON without a list of items")
        return
    for number, item in enumerate(content, 1):
        if isinstance(item, dict):
            yield _Item(listing, number, item)
        else:
            detail = f"expected an object, got {json.dumps(item)[:80]}"
            draft.drop(f"{listing} item {number}", "item without a path", detail)


def _shared_folders(path: Path, wanted: PurePosixPath) -> int:
    pairs = zip(reversed(path.parts[:-1]), reversed(wanted.parts[:-1]), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _origin_of_list(listing: Path) -> _Origin:
    match = _LIST_NAME.fullmatch(listing.stem)
    if match is None:
        return _Origin()
    corpus = match["corpus"].lower()
    system = (match["system"] or "").lower()
    split = (match["split"] or "").lower()
    return _Origin(
        domain="human" if match["human"] else "synthesized",
        corpus=_CORPORA.get(corpus, corpus.replace("-", "_")),
        system=_SYSTEMS.get(system, system) or None,
        split=split if split in {"train", "dev", "test"} else None,
    )


def _origin_of_item(item: Mapping[str, Any], where: str) -> _Origin:
    kind = str(item.get("data_type") or "").strip().lower()
    source = str(item.get("data_source") or "").strip().lower().replace("_", "-")
    if kind and kind not in _DOMAINS:
        raise UnknownNameError("data_type", kind, _DOMAINS, where)
    by_source: Domain | None = None
    if source:
        by_source = "human" if source == "human" else "synthesized"
    domain = _DOMAINS[kind] if kind else by_source
    if by_source and domain != by_source:
        raise EmogapError(f"{where}: data_type {kind!r} contradicts data_source {source!r}")
    return _Origin(domain=domain, system=_SYSTEMS.get(source, source) if by_source == "synthesized" else None)


def _merged(of_list: _Origin, of_item: _Origin) -> _Origin:
    """Believe the item first."""
    domain = of_item.domain or of_list.domain
    system = (of_item.system or of_list.system) if domain == "synthesized" else None
    return _Origin(domain=domain, corpus=of_list.corpus, system=system, split=of_list.split)


PLUGIN = SynthesisSer
