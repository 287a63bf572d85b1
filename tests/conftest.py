"""Shared by all tests: where real corpora lie, and audio that the tests make themselves."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Folder with TESS/, RAVDESS/ and CREMA-D/; absent data skips the test, or fails it when data is required."""
    named = os.environ.get("EMOGAP_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if (folder / "TESS").is_dir():
        return folder
    reason = f"needs real corpora: set EMOGAP_DATA to a folder with TESS/ and RAVDESS/ (looked in {folder})"
    if os.environ.get("EMOGAP_REQUIRE_DATA"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def tone():
    """Write a short voiced-like sound: ``tone(path, hz=200, seconds=0.5, rate=16000)`` returns the path."""

    def write(path: Path, hz: float = 200.0, seconds: float = 0.5, rate: int = 16_000) -> Path:
        time_s = np.arange(int(seconds * rate)) / rate
        sound = sum(0.2 / k * np.sin(2 * np.pi * hz * k * time_s) for k in range(1, 5))
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, sound.astype(np.float32), rate, subtype="PCM_16")
        return path

    return write
