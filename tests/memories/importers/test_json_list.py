import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from memories.importers import Found, ImportContext, ImporterError, Record, Skip
from memories.importers.json_list import JsonImporter


def read(folder: Path, data: bytes) -> list[Found | Record | Skip]:
    (folder / "a.json").write_bytes(data)
    context = ImportContext(time_zone=ZoneInfo("UTC"), now=datetime(2026, 4, 1, tzinfo=UTC), source="diary")
    return list(JsonImporter().read(folder / "a.json", context=context))


ITEMS = [{"content": "one", "external_id": "1"}, {"content": "two", "source": "letters"}]


@pytest.mark.parametrize("value", [ITEMS, {"version": 1, "memories": ITEMS}])
def test_every_object_of_the_list_becomes_a_memory(tmp_path: Path, value: object) -> None:
    found = read(tmp_path, b"\xef\xbb\xbf" + json.dumps(value).encode())
    assert [(item.where, item.draft.content, item.draft.source) for item in found if isinstance(item, Found)] == [
        ("item 1", "one", "diary"),
        ("item 2", "two", "letters"),
    ]


def test_an_item_that_is_no_memory_is_named_by_its_number(tmp_path: Path) -> None:
    assert read(tmp_path, b'[{"content": "x"}, 7, {"title": "x"}, {"record": "pin"}]')[1:] == [
        Skip("item 2", "is not a JSON object"),
        Skip("item 3", "content: is missing"),
        Record("item 4", "pin", {"record": "pin"}),
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is not valid JSON"),
        (b"[{]", "is not valid JSON"),
        (b"[" * 100_000, "nested too deep"),
        (b"[\x00]", "holds a NUL byte"),
        (b'["\xff"]', "is not UTF-8 at byte 3"),
        (b'{"items": []}', 'is neither a list of memories nor an object with a list "memories"'),
        (b'"x"', "is neither a list"),
    ],
    ids=lambda value: str(value[:16]),
)
def test_a_file_that_is_no_list_of_memories_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(ImporterError, match=reason):
        read(tmp_path, data)
