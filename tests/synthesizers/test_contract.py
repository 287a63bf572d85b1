"""What every synthesizer promises: walks the folder, so a new plug-in is tested without touching this file."""

import numpy as np
import pytest

from emogap import plugins
from emogap.errors import EmogapError, MissingDependencyError, UnknownNameError
from emogap.manifest.controls import EmotionVector, Instruction, MultiTurn, PromptSpeech, ProsodyRules
from emogap.manifest.labels import EMOTIONS
from emogap.manifest.sentences import packaged_sentences, plan

CARDS = [card for module in plugins.describe("synthesizers") for card in plugins.cards("synthesizers", module)]
TEXT = "The keys are on the kitchen table."
CONTROLS = {
    "prompt_speech": PromptSpeech(path="prompt.wav"),
    "instruction": Instruction(text="Speak angrily."),
    "emotion_vector": EmotionVector(weights={"angry": 1.0}),
    "multi_turn": MultiTurn(turns=("Say it.",)),
    "prosody_rules": ProsodyRules(),
}


@pytest.fixture(params=CARDS, ids=lambda card: card.id, scope="module")
def synthesizer(request):
    try:
        return plugins.load("synthesizers", request.param.id)
    except MissingDependencyError as problem:
        pytest.skip(str(problem))


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
def test_card_is_filled(card):
    assert isinstance(card, plugins.SynthesizerCard)
    assert card.id.partition("/")[0] in plugins.describe("synthesizers")
    assert all((card.summary, card.licence, card.reference, card.weights, card.vocoder))
    assert card.controls and set(card.controls) <= set(CONTROLS)


def test_card_ids_are_unique():
    assert len({card.id for card in CARDS}) == len(CARDS)


def test_attributes_are_those_of_the_protocol(synthesizer):
    assert synthesizer.card in CARDS
    assert synthesizer.sampling_rate_hz == synthesizer.card.sampling_rate_hz
    assert synthesizer.speaker
    assert synthesizer.fingerprint.startswith(synthesizer.card.id + "|")
    assert "|code " in synthesizer.fingerprint
    again = plugins.load("synthesizers", synthesizer.card.id)
    assert again.fingerprint == synthesizer.fingerprint


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_speaks_every_emotion_by_its_own_control_the_same_each_time(synthesizer, emotion):
    control = synthesizer.control_for(emotion)
    assert control.__struct_config__.tag in synthesizer.card.controls
    waveform = synthesizer.synthesize(TEXT, emotion, control, 3)
    assert waveform.dtype == np.float32 and waveform.ndim == 1
    assert np.isfinite(waveform).all()
    assert 0.01 < np.abs(waveform).max() <= 1.0
    assert 0.5 < len(waveform) / synthesizer.sampling_rate_hz < 10
    np.testing.assert_array_equal(synthesizer.synthesize(TEXT, emotion, control, 3), waveform)


def test_each_emotion_has_its_own_recording_exactly_where_rules_are_applied(synthesizer):
    spoken = {synthesizer.synthesize(TEXT, e, synthesizer.control_for(e), 0).tobytes() for e in EMOTIONS}
    assert len(spoken) == (1 if synthesizer.card.id == "hibari/plain" else len(EMOTIONS))


def test_packaged_sentences_are_spoken_without_silence_or_clipping(synthesizer):
    for text, emotion in plan(packaged_sentences())[::9]:
        waveform = synthesizer.synthesize(text, emotion, synthesizer.control_for(emotion), 0)
        assert np.isfinite(waveform).all()
        assert 0.01 < np.abs(waveform).max() <= 1.0, (text, emotion)


def test_global_random_state_is_left_alone(synthesizer):
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    synthesizer.synthesize(TEXT, "fearful", synthesizer.control_for("fearful"), 0)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_unknown_emotion_is_refused(synthesizer):
    with pytest.raises(UnknownNameError, match="'hapy'.*Did you mean 'happy'"):
        synthesizer.control_for("hapy")
    with pytest.raises(UnknownNameError, match="'hapy'"):
        synthesizer.synthesize(TEXT, "hapy", synthesizer.control_for("happy"), 0)


def test_a_control_that_is_not_on_the_card_is_refused(synthesizer):
    for tag, control in CONTROLS.items():
        if tag not in synthesizer.card.controls:
            with pytest.raises(EmogapError, match=f"not {tag}"):
                synthesizer.synthesize(TEXT, "angry", control, 0)


@pytest.mark.parametrize("text", ["", "...", "你好"])
def test_text_it_cannot_speak_is_refused(synthesizer, text):
    with pytest.raises(EmogapError, match=synthesizer.card.id):
        synthesizer.synthesize(text, "angry", synthesizer.control_for("angry"), 0)


@pytest.mark.parametrize("text", ["a", "Say <b>no</b> & 'go' — \"now\"!", "One. Two! Three?", "x" * 40, "No, " * 60])
def test_odd_texts_are_spoken(synthesizer, text):
    waveform = synthesizer.synthesize(text, "neutral", synthesizer.control_for("neutral"), 0)
    assert np.abs(waveform).max() > 0.01


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
def test_a_missing_checkpoint_is_refused(card):
    with pytest.raises(EmogapError, match="checkpoint"):
        plugins.load("synthesizers", f"{card.id}@missing-folder")
