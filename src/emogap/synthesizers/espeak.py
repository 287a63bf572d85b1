"""eSpeak NG: a formant synthesizer; emotion by prosody rules mapped onto its own parameters.

Facts:
    eSpeak NG (GPL-3.0-or-later) speaks through the library of the package ``espeakng-loader`` or, where that is
    absent, through an installed ``espeak-ng`` command. Either way each utterance is spoken by a process of its own:
    the library cannot repeat an utterance sample by sample otherwise, and if it crashes one utterance fails and
    nothing else. The two ways may hold different versions of eSpeak NG; the fingerprint says which.

Conventions:
    Rules become parameters: ``rate`` words per minute, ``energy_db`` volume (50 is 0 dB, so that +6 dB still fits),
    ``f0_level`` and ``f0_range`` base pitch and pitch range. espeak's pitch range is in Hz and shifts the mean, so
    both are computed together from what the voice ``en-us`` was measured to do; f0 follows within about 10 percent.
    Contour, jitter, tilt and energy range have no parameter: presets leave them out, other rules are refused.
    espeak has nothing random, so the seed changes nothing.

"""

import functools
import html
import importlib
import json
import math
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import soundfile

from emogap.errors import EmogapError, MissingDependencyError
from emogap.manifest.controls import Control, ProsodyRules
from emogap.manifest.provenance import file_sha256
from emogap.plugins import SynthesizerCard
from emogap.synthesizers._prosody_rules import RULES_VERSION, check_text, only_rules, prosody_rules, rules_for

__all__ = ["CARDS", "PLUGIN", "Espeak", "Parameters"]

CARDS = (
    SynthesizerCard(
        id="espeak",
        summary="Formant synthesis; emotion by level and range of f0, rate and volume.",
        licence="GPL-3.0-or-later (eSpeak NG); bring it yourself, emogap does not contain it",
        reference="eSpeak NG, https://github.com/espeak-ng/espeak-ng",
        extra="espeak",
        weights="none (rules and formant data of eSpeak NG)",
        vocoder="formant synthesis",
        controls=("prosody_rules",),
        sampling_rate_hz=22_050,
    ),
)

_FOLLOWED = ("f0_level", "f0_range", "rate", "energy_db")
_VOICE = "en-us"
_CODE_VERSION = 1
"""Part of the fingerprint; raise it whenever the same request gives other samples."""
_TIMEOUT_S = 60
_HIGHEST = 99
_NEUTRAL_WPM = 175
_NEUTRAL_RANGE = 50
_NEUTRAL_VOLUME = 50
_MAX_VOLUME = 100
"""Beyond it the waveform clips."""
_PITCH_PER_OCTAVE = 60
"""Measured: steps of the pitch parameter that double f0 at pitch range 0."""
_RANGE_SHARE = 0.1
"""Measured: share of the neutral mean f0 that the neutral pitch range adds above the base."""

Waveform = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Parameters:
    """What espeak is told, in its own units.

    Attributes:
        rate: words per minute, 80 to 450
        volume: 0 to 100
        pitch: 0 to 99
        range: 0 to 99

    """

    rate: int
    volume: int
    pitch: int
    range: int

    @classmethod
    def of(cls, rules: ProsodyRules) -> "Parameters":
        """Map prosody rules onto parameters.

        Relative to neutral, with level :math:`L` and range :math:`R` in semitones, the range in Hz is :math:`R L` and
        the base below the mean is :math:`L (1 - 0.1 R) / 0.9`.

        Raises:
            EmogapError: if a parameter would leave its bounds

        """
        volume = _NEUTRAL_VOLUME * 10 ** (rules.energy_db / 20)
        base = rules.f0_level * (1 - _RANGE_SHARE * rules.f0_range) / (1 - _RANGE_SHARE)
        pitch = 50 + _PITCH_PER_OCTAVE * math.log2(base)
        pitch_range = _NEUTRAL_RANGE * rules.f0_range * rules.f0_level
        for name, value, highest in (
            ("energy_db", volume, _MAX_VOLUME),
            ("f0_level", pitch, _HIGHEST),
            ("f0_range x f0_level", pitch_range, _HIGHEST),
        ):
            if not 0 <= round(value) <= highest:
                raise EmogapError(f"espeak cannot follow {rules}: {name} leaves what it can speak")
        return cls(round(_NEUTRAL_WPM * rules.rate), round(volume), round(pitch), round(pitch_range))


