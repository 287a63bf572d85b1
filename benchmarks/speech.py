"""Speech to measure on: human utterances where a corpus is at hand, else what the package can say itself."""

import os
from pathlib import Path

import msgspec

from emogap import plugins
from emogap.execution.decoding import decoded
from emogap.execution.progress import Silent
from emogap.execution.synthesis import synthesize
from emogap.manifest.audio import AudioError, Waveform
from emogap.manifest.labels import LabelPolicy
from emogap.manifest.records import Utterance
from emogap.recipes.requests import packaged_requests
from emogap.recipes.sources import read_source


def utterances(n: int, scratch: Path) -> list[Utterance]:
    """Return n utterances: TESS and RAVDESS in equal parts, or packaged sentences by the embedded synthesizer."""
    folder = Path(os.environ.get("EMOGAP_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if (folder / "TESS").is_dir():
        chosen = []
        for corpus, share in (("tess", n // 2), ("ravdess", n - n // 2)):
            everything = read_source(f"{corpus}:{folder / corpus.upper()}", LabelPolicy()).utterances
            chosen += everything[:: len(everything) // share][:share]
        return chosen
    made, _ = synthesize(packaged_requests()[:n], plugins.load("synthesizers", "hibari"), scratch, Silent())
    return [msgspec.structs.replace(u, path=str(scratch / u.path)) for u in made]


def waveforms(of: list[Utterance]) -> list[Waveform]:
    """Decode to 16 kHz, in memory."""
    return [wave for _, wave in decoded(of, 16_000) if not isinstance(wave, AudioError)]
