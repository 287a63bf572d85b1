"""Opening every file of a manifest once: duration, rate, hash, flags, duplicates, and what cannot be read."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import msgspec

from emogap.execution.cache import Cache, FileFacts
from emogap.execution.decoding import in_order, read_with_facts
from emogap.execution.progress import Progress
from emogap.manifest.audio import AudioError
from emogap.manifest.flags import CONFLICTING, DUPLICATE, INSPECTED, UNREADABLE
from emogap.manifest.records import Dropped, Utterance

__all__ = ["flag_duplicates", "inspect_audio"]


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
                seen.append(msgspec.structs.replace(utterance, flags=(*_kept(utterance), UNREADABLE)))
            else:
                seen.append(_with_facts(utterance, facts))
            advance(1)
    return flag_duplicates(seen), unreadable


def _with_facts(utterance: Utterance, facts: FileFacts) -> Utterance:
    return msgspec.structs.replace(
        utterance,
        sampling_rate_hz=facts.sampling_rate_hz,
        duration_s=round(facts.num_samples / facts.sampling_rate_hz, 6),
        sha256=facts.sha256,
        flags=(*_kept(utterance), *facts.flags),
    )


def flag_duplicates(utterances: Sequence[Utterance]) -> list[Utterance]:
    """Flag utterances with the same samples, anew; call it again where manifests are joined.

    Silent files are alike without being copies, so they are left alone.
    """
    flagged = [_without(u, {DUPLICATE, CONFLICTING}) for u in utterances]
    by_hash: dict[str, list[int]] = defaultdict(list)
    for index, utterance in enumerate(flagged):
        if utterance.sha256 and "silent" not in utterance.flags:
            by_hash[utterance.sha256].append(index)
    for indices in by_hash.values():
        if len(indices) == 1:
            continue
        conflict = len({flagged[i].emotion for i in indices}) > 1
        for i in indices if conflict else indices[1:]:
            flag = CONFLICTING if conflict else DUPLICATE
            flagged[i] = msgspec.structs.replace(flagged[i], flags=(*flagged[i].flags, flag))
    return flagged


def _without(utterance: Utterance, flags: set[str]) -> Utterance:
    if flags.isdisjoint(utterance.flags):
        return utterance
    return msgspec.structs.replace(utterance, flags=tuple(f for f in utterance.flags if f not in flags))


def _kept(utterance: Utterance) -> tuple[str, ...]:
    return tuple(flag for flag in utterance.flags if flag not in INSPECTED)
