"""Which groups of utterances a run has, and what the page calls them.

Conventions:
    A results file holds one entry for groups that are the same utterances (one corpus: "human" and "human, this
    corpus"). ``resolve`` turns every spelling of a group into the most specific one, so that equal groups compare
    equal whichever was written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from emogap.analysis.scored import PLACEBO, is_placebo
from emogap.manifest.records import Prediction, Utterance
from emogap.manifest.scores import Confusion, Gap, Group, Score, Scores
from emogap.report.wording import side

__all__ = ["HUMAN", "SYNTHESIZED", "Results", "Roster"]

HUMAN = Group(domain="human")
SYNTHESIZED = Group(domain="synthesized")


@dataclass(frozen=True)
class Roster:
    """The cells that a run has utterances in.

    Attributes:
        cells: (domain, corpus, system) of every utterance that can be scored

    """

    cells: frozenset[tuple[str, str | None, str | None]]

    @classmethod
    def of(cls, utterances: Iterable[Utterance], predictions: Mapping[str, Prediction]) -> "Roster":
        """Collect the cells of utterances with an emotion and a prediction that did not fail."""
        return cls(
            frozenset(
                (utterance.domain, utterance.corpus, utterance.system)
                for utterance in utterances
                if utterance.emotion is not None
                and utterance.id in predictions
                and predictions[utterance.id].outcome != "failed"
            )
        )

    def resolve(self, group: Group) -> Group:
        """Fill in corpus and system where only one is possible."""
        inside = [cell for cell in self.cells if self._holds(group, cell)]
        corpora, systems = {cell[1] for cell in inside}, {cell[2] for cell in inside}
        return msgspec.structs.replace(
            group,
            corpus=corpora.pop() if group.corpus is None and len(corpora) == 1 else group.corpus,
            system=systems.pop() if group.system is None and len(systems) == 1 else group.system,
        )

    def name(self, group: Group) -> str:
        """Return what the page calls a group; the corpus is left out where a side has only one."""
        full = self.resolve(group)
        kind = side(full)
        if kind == "human":
            return f"Human · {full.corpus}" if full.corpus is not None else "Human"
        if kind == "placebo":
            system = f"Placebo · {str(full.system).removeprefix(PLACEBO)}"
        else:
            system = full.system if full.system is not None else "All synthesized"
        corpora = {cell[1] for cell in self.cells if self._holds(msgspec.structs.replace(full, corpus=None), cell)}
        return f"{system} · {full.corpus}" if full.corpus is not None and len(corpora) > 1 else system

    @staticmethod
    def _holds(group: Group, cell: tuple[str, str | None, str | None]) -> bool:
        domain, corpus, system = cell
        if domain != group.domain or (group.corpus is not None and corpus != group.corpus):
            return False
        if group.system is not None:
            return system == group.system
        return not is_placebo(system)


class Results:
    """The numbers of one recognizer, found by what they are about instead of by how the group was spelled."""

    def __init__(self, scores: Scores, roster: Roster, recognizer: str) -> None:
        self.roster = roster
        self.recognizer = recognizer
        self.scores = tuple(score for score in scores.scores if score.recognizer == recognizer)
        self._scores: dict[tuple[str, Group], Score] = {
            (score.name, self._key(score.group)): score for score in self.scores
        }
        self._confusions = {
            self._key(confusion.group): confusion
            for confusion in scores.confusions
            if confusion.recognizer == recognizer
        }
        self.gaps = tuple(gap for gap in scores.gap if gap.recognizer == recognizer)
        self._gaps: dict[tuple[str, str, Group, Group], Gap] = {
            (gap.name, gap.pairing, self._key(gap.human), self._key(gap.synthesized)): gap for gap in self.gaps
        }

    def score(self, name: str, group: Group) -> Score | None:
        """Return a metric of a group."""
        return self._scores.get((name, self._key(group)))

    def recall(self, group: Group, emotion: str) -> Score | None:
        """Return the recall of one emotion in a group."""
        return self._scores.get(("recall", self._key(msgspec.structs.replace(group, emotion=emotion))))

    def confusion(self, group: Group) -> Confusion | None:
        """Return the confusion matrix of a group."""
        return self._confusions.get(self._key(group))

    def gap(self, name: str, pairing: str, human: Group, synthesized: Group) -> Gap | None:
        """Return the gap of a metric between two groups."""
        return self._gaps.get((name, pairing, self._key(human), self._key(synthesized)))

    def lineup(self) -> list[Score]:
        """Return the UA of the groups that pictures show, in their order; each group in its most specific spelling.

        Human speech pooled, human corpora, placebo arms, all synthesized speech, systems. A system or an arm that
        has no entry pooled over corpora is shown once per corpus.
        """
        by_group = {self._key(score.group): score for score in self.scores if score.name == "uar"}
        groups = sorted(by_group, key=lambda group: (group.corpus is not None, group.corpus or "", group.system or ""))
        everything = self._key(SYNTHESIZED)
        lineup = [group for group in groups if side(group) == "human"] + _widest(groups, "placebo")
        if everything in by_group and everything.system is None:
            lineup.append(everything)
        lineup += _widest(groups, "synthesized")
        return [msgspec.structs.replace(by_group[group], group=group) for group in lineup]

    def _key(self, group: Group) -> Group:
        return self.roster.resolve(group)


def _widest(groups: list[Group], kind: str) -> list[Group]:
    """Return one group per system where one is pooled over corpora, else all of the system's groups."""
    mine = [group for group in groups if side(group) == kind and group.system is not None]
    pooled = {group.system for group in mine if group.corpus is None}
    return sorted(
        (group for group in mine if group.corpus is None or group.system not in pooled),
        key=lambda group: (group.system or "", group.corpus or ""),
    )
