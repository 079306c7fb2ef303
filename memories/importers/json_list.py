"""Arrive: a JSON file with a list of memories, bare or under "memories", each in the shape of a line of ndjson."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from memories.importers.base import Found, ImportContext, ImporterError, Record, Size, Skip
from memories.importers.ndjson import BYTE_ORDER_MARK, LineError, read_item, read_json

MAX_FILE: Final = 256 * 1024 * 1024  # bytes; the file is read whole, ndjson knows no such limit


class JsonImporter:
    """Reads a list of memories that somebody else's program wrote."""

    name: Final = "json"

    def can_read(self, path: Path) -> bool:
        return path.is_file() and path.suffix.lower() == ".json"

    def measure(self, path: Path) -> Size:
        return Size(total=path.stat().st_size, unit="B")

    def read(self, path: Path, *, context: ImportContext) -> Iterator[Found | Record | Skip]:
        for number, item in enumerate(_read_list(path), 1):
            yield read_item(item, where=f"item {number}", context=context)
        context.advance(path.stat().st_size)


def _read_list(path: Path) -> list[object]:
    try:
        if path.stat().st_size > MAX_FILE:
            raise ImporterError(f"{path} is longer than {MAX_FILE // 1024**2} MB; as ndjson it may have any length")
        value = read_json(path.read_bytes().removeprefix(BYTE_ORDER_MARK))
    except OSError as error:
        raise ImporterError(f"{path} cannot be read: {error.strerror}") from error
    except LineError as error:
        raise ImporterError(f"{path} {error}") from None
    items = value.get("memories") if isinstance(value, dict) else value
    if not isinstance(items, list):
        raise ImporterError(f'{path} is neither a list of memories nor an object with a list "memories"')
    return items
