import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from emogap import plugins
from emogap.errors import EmogapError, MissingDependencyError, UnknownNameError
from emogap.manifest.audio import read_audio, resample
from emogap.manifest.head import Head
from emogap.recognizers import whisper
from emogap.recognizers.whisper import WhisperEncoder, WhisperRecognizer, packaged_encoder


def noise(seconds, seed=0):
    return (0.05 * np.random.default_rng(seed).standard_normal(int(16_000 * seconds))).astype(np.float32)


def one(samples):
    return samples[np.newaxis], np.array([len(samples)])


@pytest.fixture(scope="module")
def encoder():
    return packaged_encoder()


@pytest.fixture(scope="module")
def packaged_head():
    return Head.load(Path(whisper.__file__).with_name("whisper_head.safetensors"))


@pytest.fixture
def model_folder(encoder, tmp_path):
    """A local checkpoint: the packaged weights under another roof, without a head."""
    folder = tmp_path / "my model"
    folder.mkdir()
    for file in encoder.folder.iterdir():
        (folder / file.name).symlink_to(file)
    return folder


@pytest.mark.parametrize(
    ("num_samples", "n_frames"), [(400, 1), (1_600, 5), (16_000, 50), (24_625, 77), (480_000, 1500)]
)
def test_fifty_frames_per_second(encoder, num_samples, n_frames):
    frames = encoder.frames(*one(noise(30)[:num_samples]))[0]
    assert frames.shape == (n_frames, 384)


def test_threads_change_no_number(encoder):
    single = WhisperEncoder(encoder.folder, n_threads=1)
    lengths = np.array([16_000, 5_000, 12_345, 8_000, 400])
    waveforms = np.stack([noise(1, seed) for seed in range(5)])
    for many, few in zip(encoder.frames(waveforms, lengths), single.frames(waveforms, lengths), strict=True):
        np.testing.assert_array_equal(many, few)


def test_long_utterances_are_equal_windows_end_to_end(encoder):
    samples = noise(30.5)
    joined = encoder.frames(*one(samples))[0]
    halves = [encoder.frames(*one(part))[0] for part in np.array_split(samples, 2)]
    np.testing.assert_array_equal(joined, np.concatenate(halves))


def test_short_windows_are_another_feature(encoder):
    samples = noise(1)
    padded = packaged_encoder(window="30s")
    assert padded.identity != encoder.identity
    exact, wide = encoder.frames(*one(samples))[0], padded.frames(*one(samples))[0]
    assert exact.shape == wide.shape
    assert not np.allclose(exact, wide, atol=0.1)


def test_too_short_is_refused(encoder):
    with pytest.raises(ValueError, match="at least 400 samples"):
        encoder.frames(*one(noise(1)[:399]))


def test_a_checkpoint_needs_a_head_of_its_own(model_folder, packaged_head):
    with pytest.raises(EmogapError, match="emogap_head.safetensors: no such file"):
        plugins.load("recognizers", f"whisper@{model_folder}")
    packaged_head.save(model_folder / "emogap_head.safetensors")
    local, packaged = plugins.load("recognizers", f"whisper@{model_folder}"), plugins.load("recognizers", "whisper")
    batch = one(noise(0.7))
    np.testing.assert_array_equal(local.scores(*batch), packaged.scores(*batch))
    assert local.card.weights == str(model_folder) and local.card.trained_on == ()


@pytest.mark.parametrize("changed", [{"window": "30s"}, {"sha256": "0" * 64}, {"dtype": "int8"}])
def test_a_head_of_other_frames_is_refused(model_folder, packaged_head, changed):
    record = packaged_head.record
    other = msgspec.structs.replace(record, encoder=msgspec.structs.replace(record.encoder, **changed))
    Head(other, packaged_head.weights, packaged_head.bias).save(model_folder / "emogap_head.safetensors")
    with pytest.raises(EmogapError, match="another encoder"):
        plugins.load("recognizers", f"whisper@{model_folder}")


def test_another_head_is_another_fingerprint(model_folder, packaged_head):
    cooler = msgspec.structs.replace(packaged_head.record, temperature=packaged_head.record.temperature * 2)
    Head(cooler, packaged_head.weights, packaged_head.bias).save(model_folder / "emogap_head.safetensors")
    local, packaged = plugins.load("recognizers", f"whisper@{model_folder}"), plugins.load("recognizers", "whisper")
    assert local.fingerprint != packaged.fingerprint
    batch = one(noise(0.7))
    assert local.scores(*batch).max() < packaged.scores(*batch).max()


def test_what_is_no_model_is_refused(tmp_path, encoder):
    with pytest.raises(EmogapError, match=r"no model\.bin"):
        plugins.load("recognizers", f"whisper@{tmp_path}")
    with pytest.raises(UnknownNameError, match="window rule 'short'"):
        WhisperEncoder(encoder.folder, window="short")
    shutil.copy(encoder.folder / "config.json", tmp_path / "config.json")
    (tmp_path / "model.bin").write_bytes(b"\x06\x00\x00\x00 not a model")
    with pytest.raises(EmogapError, match="cannot load"):
        WhisperEncoder(tmp_path).frames(*one(noise(0.5)))


def test_says_how_to_install_what_is_missing(monkeypatch):
    monkeypatch.setattr(whisper, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'emogap\[offline\]'"):
        plugins.load("recognizers", "whisper")


def test_constructing_loads_no_model():
    recognizer = plugins.load("recognizers", "whisper")
    assert isinstance(recognizer, WhisperRecognizer)
    assert "_encode" not in vars(recognizer._encoder)


def test_hears_held_out_humans(data_folder):
    """Sixteen utterances of actors and words outside the head's training; chance is 2 or 3 right."""
    names = [f"Actor_02/03-01-0{code}-01-01-01-02" for code in (1, 3, 4, 5, 6, 7, 8)]
    clips = {name: _found(data_folder / "RAVDESS", name) for name in names}
    emotions = dict(zip(names, ["neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"], strict=True))
    for code, emotion in (("angry", "angry"), ("ps", "surprised"), ("sad", "sad"), ("fear", "fearful")):
        for talker in ("OAF", "YAF"):
            name = f"{talker}_youth_{code}"
            clips[name], emotions[name] = _found(data_folder / "TESS", name), emotion
    recognizer = plugins.load("recognizers", "whisper")
    assert not {f"ravdess/{name.rpartition('/')[2]}" for name in names} & recognizer.training_ids
    right = 0
    for name, path in clips.items():
        audio = read_audio(path)
        scores = recognizer.scores(*one(resample(audio.waveform, audio.sampling_rate_hz, 16_000)))[0]
        right += recognizer.labels[int(scores.argmax())] == emotions[name]
    assert right >= 11


def _found(folder, name):
    return next(folder.glob(f"{name}.*"))
