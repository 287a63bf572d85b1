import hashlib
from importlib.resources import files

import msgspec
import numpy as np
import pytest

from emogap import plugins
from emogap.errors import EmogapError
from emogap.execution.cache import Cache
from emogap.execution.inspection import inspect_audio
from emogap.execution.progress import Silent
from emogap.manifest.audio import read_audio, resample, write_wav
from emogap.manifest.embeddings import read_embeddings
from emogap.manifest.files import read_rows
from emogap.manifest.head import EncoderIdentity, Head
from emogap.manifest.labels import EMOTIONS
from emogap.manifest.records import Prediction, Utterance
from emogap.manifest.texts import text_id
from emogap.recipes import default_head
from emogap.recipes.default_head import rebuild
from emogap.recipes.head_plan import Candidates, InnerValidation, Plan, packaged_plan


class ToyEncoder:
    """The toy recognizer's frames, under an identity of their own."""

    identity = EncoderIdentity(sha256="toy", window="exact", dtype="float64", frames_version=1)
    sampling_rate_hz = 16_000

    def __init__(self):
        self._toy = plugins.load("recognizers", "toy")
        self.min_samples = self._toy.min_samples
        self.frames = self._toy.frames


PLAN = msgspec.structs.replace(
    packaged_plan(),
    shipped_fold=1,
    tess_unseen_words=2,
    ravdess_folds=(("01", "02"), ("03", "04"), ("09",)),
    candidates=Candidates(("mean", "thirds"), ("corpus",), (0.1, 0.3)),
    inner_validation=InnerValidation(2, {"ravdess": "speaker", "tess": "text_id"}, {}),
)


def _sound(emotion, talker, seed):
    """A hum whose spectrum follows the emotion, tinted by the talker."""
    rng = np.random.default_rng([EMOTIONS.index(emotion), talker, seed])
    spectrum = np.fft.rfft(rng.standard_normal(4_000))
    hz = np.fft.rfftfreq(4_000, 1 / 16_000)
    centre = 600 + 900 * EMOTIONS.index(emotion) + 60 * talker
    return (0.2 * np.fft.irfft(spectrum * np.exp(-(((hz - centre) / 500) ** 2)))).astype(np.float32)


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    folder = tmp_path_factory.mktemp("speech")
    utterances = []

    def add(corpus, talker, emotion, text, seed):
        name = f"{talker}_{text_id(text)}_{emotion}"
        write_wav(folder / corpus / f"{name}.wav", _sound(emotion, int(talker[-1]), seed), 16_000)
        utterances.append(
            Utterance(
                id=f"{corpus}/{name}", path=str(folder / corpus / f"{name}.wav"), domain="human", emotion=emotion,
                corpus=corpus, speaker=f"{corpus}-{talker}", text=text, text_id=text_id(text),
            )
        )  # fmt: skip

    for emotion in EMOTIONS:
        for number in range(6):
            for talker in ("T1", "T2"):
                add("tess", talker, emotion, f"Say the word {'abcdef'[number]}.", number)
        for actor in ("01", "02", "03", "04"):
            for number, text in enumerate(("Kids are talking.", "Dogs are sitting.")):
                add("ravdess", actor, emotion, text, 10 + number)
    copy = utterances[-1]
    utterances.append(msgspec.structs.replace(copy, id=f"{copy.id}_copy"))
    broken = folder / "broken.wav"
    broken.write_bytes(b"RIFF but no more")
    utterances.append(msgspec.structs.replace(copy, id="ravdess/broken", path=str(broken)))
    return inspect_audio(utterances, Cache(None), Silent())[0]


