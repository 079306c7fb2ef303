import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from memories.drafts import Participant
from memories.importers import Found, ImportContext, ImporterError, Skip
from memories.importers.csv_table import CsvImporter


def read(folder: Path, data: bytes, *, progress: list[int] | None = None) -> list[Found | Skip]:
    (folder / "a.csv").write_bytes(data)
    context = ImportContext(
        time_zone=ZoneInfo("UTC"),
        now=datetime(2026, 4, 1, tzinfo=UTC),
        source="diary",
        advance=(progress if progress is not None else []).append,
    )
    return list(CsvImporter().read(folder / "a.csv", context=context))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_row_becomes_a_memory(tmp_path: Path, delimiter: str, encoding: str) -> None:
    lines = [["Content", "occurred_at", "title"], ['"Met Zoë\nat six"', "2026-03-01", "Boat"]]
    (item,) = read(tmp_path, "\r\n".join(delimiter.join(line) for line in lines).encode(encoding))
    assert isinstance(item, Found)
    assert (item.draft.content, item.draft.title, item.draft.source) == ("Met Zoë\nat six", "Boat", "diary")
    assert item.draft.occurred_at == datetime(2026, 3, 1, tzinfo=UTC)


def test_columns_that_no_memory_has_become_metadata(tmp_path: Path) -> None:
    (item,) = read(tmp_path, b'content,mood,metadata\nx,good,"{""k"": 1}"\n')
    assert isinstance(item, Found)
    assert item.draft.metadata == {"mood": "good", "k": 1}


@pytest.mark.parametrize(
    "cell",
    [
        "Ana <ana@x.org>; Ben Costa",
        '"""Ana"" <ana@x.org>;Ben Costa;"',
        '"[{""name"": ""Ana"", ""address"": ""ana@x.org""}, {""name"": ""Ben Costa""}]"',
    ],
)
def test_participants_are_written_as_in_a_mail_or_as_json(tmp_path: Path, cell: str) -> None:
    (item,) = read(tmp_path, f"content,participants\nx,{cell}\n".encode())
    assert isinstance(item, Found)
    assert item.draft.participants == (Participant("Ana", "ana@x.org"), Participant("Ben Costa", ""))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b",2026-03-01,", "content: is missing"),
        (b"x,soon,", "occurred_at: 'soon' is no date"),
        (b"x,,,more", "has 4 cells, the first line names 3 columns"),
        (b"x,,{", "metadata: is not valid JSON"),
        (b"x,,[]", "metadata: must be an object"),
        (b'"' + b"x" * 5_000_000 + b'"', "is not CSV: field larger than field limit"),
        (b'"' + b"x" * 1_500_000 + b'"', "content: is longer than 1000000 characters"),
        (b"a\x00b", "is not CSV: line contains NUL|content: holds a NUL character"),
    ],
    ids=lambda value: str(value[:16]),
)
def test_a_row_that_is_no_memory_is_named_by_its_line_and_column(tmp_path: Path, row: bytes, reason: str) -> None:
    items = read(tmp_path, b'content,occurred_at,metadata\n"two\nlines",,\n\n' + row + b"\nlast\n")
    (skip,) = [item for item in items if isinstance(item, Skip)]
    assert skip.where == "line 5"
    assert re.match(reason, skip.reason)
    assert [item.draft.content for item in items if isinstance(item, Found)] == ["two\nlines", "last"]


def test_a_cell_in_another_encoding_is_named(tmp_path: Path) -> None:
    head = b"content\n" + b"plain\n" * 20_000
    items = read(tmp_path, head + b"Zo\xeb\n")
    assert items[-1] == Skip("line 20002", "content: is not in the encoding of the first lines")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_broken_utf_16_costs_no_more_than_the_letter(tmp_path: Path, encoding: str) -> None:
    mark, half = "\ufeff".encode(encoding), "\ud800".encode(encoding, "surrogatepass")
    data = mark + "content\nZo".encode(encoding) + half + "ë\nlast\n".encode(encoding)
    for end in (b"", b"\n", b"x", half):
        items = read(tmp_path, data + end)
        assert [item.draft.content for item in items if isinstance(item, Found)] == ["Zo\ufffdë", "last"]
        assert len(items) == 2


@pytest.mark.parametrize("data", [b"", b"text,date\nx,y\n", b"\n\n"])
def test_a_table_without_content_is_refused_with_its_columns(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ImporterError, match="has no column named content; its columns are: "):
        read(tmp_path, data)


def test_every_byte_counts_as_progress(tmp_path: Path) -> None:
    progress: list[int] = []
    data = b"content\n" + b"a line of text\n" * 5_000
    read(tmp_path, data, progress=progress)
    assert sum(progress) == len(data)
