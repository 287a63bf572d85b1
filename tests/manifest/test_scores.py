import json

import pytest

from emogap.errors import EmogapError
from emogap.manifest.scores import Group, Score, Scores


def test_the_file_has_the_documented_shape(tmp_path):
    score = Score(
        name="uar", recognizer="toy", group=Group(domain="human", corpus="tess"), value=0.5, n=4,
        labels=("angry", "sad"), low=None, high=None, level=0.95, method="none", cluster_key="", n_clusters=(), seed=0,
    )  # fmt: skip
    Scores(scores=(score,), gap=(), confusions=()).write(tmp_path / "scores.json")
    held = json.loads((tmp_path / "scores.json").read_text())
    assert held["scores"][0]["group"] == {"domain": "human", "corpus": "tess", "system": None, "emotion": None}
    assert (held["scores"][0]["value"], held["scores"][0]["low"], held["gap"]) == (0.5, None, [])
    assert Scores.read(tmp_path / "scores.json").scores == (score,)


def test_missing_and_foreign_files_are_sentences(tmp_path):
    with pytest.raises(EmogapError, match="only finished runs of `emogap gap`"):
        Scores.read(tmp_path / "scores.json")
    (tmp_path / "scores.json").write_text("{}")
    with pytest.raises(EmogapError, match="not a results file"):
        Scores.read(tmp_path / "scores.json")
