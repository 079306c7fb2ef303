from pathlib import Path

import pytest

from memories.importers import ImporterError, choose_importer


@pytest.mark.parametrize("name", ["a.ndjson", "a.JSONL"])
def test_lines_of_json_are_known_by_their_suffix(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert choose_importer(tmp_path / name).name == "ndjson"


def test_a_note_or_a_folder_of_notes_is_markdown(tmp_path: Path) -> None:
    (tmp_path / "a.md").touch()
    assert choose_importer(tmp_path / "a.md").name == "markdown"
    assert choose_importer(tmp_path).name == "markdown"


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
