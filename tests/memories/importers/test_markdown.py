import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from memories.drafts import MemoryDraft
from memories.importers import Found, ImportContext, Size, Skip
from memories.importers.markdown import MarkdownImporter

NOW = datetime(2024, 7, 3, tzinfo=UTC)


def read(path: Path) -> list[Found | Skip]:
    context = ImportContext(ZoneInfo("Europe/Lisbon"), NOW, "note")
    return list(MarkdownImporter().read(path, context=context))


def note(folder: Path, text: str, *, name: str = "note.md") -> MemoryDraft:
    (folder / name).write_text(text, encoding="utf-8")
    (item,) = read(folder)
    assert isinstance(item, Found), item
    return item.draft


def skip(folder: Path, data: bytes) -> str:
    (folder / "note.md").write_bytes(data)
    (item,) = read(folder)
    assert isinstance(item, Skip)
    assert item.where == "note.md"
    return item.reason


def test_notes_are_read_sorted_from_every_folder_but_hidden_ones(
    tmp_path: Path,
) -> None:
    names = [
        "b.md",
        "a/z.markdown",
        "a/x.MD",
        ".obsidian/app.md",
        ".hidden.md",
        "c.txt",
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Rain.")
    assert [item.where for item in read(tmp_path)] == ["a/x.MD", "a/z.markdown", "b.md"]
    assert MarkdownImporter().measure(tmp_path) == Size(total=3, unit="file")


def test_a_single_note_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text("Rain.")
    (item,) = read(tmp_path / "note.md")
    assert isinstance(item, Found)
    assert item.draft.external_id == "note.md"


def test_front_matter_gives_title_time_author_tags_and_aliases(tmp_path: Path) -> None:
    draft = note(
        tmp_path,
        "---\ntitle: A walk\ndate: 2024-05-03 10:00:00 +0100\nauthor: '[[Rui Dias]]'\n"
        "tags: [sea, '#walk']\naliases:\n  - Stroll\n---\n\n# Heading\nRain.\n",
    )
    assert draft.content == "# Heading\nRain."
    assert (draft.title, draft.author) == ("A walk", "Rui Dias")
    assert draft.occurred_at == datetime(2024, 5, 3, 9, tzinfo=UTC)
    expected = {"path": "note.md", "tags": ["sea", "walk"], "aliases": ["Stroll"]}
    assert draft.metadata == expected


@pytest.mark.parametrize("key", ["date", "created", "occurred_at", "Date"])
def test_a_date_is_as_exact_as_the_front_matter_gives_it(tmp_path: Path, key: str) -> None:
    draft = note(tmp_path, f"---\n{key}: 2024\n---\nRain.", name="2020-01-01.md")
    assert (draft.occurred_precision, draft.occurred_at.year) == ("year", 2024)


def test_without_front_matter_the_day_is_in_the_file_name(tmp_path: Path) -> None:
    draft = note(tmp_path, "Rain.", name="2024-05-03 A walk.md")
    assert draft.occurred_precision == "day"
    assert draft.occurred_at == datetime(2024, 5, 2, 23, tzinfo=UTC)


def test_otherwise_a_note_happened_when_its_file_was_changed(tmp_path: Path) -> None:
    path = tmp_path / "2024-99-99.md"
    path.write_text("Rain.")
    changed = datetime(2019, 3, 4, 5, 6, 7, tzinfo=UTC)
    os.utime(path, (0, changed.timestamp()))
    (item,) = read(tmp_path)
    assert isinstance(item, Found)
    assert (item.draft.occurred_at, item.draft.occurred_precision) == (changed, "time")


def test_the_first_heading_is_the_title_unless_it_is_code(tmp_path: Path) -> None:
    text = "```sh\n# a comment\n```\nRain.\n# The [[Lisbon|city]] #\n# Later"
    assert note(tmp_path, text).title == "The city"


def test_a_note_without_heading_is_called_by_its_file(tmp_path: Path) -> None:
    assert note(tmp_path, "#tag\nRain.", name="A walk.md").title == "A walk"


def test_a_long_heading_is_cut_to_what_a_title_holds(tmp_path: Path) -> None:
    assert note(tmp_path, f"# {'t' * 600}\nRain.").title == "t" * 500


def test_a_note_that_begins_with_a_ruled_line_is_all_text(tmp_path: Path) -> None:
    assert note(tmp_path, "---\nRain.\n---\nSun.").content == "---\nRain.\n---\nSun."
    assert note(tmp_path, "---\nRain: heavy").content == "---\nRain: heavy"


def test_windows_lines_and_a_byte_order_mark_are_no_matter(tmp_path: Path) -> None:
    draft = note(tmp_path, "\ufeff---\r\ntitle: A walk\r\n---\r\nRain.\r\nSun.\r\n")
    assert (draft.title, draft.content) == ("A walk", "Rain.\nSun.")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "content: is missing"),
        (b"---\ntitle: x\n---\n \n", "content: is missing"),
        (b"a\x00b", "holds a NUL byte, so it is no text"),
        (b"caf\xe9", "is not UTF-8 at byte 4"),
        (b"x" * 1_000_001, "is longer than 1000000 bytes"),
        (b"---\ntitle: [x\n---\nRain.", "front matter: expected ',' or ']'"),
        (
            b"---\na: *b\n---\nRain.",
            "front matter: found undefined alias 'b' in line 2",
        ),
        (b"---\na: \x07\n---\nRain.", "front matter: it holds a character"),
        (b"---\n" + b"[" * 5_000 + b"\n---\nRain.", "front matter: "),
        (b"---\n" + b"a" * 70_000 + b"\n---\nRain.", "front matter: it is longer"),
        (b"---\ndate: soon\n---\nRain.", "occurred_at: 'soon' is no date"),
    ],
    ids=lambda value: str(value[:20]),
)
def test_a_note_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    assert skip(tmp_path, data).startswith(reason)


