"""Arrive: a mail as it was sent (RFC 5322, MIME) becomes a memory. Whatever the bytes are, they are read or refused with a reason.

The parts are found here and not by `email.parser`, whose time grows with depth times lines and which gives up with
RecursionError on parts within parts. Quoted mail stays, in lines that begin with ">".
"""

import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from memories.content import ContentError
from memories.content.charsets import decode_text
from memories.content.headers import (
    Head,
    decode_base64,
    decode_words,
    parse_head,
    read_date,
    read_header,
    read_ids,
    read_message_id,
    read_parameter,
    read_people,
)
from memories.content.html import MAX_HTML, html_to_text
from memories.content.sound import cut_bytes, cut_text, fit_metadata, sound_text, strip_end
from memories.drafts import (
    MAX_AUTHOR,
    MAX_EXTERNAL_ID,
    MAX_HEADER,
    MAX_PARTICIPANTS,
    MAX_TITLE,
    DraftError,
    MemoryDraft,
    Participant,
    parse_draft,
)

MAX_RAW: Final = 25_000_000  # bytes; what follows is not read (text stands before attachments)
MAX_ENCODED_TEXT: Final = 16_000_000  # bytes of a part; a million letters in any encoding
MAX_DEPTH: Final = 30
MAX_PARTS: Final = 1_000
MAX_NAMES: Final = 100
MAX_LINE: Final = 10_000  # characters
_HEADERS: Final = re.compile(rb"(?:From [^\n]*+\n?+)?+(?:(?:[!-9;-~]++[ \t]*+:|[ \t])[^\n]*+\n?+)*+")
_PROSE_LINE: Final = re.compile(rb"^[^ \n]*+ +[^ \n]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says. `participants` are its sender, then To, Cc and Bcc, nobody twice.

    `sent_at` is in UTC, None where the mail does not tell. `text` is '' where it has none; ids keep their brackets.
    """

    subject: str
    sender: Participant
    participants: tuple[Participant, ...]
    sent_at: datetime | None
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    text: str
    attachments: tuple[str, ...]


def read_mail(raw: bytes) -> Mail:
    """Read a mail.

    Raises:
        ContentError: it holds neither text nor a subject.
    """
    reader = _Reader(_plain(raw))
    head, text = reader.read()
    text = cut_text(_break_lines(strip_end(sound_text(text))))
    subject = read_header(head, "subject")
    if not text.strip() and not subject:
        raise ContentError("holds no text")
    people = _people(head)
    references = read_ids(head, "references")
    return Mail(
        subject=subject,
        sender=people[0] if people else Participant("", ""),
        participants=people,
        sent_at=read_date(head),
        message_id=read_message_id(head),
        in_reply_to=next(iter(read_ids(head, "in-reply-to") or references[-1:]), ""),
        references=references,
        text=text if text.strip() else "",
        attachments=tuple(reader.names),
    )


def read_head(raw: bytes) -> Head:
    """The headers of a mail alone."""
    plain = _plain(raw)
    return parse_head(plain[: _end_of_head(plain, 0, len(plain))])


def draft_mail(  # noqa: PLR0913 -- each is something a provider knows of its mail
    raw: bytes,
    *,
    source: str,
    account: str,
    external_id: str,
    thread_id: str,
    received_at: datetime | None,
    metadata: Mapping[str, object],
    time_zone: ZoneInfo,
    now: datetime,
) -> MemoryDraft:
    """The memory a mail becomes; what is longer than a memory may hold is cut, never refused.

    `received_at` is the provider's own time and goes before the mail's, which may be forged or missing. An `external_id` of ''
    is the mail's Message-ID or a hash of its bytes, a `thread_id` of '' the first mail it refers to.

    Raises:
        ContentError, DraftError: it holds no text, or `source` cannot name a source.
    """
    mail = read_mail(raw)
    said = {
        "content": mail.text or mail.subject,
        "title": mail.subject[:MAX_TITLE],
        "author": (mail.sender.name or mail.sender.address)[:MAX_AUTHOR],
        "participants": [{"name": who.name, "address": who.address} for who in mail.participants],
        "external_id": _key(external_id or mail.message_id, raw=raw),
        "thread_id": cut_bytes(thread_id or _root(mail), limit=MAX_HEADER),
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "metadata": fit_metadata({"attachments": list(mail.attachments), **metadata} if mail.attachments else metadata),
    }
    when = received_at or mail.sent_at
    timed = said | ({"occurred_at": when.isoformat()} if when else {})
    try:
        draft = parse_draft(timed, time_zone=time_zone, now=now, source=source)
    except DraftError as error:
        if error.field != "occurred_at":
            raise
        draft = parse_draft(said, time_zone=time_zone, now=now, source=source)  # a year no calendar of ours holds
    return replace(draft, account=account)


def _plain(raw: bytes) -> bytes:
    return raw[:MAX_RAW].replace(b"\r\n", b"\n").lstrip(b"\n")


def _end_of_head(raw: bytes, start: int, end: int) -> int:
    match = _HEADERS.match(raw, start, end)
    return match.end() if match else start


def _key(key: str, *, raw: bytes) -> str:
    if key and len(key) <= MAX_EXTERNAL_ID:
        return key
    return "sha256:" + sha256(key.encode() or raw).hexdigest()


def _root(mail: Mail) -> str:
    return next(iter(mail.references), mail.in_reply_to or mail.message_id)


def _people(head: Head) -> tuple[Participant, ...]:
    sender = (read_people(head, ["from"]) or read_people(head, ["sender"]))[:1]
    found: dict[str, Participant] = {}
    for who in sender + read_people(head, ["from", "to", "cc", "bcc"]):
        found.setdefault(who.address.lower() or who.name, who)
    return tuple(found.values())[:MAX_PARTICIPANTS]


def _break_lines(text: str) -> str:
    """Lines no longer than `MAX_LINE`, broken at a space where there is one."""
    if all(len(line) <= MAX_LINE for line in text.split("\n")):
        return text
    return "\n".join(part for line in text.split("\n") for part in _break_line(line))


def _break_line(line: str) -> Iterator[str]:
    start = 0
    while len(line) - start > MAX_LINE:
        space = line.rfind(" ", start + 1, start + MAX_LINE)
        end = space if space > 0 else start + MAX_LINE
        yield line[start:end]
        start = end + (space > 0)
    yield line[start:]


@dataclass(slots=True)
class _Reader:
    """Finds the text among the parts of `raw`, and the names of the attachments."""

    raw: bytes
    names: list[str] = field(default_factory=list)
    parts: int = 0
    is_found: bool = False  # the text is; only names are still looked for
    html_left: int = MAX_HTML

    def read(self) -> tuple[Head, str]:
        head, start = self._parse_head(0, len(self.raw))
        return head, self._read_body(head, start, len(self.raw), depth=0)

    def _parse_head(self, start: int, end: int) -> tuple[Head, int]:
        """The headers, and where what follows them begins: after a blank line, or with a line that is no header."""
        stop = _end_of_head(self.raw, start, end)
        return parse_head(self.raw[start:stop]), stop + self.raw.startswith(b"\n", stop, end)

    def _read_body(self, head: Head, start: int, end: int, *, depth: int) -> str:
        kind = head.get_content_type()
        if kind.startswith("multipart/"):
            spans = list(self._split(read_parameter(head.get_boundary), start, end))
            if spans:
                return self._read_parts(spans, alternative=kind == "multipart/alternative", depth=depth + 1)
            return self._read_text(head, start, end, kind="text/plain")
        name = decode_words(read_parameter(head.get_filename))
        if name or read_parameter(head.get_content_disposition) == "attachment":
            if name and len(self.names) < MAX_NAMES:
                self.names.append(name[:MAX_AUTHOR])
            return ""
        return self._read_text(head, start, end, kind=kind)

    def _split(self, boundary: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where each part begins and ends."""
        if not boundary:
            return
        written = boundary.encode(errors="surrogateescape")
        line = re.compile(rb"^--" + re.escape(written) + rb"(--)?[ \t]*$", re.MULTILINE)
        begin = -1
        for match in line.finditer(self.raw, start, end):
            if begin >= 0:
                yield begin, max(begin, match.start() - 1)
            begin = min(match.end() + 1, end)
            if match[1] or self.parts >= MAX_PARTS:
                return
            self.parts += 1
        if begin >= 0:
            yield begin, end

    def _read_parts(self, spans: list[tuple[int, int]], *, alternative: bool, depth: int) -> str:
        if depth > MAX_DEPTH:
            return ""
        children = [(*self._parse_head(*span), span[1]) for span in spans]
        if alternative:  # the last is the richest (RFC 2046, 5.1.4), but plain text says the same without guessing
            children.sort(key=lambda child: (child[0].get_content_type() == "text/plain", child[1]), reverse=True)
        was_found = self.is_found
        texts = []
        for child, start, end in children:
            text = self._read_body(child, start, end, depth=depth)
            if text.strip():
                texts.append(strip_end(text))
                self.is_found = was_found or alternative
        self.is_found = was_found
        return "\n".join(texts)

    def _read_text(self, head: Head, start: int, end: int, *, kind: str) -> str:
        if self.is_found or kind not in ("text/plain", "text/html", "text/markdown"):
            return ""
        data = _decode_transfer(head, self.raw[start : min(end, start + MAX_ENCODED_TEXT)])
        text = decode_text(data, charset=read_parameter(head.get_content_charset))
        if kind == "text/html":
            html = text[: self.html_left]
            self.html_left -= len(html)
            return html_to_text(html)
        if read_parameter(partial(head.get_param, "format")).lower() != "flowed":
            return text
        return _unflow(text, delsp=read_parameter(partial(head.get_param, "delsp")).lower() == "yes")


def _decode_transfer(head: Head, data: bytes) -> bytes:
    encoding = read_header(head, "content-transfer-encoding").lower()
    if encoding == "base64":
        # The footer of a mailing list, or all of it: no base64 holds a space between words.
        prose = _PROSE_LINE.search(data)
        end = prose.start() if prose else len(data)
        return decode_base64(data[:end]) + b"\n" * bool(end) + data[end:]
    return quopri.decodestring(data) if encoding == "quoted-printable" else data


def _unflow(text: str, *, delsp: bool) -> str:
    """Lines that were parted only for the way are joined again (RFC 3676)."""
    lines: list[list[str]] = []
    last = -1  # marks before the line that goes on in the next; -1 where it does not
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:].removeprefix(" ")
        flows = words.endswith(" ") and words != "-- "
        kept = words[:-1] if flows and delsp else words
        if depth == last and words != "-- ":
            lines[-1].append(kept)
        else:
            lines.append([">" * depth, " " if depth and kept else "", kept])
        last = depth if flows else -1
    return "\n".join("".join(parts) for parts in lines)
