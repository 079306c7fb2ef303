"""Arrive: one memory a line, each a JSON object (.ndjson, .jsonl). What an export writes comes back by it.

Lines are read one by one in bounded memory: a line that is too long is passed over in
pieces, never held whole.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

from memories.drafts import DraftError, MemoryDraft, parse_account, parse_draft
from memories.importers.base import (
    Found,
    ImportContext,
    ImporterError,
    Record,
    Size,
    Skip,
)

SUFFIXES: Final = frozenset({".ndjson", ".jsonl"})
MAX_LINE: Final = 12 * 1024 * 1024  # bytes; the largest memory fits into it, though each of its letters were escaped
PIECE: Final = 64 * 1024  # bytes
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class LineError(Exception):
    """Why a line holds no memory."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file; `text` is None where it was too long to be held."""

    number: int
    size: int
    text: bytes | None


class NdjsonImporter:
    """Reads the product's own exchange format."""

    name: Final = "ndjson"

    def can_read(self, path: Path) -> bool:
        return path.is_file() and path.suffix.lower() in SUFFIXES

    def measure(self, path: Path) -> Size:
        return Size(total=path.stat().st_size, unit="B")

    def read(self, path: Path, *, context: ImportContext) -> Iterator[Found | Record | Skip]:
        try:
            with path.open("rb") as file:
                for line in _lines(file):
                    context.advance(line.size)
                    yield from _read_line(line, context=context)
        except OSError as error:
            raise ImporterError(f"{path} cannot be read: {error.strerror}") from error


def _lines(file: BinaryIO) -> Iterator[Line]:
    number = 0
    while piece := file.readline(MAX_LINE):
        number += 1
        if len(piece) < MAX_LINE or piece.endswith(b"\n"):
            text = piece.removeprefix(BYTE_ORDER_MARK) if number == 1 else piece
            yield Line(number=number, size=len(piece), text=text)
        else:
            yield Line(number=number, size=len(piece) + _pass_over(file), text=None)


def _pass_over(file: BinaryIO) -> int:
    """Read on to the end of the line, keeping nothing; answer the bytes passed."""
    passed = 0
    while piece := file.readline(PIECE):
        passed += len(piece)
        if piece.endswith(b"\n"):
            break
    return passed


def _read_line(line: Line, *, context: ImportContext) -> Iterator[Found | Record | Skip]:
    where = f"line {line.number}"
    if line.text is None:
        yield Skip(where, f"is {line.size} bytes long, at most {MAX_LINE} are read")
        return
    if not line.text.strip():
        return
    try:
        value = read_json(line.text)
    except LineError as error:
        yield Skip(where, str(error))
    else:
        yield read_item(value, where=where, context=context)


def read_item(value: object, *, where: str, context: ImportContext) -> Found | Record | Skip:
    """Read a JSON value as a memory, or as one of the records that an export writes beside them."""
    if not isinstance(value, dict):
        return Skip(where, "is not a JSON object")
    record = value.get("record", "memory")
    if not isinstance(record, str):
        return Skip(where, "record: must be text")
    if record != "memory":
        return Record(where, record, value)
    try:
        return Found(where, _read_draft(value, context=context))
    except DraftError as error:
        return Skip(where, str(error))


def _read_draft(raw: Mapping[str, object], *, context: ImportContext) -> MemoryDraft:
    """A line that says it is a record was written by an export, so its account is the key's; any other line has none."""
    draft = parse_draft(raw, time_zone=context.time_zone, now=context.now, source=context.source)
    return replace(draft, account=parse_account(raw)) if "record" in raw else draft


def read_json(line: bytes) -> object:
    """Read JSON as strictly as RFC 8259 has it.

    Raises:
        LineError: it is none.
    """
    if b"\x00" in line:
        raise LineError("holds a NUL byte")
    try:
        # Decoded here: json.loads would take bytes for UTF-16 as it sees fit.
        return json.loads(line.decode(), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise LineError(f"is not UTF-8 at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        reason = f"is not valid JSON: {error.msg} (character {error.pos + 1})"
        raise LineError(reason) from None
    except RecursionError:
        raise LineError("is not valid JSON: nested too deep") from None
    except ValueError:  # the interpreter's limit on digits, 4,300 as a rule
        raise LineError("is not valid JSON: a number is too long") from None


def _refuse_constant(name: str) -> NoReturn:
    raise LineError(f"is not valid JSON: {name} is no number")
