"""Arrive: one memory a line, each a JSON object (.ndjson, .jsonl).

Lines are read one by one in bounded memory: a line that is too long is passed over in
pieces, never held whole.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

from memories.drafts import DraftError, parse_draft
from memories.importers.base import (
    Found,
    ImportContext,
    ImporterError,
    Size,
    Skip,
)

SUFFIXES: Final = frozenset({".ndjson", ".jsonl"})
MAX_LINE: Final = 4 * 1024 * 1024  # bytes; the longest content in UTF-8 fits into it
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

    def read(self, path: Path, *, context: ImportContext) -> Iterator[Found | Skip]:
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


def _read_line(line: Line, *, context: ImportContext) -> Iterator[Found | Skip]:
    where = f"line {line.number}"
    if line.text is None:
        yield Skip(where, f"is {line.size} bytes long, at most {MAX_LINE} are read")
        return
    if not line.text.strip():
        return
    try:
        draft = parse_draft(
            read_object(read_json(line.text)),
            time_zone=context.time_zone,
            now=context.now,
            source=context.source,
        )
    except (LineError, DraftError) as error:
        yield Skip(where, str(error))
    else:
        yield Found(where, draft)


def read_object(value: object) -> dict[str, object]:
    """Answer a JSON value if it is the object of a memory.

    Raises:
        LineError: it is anything else.
    """
    if not isinstance(value, dict):
        raise LineError("is not a JSON object")
    record = value.get("record")
    if not isinstance(record, str | None):
        raise LineError("record: must be text")
    if record not in (None, "memory"):
        raise LineError(f"record {str(record)[:40]!r} is not understood by this version")
    return value


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
