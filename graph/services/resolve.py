"""Related: mentions become entities. Leaves are what texts say; who stands for whom is derived and can be undone exactly.

The canonical leaf of a group comes from `graph.resolution` (a function of the set of leaves and of the person's own events,
never of the order of arrival); `graph_entities` holds what each group is now.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from graph.models import Entity, EntityEvent, Leaf
from graph.resolution import Decision, resolve
from graph.resolution import Leaf as PureLeaf
from graph.services.patterns import rename_patterns
from graph.sql import read_sql

DECISIONS = ("merge", "split", "never_merge")
DESCRIBED = ("kind", "name", "aliases", "memories", "first_seen", "last_seen", "hidden")

REASONS = """
WITH named AS (
    SELECT r.id, say_what_is_shared(array_agg(e.name::text ORDER BY s.place)) AS reasoning
    FROM relationship_instances r
    CROSS JOIN LATERAL jsonb_array_elements_text(r.evidence -> 'entities') WITH ORDINALITY AS s(entity, place)
    JOIN graph_entities e ON e.user_id = r.user_id AND e.id = s.entity::bigint
    WHERE r.user_id = %(user)s AND r.relationship_type = 'shares_entity' AND r.source_entity_ids && %(entities)s::bigint[]
    GROUP BY r.id
)
UPDATE relationship_instances r SET reasoning = n.reasoning, updated_at = clock_timestamp()
FROM named n WHERE r.user_id = %(user)s AND r.id = n.id AND r.reasoning <> n.reasoning
"""
Word = tuple[int, str, str]  # an event's id, what it is about, what it says


@dataclass(frozen=True, slots=True)
class Name:
    """A leaf as its memories spell it most often."""

    leaf_id: int
    kind: str
    text: str
    memories: int


@dataclass(frozen=True, slots=True)
class Group:
    """All that is said of one canonical entity."""

    entity_id: int
    names: tuple[Name, ...]
    memories: int
    first_seen: date
    last_seen: date


def add_leaves(*, user_id: int, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Leaf ids of (kind, key) pairs; missing ones are made."""
    Leaf.objects.bulk_create(
        [Leaf(user_id=user_id, kind=kind, key=key) for kind, key in sorted(keys)], ignore_conflicts=True
    )
    rows = Leaf.objects.filter(user_id=user_id, key__in={key for _, key in keys})
    return {(leaf.kind, leaf.key): leaf.pk for leaf in rows}


