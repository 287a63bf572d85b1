"""Which wrong answers are picked, and what their players hold."""

import base64
import io

import numpy as np
import soundfile

from emogap.manifest.records import Prediction, Transcript, Utterance
from emogap.report import clips
from emogap.report.clips import confidently_wrong, with_audio
from emogap.report.roster import Roster


def spoken(id: str, path, emotion: str | None = "sad", system: str | None = "hibari", **more) -> Utterance:
    return Utterance(
        id=id, path=str(path), domain="synthesized" if system else "human", emotion=emotion, system=system, **more
    )


def answer(id: str, label: str | None, score: float, outcome: str = "ok") -> Prediction:
    return Prediction(utterance_id=id, predicted=label, scores={label: score} if label else {}, outcome=outcome)


def pick(utterances, predictions, **more):
    by_id = {row.utterance_id: row for row in predictions}
    return confidently_wrong(utterances, by_id, {}, Roster.of(utterances, by_id), **more)


def test_highest_wrong_scores_first_ties_by_id():
    names = ["a", "b", "c", "d", "right", "silent", "unlabelled", "arm"]
    utterances = [spoken(name, f"{name}.wav") for name in names[:6]]
    utterances += [spoken("unlabelled", "u.wav", emotion=None), spoken("arm", "arm.wav", system="placebo/trim")]
    predictions = [
        answer("a", "happy", 0.5), answer("b", "happy", 0.9), answer("c", "angry", 0.5), answer("d", "angry", 0.1),
        answer("right", "sad", 1.0), answer("silent", None, 0, "failed"), answer("unlabelled", "happy", 1.0),
        answer("arm", "happy", 1.0),
    ]  # fmt: skip
    (group,) = pick(utterances, predictions, at_most=3)
    assert group.name == "hibari"
    assert group.n_wrong == 4
    assert [(clip.utterance.id, clip.score) for clip in group.clips] == [("b", "90.0"), ("a", "50.0"), ("c", "50.0")]


def test_human_speech_comes_first_and_one_recording_is_shown_once():
    utterances = [spoken(f"s{i}", "same.wav", sha256="f" * 64) for i in range(3)] + [spoken("h", "h.wav", system=None)]
    groups = pick(utterances, [answer(u.id, "happy", 0.9) for u in utterances])
    assert [(group.name, len(group.clips), group.n_wrong) for group in groups] == [("Human", 1, 1), ("hibari", 1, 3)]


def test_transcript_is_shown_beside_the_text():
    utterance = spoken("a", "a.wav", text="We won.")
    by_id = {"a": answer("a", "happy", 0.9)}
    heard = {"a": Transcript(utterance_id="a", hypothesis="we one")}
    (group,) = confidently_wrong([utterance], by_id, heard, Roster.of([utterance], by_id))
    assert group.clips[0].hypothesis == "we one"


def test_inlined_audio_is_the_recording_at_16_khz(tmp_path, tone):
    path = tone(tmp_path / "a.wav", hz=220, seconds=0.5, rate=48_000)
    (group,) = with_audio(pick([spoken("a", path)], [answer("a", "happy", 0.9)]), tmp_path, reference_pack=False)
    head, _, body = str(group.clips[0].source).partition(",")
    assert head == "data:audio/wav;base64"
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(body)))
    assert rate == 16_000
    assert len(samples) == 8_000
    peak_hz = np.abs(np.fft.rfft(samples)).argmax() * rate / len(samples)
    assert abs(peak_hz - 220) < 4


def test_beyond_the_budget_the_worst_of_every_group_stay_inlined(tmp_path, tone, monkeypatch):
    utterances, predictions = [], []
    for system in ("one", "two"):
        for index in range(3):
            name = f"{system} #{index}"
            utterances.append(spoken(name, tone(tmp_path / "audio" / f"{name}.wav", seconds=0.5), system=system))
            predictions.append(answer(name, "happy", 0.9 - 0.1 * index))
    one_clip = len(clips._inlined(tmp_path / "audio" / "one #0.wav"))
    monkeypatch.setattr(clips, "INLINE_BUDGET_BYTES", 2 * one_clip + 10)
    groups = with_audio(pick(utterances, predictions), tmp_path / "run", reference_pack=False)
    for group in groups:
        inlined = [clip for clip in group.clips if str(clip.source).startswith("data:")]
        linked = [clip for clip in group.clips if not str(clip.source).startswith("data:")]
        assert [clip.utterance.id for clip in inlined] == [f"{group.name} #0"]
        assert [clip.source for clip in linked] == [f"../audio/{group.name}%20%23{i}.wav" for i in (1, 2)]
        assert all(clip.remark for clip in linked)


def test_a_file_that_is_no_audio_says_why(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"")
    utterances = [spoken("a", tmp_path / "a.wav"), spoken("b", tmp_path / "b.wav")]
    (group,) = with_audio(pick(utterances, [answer(u.id, "happy", 0.9) for u in utterances]), tmp_path, False)
    assert [(clip.source, clip.remark) for clip in group.clips] == [(None, "empty file"), (None, "file not found")]
