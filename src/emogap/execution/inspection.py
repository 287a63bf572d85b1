"""Opening every file of a manifest once: duration, rate, hash, flags, duplicates, and what cannot be read."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import msgspec

from emogap.execution.cache import Cache, FileFacts
from emogap.execution.decoding import in_order, read_with_facts
from emogap.execution.progress import Progress
from emogap.manifest.audio import AudioError
from emogap.manifest.records import Dropped, Utterance

__all__ = ["CONFLICTING", "DUPLICATE", "UNREADABLE", "inspect_audio"]

DUPLICATE = "duplicate_pcm"
"""Flag of the second and later utterances with the same samples and the same emotion."""

CONFLICTING = "duplicate_conflicting_label"
"""Flag of every utterance whose samples occur under more than one emotion."""

UNREADABLE = "unreadable"
"""Flag of an utterance whose file cannot be decoded; it stays in the manifest, and every step counts it as failed."""


def inspect_audio(
    utterances: Sequence[Utterance], cache: Cache, progress: Progress
) -> tuple[list[Utterance], list[Dropped]]:
    """Fill in what only the audio can tell.

    Returns:
        every utterance in the order given, with ``sampling_rate_hz``, ``duration_s``, ``sha256`` and ``flags``;
        and, for those flagged ``unreadable``, the reasons

    """

    def look(utterance: Utterance) -> FileFacts | AudioError:
        path = Path(utterance.path)
        known = cache.facts(path)
        if known is not None:
            return known
        try:
            return read_with_facts(path, cache)[1]
        except AudioError as problem:
            return problem

    seen: list[Utterance] = []
    unreadable: list[Dropped] = []
    with progress.step("inspect audio", len(utterances)) as advance:
        for utterance, facts in zip(utterances, in_order(look, utterances), strict=True):
            if isinstance(facts, AudioError):
                unreadable.append(Dropped(path=utterance.path, reason=facts.reason, detail=facts.detail))
                seen.append(msgspec.structs.replace(utterance, flags=(*utterance.flags, UNREADABLE)))
            else:
                seen.append(_with_facts(utterance, facts))
            advance(1)
    return _flag_duplicates(seen), unreadable


def _with_facts(utterance: Utterance, facts: FileFacts) -> Utterance:
    return msgspec.structs.replace(
        utterance,
        sampling_rate_hz=facts.sampling_rate_hz,
        duration_s=round(facts.num_samples / facts.sampling_rate_hz, 6),
        sha256=facts.sha256,
        flags=tuple(dict.fromkeys((*utterance.flags, *facts.flags))),
    )


def _flag_duplicates(utterances: list[Utterance]) -> list[Utterance]:
    """Silent files are alike without being copies, so they are left alone."""
    by_hash: dict[str, list[int]] = defaultdict(list)
    for index, utterance in enumerate(utterances):
        if utterance.sha256 and "silent" not in utterance.flags:
            by_hash[utterance.sha256].append(index)
    flagged = list(utterances)
    for indices in by_hash.values():
        if len(indices) == 1:
            continue
        conflict = len({utterances[i].emotion for i in indices}) > 1
        for i in indices if conflict else indices[1:]:
            flag = CONFLICTING if conflict else DUPLICATE
            flagged[i] = msgspec.structs.replace(flagged[i], flags=(*flagged[i].flags, flag))
    return flagged
