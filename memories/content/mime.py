"""Arrive: a mail as it was sent (RFC 5322, MIME) becomes a memory. Whatever the bytes are, they are read or refused with a reason.

Quoted mail stays, in lines that begin with ">".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from memories.content import ContentError
from memories.content.headers import (
    Head,
    parse_head,
    read_date,
    read_header,
    read_ids,
    read_message_id,
    read_people,
)
from memories.content.parts import PartReader, end_of_head
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
MAX_LINE: Final = 10_000  # characters


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
    reader = PartReader(_plain(raw))
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
    return parse_head(plain[: end_of_head(plain, 0, len(plain))])


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
