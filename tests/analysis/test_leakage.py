"""Overlaps of two manifests, by hand."""

from emogap.analysis.leakage import Overlap, find_overlaps
from emogap.manifest.records import Utterance


def utterance(id_, **fields):
    return Utterance(id=id_, path=f"{id_}.wav", domain=fields.pop("domain", "human"), **fields)


def by_kind(first, second):
    return {overlap.kind: overlap for overlap in find_overlaps(first, second)}


def test_disjoint_manifests_share_nothing():
    first = [utterance("a/1", speaker="s1", text_id="t1", sha256="x")]
    second = [utterance("b/1", speaker="s2", text_id="t2", sha256="y"), utterance("b/2")]
    assert find_overlaps(first, second) == []
    assert find_overlaps([], second) == []


def test_speakers_and_texts_are_counted_on_both_sides():
    first = [utterance("a/1", speaker="s1", text_id="t1"), utterance("a/2", speaker="s1", text_id="t2")]
    second = [utterance(f"b/{n}", speaker="s1", text_id="t1") for n in range(3)]
    assert find_overlaps(first, second) == [
        Overlap(kind="text", n_shared=1, n_first=1, n_second=3, examples=("t1",)),
        Overlap(kind="speaker", n_shared=1, n_first=2, n_second=3, examples=("s1",)),
    ]


def test_a_copy_under_another_name_is_found_by_its_samples():
    found = by_kind([utterance("a/1", sha256="x")], [utterance("copies/9", sha256="x")])
    assert list(found) == ["audio"]
    assert found["audio"].examples == ("a/1 = copies/9",)


def test_silent_files_are_no_copies():
    silent = {"sha256": "x", "flags": ("silent",)}
    assert find_overlaps([utterance("a/1", **silent)], [utterance("b/1", **silent)]) == []


def test_the_same_manifest_shares_everything():
    rows = [utterance("a/1", speaker="s", text_id="t", sha256="x")]
    assert [overlap.kind for overlap in find_overlaps(rows, rows)] == [
        "utterance",
        "audio",
        "source",
        "text",
        "speaker",
    ]


def test_a_synthesized_twin_shares_the_source_text_and_voice_of_its_original():
    human = utterance("tess/OAF_back_sad", speaker="tess-OAF", text_id="say-the-word-back")
    twin = utterance("tts/1", domain="synthesized", system="tts", source_id=human.id)
    found = by_kind([human], [twin])
    assert list(found) == ["source", "text", "speaker"]
    assert found["source"].examples == (human.id,)
    assert found["text"].examples == ("say-the-word-back",)
    assert found["speaker"].examples == ("tess-OAF",)


def test_the_chain_of_sources_is_followed_to_its_end():
    human = utterance("h/1", speaker="s", text_id="t")
    step = utterance("tts/1", domain="synthesized", source_id="h/1", speaker="voice")
    again = utterance("tts/2", domain="synthesized", source_id="tts/1", text_id="u")
    found = by_kind([human, step], [again])
    assert found["source"].n_shared == 1 and found["source"].n_first == 2
    assert found["speaker"].examples == ("s", "voice")
    assert found["text"].examples == ("t",)


def test_twins_of_a_source_that_is_in_neither_manifest():
    found = by_kind(
        [utterance("x/1", domain="synthesized", source_id="gone/1")],
        [utterance("y/1", domain="synthesized", source_id="gone/1")],
    )
    assert list(found) == ["source"] and found["source"].examples == ("gone/1",)


def test_a_circle_of_sources_ends():
    first = [utterance("a", source_id="b", speaker="s"), utterance("b", source_id="a")]
    assert by_kind(first, [utterance("c", speaker="s")])["speaker"].n_first == 2


def test_examples_are_few_and_sorted():
    first = [utterance(f"a/{n}", text_id=f"t{n}") for n in range(9, 0, -1)]
    second = [utterance(f"b/{n}", text_id=f"t{n}") for n in range(9)]
    overlap = by_kind(first, second)["text"]
    assert (overlap.n_shared, overlap.examples) == (8, ("t1", "t2", "t3", "t4", "t5"))
