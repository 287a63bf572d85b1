import numpy as np
import pytest

from emogap.errors import EmogapError
from emogap.manifest.embeddings import EmbeddingRow, read_embeddings
from emogap.manifest.files import write_rows


def test_arrays_and_rows_match(tmp_path):
    np.save(tmp_path / "e.npy", np.ones((2, 3), np.float32))
    write_rows(tmp_path / "e.jsonl", [EmbeddingRow(utterance_id="a"), EmbeddingRow(utterance_id="b")])
    values, rows = read_embeddings(tmp_path / "e.npy")
    assert values.shape == (2, 3)
    assert [row.utterance_id for row in rows] == ["a", "b"]


def test_a_mismatch_is_refused(tmp_path):
    np.save(tmp_path / "e.npy", np.ones((3, 3), np.float32))
    write_rows(tmp_path / "e.jsonl", [EmbeddingRow(utterance_id="a")])
    with pytest.raises(EmogapError, match=r"shape \(3, 3\).*1 rows"):
        read_embeddings(tmp_path / "e.npy")


def test_pickled_arrays_are_never_opened(tmp_path):
    np.save(tmp_path / "e.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    write_rows(tmp_path / "e.jsonl", [EmbeddingRow(utterance_id="a")])
    with pytest.raises(EmogapError, match="not an array file"):
        read_embeddings(tmp_path / "e.npy")
