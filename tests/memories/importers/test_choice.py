from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from memories.importers import Found, ImportContext, ImporterError, Size, choose_importer


@pytest.mark.parametrize("name", ["a.ndjson", "a.JSONL"])
def test_lines_of_json_are_known_by_their_suffix(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert choose_importer(tmp_path / name).name == "ndjson"


def test_a_note_or_a_folder_of_notes_is_markdown(tmp_path: Path) -> None:
    (tmp_path / "a.md").touch()
    assert choose_importer(tmp_path / "a.md").name == "markdown"
    assert choose_importer(tmp_path).name == "markdown"


@pytest.mark.parametrize(
    ("name", "text", "format_name"),
    [
        ("a.eml", "", "eml"),
        ("a.csv", "", "csv"),
        ("a.TSV", "", "csv"),
        ("a.json", "", "json"),
        ("a.mbox", "", "mbox"),
        ("Inbox", "From - Tue Mar  3 10:00:00 2026\n", "mbox"),
    ],
)
def test_other_files_are_known_by_their_suffix_and_an_mbox_by_its_first_line(
    tmp_path: Path, name: str, text: str, format_name: str
) -> None:
    (tmp_path / name).write_text(text)
    assert choose_importer(tmp_path / name).name == format_name


def test_a_folder_with_notes_and_mails_is_read_for_both(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("A note.")
    (tmp_path / "b.eml").write_text("Subject: s\n\nA mail.")
    importer = choose_importer(tmp_path)
    context = ImportContext(time_zone=ZoneInfo("UTC"), now=datetime(2026, 4, 1, tzinfo=UTC), source="note")
    found = [item.draft.content for item in importer.read(tmp_path, context=context) if isinstance(item, Found)]
    assert (importer.name, importer.measure(tmp_path), found) == (
        "markdown and eml",
        Size(2, "file"),
        ["A note.", "A mail."],
    )
    assert choose_importer(tmp_path, name="eml").name == "eml"


def test_a_format_that_is_named_needs_no_suffix(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    assert choose_importer(tmp_path / "a.txt", name="ndjson").name == "ndjson"


def test_a_missing_path_is_said(tmp_path: Path) -> None:
    with pytest.raises(ImporterError, match="There is no file or folder at"):
        choose_importer(tmp_path / "a.ndjson")


def test_what_no_importer_reads_is_said_with_the_known_formats(tmp_path: Path) -> None:
    with pytest.raises(ImporterError, match=r"No importer can read .*: ndjson, markdown"):
        choose_importer(tmp_path)


def test_an_unknown_format_is_said_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ImporterError, match=r"'xml' is no known format; .*: ndjson"):
        choose_importer(tmp_path, name="xml")
