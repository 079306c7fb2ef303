"""Related: what the person says of entities. Each word is an event that wins over every automatic link; taking it back is one more event."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from graph.models import Entity, EntityEvent, Leaf
from graph.services.locks import lock_user
from graph.services.relate import settle
from graph.services.work import ask_for

WORDS = {"name": "rename", "kind": "kind"}  # of a change, and the event that says it
PATIENCE_MS = 3_000  # a request that waits for a worker keeps its seat


class DecisionRefused(Exception):
    """What was said cannot hold: `field` and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def change_entity(*, entity: Entity, changes: Mapping[str, Any]) -> int:
    """Let the person name it, say its kind ('' takes either back) or hide it; returns the id it has now."""
    events = [
        EntityEvent(user_id=entity.user_id, action=WORDS[field], entity_id=entity.pk, value=changes[field])
        for field in WORDS
        if field in changes
    ]
    if "hidden" in changes:
        action = "hide" if changes["hidden"] else "show"
        events.append(EntityEvent(user_id=entity.user_id, action=action, entity_id=entity.pk))
    with hold_graph(entity.user_id):
        say(user_id=entity.user_id, events=events)
        return read_canonical(leaf_id=entity.pk)


def merge_entities(*, entity: Entity, other: Entity) -> int:
    """Let two be one; returns the id that stands for both. Raises DecisionRefused for one and the same."""
    if entity.pk == other.pk:
        raise DecisionRefused("other", f"{entity.name} is the entity itself.")
    event = EntityEvent(user_id=entity.user_id, action="merge", entity_id=other.pk, other_id=entity.pk)
    with hold_graph(entity.user_id):
        say(user_id=entity.user_id, events=[event])
        return read_canonical(leaf_id=entity.pk)


def split_entity(*, entity: Entity, leaf_id: int) -> tuple[int, int]:
    """Take one of its names out, with what was its own before a merge; returns the ids of the rest and of what was taken out.

    Raises DecisionRefused where the name is not one of several of this entity.
    """
    with hold_graph(entity.user_id):
        group = list_leaf_ids(entity=entity)
        if leaf_id not in group:
            raise DecisionRefused("leaf", f"{entity.name} has no name with this id; its `names` say which there are.")
        rest = [pk for pk in group if pk != leaf_id]
        if not rest:
            raise DecisionRefused("leaf", f"{entity.name} has no other name to be parted from.")
        stays = entity.pk if leaf_id != entity.pk else rest[0]
        event = EntityEvent(user_id=entity.user_id, action="split", entity_id=leaf_id, other_id=stays)
        say(user_id=entity.user_id, events=[event])
        return read_canonical(leaf_id=stays), read_canonical(leaf_id=leaf_id)


@contextmanager
def hold_graph(user_id: int) -> Iterator[None]:
    """A transaction under the person's lock; raises OperationalError (a 503) where a worker keeps it for longer than PATIENCE_MS."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(PATIENCE_MS)])
        lock_user(user_id, cause="person")
        yield


def list_leaf_ids(*, entity: Entity) -> list[int]:
    """Leaves of an entity, its own among them."""
    rows = Leaf.objects.filter(user_id=entity.user_id, canonical_id=entity.pk)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def read_canonical(*, leaf_id: int) -> int:
    return int(Leaf.objects.values_list("canonical_id", flat=True).get(pk=leaf_id))


def say(*, user_id: int, events: Sequence[EntityEvent]) -> None:
    """Note events and settle what they change; call it under the person's lock."""
    EntityEvent.objects.bulk_create(events)
    spoken_of = {pk for event in events for pk in (event.entity_id, event.other_id) if pk}
    settle_leaves(user_id=user_id, leaf_ids=spoken_of)


def settle_leaves(*, user_id: int, leaf_ids: Collection[int]) -> None:
    """Bring entities, ties and series up to date after events about these leaves; call it under the person's lock."""
    spoken_of = Leaf.objects.filter(user_id=user_id, pk__in=leaf_ids, canonical__isnull=False)
    touched = set(spoken_of.values_list("canonical_id", flat=True))
    settle(user_id=user_id, memory_ids=[], pairs=set(), touched=touched)
    ask_for("layout", user_id=user_id)
    ask_for("layers", user_id=user_id)
