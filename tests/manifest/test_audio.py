import io
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from emogap.errors import EmogapError
from emogap.manifest import audio as audio_module
from emogap.manifest.audio import AudioError, pcm_sha256, read_audio, resample, write_wav


@pytest.fixture
def sound():
    time_s = np.arange(12_000) / 24_000
    return (0.3 * np.sin(2 * np.pi * 220 * time_s)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.wav", {"subtype": "PCM_16"}), ("a.wav", {"subtype": "PCM_U8"}), ("a.wav", {"subtype": "FLOAT"}),
        ("a.flac", {}), ("a.aiff", {}), ("a.ogg", {"format": "OGG", "subtype": "VORBIS"}), ("a.mp3", {"format": "MP3"}),
    ],
)  # fmt: skip
def test_formats(tmp_path, sound, name, options):
    soundfile.write(tmp_path / name, sound, 24_000, **options)
    audio = read_audio(tmp_path / name)
    assert audio.sampling_rate_hz == 24_000
    assert abs(audio.duration_s - 0.5) < 0.06  # MP3 and Vorbis pad to whole blocks
    assert audio.waveform.dtype == np.float32
    assert abs(np.sqrt(np.mean(audio.waveform**2)) - np.sqrt(np.mean(sound**2))) < 0.02


@pytest.mark.parametrize(("kind", "subtype"), [("AIFF", "PCM_16"), ("MP3", None), ("FLAC", "PCM_16")])
def test_content_decides_not_the_extension(tmp_path, sound, kind, subtype):
    coded = io.BytesIO()
    soundfile.write(coded, sound, 24_000, format=kind, subtype=subtype)
    (tmp_path / "a.wav").write_bytes(coded.getvalue())
    audio = read_audio(tmp_path / "a.wav")
    assert abs(len(audio.waveform) - len(sound)) < 2400
    assert audio.flags == ("misnamed",)


def test_channels_are_averaged_and_flagged(tmp_path, sound):
    soundfile.write(tmp_path / "six.wav", np.stack([sound] + [0 * sound] * 5, axis=1), 96_000)
    audio = read_audio(tmp_path / "six.wav")
    assert audio.flags == ("multichannel", "odd_rate")
    np.testing.assert_allclose(audio.waveform, sound / 6, atol=1e-4)


def test_silent_and_clipped_are_flagged(tmp_path, sound):
    soundfile.write(tmp_path / "silent.wav", 0 * sound, 24_000)
    soundfile.write(tmp_path / "clipped.wav", np.clip(sound * 9, -1, 1), 24_000)
    assert read_audio(tmp_path / "silent.wav").flags == ("silent",)
    assert read_audio(tmp_path / "clipped.wav").flags == ("clipped",)


def test_mp4_is_decoded_where_pyav_is_installed(tmp_path, sound):
    av = pytest.importorskip("av", reason="PyAV comes with the offline extra")
    path = tmp_path / "dia0_utt0.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48_000, layout="stereo")
        block = np.tile(resample(sound, 24_000, 48_000), (2, 1)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate = 48_000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    audio = read_audio(path)
    assert audio.sampling_rate_hz == 48_000
    assert "multichannel" in audio.flags
    assert abs(audio.duration_s - 0.5) < 0.1
    assert abs(np.sqrt(np.mean(audio.waveform**2)) - np.sqrt(np.mean(sound**2))) < 0.03


def faulty(tmp_path, sound, kind):
    path = tmp_path / f"{kind}.wav"
    if kind == "empty file":
        path.write_bytes(b"")
    elif kind == "git-lfs pointer":
        path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 82260\n")
    elif kind == "not audio":
        path.write_text("<html>quota exceeded</html>")
    elif kind == "no samples":
        soundfile.write(path, sound[:0], 24_000)
    elif kind == "truncated":
        soundfile.write(path, sound, 24_000)
        path.write_bytes(path.read_bytes()[:-9000])
    elif kind == "samples that are not numbers":
        soundfile.write(path, np.where(np.arange(len(sound)) == 7, np.nan, sound), 24_000, subtype="FLOAT")
    return path


@pytest.mark.parametrize(
    "kind",
    ["missing file", "empty file", "git-lfs pointer", "not audio", "no samples", "truncated",
     "samples that are not numbers"],
)  # fmt: skip
def test_unusable_files_say_what_is_wrong(tmp_path, sound, kind):
    with pytest.raises(AudioError, match=kind) as caught:
        read_audio(faulty(tmp_path, sound, kind))
    assert caught.value.reason.startswith(kind)
    assert str(tmp_path) in str(caught.value)


def test_a_truncated_flac_is_refused(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, np.random.default_rng(0).uniform(-1, 1, 48_000), 24_000)
    path.write_bytes(path.read_bytes()[:30_000])
    with pytest.raises(AudioError, match="truncated or damaged"):
        read_audio(path)


@pytest.mark.parametrize("cut", [2, 9001])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("WAVEX", {"subtype": "PCM_24"}), ("RF64", {"subtype": "PCM_16"}), ("WAV", {"endian": "BIG"}),
        ("AIFF", {"subtype": "PCM_16"}), ("AIFF", {"subtype": "FLOAT"}), ("AIFF", {"endian": "LITTLE"}),
    ],
)  # fmt: skip
def test_every_format_with_a_declared_length_shows_a_cut(tmp_path, sound, kind, options, cut):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([sound[:-1]] * 3, axis=1), 24_000, format=kind, **options)
    assert len(read_audio(path).waveform) == len(sound) - 1
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(AudioError, match=r"truncated \(\d+ of \d+ bytes of samples\)"):
        read_audio(path)


