"""Related: mentions become entities (resolved), entities named together become ties, memories become relationships."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection
from django.db.models import Q

from graph.models import Leaf, Mention, Relationship
from graph.services.locks import hold_claimed
from graph.services.resolve import add_leaves, link_leaves, renew_entities
from graph.services.series import renew_series
from graph.services.sightings import renew_sightings
from graph.services.ties import Pair, count_ties, mark_teller, place_newcomers, read_pairs, read_tied_pairs
from graph.services.work import GATHER_SECONDS, ask_for
from graph.sql import read_sql
from memories.extraction.headers import read_party
from memories.models import Lane, Memory
from memories.pipeline import Claim, finish, list_owners

# shares_entity (layers.md, L0). Information in nats; an entity in more memories than the cap or share is no evidence.
RELATE = {"cap": 50, "share": 0.025, "fading": 365.0, "least": 3.0, "half": 8.0, "top": 10, "hysteresis": 0.05}
HEADERS = ("author", "participants")
BUSY_SECONDS = 15.0  # while an import is under way, a new layout can wait


def relate_memories(claim: Claim) -> None:
    """Relate claimed memories, each person's in one short transaction under that person's lock."""
    for user_id in list_owners(claim):
        with hold_claimed(claim, user_id=user_id, cause="relate") as kept:
            relate(user_id=user_id, memory_ids=kept)
            finish(claim, gives="related", kept=kept)
            ask_for("layout", user_id=user_id, gather=BUSY_SECONDS if is_busy(user_id=user_id) else GATHER_SECONDS)


def is_busy(*, user_id: int) -> bool:
    """Whether more memories of this person are on their way here; old ones come a few a day, or not at all while they are switched off."""
    rows = Memory.objects.filter(user_id=user_id, stage="stored", due_at__isnull=False)
    return bool(rows.exclude(lane=Lane.BACKFILL).exists())


def relate(*, user_id: int, memory_ids: Sequence[int]) -> None:
    """Bring entities, ties, series and relationships up to date with what these memories say now."""
    pairs = read_tied_pairs(user_id=user_id, memory_ids=memory_ids)
    touched = read_entities(user_id=user_id, memory_ids=memory_ids)
    write_mentions(user_id=user_id, memory_ids=memory_ids)
    settle(user_id=user_id, memory_ids=memory_ids, pairs=pairs, touched=touched)
    renew_sightings(user_id=user_id, memory_ids=memory_ids)
    write_entity_ids(user_id=user_id, memory_ids=memory_ids)
    write_relationships(user_id=user_id, memory_ids=memory_ids)


def settle(*, user_id: int, memory_ids: Collection[int], pairs: set[Pair], touched: set[int]) -> None:
    """After mentions changed: who stands for whom, what each entity is, and the ties that may differ.

    `pairs` and `touched` are what the memories named before; `memory_ids` are those memories.
    """
    moved = link_leaves(user_id=user_id)
    touched |= moved | read_entities(user_id=user_id, memory_ids=memory_ids)
    renew_entities(user_id=user_id, entity_ids=touched)
    moved |= mark_teller(user_id=user_id)
    others = read_memories_naming(user_id=user_id, entity_ids=moved)
    pairs |= read_ties_of(user_id=user_id, entity_ids=moved)
    pairs |= read_pairs(user_id=user_id, memory_ids=set(memory_ids) | others)
    count_ties(user_id=user_id, pairs=pairs)
    place_newcomers(user_id=user_id)
    renew_series(user_id=user_id, entity_ids=touched)
    write_entity_ids(user_id=user_id, memory_ids=sorted(others - set(memory_ids)))


def read_entities(*, user_id: int, memory_ids: Collection[int]) -> set[int]:
    """Canonical entities that these memories name."""
    named = Mention.objects.filter(user_id=user_id, memory_id__in=list(memory_ids)).values("entity_id")
    rows = Leaf.objects.filter(user_id=user_id, pk__in=named, canonical_id__isnull=False)
    return set(rows.values_list("canonical_id", flat=True))


def read_memories_naming(*, user_id: int, entity_ids: Collection[int]) -> set[int]:
    """Memories that name any leaf of these canonical entities."""
    if not entity_ids:
        return set()
    leaves = Leaf.objects.filter(user_id=user_id, canonical_id__in=list(entity_ids)).values("id")
    return set(Mention.objects.filter(user_id=user_id, entity_id__in=leaves).values_list("memory_id", flat=True))


def read_ties_of(*, user_id: int, entity_ids: Collection[int]) -> set[Pair]:
    """Pairs of the ties that end at any of these entities."""
    if not entity_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a_id, b_id FROM entity_ties WHERE user_id = %(user)s AND (a_id = ANY(%(ids)s) OR b_id = ANY(%(ids)s))",
            {"user": user_id, "ids": list(entity_ids)},
        )
        return set(cursor.fetchall())


def write_mentions(*, user_id: int, memory_ids: Sequence[int]) -> None:
    """Replace the mentions of these memories by what extraction found in them."""
    memories = list(
        Memory.objects.filter(user_id=user_id, pk__in=memory_ids).only("entities", "occurred_on", "participants")
    )
    found = [(memory, mention) for memory in memories for mention in memory.entities or []]
    addresses = {memory.pk: read_addresses(memory) for memory in memories}
    leaves = add_leaves(user_id=user_id, keys={(mention["kind"], mention["key"][:255]) for _, mention in found})
    Mention.objects.filter(user_id=user_id, memory_id__in=list(memory_ids)).delete()
    Mention.objects.bulk_create(
        [
            Mention(
                user_id=user_id,
                memory_id=memory.pk,
                entity_id=leaves[mention["kind"], mention["key"][:255]],
                occurred_on=memory.occurred_on,
                field=mention["field"],
                text=mention["text"][:255],
                address=addresses[memory.pk].get(mention["key"], "") if mention["field"] in HEADERS else "",
                start=mention["start"] if mention["field"] == "content" else None,
                end=mention["end"] if mention["field"] == "content" else None,
            )
            for memory, mention in found
        ]
    )


def read_addresses(memory: Memory) -> dict[str, str]:
    """Mail addresses that a memory's headers give, by the key of the name beside them."""
    parties = [(read_party(who.get("name", ""), who.get("address", "")), who) for who in memory.participants]
    return {party[0]: who["address"].casefold()[:320] for party, who in parties if party and who.get("address")}


