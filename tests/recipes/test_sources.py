import json
import shutil

import pytest

from emogap.errors import EmogapError
from emogap.execution.cache import Cache
from emogap.execution.progress import Silent
from emogap.manifest.labels import LabelPolicy
from emogap.recipes.sources import as_domain, inspected, merged, read_source

POLICY = LabelPolicy()


@pytest.fixture
def folder(tmp_path, tone):
    for emotion in ("happy", "sad"):
        tone(tmp_path / "my_tts" / emotion / "a.wav")
    return tmp_path / "my_tts"


def manifest(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps({"domain": "synthesized", **row}) for row in rows))
    return path


def test_a_folder_becomes_synthesized_speech_of_that_name(folder):
    utterances = as_domain(read_source(str(folder), POLICY), "synthesized")
    assert {(u.system, u.domain, u.emotion) for u in utterances} == {
        ("my_tts", "synthesized", "happy"), ("my_tts", "synthesized", "sad")
    }  # fmt: skip


def test_a_name_in_front_names_the_system(folder):
    source = read_source(f"CosyVoice 2={folder}", POLICY)
    assert {u.system for u in as_domain(source, "synthesized")} == {"CosyVoice 2"}


def test_an_equals_sign_in_a_path_is_part_of_the_path(folder, tmp_path):
    odd = tmp_path / "rate=24000"
    shutil.copytree(folder, odd)
    assert {u.system for u in as_domain(read_source(str(odd), POLICY), "synthesized")} == {"rate=24000"}


def test_a_manifest_and_its_folder_are_the_same(tmp_path, tone):
    tone(tmp_path / "run" / "a.wav")
    path = manifest(tmp_path / "run" / "manifest.jsonl", {"id": "a", "path": "a.wav", "system": "s"})
    by_file, by_folder = (read_source(str(p), POLICY) for p in (path, path.parent))
    assert by_file.utterances == by_folder.utterances
    assert len(by_file.checksum) == 64


def test_a_manifest_without_a_system_takes_the_name_of_its_place(tmp_path):
    path = manifest(tmp_path / "cosy" / "manifest.jsonl", {"id": "a", "path": "/a.wav"})
    assert as_domain(read_source(str(path), POLICY), "synthesized")[0].system == "cosy"
    path = manifest(tmp_path / "kimi.jsonl", {"id": "a", "path": "/a.wav"})
    assert as_domain(read_source(str(path), POLICY), "synthesized")[0].system == "kimi"


def test_synthesized_speech_is_refused_as_human(tmp_path):
    path = manifest(tmp_path / "m.jsonl", {"id": "a", "path": "/a.wav", "system": "s"})
    with pytest.raises(EmogapError, match="'a' is synthesized speech; give it with --synthesized"):
        as_domain(read_source(str(path), POLICY), "human")


def test_two_sets_may_not_share_ids(tmp_path):
    one = read_source(str(manifest(tmp_path / "m.jsonl", {"id": "a", "path": "/a.wav"})), POLICY)
    with pytest.raises(EmogapError, match="'a' occurs twice"):
        merged([one.utterances, one.utterances])


def test_nothing_there_names_what_could_be(tmp_path):
    with pytest.raises(EmogapError, match="no such file or folder, expected a manifest, .* tess:DIR"):
        read_source(str(tmp_path / "nowhere"), POLICY)
    with pytest.raises(EmogapError, match="unknown corpus 'tes'"):
        read_source(f"tes:{tmp_path}", POLICY)


def test_a_corpus_comes_with_found_and_expected_counts(data_folder):
    source = read_source(f"tess:{data_folder / 'TESS'}", POLICY)
    assert source.found["utterances"] == source.expected["utterances"] == 2800


def test_what_cannot_be_read_is_listed_and_stays(folder):
    (folder / "sad" / "broken.wav").write_bytes(b"RIFF")
    source = inspected(read_source(str(folder), POLICY), Cache(None), Silent())
    assert len(source.utterances) == 3
    assert [item.path.endswith("broken.wav") for item in source.dropped] == [True]


def test_a_name_keeps_the_ids_of_two_systems_apart(folder):
    names = (f"one={folder}", f"two={folder}")
    joined = merged(as_domain(read_source(name, POLICY), "synthesized") for name in names)
    assert {u.system for u in joined} == {"one", "two"}


@pytest.mark.parametrize("name", ["folder:{}", "mine={}", "a/b={}"])
def test_equals_signs_in_paths(folder, tmp_path, name):
    odd = tmp_path / "split=test"
    shutil.copytree(folder, odd)
    assert len(read_source(name.format(odd), POLICY).utterances) == 2
