"""Tables beside audio: CSV, TSV and JSON Lines, read into rows of text with their line numbers.

Conventions:
    Column names are compared in lower case without surrounding spaces; an empty cell and an absent one are "".
    A row that does not fit its header is an error with file and line, never skipped.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from emogap.corpora._layout import decoded_text
from emogap.errors import EmogapError

__all__ = ["TABLE_SUFFIXES", "Row", "Table", "read_table"]

TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".jsonl"})


@dataclass(frozen=True)
class Row:
    """One row: the line it starts on (from 1) and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A table in memory.

    Attributes:
        path: file it came from
        columns: in their order, lower case
        rows: in their order

    """

    path: Path
    columns: tuple[str, ...]
    rows: list[Row]

    def where(self, row: Row) -> str:
        """Name the row as errors and reports do: file and line."""
        return f"{self.path} line {row.line}"

    def require(self, columns: Iterable[str]) -> None:
        """Check for columns.

        Raises:
            EmogapError: if one is absent

        """
        absent = [column for column in columns if column not in self.columns]
        if absent:
            raise EmogapError(f"{self.path} has no column {', '.join(absent)}; it has: {', '.join(self.columns)}")


def read_table(path: Path, encodings: Sequence[str] = ("utf-8-sig",)) -> Table:
    """Read a table by its suffix: ``.csv`` (comma or semicolon), ``.tsv`` or ``.jsonl``.

    Raises:
        EmogapError: if the file cannot be read, or is not text in one of the encodings
        EmogapError: if a column has no name or two have the same
        EmogapError: if a row has too few or too many fields, or is no JSON object of plain values
        EmogapError: if the table has no row

    """
    text, _ = decoded_text(path, encodings)
    table = _json_lines(path, text) if path.suffix.lower() == ".jsonl" else _separated(path, text)
    if not table.rows:
        raise EmogapError(f"{path} holds no row")
    return table


def _separated(path: Path, text: str) -> Table:
    header = text.partition("\n")[0]
    delimiter = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=header.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: tuple[str, ...] = ()
    rows = []
    start = 1
    try:
        for fields in lines:
            if not any(field.strip() for field in fields):
                pass
            elif not columns:
                columns = _column_names(path, fields)
            elif len(fields) != len(columns):
                raise EmogapError(
                    f"{path} line {start} has {len(fields)} fields, expected {len(columns)}: {', '.join(columns)}. "
                    "A field that holds the separator must stand in double quotes"
                )
            else:
                rows.append(Row(start, dict(zip(columns, fields, strict=True))))
            start = lines.line_num + 1
    except csv.Error as problem:
        raise EmogapError(f"{path} line {start} is not a row of a table: {problem}") from None
    return Table(path, columns, rows)


def _column_names(path: Path, fields: Sequence[str]) -> tuple[str, ...]:
    names = tuple(field.strip().lower() for field in fields)
    twice = [name for name, n in Counter(names).items() if n > 1]
    if "" in names or twice:
        fault = f"the column {twice[0]!r} twice" if twice and twice[0] else "a column without a name"
        raise EmogapError(f"{path} has {fault}; its header is: {', '.join(fields)}")
    return names


def _json_lines(path: Path, text: str) -> Table:
    columns: dict[str, None] = {}
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = msgspec.json.decode(line, type=dict[str, str | int | float | None])
        except (msgspec.DecodeError, UnicodeError) as problem:
            raise EmogapError(f"{path} line {number} is not a JSON object of plain values: {problem}") from None
        names = _column_names(path, list(record))
        columns.update(dict.fromkeys(names))
        values = ("" if value is None else str(value) for value in record.values())
        rows.append(Row(number, dict(zip(names, values, strict=True))))
    cells = [Row(row.line, dict.fromkeys(columns, "") | row.cells) for row in rows]
    return Table(path, tuple(columns), cells)
