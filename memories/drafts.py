"""Arrive: what any source says about a memory, checked before it is stored.

`parse_draft` is the one door for input that nobody has checked yet (a line of an
import, a note's front matter, the body of a request). Whatever it is given, it answers
with a draft the database will take or with a `DraftError` that a person understands.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from memories.moments import Moment, MomentError, Precision, read_moment

__all__ = [
    "MAX_CONTENT",
    "DraftError",
    "MemoryDraft",
    "Participant",
    "Precision",
    "is_source",
    "parse_account",
    "parse_draft",
]

MAX_CONTENT: Final = 1_000_000  # characters
MAX_TITLE: Final = 500
MAX_AUTHOR: Final = 255
MAX_EXTERNAL_ID: Final = 255
MAX_ACCOUNT: Final = 255
MAX_HEADER: Final = 998  # bytes: the longest line of a mail (RFC 5322, 2.1.1)
MAX_PARTICIPANTS: Final = 1_000
MAX_ADDRESS: Final = 320  # 64 before the @, 255 behind it (RFC 3696 erratum 1690)
MAX_METADATA_BYTES: Final = 64 * 1024
MAX_METADATA_DEPTH: Final = 20
MAX_NUMBER_BITS: Final = 1_024  # a larger number is no double in any client

SOURCE: Final = re.compile(r"[a-z0-9_-]{1,32}")
SOURCE_RULE: Final = "must be 1 to 32 of a-z, 0-9, - and _"

TYPE_NAMES: Final[tuple[tuple[type, str], ...]] = (
    (bool, "true or false"),  # before int: True is an int
    (int, "a number"),
    (float, "a number"),
    (str, "text"),
    (Mapping, "an object"),
    (list, "a list"),
    (type(None), "null"),
)


@dataclass(frozen=True, slots=True)
class Participant:
    """Someone who took part: a name, a mail address, or both ('' = not known)."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class MemoryDraft:
    """A memory as a source tells it, sound enough to be stored.

    `occurred_at` is aware and in UTC. `account` is '' for whatever is imported. Text
    that is not known is ''. (source, account, external_id) is the key within a user.
    Where `time_known` is false the source gave no time and `occurred_at` is when it was
    read: the same memory read again tomorrow has not changed.
    """

    content: str
    occurred_at: datetime
    occurred_precision: Precision
    source: str
    account: str
    external_id: str
    title: str
    author: str
    participants: tuple[Participant, ...]
    thread_id: str
    reply_to: str
    message_id: str
    in_reply_to: str
    metadata: dict[str, object]
    time_known: bool = True


class DraftError(ValueError):
    """What is wrong with a draft: `str(error)` is "field: reason"."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def is_source(text: str) -> bool:
    """Tell whether a text can name a source ("note", "gmail", "dream-diary")."""
    return SOURCE.fullmatch(text) is not None


def parse_draft(
    raw: Mapping[str, object],
    *,
    time_zone: ZoneInfo,
    now: datetime,
    source: str = "note",
) -> MemoryDraft:
    """Read one memory in the shape of the ndjson format.

    Times without a zone are the person's (`time_zone`); a memory without a time
    happened `now`; one without a source has `source`. Unknown keys are passed over.

    Raises:
        DraftError: naming the first field that cannot be stored, and why.
    """
    content = _content(raw)
    moment = _moment(raw.get("occurred_at"), time_zone=time_zone)
    return MemoryDraft(
        content=content,
        occurred_at=moment.at if moment else now,
        occurred_precision=moment.precision if moment else "time",
        source=_source(raw, default=source),
        account="",
        external_id=_text(raw, "external_id", limit=MAX_EXTERNAL_ID) or _fingerprint(content, moment),
        title=_text(raw, "title", limit=MAX_TITLE).strip(),
        author=_text(raw, "author", limit=MAX_AUTHOR).strip(),
        participants=_participants(raw.get("participants")),
        thread_id=_header(raw, "thread_id"),
        reply_to=_header(raw, "reply_to"),
        message_id=_header(raw, "message_id"),
        in_reply_to=_header(raw, "in_reply_to"),
        metadata=_metadata(raw.get("metadata")),
        time_known=moment is not None,
    )


def parse_account(raw: Mapping[str, object]) -> str:
    """Read the account of a memory that was written by an export. Raises DraftError."""
    return _text(raw, "account", limit=MAX_ACCOUNT)


def _content(raw: Mapping[str, object]) -> str:
    content = _text(raw, "content", limit=MAX_CONTENT)
    if not content:
        raise DraftError("content", "is missing")
    if not content.strip():
        raise DraftError("content", "is blank")
    return content


def _source(raw: Mapping[str, object], *, default: str) -> str:
    source = _text(raw, "source", limit=MAX_TITLE) or default
    if not is_source(source):
        raise DraftError("source", f"{source[:40]!r} {SOURCE_RULE}")
    return source


def _text(raw: Mapping[str, object], field: str, *, limit: int) -> str:
    value = raw.get(field)
    if value is None:
        return ""
    return _sound_text(value, field=field, limit=limit)


def _header(raw: Mapping[str, object], field: str) -> str:
    """Read a mail's header; an index entry of PostgreSQL could not hold 998 letters."""
    header = _text(raw, field, limit=MAX_CONTENT)
    if len(header.encode()) > MAX_HEADER:
        raise DraftError(field, f"is longer than {MAX_HEADER} bytes")
    return header


