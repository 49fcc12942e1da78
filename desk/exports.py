"""Rows as files that other programs open: CSV and Excel, row by row, never all of them in memory."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import xlsxwriter

Rows = Iterable[Mapping[str, Any]]

_MARK = "\ufeff"
"""Tells Excel that a file is UTF-8; without it Kazakh letters are taken for others."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PART = 1 << 16


def as_csv(columns: Sequence[str], rows: Rows) -> Iterator[str]:
    """The lines of a CSV file (RFC 4180), the names of the columns first."""
    yield _MARK
    yield _line(columns)
    for row in rows:
        yield _line([_cell(row[name]) for name in columns])


def _line(values: Sequence[Any]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerow(values)
    return buffer.getvalue()


def _cell(value: Any) -> Any:
    """What a spreadsheet would calculate is shown as it stands."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def as_xlsx(columns: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """The parts of an Excel file with one sheet; it goes through a file, as its table of contents ends it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.xlsx"
        _write(path, columns, rows)
        with path.open("rb") as file:
            while part := file.read(_PART):
                yield part


def _write(path: Path, columns: Sequence[str], rows: Rows) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("Tirek")
        sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, [row[name] for name in columns])
        sheet.autofilter(0, 0, max(sheet.dim_rowmax or 0, 0), len(columns) - 1)
