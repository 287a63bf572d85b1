"""The rules are measured on the rendered wave, against hibari's own call where they are neutral."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from emogap import plugins
from emogap.errors import EmogapError, MissingDependencyError
from emogap.manifest.controls import ProsodyRules
from emogap.manifest.labels import EMOTIONS
from emogap.synthesizers import hibari as plugin

pytest.importorskip("hibari", reason="needs the extra offline")

RATE_HZ = 24_000
TEXT = "The keys are on the kitchen table."
LONG_TEXT = "We walked along the river in the morning and came home before noon."


@pytest.fixture(scope="module")
def voice():
    return plugins.load("synthesizers", "hibari")


@pytest.fixture(scope="module")
def reference():
    """Hibari itself, unsplit."""
    from hibari import Hibari

    return Hibari()


@pytest.fixture
def speak(voice):
    return lambda text=LONG_TEXT, seed=0, **rules: voice.synthesize(text, "neutral", ProsodyRules(**rules), seed)


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("text", [TEXT, "Stop! Dr. Who said: wait, please. Then twelve of us left."])
def test_neutral_rules_are_bit_identical_to_hibari(speak, reference, text, seed):
    np.testing.assert_array_equal(speak(text, seed), reference(text, seed=seed))


def test_plain_is_hibari_whatever_the_emotion(reference):
    plain = plugins.load("synthesizers", "hibari/plain")
    for emotion in EMOTIONS:
        assert plain.control_for(emotion) == ProsodyRules()
        np.testing.assert_array_equal(plain.synthesize(TEXT, emotion, ProsodyRules(), 5), reference(TEXT, seed=5))


def test_plain_refuses_rules():
    plain = plugins.load("synthesizers", "hibari/plain")
    with pytest.raises(EmogapError, match="hibari/plain cannot follow the prosody rule f0_level, only: none"):
        plain.synthesize(TEXT, "happy", ProsodyRules(f0_level=1.2), 0)


def test_seed_decides_the_samples(speak):
    np.testing.assert_array_equal(speak(TEXT, 1, jitter=0.05), speak(TEXT, 1, jitter=0.05))
    assert not np.array_equal(speak(TEXT, 1), speak(TEXT, 2))


def test_threads_get_what_one_thread_gets(voice):
    jobs = [(TEXT, emotion, seed) for emotion in ("angry", "fearful", "sad") for seed in (0, 1)] * 2

    def render(job):
        text, emotion, seed = job
        return voice.synthesize(text, emotion, voice.control_for(emotion), seed)

    with ThreadPoolExecutor(4) as pool:
        for together, alone in zip(pool.map(render, jobs), map(render, jobs), strict=True):
            np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("level", [0.8, 1.25, 1.5])
def test_f0_level(speak, track_f0, level):
    before, after = (track_f0(speak(f0_level=factor), RATE_HZ) for factor in (1.0, level))
    assert np.median(after) / np.median(before) == pytest.approx(level, rel=0.04)


@pytest.mark.parametrize("factor", [0.3, 0.6, 1.6])
def test_f0_range(speak, track_f0, factor):
    def spread(f0_hz):
        low, high = np.quantile(12 * np.log2(f0_hz), (0.1, 0.9))
        return high - low

    before, after = (track_f0(speak(f0_range=value), RATE_HZ) for value in (1.0, factor))
    assert spread(after) / spread(before) == pytest.approx(factor, rel=0.2)
    assert np.median(after) == pytest.approx(np.median(before), rel=0.06)


def test_f0_slope_and_final(speak, track_f0):
    def rise(**rules):
        """Return the f0 gained over a monotone sentence, from its first to its last fifth, in semitones."""
        pitch_st = 12 * np.log2(track_f0(speak(f0_range=0.0, **rules), RATE_HZ))
        fifth = len(pitch_st) // 5
        return np.median(pitch_st[-fifth:]) - np.median(pitch_st[:fifth])

    assert rise() == pytest.approx(0.0, abs=0.3)
    assert rise(f0_slope_st=6.0) == pytest.approx(0.8 * 6.0, abs=0.6)
    assert rise(f0_slope_st=-6.0) == pytest.approx(0.8 * -6.0, abs=0.6)
    assert rise(f0_final_st=6.0) == pytest.approx(0.5 * 6.0, abs=1.0)


@pytest.mark.parametrize("rate", [0.75, 1.3])
def test_rate(speak, rate):
    edges_s = 2 * 0.35  # the silence at both ends is not speech and is not scaled
    before, after = (len(speak(rate=factor)) / RATE_HZ for factor in (1.0, rate))
    assert (after - edges_s) / (before - edges_s) == pytest.approx(1 / rate, rel=0.04)


@pytest.mark.parametrize("energy_db", [-10.0, 4.0])
def test_energy_is_level_in_db(speak, level_db, energy_db):
    assert level_db(speak(energy_db=energy_db)) - level_db(speak()) == pytest.approx(energy_db, abs=0.05)


def test_energy_range_spreads_the_levels(speak, level_db):
    def spread(waveform):
        frames = [level_db(waveform[i : i + 600] + 1e-6) for i in range(0, len(waveform) - 600, 600)]
        loud = np.array([frame for frame in frames if frame > max(frames) - 30])
        return loud.std()

    narrow, neutral, wide = (spread(speak(energy_range=factor)) for factor in (0.3, 1.0, 1.8))
    assert narrow < neutral < wide


@pytest.mark.parametrize("tilt", [-3.0, 2.0])
def test_tilt_per_octave(speak, band_db, tilt):
    def gained(low_hz, high_hz):
        after, before = speak(tilt_db_per_octave=tilt), speak()
        return band_db(after, RATE_HZ, low_hz, high_hz) - band_db(before, RATE_HZ, low_hz, high_hz)

    assert gained(50, 450) == pytest.approx(0.0, abs=0.2)
    assert gained(1900, 2100) == pytest.approx(2 * tilt, abs=0.2)
    assert gained(7900, 8100) == pytest.approx(4 * tilt, abs=0.2)


def test_jitter_shakes_neighbouring_periods(speak, track_f0):
    def shake(waveform):
        return np.abs(np.diff(12 * np.log2(track_f0(waveform, RATE_HZ)))).mean()

    assert shake(speak(f0_range=0.0, jitter=0.08)) > 1.5 * shake(speak(f0_range=0.0))


def test_presets_are_heard_in_pitch_pace_and_level(voice, track_f0, level_db):
    spoken = {e: voice.synthesize(LONG_TEXT, e, voice.control_for(e), 0) for e in EMOTIONS}
    pitch = {e: np.median(track_f0(waveform, RATE_HZ)) for e, waveform in spoken.items()}
    level = {e: level_db(waveform) for e, waveform in spoken.items()}
    assert pitch["fearful"] > pitch["happy"] > pitch["neutral"] > pitch["sad"]
    assert pitch["disgusted"] < pitch["neutral"] < pitch["angry"]
    assert len(spoken["fearful"]) < len(spoken["angry"]) < len(spoken["neutral"]) < len(spoken["sad"])
    assert level["angry"] > level["happy"] > level["neutral"] > level["sad"]


def test_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "hibari.voices", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'emogap\[offline\]'"):
        plugins.load("synthesizers", "hibari")


@pytest.mark.parametrize("absent", ["onnx", "onnxruntime"])
def test_missing_runtime_is_found_before_the_first_utterance(monkeypatch, absent):
    monkeypatch.setattr(plugin, "find_spec", lambda name: None if name == absent else object())
    with pytest.raises(MissingDependencyError, match=rf"no package {absent}\)"):
        plugins.load("synthesizers", "hibari")


def test_another_version_is_refused(monkeypatch):
    monkeypatch.setattr(plugin, "version", lambda package: "0.3.0")
    with pytest.raises(EmogapError, match=r"hibari-tts 0\.3\.0 is installed, expected 0\.2\.1.*pip install"):
        plugins.load("synthesizers", "hibari")


@pytest.mark.parametrize(
    ("fault", "message"), [("renamed", "expected a tensor '/Mul_62_output_0' of rank 2, found none"),
                           ("reshaped", "of rank 2, found rank 3")],
)  # fmt: skip
def test_another_graph_is_refused(reference, fault, message):
    import onnx

    graph = onnx.load(str(reference.model_path))
    plugin._check_graph(graph, reference.model_path)
    energy = next(tensor for tensor in graph.graph.value_info if tensor.name == "/Mul_62_output_0")
    if fault == "renamed":
        energy.name = "elsewhere"
    else:
        energy.type.tensor_type.shape.dim.add()
    with pytest.raises(EmogapError, match=message):
        plugin._check_graph(graph, reference.model_path)
