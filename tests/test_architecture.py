"""The house rules that a machine can check."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "emogap"
FILES = sorted(SOURCE.rglob("*.py"))


def _parameters(node):
    """Names of a function's parameters, without the instance or the class."""
    given = node.args
    names = [a.arg for a in (*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg) if a]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def _imported(tree):
    """Top-level packages a module imports, however it writes it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def test_the_rules_see_every_spelling():
    source = "import a.b\nfrom pickle import load\nfrom . import c\ndef f(self, x, /, y, *z, k, **rest): ..."
    tree = ast.parse(source)
    assert _imported(tree) == {"a", "pickle"}
    assert _parameters(tree.body[-1]) == ["x", "y", "z", "k", "rest"]


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(SOURCE)))
def test_files_functions_and_signatures_stay_small(file):
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno <= 60, node.name
            # A command of the command line takes one parameter per option.
            assert file.name == "cli.py" or len(_parameters(node)) <= 7, node.name


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(SOURCE)))
def test_input_is_not_checked_by_assert_and_pickles_are_not_opened(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    assert not _imported(tree) & {"pickle", "dill", "joblib", "shelve"}


def test_no_room_is_called_after_nothing():
    banned = {"utils", "util", "helpers", "common", "core", "misc", "base", "manager", "handlers"}
    assert not [f for f in FILES if {f.stem, f.parent.name} & banned]


def test_the_command_line_starts_without_heavy_packages():
    heavy = ("torch", "ctranslate2", "hibari", "sklearn", "onnx", "onnxruntime")
    code = f"import sys, emogap.cli; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
