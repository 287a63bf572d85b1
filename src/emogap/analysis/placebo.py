"""Placebo arms: human speech passed through a nuisance alone.

Conventions:
    A synthesizer changes more than the voice: bandwidth, codec, silence, level. Each arm passes the human utterances
    through one of these and nothing else. What the recognizer loses there is no gap of synthesis. Levels and rates
    are taken from the synthesized utterances at hand, so that an arm is as strong as the difference it stands for.
"""

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import soundfile

from emogap.errors import EmogapError, UnknownNameError
from emogap.execution.answering import Nuisance
from emogap.manifest.audio import Audio, AudioError, Waveform, read_audio, resample
from emogap.manifest.records import Utterance

__all__ = ["ARMS", "nuisance", "placebo_utterances"]

ARMS: tuple[str, ...] = ("resample", "codec", "trim", "loudness")
"""Names of the arms."""

_VERSION = 1
"""Of what the arms do, part of their names; raise it whenever an arm gives other samples."""
_DEFAULT_RATE_HZ = 22_050
_DEFAULT_LEVEL_DB = -26.0
_LEVELS_MEASURED = 100
_FRAME_S = 0.01
_SILENCE_DB = 40.0


def nuisance(arm: str, synthesized: Sequence[Utterance]) -> Nuisance:
    """Return what one arm does, fitted to the synthesized utterances it stands beside.

    ``resample``: to the synthesized speech's most frequent rate (the lowest of equals) and back. ``codec``: through
    MP3. ``trim``: silence at both ends, 40 dB under the loudest frame, removed. ``loudness``: scaled to the
    synthesized speech's median level.

    Raises:
        UnknownNameError: if there is no such arm

    """
    if arm == "resample":
        rates = [u.sampling_rate_hz for u in synthesized if u.sampling_rate_hz]
        rate = max(sorted(set(rates)), key=rates.count) if rates else _DEFAULT_RATE_HZ
        return Nuisance(f"resample to {rate} Hz, v{_VERSION}", lambda audio: _resampled(audio, rate))
    if arm == "codec":
        return Nuisance(f"codec MP3 of libsndfile {soundfile.__libsndfile_version__}, v{_VERSION}", _through_mp3)
    if arm == "trim":
        return Nuisance(f"trim {_SILENCE_DB:g} dB, v{_VERSION}", _trimmed)
    if arm == "loudness":
        level = _median_level_db(synthesized)
        return Nuisance(f"loudness {level:.1f} dB, v{_VERSION}", lambda audio: _at_level(audio, level))
    raise UnknownNameError("placebo arm", arm, ARMS, "--placebo")


def placebo_utterances(human: Sequence[Utterance], arm: str) -> list[Utterance]:
    """Return the human utterances as members of an arm: same file, own id, ``source_id`` of the original."""
    system = f"placebo/{arm}"
    return [msgspec.structs.replace(u, id=f"{system}/{u.id}", system=system, source_id=u.id) for u in human]


def _with(audio: Audio, change: Callable[[Waveform], Waveform]) -> Audio:
    return Audio(np.asarray(change(audio.waveform), dtype=np.float32), audio.sampling_rate_hz, audio.flags)


def _resampled(audio: Audio, rate_hz: int) -> Audio:
    own = audio.sampling_rate_hz
    return _with(audio, lambda waveform: resample(resample(waveform, own, rate_hz), rate_hz, own))


def _through_mp3(audio: Audio) -> Audio:
    rate = 24_000 if audio.sampling_rate_hz > 24_000 else 16_000  # rates MP3 has, above the recognizers' own
    coded = io.BytesIO()
    soundfile.write(coded, resample(audio.waveform, audio.sampling_rate_hz, rate), rate, format="MP3")
    coded.seek(0)
    waveform, _ = soundfile.read(coded, dtype="float32")
    return Audio(np.asarray(waveform, dtype=np.float32), rate, audio.flags)


def _trimmed(audio: Audio) -> Audio:
    hop = max(1, round(_FRAME_S * audio.sampling_rate_hz))
    frames = audio.waveform[: len(audio.waveform) // hop * hop].reshape(-1, hop)
    power = (frames.astype(np.float64) ** 2).mean(axis=1)
    loud = np.flatnonzero(power > power.max(initial=0.0) * 10 ** (-_SILENCE_DB / 10))
    if len(loud) == 0:
        return audio
    return _with(audio, lambda waveform: waveform[loud[0] * hop : (loud[-1] + 1) * hop])


def _at_level(audio: Audio, level_db: float) -> Audio:
    own = _level_db(audio.waveform)
    if not np.isfinite(own):
        return audio
    return _with(audio, lambda waveform: waveform * np.float32(10 ** ((level_db - own) / 20)))


def _level_db(waveform: Waveform) -> float:
    """Return the root mean square in dB re full scale; -inf for silence."""
    with np.errstate(divide="ignore"):
        return float(10 * np.log10(np.mean(waveform.astype(np.float64) ** 2)))


def _median_level_db(synthesized: Sequence[Utterance]) -> float:
    """Measure every so many utterances, so that the arm is the same whatever the order of work."""
    chosen = sorted(synthesized, key=lambda u: u.id)[:: max(1, len(synthesized) // _LEVELS_MEASURED)]
    levels = []
    for utterance in chosen:
        try:
            levels.append(_level_db(read_audio(Path(utterance.path)).waveform))
        except AudioError:
            continue  # counted as failed where the utterance itself is recognized
    finite = [level for level in levels if np.isfinite(level)]
    if synthesized and not finite:
        raise EmogapError("--placebo loudness: no synthesized utterance could be measured")
    return round(float(np.median(finite)), 1) if finite else _DEFAULT_LEVEL_DB
