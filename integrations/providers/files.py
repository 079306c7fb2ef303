"""Arrive: what is alike about files wherever they lie: which hold text, how large they may be, and how one becomes a memory."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Final

from integrations.errors import ItemRefused
from integrations.providers.base import Entry, ReadContext
from memories.content import ContentError
from memories.content.documents import draft_document
from memories.content.sound import sound_text
from memories.drafts import MAX_AUTHOR, MAX_TITLE, DraftError, MemoryDraft

MAX_SIZE: Final = 25_000_000  # bytes
OPENXML: Final = "application/vnd.openxmlformats-officedocument"

# The types of files that may hold text, by the ending of their name. Constant: what the machine's own table says is not asked.
TYPES: Final[Mapping[str, str]] = {
    ".txt": "text/plain",
    ".text": "text/plain",
    ".log": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".rst": "text/x-rst",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".htm": "text/html",
    ".html": "text/html",
    ".ics": "text/calendar",
    ".vcf": "text/vcard",
    ".eml": "message/rfc822",
    ".rtf": "application/rtf",
    ".pdf": "application/pdf",
    ".doc": "application/msword",
    ".docx": f"{OPENXML}.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": f"{OPENXML}.spreadsheetml.sheet",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pptx": f"{OPENXML}.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
}

# Kinds of files that hold no text for certain, each with what a person calls them and the endings of their names.
TEXTLESS: Final[Mapping[str, tuple[str, str]]] = {
    "image": ("an image", ".jpg .jpeg .png .gif .heic .heif .webp .bmp .tif .tiff .svg .ico .psd .raw .cr2 .nef .dng"),
    "video": ("a video", ".mp4 .mov .avi .mkv .webm .m4v .mpg .mpeg .wmv .3gp"),
    "audio": ("a sound recording", ".mp3 .m4a .wav .flac .ogg .opus .aac .wma .aiff .mid"),
    "font": ("a font", ".ttf .otf .woff .woff2"),
    "archive": ("an archive", ".zip .rar .7z .tar .gz .tgz .bz2 .xz .zst .jar .iso .dmg"),
    "program": ("a program", ".exe .msi .dll .so .dylib .apk .pkg .deb .rpm .class .pyc"),
}
ARCHIVES: Final = frozenset({
    "application/zip", "application/x-zip-compressed", "application/x-rar", "application/vnd.rar",
    "application/x-rar-compressed", "application/x-7z-compressed", "application/x-tar", "application/gzip",
    "application/x-gzip", "application/x-bzip2", "application/x-xz", "application/zstd", "application/java-archive",
})  # fmt: skip
KIND_BY_ENDING: Final = {ending: kind for kind, (_, endings) in TEXTLESS.items() for ending in endings.split()}


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as its provider tells of it. `modified` is what it wrote, `path` is '' where it does not say, `size` is in bytes."""

    source: str
    remote_id: str
    name: str
    mime_type: str
    modified: str
    author: str = ""
    path: str = ""
    size: int | None = None


def guess_type(name: str) -> str:
    """The media type a name promises; "application/octet-stream" where it promises none."""
    return TYPES.get(_ending(name), "application/octet-stream")


def make_title(name: str) -> str:
    """A name without a known ending: "Minutes v1.2.docx" is "Minutes v1.2", and "v1.2" stays itself."""
    ending = _ending(name)
    bare = name[: -len(ending)] if ending in TYPES or ending in KIND_BY_ENDING else name
    return (bare.strip() or name.strip())[:MAX_TITLE]


def make_entry(remote_id: str, *, details: Mapping[str, object], content: str, path: str = "") -> Entry:
    """An entry whose version is made of all that its memory is made of: what is said of the file, and a mark of its content."""
    sound = {key: sound_text(value) if isinstance(value, str) else value for key, value in details.items()}
    version = hashlib.sha256(json.dumps([content, sound]).encode()).hexdigest()
    return Entry(remote_id=remote_id, version=version, path=path, details=sound)


def refuse_early(file: RemoteFile) -> None:
    """Raise `ItemRefused` for what would be fetched in vain: too large, empty, or of a kind that holds no text."""
    if file.size is not None and file.size > MAX_SIZE:
        raise ItemRefused(f"it is larger than {MAX_SIZE // 1_000_000} MB")
    if file.size == 0:
        raise ItemRefused("it is empty")
    kind = _textless_kind(file)
    if kind:
        raise ItemRefused(f"it is {TEXTLESS[kind][0]}, which holds no text")


def draft_file(data: bytes, *, file: RemoteFile, content_type: str, context: ReadContext) -> MemoryDraft:
    """The memory of a file whose bytes are at hand; `content_type` is theirs, which is another than the file's where it was exported.

    Raises:
        ItemRefused: no text can be read from it, or a memory cannot hold what is said of it.
    """
    try:
        draft = draft_document(
            data,
            source=file.source,
            account=context.account,
            external_id=file.remote_id,
            title=make_title(file.name),
            author=file.author[:MAX_AUTHOR],
            modified_at=_read_time(file.modified),
            mime_type=content_type,
            path=file.path or file.name,
            metadata=_describe(file),
            time_zone=context.time_zone,
            now=context.now,
        )
    except ContentError as error:
        raise ItemRefused(f"it {error}") from None
    except DraftError as error:
        raise ItemRefused(str(error)) from None
    if file.size is not None:
        return draft
    return replace(draft, metadata={**draft.metadata, "size": len(draft.content.encode())})  # of an export, its text's


def _describe(file: RemoteFile) -> dict[str, object]:
    where = {"path": file.path} if file.path else {}
    size = {} if file.size is None else {"size": file.size}
    return {**where, "mime_type": file.mime_type, **size}


def _textless_kind(file: RemoteFile) -> str:
    """A type that the provider states counts before the name; where it states nothing the name does."""
    if file.mime_type in ARCHIVES:
        return "archive"
    main = file.mime_type.partition("/")[0]
    if main in TEXTLESS:
        return main
    unstated = file.mime_type in ("", "application/octet-stream")
    return KIND_BY_ENDING.get(_ending(file.name), "") if unstated else ""


def _ending(name: str) -> str:
    return PurePosixPath(name.replace("/", "_")).suffix.lower()


def _read_time(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