@pytest.fixture(scope="module")
def rebuilt(speech, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return folder, rebuild(speech, folder, Cache(None), Silent(), ToyEncoder(), PLAN)


def test_same_speech_same_files(speech, rebuilt, tmp_path):
    folder, _ = rebuilt
    rebuild(speech[::-1], tmp_path, Cache(None), Silent(), ToyEncoder(), PLAN)
    files = sorted(p.relative_to(folder) for p in folder.rglob("*.*"))
    assert len(files) == 6
    for file in files:
        assert (tmp_path / file).read_bytes() == (folder / file).read_bytes(), file


def test_judges_each_protocol(rebuilt):
    _, summary = rebuilt
    protocols = summary.facts["protocols"]
    assert set(protocols) == {"ravdess leave-actors-out", "tess unseen words", "tess leave-one-talker-out"}
    n = {name: facts["uar"]["n"] for name, facts in protocols.items()}
    assert n == {"ravdess leave-actors-out": 56, "tess unseen words": 28, "tess leave-one-talker-out": 84}
    assert all(facts["uar"]["value"] > 0.6 for facts in protocols.values())  # chance is 0.14
    assert len(protocols["ravdess leave-actors-out"]["parts"]) == 2
    assert all("UA" in line for line in summary.lines[:3])


def test_ships_the_head_that_never_heard_the_pack(speech, rebuilt):
    folder, _ = rebuilt
    head = Head.load(folder / "whisper_head.safetensors")
    pack = read_rows(folder / "reference" / "human.jsonl", Utterance)
    assert {u.speaker for u in pack if u.corpus == "ravdess"} == {"ravdess-03", "ravdess-04"}
    assert {u.text for u in pack if u.corpus == "tess"} == {"Say the word e.", "Say the word f."}
    assert not {u.id for u in pack} & set(head.record.training_ids)
    trained_on = [u for u in speech if u.id in head.record.training_ids]
    assert head.record.training_sha256 == tuple(sorted({u.sha256 for u in trained_on}))
    assert {u.speaker for u in trained_on} == {
        "tess-T1", "tess-T2", "ravdess-01", "ravdess-02",
    }  # fmt: skip
    assert len(pack) + len(head.record.training_ids) == len(speech) - 2


def test_the_pack_fits_together_and_has_no_paths(rebuilt):
    reference = rebuilt[0] / "reference"
    pack = read_rows(reference / "human.jsonl", Utterance)
    predictions = read_rows(reference / "predictions.jsonl", Prediction)
    values, rows = read_embeddings(reference / "embeddings.npy")
    assert [u.id for u in pack] == [p.utterance_id for p in predictions] == [row.utterance_id for row in rows]
    assert not any("/" in u.path for u in pack)
    assert values.shape == (len(pack), 16) and values.dtype == np.float32
    assert all(max(p.scores, key=p.scores.__getitem__) == p.predicted for p in predictions)


def test_what_was_not_learnt_from_is_listed(rebuilt):
    dropped = rebuilt[1].facts["dropped"]
    reasons = {item["detail"].rpartition("_")[2]: item["reason"] for item in dropped}
    assert reasons["copy"] == "duplicate of another utterance"
    assert reasons["ravdess/broken"].startswith("failed: ")
    assert len(reasons) == 2
    assert not any("/" in item["path"] for item in dropped)


def test_a_second_rebuild_encodes_nothing(speech, tmp_path):
    cache = Cache(tmp_path / "cache")
    rebuild(speech, tmp_path / "one", cache, Silent(), ToyEncoder(), PLAN)
    deaf = ToyEncoder()
    deaf.frames = None
    rebuild(speech, tmp_path / "two", cache, Silent(), deaf, PLAN)
    assert (tmp_path / "two" / default_head.HEAD_FILE).read_bytes() == (
        tmp_path / "one" / default_head.HEAD_FILE
    ).read_bytes()


def test_says_what_it_needs(speech, tmp_path):
    def attempt(utterances, plan=PLAN):
        rebuild(utterances, tmp_path, Cache(None), Silent(), ToyEncoder(), plan)

    with pytest.raises(EmogapError, match="no usable utterance of tess; give it with --human tess:DIR"):
        attempt([u for u in speech if u.corpus == "ravdess"])
    with pytest.raises(EmogapError, match="not for crema_d"):
        attempt([msgspec.structs.replace(u, corpus="crema_d") for u in speech[:1]])
    with pytest.raises(EmogapError, match="actors 03, 04, whom the shipped head never hears"):
        attempt([u for u in speech if u.speaker not in ("ravdess-03", "ravdess-04")])
    with pytest.raises(EmogapError, match="at least two actors outside"):
        attempt([u for u in speech if u.speaker not in ("ravdess-01", "ravdess-02")])
    with pytest.raises(EmogapError, match="one talker here"):
        attempt([u for u in speech if u.speaker != "tess-T1"])
    with pytest.raises(EmogapError, match="6 words here, too few to hold 20 out"):
        attempt(speech, msgspec.structs.replace(PLAN, tess_unseen_words=20))


def test_the_packaged_plan_is_the_protocol():
    plan = packaged_plan()
    actors = [actor for fold in plan.ravdess_folds for actor in fold]
    assert sorted(actors) == [f"{n:02}" for n in range(1, 25)]
    assert plan.ravdess_folds[plan.shipped_fold] == ("02", "15", "16", "18")
    assert len(plan.candidates.all()) == 36


@pytest.fixture(scope="module")
def recognizer():
    return plugins.load("recognizers", "whisper")


@pytest.fixture(scope="module")
def pack():
    reference = files("emogap.recipes") / "reference"
    return read_rows(reference / "human.jsonl", Utterance), read_rows(reference / "predictions.jsonl", Prediction)


def test_the_pack_is_disjoint_from_the_training(recognizer, pack):
    utterances, predictions = pack
    assert [u.id for u in utterances] == [p.utterance_id for p in predictions]
    assert not {u.id for u in utterances} & recognizer.training_ids
    assert not {u.sha256 for u in utterances} & recognizer.training_sha256
    assert len(utterances) == 488 and len(recognizer.training_ids) == len(recognizer.training_sha256) == 3247
    speakers = {i.rpartition("-")[2] for i in recognizer.training_ids if i.startswith("ravdess/")}
    assert not speakers & {"02", "15", "16", "18"}


@pytest.fixture(scope="module")
def facts():
    return msgspec.json.decode((files("emogap.recipes") / "reference" / "default_head.json").read_bytes())


def test_the_rebuild_reached_its_bars(facts):
    """UA over all folds, of heads that did not hear what they answered; chance is 0.14."""
    uar = {name: judged["uar"] for name, judged in facts["protocols"].items()}
    assert uar["ravdess leave-actors-out"]["value"] >= 0.68 and uar["ravdess leave-actors-out"]["n"] == 935
    assert uar["tess unseen words"]["value"] >= 0.99 and uar["tess unseen words"]["n"] == 280
    assert uar["tess leave-one-talker-out"]["n"] == 2800


def test_the_facts_are_those_of_the_head_that_ships(facts):
    shipped = files("emogap.recognizers") / default_head.HEAD_FILE
    assert facts["shipped"]["sha256"] == hashlib.sha256(shipped.read_bytes()).hexdigest()
    assert msgspec.convert(facts["plan"], Plan) == packaged_plan()


def test_the_pack_scores_as_its_part_of_the_facts(facts, pack):
    """The shipped head's UA on its own actors, from the predictions of the pack."""
    answered = {p.utterance_id: p.predicted for p in pack[1]}
    heard = [u for u in pack[0] if u.corpus == "ravdess"]
    recalls = [np.mean([answered[u.id] == label for u in heard if u.emotion == label]) for label in EMOTIONS]
    parts = facts["protocols"]["ravdess leave-actors-out"]["parts"]
    part = next(part for part in parts if part["speakers"] == sorted({u.speaker for u in heard}))
    assert part["n"] == len(heard)
    np.testing.assert_allclose(np.mean(recalls), part["uar"], atol=1e-12)


def test_the_recognizer_still_answers_as_in_the_pack(recognizer, pack, data_folder):
    paths = {p.stem: p for corpus in ("TESS", "RAVDESS") for p in (data_folder / corpus).rglob("*.*")}
    for utterance, prediction in list(zip(*pack, strict=True))[::24]:
        audio = read_audio(paths[utterance.path.rpartition(".")[0]])
        waveform = resample(audio.waveform, audio.sampling_rate_hz, recognizer.sampling_rate_hz)
        scores = recognizer.scores(waveform[np.newaxis], np.array([len(waveform)]))[0]
        expected = [prediction.scores[label] for label in recognizer.labels]
        np.testing.assert_allclose(scores, expected, atol=2e-3, err_msg=utterance.id)
