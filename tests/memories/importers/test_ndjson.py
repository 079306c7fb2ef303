import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from memories.importers import Found, ImportContext, ImporterError, Record, Size, Skip
from memories.importers.ndjson import MAX_LINE, NdjsonImporter

GOOD = b'{"content": "Rain.", "occurred_at": "2024-07-03"}'
DEEP = 100_000


def context() -> ImportContext:
    now = datetime(2024, 7, 3, tzinfo=UTC)
    return ImportContext(time_zone=ZoneInfo("UTC"), now=now, source="diary")


def read(folder: Path, *lines: bytes) -> list[Found | Record | Skip]:
    path = folder / "memories.ndjson"
    path.write_bytes(b"\n".join(lines))
    return list(NdjsonImporter().read(path, context=context()))


def contents(items: list[Found | Record | Skip]) -> Iterator[str]:
    return (item.draft.content for item in items if isinstance(item, Found))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"content": "x"', "is not valid JSON: Expecting ',' delimiter"),
        (b"content: x", "is not valid JSON: Expecting value (character 1)"),
        (b'{"title": "x"}', "content: is missing"),
        (b'{"content": "x", "occurred_at": "soon"}', "occurred_at: 'soon' is no date"),
        (b'{"content": "a\\u0000b"}', "content: holds a NUL character"),
        (b'{"content": "a\x00b"}', "holds a NUL byte"),
        (b'{"content": "a\\ud800b"}', "content: holds half of a surrogate pair"),
        (b'{"content": "a\xffb"}', "is not UTF-8 at byte 15"),
        (b'{"content": "' + b"x" * 13_000_000 + b'"}', "is 13000016 bytes long"),
        (
            b'{"content": "' + b"x" * 1_500_000 + b'"}',
            "content: is longer than 1000000",
        ),
        (b"[" * DEEP, "is not valid JSON: nested too deep"),
        (b'{"a":' * DEEP + b"1" + b"}" * DEEP, "is not valid JSON: nested too deep"),
        (b'{"content": "x", "metadata": {"a": NaN}}', "is not valid JSON: NaN is no"),
        (b'{"content": "x", "metadata": {"a": 1e400}}', "metadata: holds a number"),
        (b'{"n": ' + b"9" * 5_000 + b"}", "is not valid JSON: a number is too long"),
        (b'["content"]', "is not a JSON object"),
        (b"null", "is not a JSON object"),
        (b'{"content": 7}', "content: must be text, not a number"),
        (b'{"content": "x", "metadata": 7}', "metadata: must be an object"),
        (b'{"record": {}}', "record: must be text"),
    ],
    ids=lambda value: str(value[:24]),
)
def test_a_hostile_line_is_named_by_its_number_and_the_rest_is_read(tmp_path: Path, line: bytes, reason: str) -> None:
    before, skip, after = read(tmp_path, GOOD, line, GOOD)
    assert isinstance(skip, Skip)
    assert skip.where == "line 2"
    assert skip.reason.startswith(reason)
    assert list(contents([before, after])) == ["Rain.", "Rain."]


def test_a_line_becomes_a_draft_with_the_source_that_was_asked_for(
    tmp_path: Path,
) -> None:
    (found,) = read(tmp_path, GOOD)
    assert isinstance(found, Found)
    assert found.where == "line 1"
    assert (found.draft.source, found.draft.occurred_precision) == ("diary", "day")


def test_empty_lines_windows_lines_and_a_byte_order_mark_are_no_matter(
    tmp_path: Path,
) -> None:
    items = read(tmp_path, b"\xef\xbb\xbf" + GOOD + b"\r", b"", b"  \r", b"{}", b"")
    assert [item.where for item in items] == ["line 1", "line 4"]


def test_a_record_that_says_memory_is_one(tmp_path: Path) -> None:
    items = read(tmp_path, b'{"record": "memory", "content": "Rain."}')
    assert list(contents(items)) == ["Rain."]


def test_the_account_of_a_line_that_an_export_wrote_is_kept_and_of_no_other(tmp_path: Path) -> None:
    items = read(
        tmp_path, b'{"record": "memory", "content": "x", "account": "a@x"}', b'{"content": "x", "account": "a@x"}'
    )
    assert [item.draft.account for item in items if isinstance(item, Found)] == ["a@x", ""]


def test_a_record_of_another_kind_is_left_to_whoever_knows_it(tmp_path: Path) -> None:
    (item,) = read(tmp_path, b'{"record": "pin", "x": 1}')
    assert item == Record("line 1", "pin", {"record": "pin", "x": 1})


@pytest.mark.parametrize("letter", ["🌧", "\x01", '"'])
def test_the_longest_content_fits_on_a_line(tmp_path: Path, letter: str) -> None:
    content = letter * 1_000_000
    line = json.dumps({"content": content}, ensure_ascii=False).encode()
    assert list(contents(read(tmp_path, line))) == [content]


def test_a_line_of_64_megabytes_is_passed_over_in_bounded_memory(
    tmp_path: Path,
) -> None:
    path = tmp_path / "huge.ndjson"
    with path.open("wb") as file:
        file.seek(64_000_000)
        file.write(b"\n" + GOOD)
    tracemalloc.start()
    skip, found = NdjsonImporter().read(path, context=context())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (skip.where, found.where) == ("line 1", "line 2")
    assert peak < 3 * MAX_LINE


def test_progress_adds_up_to_the_size_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "memories.jsonl"
    path.write_bytes(GOOD + b"\n\n{}\n" + b" " * 9_000_000)
    steps: list[int] = []
    now = datetime(2024, 7, 3, tzinfo=UTC)
    told = ImportContext(ZoneInfo("UTC"), now, "note", advance=steps.append)
    list(NdjsonImporter().read(path, context=told))
    assert NdjsonImporter().measure(path) == Size(total=sum(steps), unit="B")


def test_a_file_that_cannot_be_opened_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ImporterError, match="cannot be read: Is a directory"):
        list(NdjsonImporter().read(tmp_path, context=context()))
