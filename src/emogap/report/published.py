"""The paper's numbers beside ours, where both measured the same cell.

Conventions:
    A published number is context and never a pass mark: recognizer, synthesizers and utterances differ. Cells are
    matched by domain, corpus and emotion. ``published.json`` holds numbers and their place only, in percent as
    printed; ``n`` there is recovered from the printed percentages, the paper does not state it.
"""

import re
from dataclasses import dataclass
from importlib.resources import files

import msgspec

from emogap.manifest.scores import Group, Score
from emogap.report.roster import Results
from emogap.report.tables import Footnotes
from emogap.report.wording import interval_text, percent

__all__ = ["Published", "PublishedCell", "PublishedRow", "published_rows", "read_published"]


class PublishedCell(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One printed number.

    Attributes:
        experiment: key of ``Published.experiments``
        domain: ``human`` or ``synthesized``
        corpus: as the paper writes it
        emotion: None for accuracy over all emotions (WA), else the recall of this emotion
        percent: as printed
        n: utterances behind it, recovered; None where that is ambiguous

    """

    experiment: str
    domain: str
    corpus: str
    emotion: str | None
    percent: float
    n: int | None


class Experiment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where numbers stand and what they were measured with."""

    place: str
    recognizer: str


class Published(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``published.json``."""

    paper: str
    sizes: str
    experiments: dict[str, Experiment]
    cells: tuple[PublishedCell, ...]


@dataclass(frozen=True)
class PublishedRow:
    """A printed number and ours.

    Attributes:
        part: corpus and domain
        metric: ``WA`` or ``recall of EMOTION``
        printed: percent, as printed
        printed_n: recovered size, or ``?``
        place: table and row of the paper
        mark: of the footnote that says what was measured there
        ours: percent
        interval: of ours
        n: of ours
        who: our group

    """

    part: str
    metric: str
    printed: str
    printed_n: str
    place: str
    mark: str
    ours: str
    interval: str
    n: str
    who: str


def read_published() -> Published:
    """Read the packaged numbers."""
    return msgspec.json.decode(files("emogap.report").joinpath("published.json").read_bytes(), type=Published)


def published_rows(results: Results, published: Published, footnotes: Footnotes) -> list[PublishedRow]:
    """Return the published cells that this run measured too, once per group of ours that matches.

    Accuracy is listed for every matching group; recalls, where systems are pooled too, for the pooled group alone.
    Where a corpus matches on one side only, the published accuracy of its other side is listed as not measured.
    """
    resolve = results.roster.resolve
    groups = sorted({resolve(_pooled(score)) for score in results.scores}, key=results.roster.name)
    matched: dict[int, list[tuple[Group, Score]]] = {}
    for index, cell in enumerate(published.cells):
        found = [(group, score) for group in groups if (score := _same_cell(results, group, cell)) is not None]
        pooled = [(group, score) for group, score in found if group.system is None]
        if found:
            matched[index] = pooled if pooled and cell.emotion is not None else found
    corpora = {published.cells[index].corpus for index in matched}
    rows = []
    for index, cell in enumerate(published.cells):
        experiment = published.experiments[cell.experiment]
        if index in matched:
            ours = [(score, results.roster.name(group)) for group, score in matched[index]]
            rows += [_row(cell, experiment, footnotes, score, who) for score, who in ours]
        elif cell.corpus in corpora and cell.emotion is None:
            rows.append(_row(cell, experiment, footnotes, None, "not measured here"))
    return sorted(rows, key=lambda row: (row.part, row.metric != "WA", row.metric, row.place, row.who))


def _row(
    cell: PublishedCell, experiment: Experiment, footnotes: Footnotes, score: Score | None, who: str
) -> PublishedRow:
    return PublishedRow(
        part=f"{cell.corpus}, {cell.domain}",
        metric="WA" if cell.emotion is None else f"recall, {cell.emotion}",
        printed=f"{cell.percent:.2f}",
        printed_n="?" if cell.n is None else f"{cell.n:,}",
        place=experiment.place,
        mark=footnotes.mark(experiment.recognizer),
        ours=percent(score.value) if score else "–",
        interval=interval_text(score.low, score.high) if score else "",
        n=f"{score.n:,}" if score else "–",
        who=who,
    )


def _same_cell(results: Results, group: Group, cell: PublishedCell) -> Score | None:
    full = results.roster.resolve(group)
    if full.domain != cell.domain or full.corpus is None or _plain(full.corpus) != _plain(cell.corpus):
        return None
    if full.domain == "human" and full.system is not None:
        return None
    return results.score("wa", group) if cell.emotion is None else results.recall(group, cell.emotion)


def _pooled(score: Score) -> Group:
    return Group(domain=score.group.domain, corpus=score.group.corpus, system=score.group.system)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
