"""Arrive: a table (.csv, .tsv), a memory a row, its columns named like the fields of ndjson. Other columns become metadata."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from memories.drafts import DraftError, parse_draft
from memories.importers.base import Found, ImportContext, ImporterError, Size, Skip
from memories.importers.ndjson import LineError, read_json

SUFFIXES: Final = frozenset({".csv", ".tsv"})
SAMPLE: Final = 65_536  # bytes
FIELDS: Final = frozenset(
    ["content", "external_id", "occurred_at", "source", "title", "author", "participants", "thread_id", "reply_to", "metadata", "message_id", "in_reply_to"]
)  # fmt: skip
MAX_CELL: Final = 4 * 1024 * 1024  # characters


class CsvImporter:
    """Reads tables as spreadsheets write them: with commas, semicolons or tabs, in UTF-8 or Windows-1252."""

    name: Final = "csv"

    def can_read(self, path: Path) -> bool:
        return path.is_file() and path.suffix.lower() in SUFFIXES

    def measure(self, path: Path) -> Size:
        return Size(total=path.stat().st_size, unit="B")

    def read(self, path: Path, *, context: ImportContext) -> Iterator[Found | Skip]:
        try:
            encoding = _encoding(path)
            # Bytes of a broken UTF-16 cannot be kept as they are: a letter is lost, and not the rows behind it.
            errors = "replace" if encoding == "utf-16" else "surrogateescape"
            with path.open(encoding=encoding, errors=errors, newline="") as file:
                yield from _read_table(file, path=path, context=context)
        except OSError as error:
            raise ImporterError(f"{path} cannot be read: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table, or why it is none; `line` is the line on which it begins."""

    line: int
    cells: list[str]
    reason: str = ""


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _read_table(file: TextIO, *, path: Path, context: ImportContext) -> Iterator[Found | Skip]:
    rows = _rows(file)
    columns = [cell.strip().lower() for cell in next(rows, Row(1, [])).cells]
    if "content" not in columns:
        raise ImporterError(f"{path} has no column named content; its columns are: {', '.join(columns)[:200]}")
    read = 0
    for row in rows:
        if row.reason or any(cell.replace("\ufffd", "").strip() for cell in row.cells):
            yield _read_row(row, columns=columns, context=context)
        position = file.buffer.tell()
        context.advance(position - read)
        read = position


def _rows(file: TextIO) -> Iterator[Row]:
    csv.field_size_limit(MAX_CELL)
    first = file.readline()
    delimiter = max(",;\t", key=first.count)
    file.seek(0)
    reader = csv.reader(file, delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            yield Row(line, next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, [], f"is not CSV: {error}")


def _read_row(row: Row, *, columns: Sequence[str], context: ImportContext) -> Found | Skip:
    where = f"line {row.line}"
    if row.reason:
        return Skip(where, row.reason)
    if len(row.cells) > len(columns):
        return Skip(where, f"has {len(row.cells)} cells, the first line names {len(columns)} columns")
    try:
        raw = _read_cells(dict(zip(columns, row.cells, strict=False)))
        return Found(where, parse_draft(raw, time_zone=context.time_zone, now=context.now, source=context.source))
    except (LineError, DraftError) as error:
        return Skip(where, str(error))


def _read_cells(cells: dict[str, str]) -> dict[str, Any]:
    raw: dict[str, Any] = {name: cell for name, cell in cells.items() if name in FIELDS and cell.strip()}
    for name, cell in raw.items():
        if any("\ud800" <= letter <= "\udfff" for letter in cell):
            raise LineError(f"{name}: is not in the encoding of the first lines")
    if "participants" in raw:
        raw["participants"] = _participants(raw["participants"])
    others = {name: cell for name, cell in cells.items() if name not in FIELDS and name and cell.strip()}
    metadata = _json(raw["metadata"], column="metadata") if "metadata" in raw else {}
    return raw | {"metadata": others | metadata if isinstance(metadata, dict) else metadata}


def _participants(cell: str) -> object:
    """A JSON list as in ndjson, or people as in a mail: "Ana Ribeiro <ana@example.org>; Ben Costa"."""
    if cell.lstrip().startswith("["):
        return _json(cell, column="participants")
    return [_person(part.strip()) for part in cell.split(";")]


def _person(written: str) -> dict[str, str]:
    name, bracket, address = written.partition("<")
    if not bracket and "@" in written:
        name, address = "", written
    return {"name": name.strip(' "'), "address": address.strip("> ")}


def _json(cell: str, *, column: str) -> object:
    try:
        return read_json(cell.encode())
    except LineError as error:
        raise LineError(f"{column}: {error}") from None
