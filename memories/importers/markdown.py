"""Arrive: a folder of Markdown notes (an Obsidian vault, a diary), or a single note."""

import os
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

from memories.drafts import (
    MAX_AUTHOR,
    MAX_EXTERNAL_ID,
    MAX_TITLE,
    DraftError,
    MemoryDraft,
    parse_draft,
)
from memories.importers.base import (
    Found,
    ImportContext,
    Size,
    Skip,
)
from memories.importers.frontmatter import (
    FrontMatter,
    FrontMatterError,
    split_front_matter,
)
from memories.importers.prose import first_heading, plain_links

SUFFIXES: Final = frozenset({".md", ".markdown"})
MAX_FILE: Final = 1_000_000  # bytes
DATE_KEYS: Final = ("occurred_at", "date", "created")
DAY_IN_NAME: Final = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


class NoteError(Exception):
    """Why a file holds no note."""


class MarkdownImporter:
    """Reads every note below a folder, sorted; hidden folders are passed over."""

    name: Final = "markdown"

    def can_read(self, path: Path) -> bool:
        if path.is_dir():
            return next(_notes(path), None) is not None
        return path.suffix.lower() in SUFFIXES

    def measure(self, path: Path) -> Size:
        return Size(total=sum(1 for _ in _notes(path)), unit="file")

    def read(self, path: Path, *, context: ImportContext) -> Iterator[Found | Skip]:
        for note in _notes(path):
            yield _read_item(note, root=path, context=context)
            context.advance(1)


def _notes(root: Path) -> Iterator[Path]:
    """Walk the notes in sorted order, and with them what has to be named as skipped.

    That is a link (it may lead out of the folder, or round in a circle) and a folder
    that cannot be listed.
    """
    pending = [root]
    while pending:
        path = pending.pop()
        if not path.is_dir() or (path != root and path.is_symlink()):
            yield path
            continue
        try:
            children = sorted(path.iterdir(), reverse=True)
        except OSError:
            yield path
        else:
            pending.extend(child for child in children if _may_hold_notes(child))


def _may_hold_notes(path: Path) -> bool:
    if path.name.startswith("."):
        return False
    if path.is_dir():
        return True
    is_pipe_or_device = path.exists() and not path.is_file()
    return path.suffix.lower() in SUFFIXES and not is_pipe_or_device


def _name(path: Path) -> str:
    """Name a note the same on every system.

    File names may be bytes that are no text, and macOS takes letters and accents apart.
    """
    name = os.fsencode(path.as_posix()).decode(errors="replace")
    return unicodedata.normalize("NFC", name)


def _read_item(note: Path, *, root: Path, context: ImportContext) -> Found | Skip:
    where = _name(note.relative_to(root if root.is_dir() else root.parent))
    try:
        if note != root and note.is_symlink():
            raise NoteError("is a link, and links are not followed")
        return Found(where, _read_note(note, where=where, context=context))
    except (NoteError, DraftError) as error:
        return Skip(where, str(error))


def _read_note(note: Path, *, where: str, context: ImportContext) -> MemoryDraft:
    try:
        front_matter, body = split_front_matter(_read_text(note))
    except FrontMatterError as error:
        raise NoteError(f"front matter: {error}") from None
    content = plain_links(body).strip()
    name = PurePosixPath(where)
    raw = {
        "content": content,
        "occurred_at": _time_in(front_matter, name=name) or (None if context.uploaded else _modified(note)),
        "external_id": _external_id(where),
        "title": _title(front_matter, content=content, name=name)[:MAX_TITLE],
        "author": ", ".join(front_matter.all("author"))[:MAX_AUTHOR],
        "metadata": _metadata(front_matter, where=where),
    }
    return parse_draft(raw, time_zone=context.time_zone, now=context.now, source=context.source)


def _read_text(note: Path) -> str:
    if note.is_dir():
        raise NoteError("is a folder that cannot be listed")
    try:
        with note.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise NoteError(f"cannot be read: {error.strerror}") from None
    if len(data) > MAX_FILE:
        raise NoteError(f"is longer than {MAX_FILE} bytes")
    if b"\x00" in data:
        raise NoteError("holds a NUL byte, so it is no text")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise NoteError(f"is not UTF-8 at byte {error.start + 1}") from None


def _time_in(front_matter: FrontMatter, *, name: PurePosixPath) -> str:
    """Answer the time the note itself gives, as written, or ''."""
    written = front_matter.first(*DATE_KEYS)
    match = DAY_IN_NAME.search(name.stem)
    if written or match is None:
        return written
    return match.group() if _is_day(match.group()) else ""


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _modified(note: Path) -> str | None:
    try:
        return datetime.fromtimestamp(note.stat().st_mtime, tz=UTC).isoformat()
    except (OSError, ValueError, OverflowError):  # gone by now, or beyond year 9999
        return None


def _external_id(where: str) -> str:
    if len(where) <= MAX_EXTERNAL_ID:
        return where
    return "sha256:" + sha256(where.encode()).hexdigest()


def _title(front_matter: FrontMatter, *, content: str, name: PurePosixPath) -> str:
    return front_matter.first("title") or first_heading(content) or name.stem


def _metadata(front_matter: FrontMatter, *, where: str) -> dict[str, object]:
    metadata: dict[str, object] = {"path": where}
    tags = ",".join(front_matter.all("tags")).split(",")
    metadata["tags"] = [tag.strip().lstrip("#") for tag in tags if tag.strip("# ")]
    aliases = list(front_matter.all("aliases"))
    return metadata | {"aliases": aliases} if aliases else metadata
