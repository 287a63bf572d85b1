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

__all__ = [
    "AUDIO_SUFFIXES", "DECODER", "RESAMPLER", "Audio", "AudioError", "pcm_sha256", "read_audio", "resample",
    "write_wav",
]  # fmt: skip

AUDIO_SUFFIXES = frozenset({".wav", ".flac", ".mp3", ".ogg", ".opus", ".aif", ".aiff", ".m4a", ".mp4"})

DECODER = f"1|libsndfile {soundfile.__libsndfile_version__}"
"""Identity of the decoder; raise its number whenever ``read_audio`` gives other samples or flags for a file."""

RESAMPLER = f"1|soxr {soxr.__version__}"
"""Identity of the resampler; raise its number whenever ``resample`` gives other samples."""

Waveform = npt.NDArray[np.float32]

_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_SILENT_PEAK = 10 ** (-60 / 20)
_BLOCK_SAMPLES = 2**22
"""Read at a time, so that a header which promises more than the file holds costs no memory. No less, because MP3 and
Opus read in parts differ from the whole in the last bit: an utterance is one block."""
_UNKNOWN_FRAMES = 2**63 - 1
"""What libsndfile says of a stream without a length."""
_UNKNOWN_SIZES = (0, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
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
        AudioError: missing file; unreadable file; empty file; git-lfs pointer; not audio; truncated; no samples;
            samples that are not finite numbers; more samples than fit in memory

    """
    head = _head(path)
    try:
        samples, rate, promised, kind = _decode(path)
        _check_length(path, head, len(samples), promised)
        return _checked(path, samples, rate, kind)
    except OSError as problem:
        raise AudioError(path, "unreadable file", problem.strerror or str(problem)) from None
    except MemoryError:
        raise AudioError(path, "more samples than fit in memory") from None


def _checked(path: Path, samples: npt.NDArray[np.float32], rate: int, kind: str) -> Audio:
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
    except ValueError as problem:  # a name that no file can have
        raise AudioError(path, "unreadable file", str(problem)) from None
    if not head:
        raise AudioError(path, "empty file", "0 bytes")
    if head.startswith(_LFS_POINTER):
        raise AudioError(path, "git-lfs pointer", "run `git lfs pull` in its repository to get the audio")
    return head


def _decode(path: Path) -> tuple[npt.NDArray[np.float32], int, int, str]:
    """Return samples ``(num_samples, num_channels)``, their rate, the number promised, and the format."""
    kind, promised = "", 0
    try:
        with soundfile.SoundFile(path) as sound:
            rate, promised, kind = int(sound.samplerate), int(sound.frames), str(sound.format)
            samples = _in_blocks(sound, max(1, _BLOCK_SAMPLES // sound.channels))
    except (RuntimeError, TypeError) as problem:  # TypeError: a name that ends in .raw
        if kind == "FLAC" and promised != _UNKNOWN_FRAMES:
            detail = f"decoding stopped before the {promised} samples promised: {problem}"
            raise AudioError(path, "truncated or damaged", detail) from None
        samples, rate = _decode_container(path, str(problem))
        promised, kind = len(samples), "container"
    return samples, rate, promised, kind


def _in_blocks(sound: soundfile.SoundFile, size: int) -> npt.NDArray[np.float32]:
    blocks = [sound.read(size, dtype="float32", always_2d=True)]
    while len(blocks[-1]) == size:
        blocks.append(sound.read(size, dtype="float32", always_2d=True))
    return np.asarray(blocks[0] if len(blocks) == 1 else np.concatenate(blocks), dtype=np.float32)


def _check_length(path: Path, head: bytes, n_frames: int, promised: int) -> None:
    if n_frames == 0:
        raise AudioError(path, "no samples")
    if n_frames < promised:
        raise AudioError(path, "truncated", f"{n_frames} of {promised} samples")
    declared, held = _sample_bytes(path, head)
    if declared not in _UNKNOWN_SIZES and held < declared:
        raise AudioError(path, "truncated", f"{held} of {declared} bytes of samples")


def _sample_bytes(path: Path, head: bytes) -> tuple[int, int]:
    """Return the size that the chunk of samples declares and the bytes the file holds from there.

    Read are WAV (RIFF, big-endian RIFX, and RF64 with its sizes in ``ds64``: EBU Tech 3306) and AIFF; (0, 0) for
    other formats and files without such a chunk.
    """
    form, kind = head[:4], head[8:12]
    is_wav = form in {b"RIFF", b"RIFX", b"RF64"} and kind == b"WAVE"
    if not is_wav and not (form == b"FORM" and kind in {b"AIFF", b"AIFC"}):
        return 0, 0
    layout, wanted = ("<4sI" if form in {b"RIFF", b"RF64"} else ">4sI"), (b"data" if is_wav else b"SSND")
    size, long_size = path.stat().st_size, None
    with path.open("rb") as file:
        file.seek(12)
        while len(header := file.read(8)) == 8:
            name, declared = struct.unpack(layout, header)
            start = file.tell()
            if name == b"ds64" and len(sizes := file.read(16)) == 16:
                long_size = struct.unpack("<8xQ", sizes)[0]
            if name == wanted:
                return (long_size if long_size is not None and declared == 0xFFFFFFFF else declared), size - start
            file.seek(start + declared + declared % 2)
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
        samples = np.concatenate(blocks) if blocks else np.zeros((0, 1), dtype=np.float32)
    except (av.error.FFmpegError, ValueError, IndexError) as reason:
        raise AudioError(path, "not audio", str(reason)) from None
    if len(samples) and not rate:
        raise AudioError(path, "not audio", "a stream without a sampling rate")
    return samples, rate


def _planar(block: npt.NDArray[Any], num_channels: int) -> npt.NDArray[np.float32]:
    """Return ``(num_samples, num_channels)`` float32 whatever PyAV's sample format."""
    scale = float(np.iinfo(block.dtype).max) + 1 if np.issubdtype(block.dtype, np.integer) else 1.0
    samples = block.astype(np.float32) / np.float32(scale)
    return samples.T if samples.shape[0] == num_channels and num_channels > 1 else samples.reshape(-1, num_channels)
