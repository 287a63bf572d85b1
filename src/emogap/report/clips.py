"""The utterances a recognizer got most confidently wrong, with something to listen to.

Conventions:
    Audio is inlined as 16-bit WAV at no more than ``INLINE_RATE_HZ`` until ``INLINE_BUDGET_BYTES`` of page are
    spent, worst utterances of every group first; beyond it a player links the file by a path relative to the page.
"""

import base64
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import numpy as np
import soundfile

from emogap.analysis.scored import is_placebo
from emogap.manifest.audio import AudioError, read_audio, resample
from emogap.manifest.records import Prediction, Transcript, Utterance
from emogap.manifest.scores import Group
from emogap.report.roster import Roster
from emogap.report.wording import percent

__all__ = ["INLINE_BUDGET_BYTES", "INLINE_RATE_HZ", "Clip", "ClipGroup", "confidently_wrong", "with_audio"]

INLINE_BUDGET_BYTES = 4_000_000
"""Characters of base64 audio that one page may hold."""

INLINE_RATE_HZ = 16_000
"""Highest sampling rate of inlined audio."""


@dataclass(frozen=True)
class Clip:
    """One utterance and the wrong answer to it.

    Attributes:
        utterance: the utterance
        predicted: the recognizer's label
        score: of that label, percent
        hypothesis: what the transcriber heard, None without a transcript
        source: of the player, a ``data:`` URI or a relative path; None when there is no player
        remark: why there is no player, or that the file is linked

    """

    utterance: Utterance
    predicted: str
    score: str
    hypothesis: str | None
    source: str | None = None
    remark: str = ""


@dataclass(frozen=True)
class ClipGroup:
    """The worst utterances of one side or system, and how many wrong answers they were picked from."""

    name: str
    clips: tuple[Clip, ...]
    n_wrong: int


def confidently_wrong(
    utterances: Iterable[Utterance],
    predictions: Mapping[str, Prediction],
    transcripts: Mapping[str, Transcript],
    roster: Roster,
    at_most: int = 5,
) -> list[ClipGroup]:
    """Pick, for human speech and for every system, the wrong answers with the highest scores.

    Utterances without a reference or target emotion, placebo arms and answers that are no label are left aside. A
    recording that stands for several target emotions (a voice without emotion control) is shown once.

    Returns:
        human speech first, then systems by name; ties broken by utterance id
    """
    wrong: dict[Group, list[tuple[float, str, Utterance, str]]] = {}
    for utterance in utterances:
        answer = predictions.get(utterance.id)
        if utterance.emotion is None or is_placebo(utterance.system):
            continue
        if answer is None or answer.predicted is None or answer.predicted == utterance.emotion:
            continue
        group = Group(domain=utterance.domain, system=utterance.system)
        score = answer.scores.get(answer.predicted, 0.0)
        wrong.setdefault(group, []).append((-score, utterance.id, utterance, answer.predicted))
    groups = []
    for group, entries in sorted(wrong.items(), key=lambda item: (item[0].domain != "human", item[0].system or "")):
        recordings: dict[str, tuple[float, str, Utterance, str]] = {}
        for entry in sorted(entries, key=lambda entry: entry[:2]):
            recordings.setdefault(entry[2].sha256 or entry[2].path, entry)
        worst = list(recordings.values())[:at_most]
        clips = tuple(_clip(-negative, utterance, label, transcripts) for negative, _, utterance, label in worst)
        groups.append(ClipGroup(roster.name(group), clips, len(entries)))
    return groups


def with_audio(groups: list[ClipGroup], folder: Path, reference_pack: bool) -> list[ClipGroup]:
    """Give every clip a player, or the reason why it has none.

    Args:
        groups: as ``confidently_wrong`` returns them
        folder: where the page will lie; links are relative to it
        reference_pack: whether the human side is the shipped reference pack, which has no audio

    """
    spent = 0
    players: dict[str, Clip] = {}
    deepest = max((len(group.clips) for group in groups), default=0)
    for rank in range(deepest):
        for clip in (group.clips[rank] for group in groups if rank < len(group.clips)):
            if reference_pack and clip.utterance.domain == "human":
                players[clip.utterance.id] = replace(clip, remark="no audio shipped")
                continue
            source, remark = _player(Path(clip.utterance.path), folder, INLINE_BUDGET_BYTES - spent)
            spent += len(source) if source is not None and source.startswith("data:") else 0
            players[clip.utterance.id] = replace(clip, source=source, remark=remark)
    return [replace(group, clips=tuple(players[clip.utterance.id] for clip in group.clips)) for group in groups]


def _clip(score: float, utterance: Utterance, predicted: str, transcripts: Mapping[str, Transcript]) -> Clip:
    transcript = transcripts.get(utterance.id)
    return Clip(utterance, predicted, percent(score), transcript.hypothesis if transcript else None)


def _player(path: Path, folder: Path, budget: int) -> tuple[str | None, str]:
    """Return the source of a player and a remark about it."""
    if not path.is_file():
        return None, "file not found"
    try:
        source = _inlined(path)
    except AudioError as problem:
        return None, problem.reason
    if len(source) <= budget:
        return source, ""
    return quote(os.path.relpath(path.absolute(), folder.absolute()).replace(os.sep, "/")), "linked, not in this file"


def _inlined(path: Path) -> str:
    audio = read_audio(path)
    rate = min(audio.sampling_rate_hz, INLINE_RATE_HZ)
    waveform = np.clip(resample(audio.waveform, audio.sampling_rate_hz, rate), -1.0, 1.0)
    buffer = io.BytesIO()
    soundfile.write(buffer, waveform, rate, subtype="PCM_16", format="WAV")
    return "data:audio/wav;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
