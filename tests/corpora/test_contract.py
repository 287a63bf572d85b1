"""What every corpus plug-in promises; the folder is walked, so a new plug-in is tested without an edit here."""

import importlib
from pathlib import Path

import pytest

from emogap import plugins
from emogap.errors import EmogapError
from emogap.manifest.labels import LABELS, LabelPolicy

NAMES = sorted(plugins.describe("corpora"))


@pytest.mark.parametrize("name", NAMES)
def test_card_says_what_it_must(name):
    for card in plugins.cards("corpora", name):
        assert isinstance(card, plugins.CorpusCard)
        assert card.id.partition("/")[0] == name
        assert card.summary.endswith(".") and card.licence and card.reference
        assert card.labels and set(card.labels) <= set(LABELS)
        assert len(set(card.labels)) == len(card.labels)
        assert card.text_source in {"script", "official", "asr", "none"}
        assert all(count > 0 for count in card.expected.values())


@pytest.mark.parametrize("name", NAMES)
def test_expected_counts_add_up(name):
    for card in plugins.cards("corpora", name):
        counted = [card.expected[label] for label in card.labels if label in card.expected]
        if len(counted) == len(card.labels):
            assert sum(counted) == card.expected["utterances"]
        else:
            assert sum(counted) <= card.expected.get("utterances", 0)


@pytest.mark.parametrize("name", NAMES)
def test_docstring_has_facts_reference_and_conventions(name):
    docstring = importlib.import_module(f"emogap.corpora.{name}").__doc__ or ""
    assert docstring.partition("\n")[0].endswith(".")
    assert "Conventions:" in docstring
    if name != "folder":
        assert "Reference:" in docstring and "Quirks:" in docstring and "Licence:" in docstring


@pytest.mark.parametrize("name", NAMES)
def test_missing_folder_is_one_sentence(name, tmp_path):
    with pytest.raises(EmogapError, match="no such folder, expected .+"):
        plugins.load("corpora", name).read(tmp_path / "absent", LabelPolicy())


@pytest.mark.parametrize("name", NAMES)
def test_file_instead_of_folder_is_one_sentence(name, tmp_path):
    (tmp_path / "corpus.zip").write_bytes(b"PK")
    with pytest.raises(EmogapError, match="is a file, expected a folder"):
        plugins.load("corpora", name).read(tmp_path / "corpus.zip", LabelPolicy())


@pytest.mark.parametrize("name", NAMES)
def test_empty_folder_is_one_sentence(name, tmp_path):
    with pytest.raises(EmogapError, match="expected"):
        plugins.load("corpora", name).read(tmp_path, LabelPolicy())


@pytest.mark.parametrize("name", NAMES)
def test_checkpoint_is_refused(name):
    with pytest.raises(EmogapError, match=f"{name}:FOLDER"):
        plugins.load("corpora", f"{name}@somewhere")


@pytest.mark.parametrize("name", NAMES)
def test_small_official_tree(name, trees, official_tree):
    if name not in trees:
        pytest.skip(f"no tree of {name} in conftest.py; its own test file has to read one")
    folder = official_tree(name)
    reading = plugins.load("corpora", name).read(folder, LabelPolicy())
    ids = [utterance.id for utterance in reading.utterances]
    assert ids == sorted(set(ids)) and ids
    card = plugins.cards("corpora", name)[0]
    assert set(card.expected) <= set(reading.found)
    assert set(card.labels) <= set(reading.found)
    assert reading.found["utterances"] == len(ids)
    for utterance in reading.utterances:
        assert Path(utterance.path).is_absolute() and Path(utterance.path).is_file()
        assert utterance.emotion in LABELS
        assert utterance.sampling_rate_hz is None and utterance.sha256 is None
    kept = {utterance.path for utterance in reading.utterances}
    dropped = {item.path for item in reading.dropped}
    audio = {str(path) for path in folder.rglob("[!.]*") if path.suffix in {".wav", ".mp4"}}
    assert audio == (kept | dropped) & audio, "every audio file is an utterance or dropped with a reason"
    assert not kept & dropped
    assert all(item.reason for item in reading.dropped)


@pytest.mark.parametrize("name", NAMES)
def test_reading_from_a_relative_path_gives_the_same(name, trees, official_tree, monkeypatch):
    if name not in trees:
        pytest.skip(f"no tree of {name} in conftest.py; its own test file has to read one")
    folder = official_tree(name)
    corpus = plugins.load("corpora", name)
    absolute = corpus.read(folder, LabelPolicy())
    monkeypatch.chdir(folder)
    assert corpus.read(Path(), LabelPolicy()) == absolute
