"""``run.json`` as tables: everything asked and resolved, every version and checksum."""

from collections.abc import Iterator, Mapping
from typing import Any

from emogap.manifest.provenance import Run

__all__ = ["citations", "setting_tables"]

_PAPER = """@inproceedings{ge2026emotion,
  title     = {On the Emotion Understanding of Synthesized Speech},
  author    = {Ge, Yuan and Zhao, Haishu and Hao, Aokai and Zhang, Junxiang and Li, Bei and Liu, Xiaoqian and
               Wang, Chenglong and Wang, Jianjin and Zhou, Bingsen and Liu, Bingyu and Zhu, Jingbo and
               Yu, Zhengtao and Xiao, Tong},
  booktitle = {Proceedings of the Annual Meeting of the Association for Computational Linguistics (ACL)},
  year      = {2026},
  note      = {arXiv:2603.16483}
}"""

Rows = list[tuple[str, str]]


def setting_tables(run: Run) -> list[tuple[str, Rows]]:
    """Return (title, rows) per part of ``run.json``; nothing in the file is left out."""
    head = {
        "command": f"emogap {run.command}",
        "emogap": run.emogap,
        "source checkout": _checkout(run.git),
        "python": run.python or "not recorded",
        "platform": run.platform or "not recorded",
        "started": run.started or "not recorded",
        "finished": run.finished or "not finished",
        "wall time": "not recorded" if run.seconds is None else f"{run.seconds:.1f} s",
        "format of run.json": run.version,
    }
    tables: list[tuple[str, Mapping[str, Any]]] = [
        ("Run", head),
        ("Items by outcome", run.items),
        ("Asked", run.asked),
        ("Resolved", run.resolved),
        ("Packages", run.packages),
        ("Checksums of the inputs (SHA-256)", run.inputs),
        ("Further facts about the checkout", {k: v for k, v in run.git.items() if k not in ("commit", "dirty")}),
    ]
    return [(title, list(_flat(table))) for title, table in tables if table]


def citations(run: Run) -> list[tuple[str, str]]:
    """Return (what, BibTeX) for emogap and for the paper it builds on."""
    software = (
        "@software{emogap,\n"
        "  title   = {emogap: how far can speech emotion recognition be trusted on synthesized speech?},\n"
        "  author  = {{The emogap developers}},\n"
        f"  version = {{{run.emogap}}},\n"
        "  license = {Apache-2.0}\n"
        "}"
    )
    return [("This software", software), ("The paper whose experiments it makes repeatable", _PAPER)]


def _checkout(git: Mapping[str, Any]) -> str:
    if not git.get("commit"):
        return "none: an installed package"
    return f"{git['commit']}, " + ("with uncommitted changes" if git.get("dirty") else "clean")


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Write nested settings as ``a.b.c`` and their values; lists of plain values share one cell."""
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{name}.")
        elif isinstance(value, list | tuple) and any(isinstance(item, Mapping | list | tuple) for item in value):
            yield from _flat({str(index): item for index, item in enumerate(value, 1)}, f"{name}.")
        else:
            yield name, _plain(value)


def _plain(value: Any) -> str:
    if value is None or value == "" or value == {} or value == []:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return str(value)