@pytest.mark.parametrize("value", ["!!int ''", "!!bool x", "2024-13-45", "0x", "1:99"])
def test_values_that_yaml_cannot_build_are_but_text(tmp_path: Path, value: str) -> None:
    assert note(tmp_path, f"---\nother: {value}\n---\nRain.").content == "Rain."


def test_links_to_files_and_folders_are_named_and_not_followed(tmp_path: Path) -> None:
    vault, outside = tmp_path / "vault", tmp_path / "outside"
    for folder in (vault, outside):
        folder.mkdir()
        (folder / "note.md").write_text("Rain.")
    (vault / "file.md").symlink_to(outside / "note.md")
    (vault / "folder").symlink_to(outside)
    (vault / "round").symlink_to(vault)
    found = {item.where for item in read(vault) if isinstance(item, Found)}
    skips = {item.where for item in read(vault) if isinstance(item, Skip)}
    assert (found, skips) == ({"note.md"}, {"file.md", "folder", "round"})


def test_a_pipe_that_looks_like_a_note_does_not_hold_the_import(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert note(tmp_path, "Rain.").content == "Rain."


def test_a_file_name_that_is_no_text_still_has_a_name(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")).write_text("Rain.")
    (item,) = read(tmp_path)
    assert item.where == "caf\ufffd.md"


def test_a_path_longer_than_a_key_is_kept_by_its_hash(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 150) / ("e" * 150)
    folder.mkdir(parents=True)
    (folder / "note.md").write_text("Rain.")
    (item,) = read(tmp_path)
    assert isinstance(item, Found)
    assert item.draft.external_id.startswith("sha256:")
    assert item.draft.metadata["path"] == item.where


def test_accents_taken_apart_by_macos_give_the_same_key(tmp_path: Path) -> None:
    assert note(tmp_path, "Rain.", name="cafe\u0301.md").external_id == "café.md"
