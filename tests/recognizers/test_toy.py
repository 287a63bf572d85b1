import numpy as np
import pytest

from emogap import plugins
from emogap.errors import EmogapError
from emogap.manifest.audio import read_audio, resample
from emogap.manifest.labels import EMOTIONS
from emogap.recognizers.toy import _period_hz, median_f0_hz


@pytest.fixture(scope="module")
def toy():
    return plugins.load("recognizers", "toy")


@pytest.mark.parametrize("hz", [110, 130, 185, 220, 262, 311])
@pytest.mark.parametrize("n_harmonics", [1, 5])
def test_reads_the_pitch(hz, n_harmonics):
    time_s = np.arange(8_000) / 16_000
    sound = sum(np.sin(2 * np.pi * hz * k * time_s) / k for k in range(1, n_harmonics + 1))
    assert median_f0_hz(sound) == pytest.approx(hz, rel=0.01)


def test_silence_has_no_pitch_and_no_opinion(toy):
    assert np.isnan(median_f0_hz(np.zeros(2_000)))
    np.testing.assert_allclose(toy.scores(np.zeros((1, 2_000), np.float32), np.array([2_000])), 1 / len(EMOTIONS))


def test_a_correlation_without_a_positive_peak_has_a_rate():
    lags = np.arange(640)
    rate_hz = _period_hz(-1 - 0.5 * np.cos(2 * np.pi * lags / 100))  # highest, and yet negative, at lags 50 and 150
    assert rate_hz == pytest.approx(16_000 / 50)


@pytest.mark.parametrize("seed", range(20))
def test_noise_gets_scores(toy, seed):
    generator = np.random.default_rng(seed)
    noise = (
        np.cumsum(generator.normal(0, 1, (4, 16_000)), axis=1) if seed % 2 else generator.normal(0, 0.1, (4, 16_000))
    )
    scores = toy.scores(noise.astype(np.float32), np.array([16_000, 9_000, 1_000, 640]))
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)


def test_real_speech_gets_scores(toy, data_folder):
    clips = sorted((data_folder / "RAVDESS").rglob("03-*.*"))[::24]
    assert clips
    for clip in clips:
        audio = read_audio(clip)
        speech = resample(audio.waveform, audio.sampling_rate_hz, 16_000)
        assert toy.scores(speech[np.newaxis], np.array([len(speech)])).sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_hears_the_emotion_the_toy_synthesizer_speaks(toy, emotion):
    voice = plugins.load("synthesizers", "toy")
    spoken = voice.synthesize("The kettle is on the stove", emotion, voice.control_for(emotion), seed=3)
    scores = toy.scores(spoken[np.newaxis], np.array([len(spoken)]))[0]
    assert EMOTIONS[int(scores.argmax())] == emotion
    assert scores.max() > 0.9


def test_takes_no_checkpoint():
    with pytest.raises(EmogapError, match="no checkpoint"):
        plugins.load("recognizers", "toy@somewhere")
