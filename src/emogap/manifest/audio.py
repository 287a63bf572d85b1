"""Reading audio: one decoder, one downmix rule, one resampler, one hash.

Conventions:
    A waveform is float32, mono, in [-1, 1] for integer files; channels are averaged. Resampling is soxr's high
    quality; its version is part of a run's provenance, because resampling itself can be told from speech.
    Formats are recognized by content, never by extension (TESS has AIFF files named ``.wav``).
"""

import contextlib
import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from emogap.errors import EmogapError

__all__ = ["AUDIO_SUFFIXES", "Audio", "AudioError", "pcm_sha256", "read_audio", "resample", "write_wav"]

AUDIO_SUFFIXES = frozenset({".wav", ".flac", ".mp3", ".ogg", ".opus", ".aif", ".aiff", ".m4a", ".mp4"})

Waveform = npt.NDArray[np.float32]

_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_SILENT_PEAK = 10 ** (-60 / 20)
_UNKNOWN_SIZES = (0, 0x7FFFFFFF, 0xFFFFFFFF)
"""Data sizes written by encoders that stream and cannot know the length."""


class AudioError(EmogapError):
    """A file that is not usable speech.

    Attributes:
        reason: one short phrase, the same for every file with the same fault

    """

    def __init__(self, path: Path, reason: str, detail: str = "") -> None:
        super().__init__(f"{path}: {reason}" + (f" ({detail})" if detail else ""))
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Audio:
    """Decoded speech.

    Attributes:
        waveform: ``(num_samples,)`` float32, mono
        sampling_rate_hz: of the file
        flags: ``multichannel``, ``odd_rate``, ``clipped``, ``silent``, ``misnamed``

    """

    waveform: Waveform
    sampling_rate_hz: int
    flags: tuple[str, ...]

    @property
    def duration_s(self) -> float:
        """Duration in seconds."""
        return len(self.waveform) / self.sampling_rate_hz


def read_audio(path: Path) -> Audio:
    """Decode a file to a mono waveform at its own rate.

    Raises:
        AudioError: missing file; empty file; git-lfs pointer; not audio; truncated; no samples; samples that are
            not finite numbers

    """
    head = _head(path)
    try:
        with soundfile.SoundFile(path) as sound:
            rate, promised, kind = int(sound.samplerate), int(sound.frames), str(sound.format)
            samples = sound.read(dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError) as problem:
        samples, rate = _decode_container(path, str(problem))
        promised, kind = len(samples), "container"
    _check_length(path, head, len(samples), promised, kind)
    if not np.isfinite(samples).all():
        raise AudioError(path, "samples that are not numbers", f"{int((~np.isfinite(samples)).sum())} NaN or infinite")
    flags = []
    if samples.shape[1] > 1:
        flags.append("multichannel")
    if not 16_000 <= rate <= 48_000:
        flags.append("odd_rate")
    if path.suffix.lower() == ".wav" and kind not in {"WAV", "WAVEX", "RF64"}:
        flags.append("misnamed")
    peak = float(np.abs(samples).max())
    if np.count_nonzero(np.abs(samples) >= 1 - 2**-15) > 3:
        flags.append("clipped")
    if peak < _SILENT_PEAK:
        flags.append("silent")
    return Audio(samples.mean(axis=1, dtype=np.float32), rate, tuple(flags))


def resample(waveform: Waveform, from_hz: int, to_hz: int) -> Waveform:
    """Resample a mono waveform; the same array comes back when the rates are equal."""
    if from_hz == to_hz:
        return waveform
    return np.asarray(soxr.resample(waveform, from_hz, to_hz, quality="HQ"), dtype=np.float32)


def pcm_sha256(waveform: Waveform, sampling_rate_hz: int) -> str:
    """Hash what is heard, not how it is stored: the decoded mono samples and their rate.

    A WAV and a FLAC file of one recording agree; a tag, a chunk or a file name changes nothing.
    """
    digest = hashlib.sha256(f"emogap-pcm-1|{sampling_rate_hz}|".encode())
    digest.update(np.ascontiguousarray(waveform, dtype="<f4").tobytes())
    return digest.hexdigest()


def write_wav(path: Path, waveform: Waveform, sampling_rate_hz: int) -> None:
    """Write a mono 16-bit WAV file; samples beyond full scale are clipped, as every player would.

    Raises:
        EmogapError: if the file cannot be written

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.clip(waveform, -1.0, 1.0), sampling_rate_hz, subtype="PCM_16", format="WAV")
    except (OSError, soundfile.LibsndfileError) as problem:
        with contextlib.suppress(OSError):
            path.unlink()
        raise EmogapError(f"cannot write {path}: {problem}") from None


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(200)
    except FileNotFoundError:
        raise AudioError(path, "missing file") from None
    except OSError as problem:
        raise AudioError(path, "unreadable file", problem.strerror or "") from None
    if not head:
        raise AudioError(path, "empty file", "0 bytes")
    if head.startswith(_LFS_POINTER):
        raise AudioError(path, "git-lfs pointer", "run `git lfs pull` in its repository to get the audio")
    return head


def _check_length(path: Path, head: bytes, n_frames: int, promised: int, kind: str) -> None:
    if n_frames == 0:
        raise AudioError(path, "no samples")
    if n_frames < promised:
        raise AudioError(path, "truncated", f"{n_frames} of {promised} samples")
    if kind == "WAV" and head.startswith(b"RIFF"):
        declared, held = _riff_data_bytes(path)
        if declared not in _UNKNOWN_SIZES and held < declared:
            raise AudioError(path, "truncated", f"{held} of {declared} bytes of samples")


def _riff_data_bytes(path: Path) -> tuple[int, int]:
    """Return the size the ``data`` chunk declares and the bytes the file holds from there, (0, 0) without one."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(12)
        while len(header := file.read(8)) == 8:
            name, declared = struct.unpack("<4sI", header)
            if name == b"data":
                return declared, size - file.tell()
            file.seek(declared + declared % 2, 1)
    return 0, 0


def _decode_container(path: Path, problem: str) -> tuple[npt.NDArray[np.float32], int]:
    """Decode what libsndfile does not know (MP4 and AAC, as in MELD) with PyAV, where it is installed."""
    try:
        import av
    except ImportError:
        raise AudioError(path, "not audio that libsndfile reads", f"{problem}; pip install av reads MP4 too") from None
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise AudioError(path, "not audio", "a container without an audio stream")
            stream = container.streams.audio[0]
            blocks = [_planar(frame.to_ndarray(), frame.layout.nb_channels) for frame in container.decode(stream)]
            rate = int(stream.rate or 0)
    except (av.error.FFmpegError, ValueError, IndexError) as reason:
        raise AudioError(path, "not audio", str(reason)) from None
    if not blocks:
        raise AudioError(path, "no samples")
    return np.concatenate(blocks), rate


def _planar(block: npt.NDArray[Any], num_channels: int) -> npt.NDArray[np.float32]:
    """Return ``(num_samples, num_channels)`` float32 whatever PyAV's sample format."""
    scale = float(np.iinfo(block.dtype).max) + 1 if np.issubdtype(block.dtype, np.integer) else 1.0
    samples = block.astype(np.float32) / np.float32(scale)
    return samples.T if samples.shape[0] == num_channels and num_channels > 1 else samples.reshape(-1, num_channels)
