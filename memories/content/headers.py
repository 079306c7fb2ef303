"""Arrive: the headers of a mail, read so that nothing a sender writes into them can raise.

`email.policy.default` raises IndexError, AttributeError or RecursionError on headers like "From: <@" and takes seconds for
20,000 recipients, so headers are fetched as they were written, cut, and decoded here.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from email.message import Message
from email.parser import HeaderParser
from email.policy import Compat32
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, Final, TypeAlias

from memories.content.charsets import decode_text
from memories.content.sound import sound_text
from memories.drafts import MAX_ADDRESS, MAX_AUTHOR, MAX_HEADER, MAX_PARTICIPANTS, Participant

MAX_HEAD: Final = 1_000_000  # bytes of a head that are read
_LONG: Final = frozenset(["bcc", "cc", "from", "references", "to"])
_LONG_LIMIT: Final = 100_000  # characters, some 3,000 recipients
_LIMIT: Final = 5_000
_MAX_REPEATS: Final = 20  # headers of one name

_ENCODED_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BARE_ADDRESS: Final = re.compile(r"[^\s<>\"',:;()]{1,64}@[\w.-]{1,255}")
_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,990}>")


class _AsWritten(Compat32):
    def header_fetch_parse(self, name: str, value: str) -> str:
        return value[: _LONG_LIMIT if name.lower() in _LONG else _LIMIT]


_PARSER: Final = HeaderParser(policy=_AsWritten())
Head: TypeAlias = "Message[str, str]"


def parse_head(head: bytes) -> Head:
    """The headers in the bytes above a mail's or a part's body."""
    return _PARSER.parsestr(head[:MAX_HEAD].decode("ascii", errors="surrogateescape"))


def read_header(head: Head, name: str) -> str:
    """A header's words, decoded, on one line ('' where there is none)."""
    return decode_words(_written(head, name))


def _written(head: Head, name: str) -> str:
    return next(iter(head.get_all(name, [])), "")


def decode_words(written: str) -> str:
    """The words of a header as they were meant (RFC 2047), on one line."""
    raw = decode_text(written.encode(errors="surrogateescape"))
    return " ".join(sound_text("".join(_runs(raw))).split())


def _runs(raw: str) -> Iterator[str]:
    """Stretches of text. Encoded words that stand side by side are one: a letter may be cut in two between them."""
    end, charset, pending = 0, "", b""
    for match in _ENCODED_WORD.finditer(raw):
        between = raw[end : match.start()]
        named = match[1].partition("*")[0].lower()
        if pending and (between.strip() or named != charset):
            yield decode_text(pending, charset=charset)
            pending = b""
        if between.strip() or not end:
            yield between
        pending += _decode_word(match[2], match[3])
        end, charset = match.end(), named
    if pending:
        yield decode_text(pending, charset=charset)
    yield raw[end:]


def _decode_word(encoding: str, text: str) -> bytes:
    data = text.encode()
    if encoding in "bB":
        return decode_base64(data)
    return quopri.decodestring(data, header=True)


def decode_base64(data: bytes) -> bytes:
    """What can be read of base64, be it cut or broken."""
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    whole = letters[: len(letters) - (len(letters) % 4 == 1)]
    try:
        return base64.b64decode(whole + b"=" * (-len(whole) % 4))
    except binascii.Error:
        return b""


def read_people(head: Head, names: Iterable[str]) -> list[Participant]:
    """Everyone named in these headers, in order, no more than a memory may have."""
    people = [
        person
        for name in names
        for written in head.get_all(name, [])[:_MAX_REPEATS]
        for person in _people_in(written.replace("\n", " "))
    ]
    return people[:MAX_PARTICIPANTS]


def _people_in(written: str) -> list[Participant]:
    try:
        pairs = getaddresses([written])
    except (RecursionError, IndexError, ValueError):
        pairs = []
    people = [_person(name, address) for name, address in pairs if name or address]
    if not any(person.address for person in people):
        people += [Participant("", address) for address in _BARE_ADDRESS.findall(written)]
    return [person for person in people if person.name or person.address]


def _person(written: str, address: str) -> Participant:
    name, plain = decode_words(written), decode_words(address)
    if "@" not in plain:
        name, plain = name or plain, ""
    return Participant(name=name[:MAX_AUTHOR].strip(), address=plain if len(plain) <= MAX_ADDRESS else "")


def read_date(head: Head) -> datetime | None:
    """When it was sent, else when it was received, in UTC; a date without a zone is in UTC."""
    received = _written(head, "received").rpartition(";")[2]
    dates = (_date(written) for written in (_written(head, "date"), received))
    return next((date for date in dates if date), None)


def _date(written: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(" ".join(written.split()))
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def read_ids(head: Head, name: str) -> tuple[str, ...]:
    """The message ids in a header, with their brackets."""
    ids = _MESSAGE_ID.findall(sound_text(_written(head, name).encode(errors="replace").decode()))
    return tuple(dict.fromkeys(ids))


def read_message_id(head: Head) -> str:
    """The mail's own id; one without brackets is kept as it is."""
    return next(
        iter(read_ids(head, "message-id")),
        read_header(head, "message-id").encode()[:MAX_HEADER].decode(errors="ignore"),
    )


def read_parameter(fetch: Callable[[], Any]) -> str:
    """What `fetch` reads from Content-Type or Content-Disposition, as written; '' where that cannot be read."""
    try:
        value = fetch()
        written = value if isinstance(value, str) else ""
        written.encode(errors="surrogateescape")  # RFC 2231 can write halves of surrogate pairs
    except (LookupError, ValueError, TypeError, AttributeError):
        return ""
    return written.strip()
