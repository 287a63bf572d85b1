"""Recipes by name."""

from collections.abc import Sequence
from pathlib import Path

from emogap.errors import UnknownNameError
from emogap.execution.cache import Cache
from emogap.execution.progress import Progress
from emogap.execution.run_folder import Existing, claim
from emogap.manifest.labels import LabelPolicy
from emogap.manifest.provenance import Run
from emogap.recipes import default_head
from emogap.recipes.sources import as_domain, inspected, merged, path_of, read_source

__all__ = ["RECIPES", "run_recipe"]

RECIPES: tuple[str, ...] = ("default-head",)
"""Names of the recipes."""


def run_recipe(
    name: str, human: Sequence[str], folder: Path, existing: Existing, cache: Cache, progress: Progress
) -> list[str]:
    """Run a recipe and return the lines to print.

    Raises:
        UnknownNameError: if there is no such recipe
        EmogapError: if a source cannot be read, or the folder is taken

    """
    if name not in RECIPES:
        raise UnknownNameError("recipe", name, RECIPES)
    run = Run.start(name, {"human": list(human)})
    sources = [read_source(source, LabelPolicy()) for source in human]
    claim(folder, run, existing, map(path_of, human))
    utterances = merged(as_domain(inspected(source, cache, progress), "human") for source in sources)
    summary = default_head.rebuild(utterances, folder, cache, progress)
    run.finish(summary.facts, {"ok": len(utterances)}).write(folder)
    return summary.lines
