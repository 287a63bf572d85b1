"""What is to be said, and in which emotions: packaged sentences, the texts of other speech, or the user's own.

Conventions:
    A text is asked for once per emotion: texts that differ in case or punctuation alone are one text.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from emogap.errors import EmogapError
from emogap.execution.synthesis import Request
from emogap.manifest.labels import EMOTIONS, LabelPolicy, canonical_label
from emogap.manifest.records import Utterance
from emogap.manifest.sentences import packaged_sentences, plan
from emogap.manifest.texts import text_id
from emogap.recipes.sources import read_source

__all__ = ["SENTENCES", "asked_for", "packaged_requests", "paired_requests", "requests_for_texts"]

SENTENCES = "emogap-sentences"
"""Name of the packaged set, in the ``corpus`` field of what is made from it."""

_PAIRED_TEXTS = 6
"""Texts of the human side that are synthesized in all emotions, so that pairs exist."""


def asked_for(texts: str | None, emotions: str, seed: int) -> tuple[list[Request], list[str]]:
    """Return the requests that ``emogap synthesize`` is asked for, and sentences about what was passed over.

    Args:
        texts: a source, a ``.txt`` file with one text per line, or None for the packaged sentences
        emotions: ``own``, ``all``, or labels separated by commas
        seed: of the synthesizer

    Raises:
        EmogapError: if a text has no emotion of its own and none is asked for, or nothing is left to say
        UnknownNameError: if a label is unknown

    """
    chosen = _emotions(emotions)
    notes: list[str] = []
    if texts is None:
        requests = _packaged(chosen)
    elif Path(texts).suffix == ".txt" and Path(texts).is_file():
        requests = _lines(Path(texts), chosen)
    else:
        source = read_source(texts, LabelPolicy())
        requests = requests_for_texts(source.utterances, chosen)
        n_silent = sum(not u.text or (chosen is None and u.emotion not in EMOTIONS) for u in source.utterances)
        if n_silent:
            notes.append(f"{n_silent} of {len(source.utterances)} utterances have no text, or no emotion to ask for")
        if source.dropped:
            notes.append(f"{len(source.dropped)} files did not become utterances; `emogap read` lists them")
    distinct = _distinct(requests)
    if len(distinct) < len(requests):
        notes.append(f"{len(requests) - len(distinct)} texts are asked for twice; each is said once")
    if not distinct:
        raise EmogapError(f"{texts}: no utterance has both a text and an emotion to ask for; try --emotions all")
    return [msgspec.structs.replace(request, seed=seed) for request in distinct], notes


def packaged_requests() -> list[Request]:
    """Return the packaged plan: neutral carriers in all seven emotions, fitting sentences in their own."""
    return [Request(text=text, emotion=emotion, corpus=SENTENCES) for text, emotion in plan(packaged_sentences())]


def requests_for_texts(utterances: Sequence[Utterance], emotions: Sequence[str] | None = None) -> list[Request]:
    """Return one request per text and emotion of human utterances (paper, equation 4).

    Args:
        utterances: whose texts are said again; those without a text are passed over
        emotions: target emotions for every text; each utterance's own emotion when None

    """
    found: dict[tuple[str, str], Request] = {}
    for utterance in utterances:
        if not utterance.text or not utterance.text_id:
            continue
        own = (utterance.emotion,) if utterance.emotion in EMOTIONS else ()
        for emotion in emotions or own:
            found.setdefault(
                (utterance.text_id, emotion or ""),
                Request(
                    text=utterance.text, emotion=emotion or "", corpus=utterance.corpus or "texts",
                    source_id=utterance.id,
                ),
            )  # fmt: skip
    return list(found.values())


def paired_requests(human: Sequence[Utterance], trained_on: Callable[[Utterance], bool]) -> list[Request]:
    """Say some texts of the human side again, so that the gap can be paired by text.

    Args:
        human: the human side
        trained_on: tells utterances that no score counts, and whose texts are therefore of no use

    Returns:
        requests for the texts spoken in most emotions, evenly over corpora, in all seven emotions

    """
    texts: dict[str, dict[str, set[str]]] = {}
    for u in human:
        if u.text_id and u.emotion in EMOTIONS and not trained_on(u):
            texts.setdefault(u.corpus or "", {}).setdefault(u.text_id, set()).add(u.emotion)
    chosen: set[str] = set()
    for spoken in texts.values():
        ranked = sorted(spoken, key=lambda text: (-len(spoken[text]), text))
        chosen.update(ranked[: max(2, _PAIRED_TEXTS // len(texts))])
    return requests_for_texts([u for u in human if u.text_id in chosen], EMOTIONS)


def _packaged(chosen: Sequence[str] | None) -> list[Request]:
    requests = packaged_requests()
    if chosen is None:
        return requests
    unique = {request.text: request for request in requests}.values()
    return [msgspec.structs.replace(request, emotion=emotion) for request in unique for emotion in chosen]


def _lines(path: Path, chosen: Sequence[str] | None) -> list[Request]:
    if chosen is None:
        raise EmogapError(f"{path} has no emotions of its own; say --emotions all, or name them")
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [Request(text=line, emotion=emotion, corpus=path.stem) for line in lines if line for emotion in chosen]


def _distinct(requests: Iterable[Request]) -> list[Request]:
    distinct: dict[tuple[str | None, str], Request] = {}
    for request in requests:
        distinct.setdefault((text_id(request.text), request.emotion), request)
    return list(distinct.values())


def _emotions(names: str) -> tuple[str, ...] | None:
    if names == "own":
        return None
    if names == "all":
        return EMOTIONS
    found = [canonical_label(name, where="--emotions") for name in names.split(",")]
    return tuple(dict.fromkeys(emotion for emotion in found if emotion is not None))
