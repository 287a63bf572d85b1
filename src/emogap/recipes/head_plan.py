"""What the default head is made from and judged on, as ``default_head.toml`` writes it."""

from importlib.resources import files
from itertools import product
from typing import Literal

import msgspec

from emogap.training.head import Balance, Candidate

__all__ = ["Candidates", "InnerValidation", "Plan", "packaged_plan"]


class Candidates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What inner validation chooses from: every combination."""

    poolings: tuple[str, ...]
    balances: tuple[Balance, ...]
    shrinkages: tuple[float, ...]

    def all(self) -> list[Candidate]:
        """Return the combinations, in the order written."""
        return [Candidate(*parts) for parts in product(self.poolings, self.balances, self.shrinkages)]


class InnerValidation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How inner validation chooses.

    Attributes:
        n_folds: folds
        groups: by corpus, what is never on both sides of a fold
        floors: by corpus, UA that the winner must reach

    """

    n_folds: int
    groups: dict[str, Literal["speaker", "text_id"]]
    floors: dict[str, float]


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The recipe, as ``default_head.toml`` writes it.

    Attributes:
        shipped_fold: index into ``ravdess_folds`` of the actors the shipped head never hears
        tess_unseen_words: how many of the last words of TESS no head of the first two protocols hears
        ravdess_folds: actors held out together
        candidates: what inner validation chooses from
        inner_validation: how

    """

    shipped_fold: int
    tess_unseen_words: int
    ravdess_folds: tuple[tuple[str, ...], ...]
    candidates: Candidates
    inner_validation: InnerValidation


def packaged_plan() -> Plan:
    """Return the recipe that ships with emogap."""
    return msgspec.toml.decode((files("emogap.recipes") / "default_head.toml").read_bytes(), type=Plan)
