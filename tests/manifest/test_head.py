import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from emogap.errors import EmogapError
from emogap.manifest.head import POOLINGS, EncoderIdentity, Head, HeadRecord, pool

IDENTITY = EncoderIdentity(sha256="ab" * 32, window="exact", dtype="float32", frames_version=1)


def a_head(**changed):
    record = HeadRecord(
        labels=("angry", "sad"), pooling="mean", temperature=2.0, encoder=IDENTITY,
        training_ids=("a/1", "a/2"), method="by hand",
    )  # fmt: skip
    arrays = {"weights": np.array([[1, 0, 0], [0, 1, 0]], np.float32), "bias": np.array([0.0, 0.5])}
    arrays.update({name: changed.pop(name) for name in list(changed) if name in arrays})
    return Head(msgspec.structs.replace(record, **changed), **arrays)


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("n_frames", [1, 2, 3, 5, 7, 50])
def test_poolings_are_finite_however_short(pooling, n_frames):
    frames = np.random.default_rng(n_frames).standard_normal((n_frames, 4)).astype(np.float32)
    pooled = pool(frames, pooling)
    assert pooled.dtype == np.float32 and np.isfinite(pooled).all() and len(pooled) % 4 == 0


@given(st.integers(1, 40), st.sampled_from(sorted(POOLINGS)))
def test_constant_frames_pool_to_the_constant(n_frames, pooling):
    np.testing.assert_array_equal(np.unique(pool(np.full((n_frames, 3), 2.5), pooling)), [2.5])


def test_segments_by_hand():
    frames = np.arange(6.0)[:, np.newaxis]
    assert pool(frames, "mean").tolist() == [2.5]
    assert pool(frames, "thirds").tolist() == [0.5, 2.5, 4.5]
    assert pool(frames[:5], "thirds").tolist() == [0.5, 2.0, 3.5]  # frames 0-1, 1-3, 3-4
    assert pool(frames[:1], "quarters").tolist() == [0.0] * 4
    with pytest.raises(ValueError, match="at least one frame"):
        pool(np.zeros((0, 3)), "mean")


def test_scores_by_hand():
    scores = a_head().scores(np.array([[1.0, 2.5, 0], [3.0, 2.5, 0]]))  # logits 2 and 3, temperature 2
    np.testing.assert_allclose(scores, np.array([1, np.exp(0.5)]) / (1 + np.exp(0.5)), rtol=1e-6)
    assert scores.dtype == np.float32


def test_survives_the_file_byte_for_byte(tmp_path):
    head = a_head()
    head.save(tmp_path / "one.safetensors")
    again = Head.load(tmp_path / "one.safetensors")
    assert again.record == head.record
    np.testing.assert_array_equal(again.weights, head.weights)
    np.testing.assert_array_equal(again.bias, head.bias)
    again.save(tmp_path / "two.safetensors")
    assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "two.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"labels": ("angry", "cross")}, "labels"),
        ({"labels": ("sad", "sad")}, "distinct"),
        ({"pooling": "attention"}, "attention"),
        ({"temperature": 0.0}, "temperature"),
        ({"labels": ("angry", "sad", "happy")}, "3 labels"),
        ({"bias": np.array([np.nan, 0])}, "finite"),
    ],
)
def test_refuses_nonsense(changed, said):
    with pytest.raises(EmogapError, match=said):
        a_head(**changed)


def test_refuses_frames_of_another_width():
    with pytest.raises(EmogapError, match="do not belong together"):
        a_head().scores(np.zeros((5, 7)))


@pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"window": "30s"}, {"dtype": "int8"}, {"frames_version": 2}])
def test_refuses_another_encoder(change, tmp_path):
    other = msgspec.structs.replace(IDENTITY, **change)
    with pytest.raises(EmogapError, match=next(iter(change))) as refused:
        a_head().check_encoder(other, tmp_path / "head")
    assert "emogap run default-head" in str(refused.value)
    a_head().check_encoder(IDENTITY, tmp_path / "head")


def test_refuses_other_files(tmp_path):
    with pytest.raises(EmogapError, match="no such file"):
        Head.load(tmp_path / "absent.safetensors")
    (tmp_path / "text.safetensors").write_text("not a head")
    with pytest.raises(EmogapError, match="not a classification head"):
        Head.load(tmp_path / "text.safetensors")
    save_file({"weights": np.zeros((2, 3), np.float32)}, tmp_path / "foreign.safetensors")
    with pytest.raises(EmogapError, match="not a classification head"):
        Head.load(tmp_path / "foreign.safetensors")
    save_file({}, tmp_path / "newer.safetensors", metadata={"emogap_head": '{"version": 2}'})
    with pytest.raises(EmogapError, match="not a classification head"):
        Head.load(tmp_path / "newer.safetensors")