def write_entity_ids(*, user_id: int, memory_ids: Sequence[int]) -> None:
    """Hand the canonical ids down into the memories' own `entities`, and into their relationships."""
    if not memory_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(read_sql("entity_ids_v1.sql"), {"user": user_id, "memories": list(memory_ids)})


def write_relationships(
    *,
    user_id: int,
    memory_ids: Sequence[int],
    partners: Collection[int] = (),
    erased: Collection[int] = (),
    exact: bool = False,
) -> None:
    """Find the base relationships of these memories that headers, equal texts and shared names give.

    `partners` are memories whose threads and copies are drawn anew as well, `erased` are memories about to go. Unless `exact`, a
    line that stands keeps its confidence until that has moved by more than the hysteresis.
    """
    seeds = {*memory_ids, *partners, *read_partners(user_id=user_id, memory_ids=memory_ids)}
    if not seeds:
        return
    parameters: dict[str, Any] = {"user": user_id, "memories": list(memory_ids), "exact": exact} | RELATE
    with connection.cursor() as cursor:
        cursor.execute(read_sql("relate_v1.sql"), parameters | {"seeds": sorted(seeds), "erased": sorted(erased)})


def read_partners(*, user_id: int, memory_ids: Collection[int]) -> set[int]:
    """Memories that stand beside these in a thread, or hold the same text, by what is drawn now."""
    rows = Relationship.objects.filter(user_id=user_id, relationship_type__in=("same_thread", "duplicate_of"))
    beside = rows.filter(Q(source_event_id__in=memory_ids) | Q(target_event_id__in=memory_ids))
    ends = beside.values_list("source_event_id", "target_event_id")
    return {end for pair in ends for end in pair} - set(memory_ids)
