"""Served: everything of a person as ndjson, a record a line; `import_memories` reads it back.

What there is beside memories comes from the functions that the apps list in settings.EXPORT_SOURCES.
"""

import json
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Any, Final

from django.conf import settings
from django.utils.module_loading import import_string

from memories.models import Memory, User
from memories.services.records import write_record

BATCH: Final = 200  # memories read at once
COLUMNS: Final = (
    "content", "external_id", "occurred_at", "occurred_precision", "source", "account", "title", "author", "participants",
    "thread_id", "reply_to", "message_id", "in_reply_to", "metadata",
)  # fmt: skip


def spool_export(*, user: User) -> IO[bytes]:
    """The whole export in a temporary file that nobody else can open, at its beginning."""
    file = TemporaryFile()  # noqa: SIM115 -- whoever streams it closes it
    try:
        file.writelines(write_lines(user=user))
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def write_lines(*, user: User) -> Iterator[bytes]:
    """Every record of a person as a line of JSON in UTF-8."""
    for path in settings.EXPORT_SOURCES:
        for record in import_string(path)(user=user):
            yield json.dumps(record, ensure_ascii=False).encode() + b"\n"


def write_memories(*, user: User) -> Iterator[dict[str, Any]]:
    """The records of a person's memories in the order in which they came, read in batches: one memory at least is in hand once,
    whatever is stored or erased meanwhile.
    """
    last = 0
    rows = Memory.objects.for_user(user).only(*COLUMNS).order_by("pk")
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        for memory in batch:
            yield {"record": "memory"} | write_record(memory, user=user)
        last = batch[-1].pk
