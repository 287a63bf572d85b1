import numpy as np
import pytest

from emogap.analysis.placebo import ARMS, nuisance, placebo_utterances
from emogap.errors import UnknownNameError
from emogap.manifest.audio import Audio, resample, write_wav
from emogap.manifest.records import Utterance

RATE = 48_000


@pytest.fixture
def audio():
    """A second of voiced-like sound with 12 kHz in it, between two silences."""
    time_s = np.arange(RATE) / RATE
    sound = 0.2 * np.sin(2 * np.pi * 200 * time_s) + 0.1 * np.sin(2 * np.pi * 12_000 * time_s)
    silence = np.zeros(RATE // 2)
    return Audio(np.concatenate([silence, sound, silence]).astype(np.float32), RATE, ())


@pytest.fixture
def synthesized(tmp_path):
    write_wav(tmp_path / "s.wav", 0.05 * np.sin(np.arange(22_050) / 10).astype(np.float32), 22_050)
    return [Utterance(id="s", path=str(tmp_path / "s.wav"), domain="synthesized", system="x", sampling_rate_hz=22_050)]


def band(audio, low_hz, high_hz):
    power = np.abs(np.fft.rfft(audio.waveform)) ** 2
    hertz = np.fft.rfftfreq(len(audio.waveform), 1 / audio.sampling_rate_hz)
    return power[(hertz >= low_hz) & (hertz < high_hz)].sum() / len(audio.waveform) / audio.sampling_rate_hz


def level_db(waveform):
    return 10 * np.log10(np.mean(waveform.astype(float) ** 2))


def test_resampling_takes_the_band_the_synthesizer_does_not_have(audio, synthesized):
    arm = nuisance("resample", synthesized)
    assert arm.name == "resample to 22050 Hz, v1"
    after = arm.apply(audio)
    assert (after.sampling_rate_hz, len(after.waveform)) == (RATE, len(audio.waveform))
    assert band(after, 11_100, 24_000) < 1e-4 * band(audio, 11_100, 24_000)
    np.testing.assert_allclose(band(after, 100, 1000), band(audio, 100, 1000), rtol=0.02)


def test_of_rates_as_frequent_the_lowest_counts_whatever_the_order():
    rates = [48_000, 16_000, 44_100, 24_000, 22_050]
    for start in range(len(rates)):
        turned = [*rates[start:], *rates[:start], 48_000, 22_050]
        voices = [
            Utterance(id=f"{i}", path="/a", domain="synthesized", sampling_rate_hz=r) for i, r in enumerate(turned)
        ]
        assert nuisance("resample", voices).name == "resample to 22050 Hz, v1"


def test_the_codec_is_a_codec(audio):
    after = nuisance("codec", []).apply(audio)
    assert abs(after.duration_s - audio.duration_s) < 0.12
    np.testing.assert_allclose(band(after, 100, 1000), band(audio, 100, 1000), rtol=0.1)
    plain = resample(audio.waveform, RATE, after.sampling_rate_hz)
    n = min(len(plain), len(after.waveform))
    assert np.abs(plain[:n] - after.waveform[:n]).max() > 0.01  # lossy, and delayed by its blocks


def test_trimming_takes_the_silence_only(audio):
    after = nuisance("trim", []).apply(audio)
    assert abs(after.duration_s - 1.0) < 0.03
    silent = Audio(np.zeros(1000, np.float32), RATE, ("silent",))
    assert nuisance("trim", []).apply(silent) == silent


def test_loudness_is_that_of_the_synthesized_speech(audio, synthesized):
    arm = nuisance("loudness", synthesized)
    target = level_db(0.05 * np.sin(np.arange(22_050) / 10))
    assert abs(level_db(arm.apply(audio).waveform) - target) < 0.2
    silent = Audio(np.zeros(1000, np.float32), RATE, ("silent",))
    assert arm.apply(silent) == silent


@pytest.mark.parametrize("arm", ARMS)
def test_arms_are_deterministic_and_named_by_their_strength(arm, audio, synthesized):
    one, two = (nuisance(arm, synthesized) for _ in range(2))
    assert one.name == two.name
    assert one.name.startswith(arm)
    assert one.name.endswith(", v1")
    np.testing.assert_array_equal(one.apply(audio).waveform, two.apply(audio).waveform)


def test_members_of_an_arm_remember_their_source():
    human = [Utterance(id="tess/a", path="/a", domain="human", emotion="sad", text_id="t")]
    member = placebo_utterances(human, "codec")[0]
    assert (member.id, member.system, member.source_id) == ("placebo/codec/tess/a", "placebo/codec", "tess/a")
    assert (member.domain, member.emotion, member.text_id, member.path) == ("human", "sad", "t", "/a")


def test_unknown_arms_are_refused():
    with pytest.raises(UnknownNameError, match="--placebo: unknown placebo arm 'codecs'.*Did you mean 'codec'"):
        nuisance("codecs", [])
