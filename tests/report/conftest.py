"""A run folder made by the tests: records of their own, scores by the real analysis, sounds by the ``tone`` fixture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from emogap.analysis.gap import Answers, GapSettings, measure_gap, word_error_rates
from emogap.manifest.files import write_rows
from emogap.manifest.labels import EMOTIONS
from emogap.manifest.provenance import Run
from emogap.manifest.records import Dropped, Prediction, Transcript, Utterance
from emogap.manifest.texts import text_id

EVIL = "<script>alert(1)</script>"
TEXTS = ("The keys are on the table.", f"She typed {EVIL} & left.", "“Nothing”, he said.", "We won!")
VOID = frozenset({"meta", "br", "img", "link", "input", "hr"})


@dataclass
class Page(HTMLParser):
    """What a browser would see: tags with attributes, all text, and whether every tag is closed."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data

    def values(self, attribute: str) -> list[str]:
        """All values of an attribute."""
        return [attributes[attribute] or "" for _, attributes in self.tags if attribute in attributes]


@pytest.fixture
def parse() -> Callable[[Path], Page]:
    def read(path: Path) -> Page:
        page = Page()
        page.feed(path.read_text(encoding="utf-8"))
        page.close()
        assert page.open == []
        return page

    return read


@dataclass
class Speech:
    """Utterances with the share of them that the made-up recognizer gets right."""

    utterances: list[Utterance]
    right: float


def answers(parts: Sequence[Speech], emotions: Sequence[str], fallback: str) -> list[Prediction]:
    """Right for the first ``right`` of every ten utterances, else the fallback; deterministic."""
    rows = []
    for part in parts:
        for index, utterance in enumerate(part.utterances):
            # Strides through residues so that every emotion gets its share of right answers.
            right = (index * 7 + index // 10) % 10 < 10 * part.right and utterance.emotion is not None
            label = str(utterance.emotion) if right else fallback
            rest = dict.fromkeys(emotions, 0.05)
            rows.append(
                Prediction(
                    utterance_id=utterance.id, predicted=label, scores={**rest, label: 0.5 + 0.001 * (index % 300)}
                )
            )
    return rows


@pytest.fixture
def make_run(tmp_path, tone):
    """Return ``make_run(name="run", ...) -> folder``, a complete run folder."""

    def make(
        name: str = "run",
        human: Sequence[str] = ("TESS", "ravdess"),
        systems: Sequence[str] = ("hibari", "espeak"),
        per_emotion: int = 6,
        emotions: Sequence[str] = EMOTIONS,
        seconds: float = 0.3,
        compare: bool = True,
        placebo: bool = True,
        target_emotions: bool = True,
        audio: bool = True,
        resolved: dict | None = None,
        recognizers: tuple[str, str] = ("whisper", "toy"),
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir()

        def speech(domain: str, corpus: str, system: str | None, right: float, arm: int) -> Speech:
            rows = []
            for index in range(per_emotion * len(emotions)):
                emotion, text = emotions[index % len(emotions)], TEXTS[index // len(emotions) % len(TEXTS)]
                path = Path("audio") / f"{domain}-{arm}-{index}.wav"
                if audio:
                    tone(folder / path, hz=150 + index, seconds=seconds)
                rows.append(
                    Utterance(
                        id=f"{system or corpus}/{corpus}/{index:03d}",
                        path=str(path),
                        domain=domain,
                        corpus=corpus,
                        speaker=f"{corpus}-{index % 2}" if system is None else f"{system}-voice",
                        text=text,
                        text_id=text_id(text),
                        system=system,
                        emotion=emotion if domain == "human" or target_emotions else None,
                    )
                )
            return Speech(rows, right)

        people = [speech("human", corpus, None, 0.9, arm) for arm, corpus in enumerate(human)]
        machines = [speech("synthesized", "sentences", system, 0.3, arm) for arm, system in enumerate(systems)]
        arms = [
            Speech([msgspec.structs.replace(u, id=f"placebo/trim/{u.id}", system="placebo/trim", source_id=u.id)
                    for u in part.utterances], 0.8)
            for part in people if placebo
        ]  # fmt: skip
        parts = [*people, *machines, *arms]
        given = [(recognizers[0], answers(parts, emotions, "other"))]
        if compare:
            poorer = [Speech(p.utterances, p.right - 0.2) for p in parts]
            given.append((recognizers[1], answers(poorer, emotions, emotions[-1])))
        everyone = [utterance for part in parts for utterance in part.utterances]
        heard = [Transcript(utterance_id=u.id, hypothesis=u.text) for part in machines for u in part.utterances]
        settings = GapSettings(n_resamples=200)
        scores = measure_gap(
            everyone, [Answers(r, {row.utterance_id: row for row in rows}) for r, rows in given], settings
        )
        rates = word_error_rates(everyone, heard, "whisper", settings) if heard else ()
        msgspec.structs.replace(scores, word_error_rates=rates).write(folder / "scores.json")
        for file, group in (("human", people), ("synthesized", machines), ("placebo", arms)):
            write_rows(folder / f"{file}.jsonl", [utterance for part in group for utterance in part.utterances])
        for file, (_, rows) in zip(("predictions", "predictions.compare"), given, strict=False):
            write_rows(folder / f"{file}.jsonl", rows)
        write_rows(folder / "transcripts.jsonl", heard)
        write_rows(folder / "dropped.jsonl", [Dropped(path=f"x/{EVIL}.wav", reason="no samples", detail=EVIL)])
        facts = {"recognizer": {"id": "whisper", "fingerprint": "w|1", "card": {"labels": list(emotions)}}}
        asked = {"human": list(human), "recognizer": recognizers[0], "compare": recognizers[1] if compare else None}
        run = Run(command="gap", asked=asked, resolved={**facts, **(resolved or {})}, finished="2026-01-02")
        run.write(folder)
        return folder

    return make
