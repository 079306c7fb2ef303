"""Extracted: texts become mentions of people, places, organisations and topics. No text leaves this process."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from django.conf import settings
from django.db import transaction

from memories.extraction.base import Document, Mention, load_engine
from memories.extraction.base import KnownName as Known
from memories.models import Memory
from memories.pipeline import Claim, finish, lock_claimed
from memories.services.names import forget_unused_names, read_known_names, remember_names

Found = dict[int, list[Mention]]


def extract_memories(claim: Claim) -> None:
    """Find the mentions of claimed memories, then write them and the next stage in one short transaction."""
    engine = load_engine(settings.EXTRACTION_ENGINE)
    memories = list(
        Memory.objects.filter(pk__in=claim.ids).only(
            "user_id", "title", "content", "author", "participants", "entities"
        )
    )
    found: Found = {}
    for user_id, rows in _group_by_user(memories).items():
        documents = [make_document(row) for row in rows]
        known = read_known_names(user_id=user_id)
        found |= dict(zip((row.pk for row in rows), engine.extract(documents, known=known), strict=True))
    _write(claim, memories=memories, found=found, version=engine.version)


def make_document(memory: Memory) -> Document:
    """The words of a memory, as the engines take them."""
    participants = tuple((who.get("name", ""), who.get("address", "")) for who in memory.participants)
    return Document(
        id=memory.pk, title=memory.title, content=memory.content, author=memory.author, participants=participants
    )


def _group_by_user(memories: Sequence[Memory]) -> dict[int, list[Memory]]:
    groups: dict[int, list[Memory]] = defaultdict(list)
    for memory in memories:
        groups[memory.user_id].append(memory)
    return groups


def _write(claim: Claim, *, memories: Sequence[Memory], found: Found, version: str) -> None:
    with transaction.atomic():
        own = set(lock_claimed(claim))
        kept = [memory for memory in memories if memory.pk in own]
        before = {memory.pk: _list_keys(memory) for memory in kept}
        for memory in kept:
            memory.entities = [asdict(mention) | {"entity_id": None} for mention in found[memory.pk]]
            memory.engine = version
        Memory.objects.bulk_update(kept, ["entities", "engine"])
        for user_id, rows in _group_by_user(kept).items():
            remember_names(user_id=user_id, names=_list_header_names(rows, found=found), basis="header")
            dropped = {key for memory in rows for key in before[memory.pk] - _list_keys(memory)}
            forget_unused_names(user_id=user_id, keys=dropped)
        finish(claim, gives="extracted", kept=[memory.pk for memory in kept])


def _list_keys(memory: Memory) -> set[str]:
    return {mention["key"] for mention in memory.entities or []}


def _list_header_names(memories: Sequence[Memory], *, found: Found) -> list[Known]:
    mentions = [mention for memory in memories for mention in found[memory.pk]]
    return [
        Known(key=mention.key, name=mention.text, kind=mention.kind)
        for mention in mentions
        if mention.field in ("author", "participants")
    ]
