import pytest

from emogap.errors import UnknownNameError
from emogap.manifest.labels import ALIASES, EMOTIONS, LABELS, OUTSIDE, LabelPolicy, canonical_label


def test_the_label_set_is_the_papers():
    assert LABELS == ("angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised", "other")
    assert EMOTIONS == LABELS[:-1]
    assert OUTSIDE not in LABELS
    assert set(ALIASES.values()) <= set(LABELS)


@pytest.mark.parametrize(
    ("label", "expected"),
    [("ANG", "angry"), (" Disgust ", "disgusted"), ("fea", "fearful"), ("joy", "happy"), ("ps", "surprised"),
     ("Pleasant surprise", "surprised"), ("pleasant-surprise", "surprised"), ("<unk>", "other")],
)  # fmt: skip
def test_aliases(label, expected):
    assert canonical_label(label) == expected


def test_policies_are_settings_not_aliases():
    assert canonical_label("calm") is None
    assert canonical_label("calm", LabelPolicy(calm="neutral")) == "neutral"
    assert canonical_label("excited", LabelPolicy(excited="drop")) is None
    assert canonical_label("fru") == "other"
    assert canonical_label("boredom", LabelPolicy(boredom="drop")) is None


def test_unknown_labels_are_refused_by_name_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"clips.csv line 4: unknown emotion label 'hapy'.*Did you mean 'happy'"):
        canonical_label("hapy", where="clips.csv line 4")
