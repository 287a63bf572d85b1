"""What two manifests share, so that a test set is not a training set in disguise.

Conventions:
    An overlap is one kind of thing that both sides hold: an utterance id, the same samples, a speaker, a text, or a
    source. A synthesized utterance inherits from its source along the chain of ``source_id``: the source's own
    audio is behind it, it says the source's text and may have the voice of the source's speaker. A source that
    neither manifest holds is still compared by its id.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from emogap.manifest.records import Utterance

__all__ = ["KINDS", "Overlap", "find_overlaps"]

_EXAMPLES = 5


class Overlap(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One kind of thing that two manifests share.

    Attributes:
        kind: ``utterance``, ``audio``, ``speaker``, ``text`` or ``source``
        n_shared: distinct ids, hashes, speakers, texts or sources that both sides hold
        n_first: utterances of the first manifest they concern
        n_second: utterances of the second
        examples: the first few of what is shared; of ``audio``, the pairs of utterance ids

    """

    kind: str
    n_shared: int
    n_first: int
    n_second: int
    examples: tuple[str, ...]


def find_overlaps(first: Sequence[Utterance], second: Sequence[Utterance]) -> list[Overlap]:
    """Find what two manifests share.

    Silent utterances are alike without being copies, so their audio is not compared.

    Args:
        first: e.g. training utterances
        second: e.g. test utterances

    Returns:
        one overlap per kind that is shared, gravest first: utterance, audio, source, text, speaker; empty when the
        manifests are disjoint
    """
    known = {utterance.id: utterance for utterance in (*second, *first)}
    overlaps = []
    for kind, keys_of in KINDS.items():
        mine, theirs = _index(first, keys_of, known), _index(second, keys_of, known)
        shared = sorted(mine.keys() & theirs.keys())
        if not shared:
            continue
        examples = [f"{mine[key][0]} = {theirs[key][0]}" if kind == "audio" else key for key in shared[:_EXAMPLES]]
        overlaps.append(
            Overlap(
                kind=kind,
                n_shared=len(shared),
                n_first=len({id_ for key in shared for id_ in mine[key]}),
                n_second=len({id_ for key in shared for id_ in theirs[key]}),
                examples=tuple(examples),
            )
        )
    return overlaps


Known = Mapping[str, Utterance]
KeysOf = Callable[[Utterance, Known], set[str]]


def _index(utterances: Sequence[Utterance], keys_of: KeysOf, known: Known) -> dict[str, list[str]]:
    """Return the ids of the utterances that hold each key, in the order of the manifest."""
    found: dict[str, list[str]] = {}
    for utterance in utterances:
        for key in sorted(keys_of(utterance, known)):
            found.setdefault(key, []).append(utterance.id)
    return found


def _lineage(utterance: Utterance, known: Known) -> Iterator[Utterance]:
    """Yield the utterance and every source behind it that is known; a circle of sources is walked once."""
    seen: set[str] = set()
    step: Utterance | None = utterance
    while step is not None and step.id not in seen:
        seen.add(step.id)
        yield step
        step = known.get(step.source_id) if step.source_id is not None else None


def _ids(utterance: Utterance, known: Known) -> set[str]:
    return {utterance.id}


def _audio(utterance: Utterance, known: Known) -> set[str]:
    return {utterance.sha256} if utterance.sha256 and "silent" not in utterance.flags else set()


def _sources(utterance: Utterance, known: Known) -> set[str]:
    """Return the ends of the lineage: sources share an end with each other and with the source itself."""
    end = utterance
    for step in _lineage(utterance, known):
        end = step
    return {end.source_id or end.id}


def _texts(utterance: Utterance, known: Known) -> set[str]:
    return {step.text_id for step in _lineage(utterance, known) if step.text_id}


def _speakers(utterance: Utterance, known: Known) -> set[str]:
    return {step.speaker for step in _lineage(utterance, known) if step.speaker}


KINDS: Mapping[str, KeysOf] = {
    "utterance": _ids,
    "audio": _audio,
    "source": _sources,
    "text": _texts,
    "speaker": _speakers,
}
"""Kinds of overlap, gravest first, with the keys an utterance holds of each."""
