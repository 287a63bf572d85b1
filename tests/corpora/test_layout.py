from pathlib import Path

import pytest

from emogap.corpora import _layout
from emogap.corpora._layout import audio_among, decoded_text, path_below, visible_files
from emogap.errors import EmogapError


def test_files_are_sorted_absolute_and_visible(grown):
    folder = grown(["b/two.wav", "a/one.flac", ".hidden/x.wav", "a/._one.flac", "read me.txt"])
    found = visible_files(folder, "anything")
    assert [str(path.relative_to(folder)) for path in found] == ["a/one.flac", "b/two.wav", "read me.txt"]
    assert all(path.is_absolute() for path in found)


def test_linked_folders_are_followed_and_circles_end(grown, tmp_path):
    folder = grown(["a/one.wav"])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "two.wav").touch()
    (folder / "linked").symlink_to(elsewhere)
    (folder / "a" / "circle").symlink_to(folder)
    assert [path.name for path in visible_files(folder, "anything")] == ["one.wav", "two.wav"]


def test_preferred_copy_comes_first():
    files = [Path("/c/x.mp3"), Path("/c/deep/x.wav"), Path("/c/x.WAV"), Path("/c/x.txt"), Path("/c/x.mp4")]
    assert [str(path) for path in audio_among(files)] == ["/c/x.WAV", "/c/deep/x.wav", "/c/x.mp3", "/c/x.mp4"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
def test_text_with_and_without_marks(tmp_path, encoding):
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    (tmp_path / "text.txt").write_bytes(mark + "Größe".encode(encoding))
    assert decoded_text(tmp_path / "text.txt")[0] == "Größe"


def test_text_in_no_encoding(tmp_path):
    (tmp_path / "text.txt").write_bytes("Größe".encode("latin-1"))
    with pytest.raises(EmogapError, match=r"text\.txt is not text in utf-8-sig; save it as UTF-8"):
        decoded_text(tmp_path / "text.txt")
    assert decoded_text(tmp_path / "text.txt", ("utf-8-sig", "cp1252")) == ("Größe", "cp1252")


def test_unreadable_text(tmp_path):
    with pytest.raises(EmogapError, match="cannot be read"):
        decoded_text(tmp_path)


def test_path_below_leaves_out_steps_upwards():
    assert path_below(Path("/a/b/one.two.wav"), Path("/a")) == "b/one.two"
    assert path_below(Path("/other/one.wav"), Path("/a/b")) == "other/one"


def test_every_shared_reason_is_a_short_phrase():
    reasons = [getattr(_layout, name) for name in _layout.__all__ if name.isupper()]
    assert len(reasons) == len(set(reasons)) == 6
    assert all(reason == reason.strip(" .") and len(reason) < 50 for reason in reasons)
