import subprocess
import sys
import textwrap

import pytest

from emogap import plugins
from emogap.errors import EmogapError, UnknownNameError


def test_names_are_parsed():
    parse = plugins.PluginName.parse
    assert parse("whisper") == plugins.PluginName("whisper", "whisper", None)
    assert parse("emotion2vec/plus-large").card_id == "emotion2vec/plus-large"
    assert parse("whisper@org/model").checkpoint == "org/model"


@pytest.mark.parametrize("kind", plugins.KINDS)
def test_every_plugin_has_a_first_line(kind):
    found = plugins.describe(kind)
    assert found
    for name, summary in found.items():
        assert summary, f"{kind}/{name} has no docstring"


def test_listing_imports_nothing():
    code = """
import sys
from emogap import plugins
for kind in plugins.KINDS:
    plugins.describe(kind)
print([name for name in sys.modules if name.startswith(tuple(f"emogap.{kind}." for kind in plugins.KINDS))])
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_unknown_names_get_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown recognizer 'whispr'.*Did you mean 'whisper'"):
        plugins.load("recognizers", "whispr")
    with pytest.raises(UnknownNameError, match="unknown corpus 'tes'"):
        plugins.load("corpora", "tes")
    with pytest.raises(UnknownNameError, match="variant of toy"):
        plugins.load("recognizers", "toy/huge")
    with pytest.raises(UnknownNameError, match="kind of plug-in"):
        plugins.describe("recogniser")


def outside_package(tmp_path, monkeypatch, name):
    """Put a real installed-looking distribution on the path, with an entry point."""
    (tmp_path / "their_corpus.py").write_text(
        textwrap.dedent('''
        """Their corpus."""
        from emogap.plugins import CorpusCard
        CARDS = (CorpusCard(id="theirs", summary="s", licence="l", reference="r", labels=("sad",), expected={},
                            text_source="none"),)
        class PLUGIN:
            def __init__(self, card, checkpoint):
                self.card = card
        ''')
    )
    info = tmp_path / "their_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[emogap.corpora]\n{name} = their_corpus\n")
    monkeypatch.syspath_prepend(tmp_path)


def test_outside_packages_join_through_entry_points(tmp_path, monkeypatch):
    outside_package(tmp_path, monkeypatch, "theirs")
    assert plugins.describe("corpora")["theirs"] == "from their-package"
    assert plugins.load("corpora", "theirs").card.id == "theirs"


def test_two_plugins_of_one_name_are_refused(tmp_path, monkeypatch):
    outside_package(tmp_path, monkeypatch, "tess")
    with pytest.raises(EmogapError, match="two corpora are called 'tess'"):
        plugins.describe("corpora")
