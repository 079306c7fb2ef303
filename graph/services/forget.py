"""Erased: what the graph drew from memories goes with them, in the same transaction."""

from collections.abc import Sequence

from django.db import connection

from graph.models import Mention, Relationship
from graph.services.locks import lock_user
from graph.services.relate import read_entities, read_partners, settle, write_relationships
from graph.services.ties import read_tied_pairs
from graph.services.work import ask_for

ERASURE_SECONDS = 15.0  # a refresh is everybody's, so erasures are gathered


def forget_memories(*, user_id: int, memory_ids: Sequence[int]) -> None:
    """Remove mentions and relationships of memories that are about to be deleted and settle what they touched."""
    lock_user(user_id, cause="erase")
    pairs = read_tied_pairs(user_id=user_id, memory_ids=memory_ids)
    touched = read_entities(user_id=user_id, memory_ids=memory_ids)
    partners = read_partners(user_id=user_id, memory_ids=memory_ids)
    if _delete_relationships(user_id=user_id, memory_ids=memory_ids):
        ask_for("erasure", user_id=user_id, gather=ERASURE_SECONDS)
    Mention.objects.filter(user_id=user_id, memory_id__in=list(memory_ids)).delete()
    settle(user_id=user_id, memory_ids=[], pairs=pairs, touched=touched)
    write_relationships(user_id=user_id, memory_ids=[], partners=partners, erased=memory_ids)
    ask_for("layout", user_id=user_id)


def _delete_relationships(*, user_id: int, memory_ids: Sequence[int]) -> int:
    """Returns how many there were.

    Deltas hold numbers and ids, so the log may say that a relationship is gone; its earlier deltas are compacted away.
    """
    rows = Relationship.objects.filter(user_id=user_id)
    ends = rows.filter(source_event_id__in=memory_ids) | rows.filter(target_event_id__in=memory_ids)
    ids = sorted(ends.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM event_delta_logs WHERE user_id = %s AND relationship_id = ANY(%s)", [user_id, ids])
        cursor.execute(
            "INSERT INTO event_delta_logs (user_id, relationship_id, layer, change_type, before, after, cause)"
            " SELECT user_id, id, 'base', 'deleted', NULL, NULL, 'erase' FROM relationship_instances WHERE user_id = %s AND id = ANY(%s)",
            [user_id, ids],
        )
        cursor.execute("DELETE FROM relationship_instances WHERE user_id = %s AND id = ANY(%s)", [user_id, ids])
    return len(ids)
