"""Arrive: a file becomes a memory. What it is, its first bytes say and not its name; what is risky to read is read in a child process."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import puremagic

from memories.content import ContentError
from memories.content.apart import read_apart
from memories.content.charsets import decode_text
from memories.content.html import html_to_text
from memories.content.mime import read_mail
from memories.content.sound import cut_text, fit_metadata, sound_text
from memories.drafts import MAX_AUTHOR, MAX_TITLE, MemoryDraft, parse_draft

_SAMPLE: Final = 8_192  # bytes
_MARKED: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")  # byte order marks: text, though UTF-16 is full of NUL
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_PDF: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,1000}%PDF-")
_HTML: Final = re.compile(r"\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_PAGES: Final = frozenset(["application/xhtml+xml", "text/html"])
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_TEXTLESS: Final = ("image/", "audio/", "video/", "font/")


def read_document(data: bytes, *, name: str, mime_type: str) -> str:
    """The text of a file; `name` and `mime_type` only tell apart kinds of text.

    Raises:
        ContentError: it holds none, or none that can be read.
    """
    text = _read(data, name=name, mime_type=mime_type).rstrip()
    if not text.strip():
        raise ContentError("holds no text (a scan?)" if data.startswith(b"%PDF") else "holds no text")
    return cut_text(text)


def draft_document(  # noqa: PLR0913 -- each is something a provider knows of its file
    data: bytes,
    *,
    source: str,
    account: str,
    external_id: str,
    title: str,
    author: str,
    modified_at: datetime | None,
    mime_type: str,
    path: str,
    metadata: Mapping[str, object],
    time_zone: ZoneInfo,
    now: datetime,
) -> MemoryDraft:
    """The memory a file becomes; `path` is its name or where it lies.

    Raises:
        ContentError, DraftError: no text can be read from it, or a memory cannot hold what is said of it.
    """
    raw = {
        "content": read_document(data, name=path, mime_type=mime_type),
        "title": sound_text(title)[:MAX_TITLE],
        "author": sound_text(author)[:MAX_AUTHOR],
        "external_id": external_id,
        "occurred_at": modified_at.isoformat() if modified_at else None,
        "metadata": fit_metadata(metadata),
    }
    return replace(parse_draft(raw, time_zone=time_zone, now=now, source=source), account=account)


def _read(data: bytes, *, name: str, mime_type: str) -> str:
    if _is_pdf(data, name=name, mime_type=mime_type):
        return read_apart("pdf", data)
    if data.startswith(b"PK\x03\x04"):
        return read_apart("zip", data)
    if data.startswith(b"{\\rtf"):
        raise ContentError("is a kind of file that is not read: application/rtf")
    if not _is_text(data):
        raise ContentError(_name_kind(data))
    if mime_type == "message/rfc822" or name.lower().endswith(".eml"):
        mail = read_mail(data)
        return f"{mail.subject}\n\n{mail.text}".strip("\n")
    text = sound_text(decode_text(data))
    is_page = mime_type in _PAGES or name.lower().endswith((".html", ".htm", ".xhtml")) or _HTML.match(text[:_SAMPLE])
    return html_to_text(text) if is_page else text


def _is_pdf(data: bytes, *, name: str, mime_type: str) -> bool:
    """Whether it begins as a PDF; one that says so by its name may have up to a kilobyte before (PDF Reference 1.7, H.3, note 13)."""
    if _PDF.match(data):
        return True
    return b"%PDF-" in data[:1024] and (mime_type == "application/pdf" or name.lower().endswith(".pdf"))


def _is_text(data: bytes) -> bool:
    sample = data[:_SAMPLE]
    return sample.startswith(_MARKED) or len(_CONTROL.findall(sample)) * 100 <= len(sample)


def _name_kind(data: bytes) -> str:
    if data.startswith(_OLE) and _ENCRYPTED in data:
        return "is protected by a password"
    try:
        kind = puremagic.from_string(data[:_SAMPLE], mime=True) or "unknown"
    except (puremagic.PureError, ValueError):
        kind = "unknown"
    return f"is a kind of file that {'holds no text' if kind.startswith(_TEXTLESS) else 'is not read'}: {kind}"