def _sound_text(value: object, *, field: str, limit: int) -> str:
    """Answer the value if PostgreSQL and UTF-8 can hold it as text."""
    if not isinstance(value, str):
        raise DraftError(field, f"must be text, not {_kind(value)}")
    if len(value) > limit:
        raise DraftError(field, f"is longer than {limit} characters")
    _refuse_unsound(value, field=field)
    return value


def _refuse_unsound(value: str, *, field: str) -> None:
    if "\x00" in value:
        raise DraftError(field, "holds a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise DraftError(field, "holds half of a surrogate pair") from None


def _kind(value: object) -> str:
    names = (name for kind, name in TYPE_NAMES if isinstance(value, kind))
    return next(names, type(value).__name__)


def _moment(value: object, *, time_zone: ZoneInfo) -> Moment | None:
    if value is None:
        return None
    text = _sound_text(value, field="occurred_at", limit=MAX_CONTENT)
    try:
        return read_moment(text, time_zone=time_zone)
    except MomentError as error:
        raise DraftError("occurred_at", str(error)) from None


def _fingerprint(content: str, moment: Moment | None) -> str:
    """Make a key from time and content, so that a second import doubles nothing.

    The time is taken as written: a memory without one must keep its key tomorrow, and
    one without a zone must keep it when the person moves to another.
    """
    written = moment.written if moment else ""
    return "sha256:" + hashlib.sha256(f"{written}\n{content}".encode()).hexdigest()


def _participants(value: object) -> tuple[Participant, ...]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise DraftError("participants", f"must be a list, not {_kind(value)}")
    if len(value) > MAX_PARTICIPANTS:
        raise DraftError("participants", f"are more than {MAX_PARTICIPANTS}")
    people = (_participant(item, place=place) for place, item in enumerate(value, 1))
    return tuple(person for person in people if person.name or person.address)


def _participant(value: object, *, place: int) -> Participant:
    if not isinstance(value, Mapping):
        reason = f"number {place} must be {{name, address}}, not {_kind(value)}"
        raise DraftError("participants", reason)
    try:
        return Participant(
            name=_text(value, "name", limit=MAX_AUTHOR).strip(),
            address=_text(value, "address", limit=MAX_ADDRESS).strip(),
        )
    except DraftError as error:
        reason = f"number {place}: {error}"
        raise DraftError("participants", reason) from None


def _metadata(value: object) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise DraftError("metadata", f"must be an object, not {_kind(value)}")
    metadata = dict(value)
    _check_json(metadata, depth=1)
    size = len(json.dumps(metadata, ensure_ascii=False).encode())
    if size > MAX_METADATA_BYTES:
        raise DraftError("metadata", f"is larger than {MAX_METADATA_BYTES} bytes")
    return metadata


def _check_json(value: object, *, depth: int) -> None:
    """Refuse what a jsonb column refuses, or what no client could read back."""
    if not isinstance(value, dict | list):
        _check_scalar(value)
        return
    if depth > MAX_METADATA_DEPTH:
        reason = f"is nested deeper than {MAX_METADATA_DEPTH} levels"
        raise DraftError("metadata", reason)
    if isinstance(value, dict):
        for key in value:
            _sound_text(key, field="metadata", limit=MAX_METADATA_BYTES)
    for inner in value.values() if isinstance(value, dict) else value:
        _check_json(inner, depth=depth + 1)


def _check_scalar(value: object) -> None:
    match value:
        case str():
            _refuse_unsound(value, field="metadata")
        case None | bool():
            return
        case int() if value.bit_length() <= MAX_NUMBER_BITS:
            return
        case float() if math.isfinite(value):
            return
        case int() | float():
            raise DraftError("metadata", "holds a number that is too large")
        case _:
            reason = f"holds {_kind(value)}, which JSON does not know"
            raise DraftError("metadata", reason)
