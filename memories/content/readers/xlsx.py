"""Arrive: the text of an Excel workbook: the values, row by row."""

from collections.abc import Iterator
from datetime import datetime, time
from io import BytesIO
from itertools import groupby
from typing import Any, Final

from openpyxl import load_workbook

MAX_BLANK_ROWS: Final = 100  # one cell at the very bottom stands below a million of them


def read_text(data: bytes) -> Iterator[str]:
    """A line for a row, a tab between its cells; a sheet's name above it where there are several."""
    book = load_workbook(BytesIO(data), read_only=True, data_only=True)
    sheets: list[Any] = book.worksheets
    for number, sheet in enumerate(sheets):
        if len(sheets) > 1:
            yield f"\n# {sheet.title}" if number else f"# {sheet.title}"
        yield from _read_sheet(sheet)


def _read_sheet(sheet: Any) -> Iterator[str]:
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    rows = ("\t".join(map(_word, row)).rstrip("\t") for row in sheet.iter_rows(values_only=True))
    for is_blank, group in groupby(rows, key=lambda row: not row):
        for number, row in enumerate(group):
            if not is_blank or number < MAX_BLANK_ROWS:
                yield row


def _word(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="minutes")
    return str(value).replace("\n", " ").replace("\t", " ")
