"""A stored memory as a line of the ndjson format with its account, and back: nothing a source said of it is lost between."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from memories.drafts import MemoryDraft, parse_draft
from memories.models import Memory, User

WRITTEN_LENGTH = {"day": 10, "month": 7, "year": 4}  # of an ISO date


def write_record(memory: Memory, *, user: User) -> dict[str, object]:
    """The record of one memory."""
    return {
        "content": memory.content,
        "external_id": memory.external_id,
        "occurred_at": _write_moment(memory, user=user),
        "source": memory.source,
        "account": memory.account,
        "title": memory.title,
        "author": memory.author,
        "participants": memory.participants,
        "thread_id": memory.thread_id,
        "reply_to": memory.reply_to,
        "message_id": memory.message_id,
        "in_reply_to": memory.in_reply_to,
        "metadata": memory.metadata,
    }


def read_record(record: Mapping[str, object], *, user: User, now: datetime) -> MemoryDraft:
    """The draft a record tells of. Raises DraftError."""
    draft = parse_draft(record, time_zone=user.zone, now=now)
    return replace(draft, account=str(record.get("account") or ""))


def _write_moment(memory: Memory, *, user: User) -> str:
    if memory.occurred_precision == "time":
        return memory.occurred_at.isoformat()
    local = memory.occurred_at.astimezone(user.zone)
    return local.date().isoformat()[: WRITTEN_LENGTH[memory.occurred_precision]]