class Espeak:
    """The plug-in. Safe to call from several threads."""

    sampling_rate_hz = CARDS[0].sampling_rate_hz
    speaker = f"espeak-{_VOICE}"

    def __init__(self, card: SynthesizerCard, checkpoint: str | None = None) -> None:
        """Find eSpeak NG.

        Raises:
            MissingDependencyError: if neither the package nor the command is installed
            EmogapError: if a checkpoint was named

        """
        if checkpoint is not None:
            raise EmogapError(f"{card.id} takes no checkpoint, got {checkpoint!r}")
        voice: _Voice | None = _find_library() or _find_command()
        if voice is None:
            raise MissingDependencyError(
                "the espeak synthesizer", card.extra, "no package espeakng-loader and no command espeak-ng on the PATH"
            )
        self.card = card
        self._voice = voice
        self.fingerprint = f"{card.id}|{voice.identity}|rules {RULES_VERSION}|code {_CODE_VERSION}"

    def control_for(self, emotion: str) -> ProsodyRules:
        """Return the preset rules of an emotion, as far as espeak can follow them.

        Raises:
            UnknownNameError: if it is not one of the seven emotions

        """
        preset = rules_for(emotion)
        widest = _HIGHEST / _NEUTRAL_RANGE / preset.f0_level
        return ProsodyRules(
            f0_level=preset.f0_level,
            f0_range=min(preset.f0_range, widest),
            rate=preset.rate,
            energy_db=preset.energy_db,
        )

    def synthesize(self, text: str, emotion: str, control: Control, seed: int) -> Waveform:
        """Speak a text by prosody rules; the emotion itself is only checked.

        Returns:
            ``(num_samples,)`` float32 at 22.05 kHz

        Raises:
            UnknownNameError: if the emotion is not one of the seven
            EmogapError: if the control is not prosody rules that espeak can follow
            EmogapError: if the text holds no English word, or espeak failed

        """
        rules_for(emotion)
        rules = only_rules(prosody_rules(control, self.card.id), _FOLLOWED, self.card.id)
        check_text(text, self.card.id)
        waveform = self._voice.speak(text, Parameters.of(rules))
        if not waveform.any():
            raise EmogapError(f"{self.card.id} gave no sound for {text!r}")
        return waveform


PLUGIN = Espeak


class _Voice(Protocol):
    """A way to eSpeak NG; ``identity`` names the way and the version."""

    @property
    def identity(self) -> str: ...

    def speak(self, text: str, parameters: Parameters) -> Waveform: ...


@dataclass(frozen=True)
class _Library:
    """The shared library of ``espeakng-loader``."""

    identity: str
    library: str
    data_folder: str

    def speak(self, text: str, parameters: Parameters) -> Waveform:
        program = str(Path(__file__).with_name("_espeak_process.py"))
        request = {"text": text, "voice": _VOICE, **asdict(parameters)}
        spoken = _run([sys.executable, "-I", "-S", program, self.library, self.data_folder], json.dumps(request), text)
        rate_hz, _, samples = spoken.partition(b"\n")
        return _checked(np.frombuffer(samples, dtype=np.int16).astype(np.float32) / 2**15, int(rate_hz))


@dataclass(frozen=True)
class _Command:
    """The installed command; pitch range goes through SSML, because version 1.51 has no option for it."""

    identity: str
    command: str

    def speak(self, text: str, parameters: Parameters) -> Waveform:
        ssml = f'<prosody range="{parameters.range}">{html.escape(text, quote=False)}</prosody>'
        options = {"-s": parameters.rate, "-a": parameters.volume, "-p": parameters.pitch}
        with tempfile.TemporaryDirectory(prefix="emogap-espeak-") as folder:
            target = Path(folder) / "utterance.wav"
            arguments = [word for option, value in options.items() for word in (option, str(value))]
            said = _run(
                [self.command, "-v", _VOICE, "-b", "1", "-m", *arguments, "--stdin", "-w", str(target)], ssml, text
            )
            if not target.is_file():  # it ends with 0 even when it refuses an option
                raise EmogapError(f"espeak-ng wrote no file for {text!r}: {said.decode(errors='replace').strip()}")
            waveform, rate_hz = soundfile.read(target, dtype="float32")
        return _checked(waveform, rate_hz)


def _run(arguments: list[str], given: str, text: str) -> bytes:
    """Return the standard output of a process.

    Raises:
        EmogapError: if it fails, is killed, or does not end in time

    """
    try:
        done = subprocess.run(arguments, input=given.encode(), capture_output=True, timeout=_TIMEOUT_S, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise EmogapError(f"espeak could not speak {text!r}: {problem}") from None
    if done.returncode != 0:
        last_line = (done.stderr.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
        raise EmogapError(f"espeak could not speak {text!r}: it ended with {done.returncode} ({last_line})")
    return done.stdout


def _checked(waveform: npt.NDArray[Any], rate_hz: int) -> Waveform:
    if rate_hz != CARDS[0].sampling_rate_hz:
        raise EmogapError(f"this eSpeak NG speaks at {rate_hz} Hz, expected {CARDS[0].sampling_rate_hz}")
    return np.asarray(waveform, dtype=np.float32)


@functools.cache
def _find_library() -> _Library | None:
    try:
        loader = importlib.import_module("espeakng_loader")
        library, data_folder = str(loader.get_library_path()), str(loader.get_data_path())
        identity = f"espeakng-loader {version('espeakng-loader')}|{file_sha256(Path(library))}"
    except (ImportError, OSError, RuntimeError):  # absent, or without its library or its data
        return None
    return _Library(identity, library, data_folder)


@functools.cache
def _find_command() -> _Command | None:
    command = shutil.which("espeak-ng")
    if command is None:
        return None
    said = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)  # noqa: S603
    return _Command(f"command {said.stdout.partition('Data at')[0].strip()}", command)