def flac_claiming(path, sound, n_samples):
    """Write a FLAC file whose header claims another length (36 bits of STREAMINFO, RFC 9639 section 8.2)."""
    soundfile.write(path, sound, 24_000)
    content = bytearray(path.read_bytes())
    content[21] = content[21] & 0xF0 | n_samples >> 32
    content[22:26] = (n_samples & 0xFFFFFFFF).to_bytes(4, "big")
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("n_samples", [2**36 - 1, 13_000])
def test_a_header_that_claims_too_much_costs_no_memory(tmp_path, sound, n_samples):
    with pytest.raises(AudioError, match="truncated"):
        read_audio(flac_claiming(tmp_path / "a.flac", sound, n_samples))


def test_a_flac_without_a_length_is_read_or_refused_with_a_reason(tmp_path, sound):
    path = flac_claiming(tmp_path / "a.flac", sound, 0)
    if find_spec("av"):
        np.testing.assert_allclose(read_audio(path).waveform, sound, atol=1e-4)
    else:
        with pytest.raises(AudioError, match="pip install av"):
            read_audio(path)


def test_long_files_are_read_in_blocks(tmp_path, sound, monkeypatch):
    soundfile.write(tmp_path / "a.wav", np.stack([sound, -sound / 2], axis=1), 24_000, subtype="FLOAT")
    whole = read_audio(tmp_path / "a.wav")
    for size in (1000, len(sound) * 2, 1):  # a last block that is part, empty, and never empty
        monkeypatch.setattr(audio_module, "_BLOCK_SAMPLES", size)
        np.testing.assert_array_equal(read_audio(tmp_path / "a.wav").waveform, whole.waveform)


def test_odd_names_are_files_with_a_reason(tmp_path):
    (tmp_path / "headerless.raw").write_bytes(bytes(range(256)) * 4)
    for path in (tmp_path / "headerless.raw", Path("a\0b.wav"), tmp_path, tmp_path / ("x" * 300 + ".wav")):
        with pytest.raises(AudioError) as caught:
            read_audio(path)
        assert caught.value.reason.startswith(("not audio", "unreadable file"))


@pytest.mark.parametrize(
    ("problem", "reason"),
    [(OSError(5, "Input/output error"), "unreadable file"), (MemoryError(), "more samples than fit in memory")],
)
def test_what_the_machine_refuses_is_a_reason(tmp_path, sound, monkeypatch, problem, reason):
    soundfile.write(tmp_path / "a.wav", sound, 24_000)

    def refuse(*arguments, **options):
        raise problem

    monkeypatch.setattr(soundfile.SoundFile, "read", refuse)
    with pytest.raises(AudioError) as caught:
        read_audio(tmp_path / "a.wav")
    assert caught.value.reason == reason


def test_streamed_wav_headers_without_a_length_are_accepted(tmp_path, sound):
    path = tmp_path / "streamed.wav"
    soundfile.write(path, sound, 24_000)
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert len(read_audio(path).waveform) == len(sound)


def test_the_hash_is_of_what_is_heard(tmp_path, sound):
    samples = (sound * 32_767).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", samples, 24_000)
    soundfile.write(tmp_path / "b.flac", samples, 24_000)
    a, b = (read_audio(tmp_path / name) for name in ("a.wav", "b.flac"))
    assert pcm_sha256(a.waveform, 24_000) == pcm_sha256(b.waveform, 24_000)
    assert pcm_sha256(a.waveform, 24_000) != pcm_sha256(a.waveform, 22_050)
    assert pcm_sha256(a.waveform, 24_000) != pcm_sha256(a.waveform[:-1], 24_000)


def test_resampling_is_soxr(sound):
    np.testing.assert_array_equal(resample(sound, 24_000, 16_000), soxr.resample(sound, 24_000, 16_000, quality="HQ"))
    assert resample(sound, 24_000, 24_000) is sound


def test_written_files_are_read_back(tmp_path, sound):
    write_wav(tmp_path / "new" / "a.wav", sound * 5, 24_000)
    np.testing.assert_allclose(read_audio(tmp_path / "new" / "a.wav").waveform, np.clip(sound * 5, -1, 1), atol=2e-4)
    with pytest.raises(EmogapError, match="cannot write"):
        write_wav(tmp_path / "new" / "a.wav" / "b.wav", sound, 24_000)


def test_quirky_tess_files_decode(data_folder):
    rates = {"OAF_food_fear": 96_000, "OA_bite_neutral": 24_414, "YAF_germ_angry": 24_414, "YAF_neat_fear": 24_414}
    for name, rate in rates.items():
        audio = read_audio(data_folder / "TESS" / f"{name}.wav")
        assert audio.sampling_rate_hz == rate
        assert 1.2 < audio.duration_s < 3
        assert ("misnamed" in audio.flags) == name.startswith("YAF")
