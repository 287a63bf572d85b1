import random

import numpy as np
import pytest

from emogap import plugins
from emogap.errors import EmogapError, MissingDependencyError
from emogap.manifest.audio import read_audio, resample
from emogap.metrics.error_rates import normalized_words, word_error_rate
from emogap.transcribers import whisper
from emogap.transcribers.whisper import WhisperTranscriber, runs_on, window_for

TEXTS = ["Good morning.", "I put the keys on the kitchen table.", "She walked along the river until it grew dark."]


def stacked(waves):
    lengths = np.array([len(wave) for wave in waves])
    return np.stack([np.pad(wave, (0, lengths.max() - len(wave))) for wave in waves]), lengths


@pytest.fixture(scope="module")
def transcriber():
    return plugins.load("transcribers", "whisper")


@pytest.fixture(scope="module")
def spoken():
    voice = plugins.load("synthesizers", "hibari")
    waves = [voice.synthesize(text, "neutral", voice.control_for("neutral"), seed=1) for text in TEXTS]
    return [resample(wave, voice.sampling_rate_hz, 16_000) for wave in waves]


@pytest.fixture(scope="module")
def tess(data_folder):
    """Texts and waveforms of 24 utterances."""
    paths = random.Random(4).sample(sorted((data_folder / "TESS").glob("*_*_*.*")), 24)
    waves = []
    for path in paths:
        audio = read_audio(path)
        waves.append(resample(audio.waveform, audio.sampling_rate_hz, 16_000))
    return [f"say the word {path.stem.split('_')[1]}" for path in paths], waves


def test_hears_what_was_said(transcriber, spoken):
    heard = transcriber.transcribe(*stacked(spoken))
    assert [normalized_words(text) for text in heard] == [normalized_words(text) for text in TEXTS]


def test_threads_and_batches_change_no_text(transcriber, spoken):
    many = [*spoken, *spoken[::-1], *spoken]
    together = transcriber.transcribe(*stacked(many))
    single = WhisperTranscriber(transcriber.card, None, n_threads=1)
    assert together == [single.transcribe(*stacked([wave]))[0] for wave in many]


def test_one_window_holds_what_fits(transcriber, spoken):
    """11 s and 31 s of speech go through the 15 s window and through the sliding window."""
    sentence = np.concatenate([spoken[1], np.zeros(4_000, np.float32)])
    eleven = np.tile(sentence, 1 + 10 * 16_000 // len(sentence))
    long = np.tile(sentence, 1 + 31 * 16_000 // len(sentence))
    assert window_for(len(eleven)) == 15 and window_for(len(long)) is None
    heard = transcriber.transcribe(*stacked([long, eleven, spoken[0]]))
    said = [" ".join([TEXTS[1]] * (len(long) // len(sentence))), " ".join([TEXTS[1]] * (len(eleven) // len(sentence)))]
    assert word_error_rate(zip(said, heard[:2], strict=True)) < 0.15
    assert normalized_words(heard[2]) == ["good", "morning"]


@pytest.mark.parametrize(
    ("seconds", "window"),
    [(0.1, 10), (9.999, 10), (10, 10), (10.001, 15), (15.5, 20), (20.1, 30), (30, 30), (30.1, None)],
)
def test_the_shortest_window_that_holds_it(seconds, window):
    assert window_for(round(seconds * 16_000)) == window


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Say the word burn! Say the word burn! Say the", True),
        ("Dogs are sitting by the door. Dogs are sitting by the door.", True),
        ("Dogs are sitting by the door by the door by the door.", True),
        ("Say the word should. Kids are talking. Kids are talking. Kids are", True),
        ("Say the word lid.", False),
        ("The cat saw the dog and the cat", True),
        ("Never say never.", False),
        ("", False),
        ("No.", False),
    ],
)
def test_a_run_on_repeats_itself(text, expected):
    assert runs_on(text) is expected


def test_where_windows_stop_being_safe(transcriber, tess):
    """In 5 s the decoder runs on, in 10 s it hardly does, and what still does is heard again."""
    texts, waves = tess

    def run_ons(window_s):
        found = transcriber._decode(waves, dict.fromkeys(range(len(waves)), window_s))
        return [len(normalized_words(found[i].text)) > len(texts[i].split()) + 2 for i in range(len(waves))]

    assert np.mean(run_ons(5)) >= 0.1
    assert np.mean(run_ons(10)) <= 0.05
    heard = transcriber.transcribe(*stacked(waves))
    assert not any(len(normalized_words(h)) > len(t.split()) + 2 for t, h in zip(texts, heard, strict=True))
    assert word_error_rate(zip(texts, heard, strict=True)) < 0.1


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(EmogapError, match=r"no model\.bin"):
        plugins.load("transcribers", f"whisper@{tmp_path}")
    (tmp_path / "model.bin").write_bytes(b"not a model")
    with pytest.raises(EmogapError, match="cannot load"):
        plugins.load("transcribers", f"whisper@{tmp_path}").transcribe(
            np.zeros((1, 16_000), np.float32), np.array([16_000])
        )


def test_says_how_to_install_what_is_missing(monkeypatch):
    monkeypatch.setattr(whisper, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'emogap\[offline\]'"):
        plugins.load("transcribers", "whisper")
