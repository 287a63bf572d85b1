"""How these tests hear: pitch, level and spectrum measured on the finished wave, by none of the synthesizers' code."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def track_f0():
    """``track_f0(waveform, rate_hz)`` returns f0 per voiced frame in Hz, by normalized autocorrelation."""

    def track(waveform, rate_hz):
        size = int(0.05 * rate_hz)
        window = np.hanning(size)
        of_window = _autocorrelation(window)
        found = []
        for start in range(0, len(waveform) - size, size // 4):
            frame = waveform[start : start + size].astype(np.float64)
            if np.sqrt(np.mean(frame**2)) < 0.3 * np.sqrt(np.mean(waveform.astype(np.float64) ** 2)):
                continue
            curve = _autocorrelation(frame * window) / (of_window + 1e-9 * of_window[0])
            curve /= curve[0]
            shortest, longest = int(rate_hz / 480), int(rate_hz / 65)
            inside = np.arange(shortest, longest)
            peaks = inside[(curve[inside] > curve[inside - 1]) & (curve[inside] >= curve[inside + 1])]
            if len(peaks) and curve[peaks].max() > 0.7:  # the shortest period that is nearly the best avoids octaves
                found.append(rate_hz / peaks[curve[peaks] > 0.9 * curve[peaks].max()][0])
        return np.array(found)

    return track


@pytest.fixture(scope="session")
def level_db():
    """``level_db(waveform)`` returns the root-mean-square level in dB."""
    return lambda waveform: 20 * np.log10(np.sqrt(np.mean(waveform.astype(np.float64) ** 2)))


@pytest.fixture(scope="session")
def band_db():
    """``band_db(waveform, rate_hz, low_hz, high_hz)`` returns the level of a frequency band in dB."""

    def measure(waveform, rate_hz, low_hz, high_hz):
        power = np.abs(np.fft.rfft(waveform.astype(np.float64))) ** 2
        frequencies = np.fft.rfftfreq(len(waveform), 1 / rate_hz)
        return 10 * np.log10(power[(frequencies >= low_hz) & (frequencies < high_hz)].sum())

    return measure


def _autocorrelation(frame):
    spectrum = np.fft.rfft(frame, 2 * len(frame))
    return np.fft.irfft(np.abs(spectrum) ** 2)[: len(frame)]