def link_leaves(*, user_id: int) -> set[int]:
    """Derive every leaf's canonical leaf anew; returns the canonical ids whose groups changed, before and after."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.id, l.kind, l.key, l.canonical_id, mode() WITHIN GROUP (ORDER BY m.text), count(DISTINCT m.memory_id),"
            " array_remove(array_agg(DISTINCT m.address), '') FROM normalized_entities l JOIN entity_matches m ON m.user_id = l.user_id AND m.entity_id = l.id"
            " WHERE l.user_id = %s GROUP BY l.id ORDER BY l.id",
            [user_id],
        )
        rows = cursor.fetchall()
    leaves = [
        PureLeaf(id=pk, kind=kind, key=key, name=text, memories=count, addresses=tuple(addresses))
        for pk, kind, key, _, text, count, addresses in rows
    ]
    canonical = resolve(leaves, decisions=_read_decisions(user_id=user_id))
    before = {pk: old for pk, _, _, old, *_ in rows}
    moved = {pk: new for pk, new in canonical.items() if before[pk] != new}
    _write_canonical(user_id=user_id, moved=moved)
    return set(moved.values()) | {before[pk] for pk in moved if before[pk] is not None}


def _read_decisions(*, user_id: int) -> list[Decision]:
    events = EntityEvent.objects.filter(user_id=user_id, action__in=DECISIONS).order_by("id")
    return [Decision(action=e.action, entity_id=e.entity_id, other_id=e.other_id) for e in events]


def _write_canonical(*, user_id: int, moved: dict[int, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE normalized_entities l SET canonical_id = n.canonical FROM unnest(%s::bigint[], %s::bigint[]) AS n(id, canonical)"
            " WHERE l.user_id = %s AND l.id = n.id",
            [list(moved), list(moved.values()), user_id],
        )


def renew_entities(*, user_id: int, entity_ids: Collection[int]) -> None:
    """Write what these canonical entities are now; those that nothing names any more go, with their ties and leaves."""
    if not entity_ids:
        return
    groups = _read_groups(user_id=user_id, entity_ids=entity_ids)
    gone = [pk for pk in entity_ids if pk not in {group.entity_id for group in groups}]
    Entity.objects.filter(user_id=user_id, pk__in=gone).delete()
    own = _read_own_words(user_id=user_id)
    renamed = _write_entities([_describe(group, user_id=user_id, own=own) for group in groups])
    _rename_reasons(user_id=user_id, entity_ids=renamed)
    rename_patterns(user_id=user_id, entity_ids=[*renamed, *gone])
    _drop_silent_leaves(user_id=user_id)


def _write_entities(entities: Sequence[Any]) -> list[int]:
    """Write those that differ from what is there: a row that is written for nothing makes the graph's version new.

    Returns the ids of those that have another name now, or are hidden now.
    """
    there = Entity.objects.in_bulk([entity.pk for entity in entities])
    changed = [entity for entity in entities if not _is_alike(entity, there.get(entity.pk))]
    Entity.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=DESCRIBED)
    return [
        entity.pk
        for entity in changed
        if entity.pk in there and (there[entity.pk].name, there[entity.pk].hidden) != (entity.name, entity.hidden)
    ]


def _rename_reasons(*, user_id: int, entity_ids: Sequence[int]) -> None:
    """Sentences that name these entities say their names of today: an old one may be erased text."""
    if not entity_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(REASONS, {"user": user_id, "entities": list(entity_ids)})


def _is_alike(entity: Any, other: Any) -> bool:
    return other is not None and all(getattr(entity, name) == getattr(other, name) for name in DESCRIBED)


def _read_groups(*, user_id: int, entity_ids: Collection[int]) -> list[Group]:
    with connection.cursor() as cursor:
        cursor.execute(read_sql("entities_v1.sql"), {"user": user_id, "entities": list(entity_ids)})
        rows = cursor.fetchall()
    names: dict[int, list[Name]] = defaultdict(list)
    whole: dict[int, tuple[int, date, date]] = {}
    for entity_id, leaf_id, kind, _key, text, count, memories, first, last in rows:
        shown = text.lower() if kind == "topic" and text.isupper() else text  # a heading in capitals shouts
        names[entity_id].append(Name(leaf_id=leaf_id, kind=kind, text=shown, memories=count))
        whole[entity_id] = (memories, first, last)
    return [Group(pk, tuple(names[pk]), *whole[pk]) for pk in sorted(names)]


def _read_own_words(*, user_id: int) -> dict[int, list[Word]]:
    """What the person said of each leaf, in their order: its name, its kind, whether it is hidden."""
    said: dict[int, list[Word]] = defaultdict(list)
    events = EntityEvent.objects.filter(user_id=user_id).exclude(action__in=DECISIONS).order_by("id")
    for event in events:
        if event.action in ("hide", "show"):
            said[event.entity_id].append((event.pk, "hidden", "yes" if event.action == "hide" else ""))
        else:
            said[event.entity_id].append((event.pk, event.action, event.value))
    return said


def _describe(group: Group, *, user_id: int, own: dict[int, list[Word]]) -> Any:
    words = sorted(word for name in group.names for word in own.get(name.leaf_id, []))
    said = {about: value for _, about, value in words}  # the last word holds, whichever leaf of the group it was about
    chosen = choose_name(group.names, entity_id=group.entity_id)
    shown = said.get("rename") or chosen.text
    aliases = sorted({name.text for name in group.names} - {shown})
    return Entity(
        id=group.entity_id,
        user_id=user_id,
        kind=said.get("kind") or next(n.kind for n in group.names if n.leaf_id == group.entity_id),
        name=shown,
        aliases=aliases,
        memories=group.memories,
        first_seen=group.first_seen,
        last_seen=group.last_seen,
        hidden=bool(said.get("hidden")),
    )


def choose_name(names: Sequence[Name], *, entity_id: int) -> Name:
    """The fullest spelling that is no rarity: most words among those with a twentieth of the group's mentions."""
    total = sum(name.memories for name in names)
    common = [name for name in names if name.memories * 20 >= total or name.leaf_id == entity_id]
    return max(common, key=lambda name: (len(name.text.split()), name.memories, name.text))


def _drop_silent_leaves(*, user_id: int) -> None:
    """Leaves that no memory names and of which the person said nothing leave no text behind."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM normalized_entities l WHERE l.user_id = %s"
            " AND NOT EXISTS (SELECT FROM entity_matches m WHERE m.user_id = l.user_id AND m.entity_id = l.id)"
            " AND NOT EXISTS (SELECT FROM graph_entity_events e WHERE e.user_id = l.user_id AND l.id IN (e.entity_id, e.other_id))",
            [user_id],
        )
