"""Erased: what the graph drew from memories goes with them, in the same transaction."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection

from graph.models import Mention, Relationship, Sighting, Suspicion
from graph.services.bodies import drop_bodies
from graph.services.choose import mark_ties
from graph.services.facts import fetch
from graph.services.locks import lock_user
from graph.services.relate import read_entities, read_partners, settle, write_relationships
from graph.services.sightings import read_sighted
from graph.services.ties import read_tied_pairs
from graph.services.work import ask_for

ERASURE_SECONDS = 15.0  # a refresh is everybody's, so erasures are gathered

# Findings that rest on the erased memories, with all that was ever logged of them; what still holds is found again by the next pass.
DROP = """
WITH series AS (
    UPDATE graph_series SET dirty_at = now()
    WHERE user_id = %(user)s AND (entity_a_id = ANY(%(entities)s) OR entity_b_id = ANY(%(entities)s)) RETURNING id
), temporal AS (
    DELETE FROM temporal_patterns WHERE user_id = %(user)s AND series_id IN (SELECT id FROM series) RETURNING 'temporal' AS layer, id
), seasonal AS (
    DELETE FROM seasonal_patterns WHERE user_id = %(user)s AND series_id IN (SELECT id FROM series) RETURNING 'seasonal' AS layer, id
), clusters AS (
    DELETE FROM cross_platform_relationships WHERE user_id = %(user)s AND memory_ids && %(memories)s::bigint[] RETURNING 'cross_platform' AS layer, id
), causes AS (
    DELETE FROM root_cause_analyses
    WHERE user_id = %(user)s AND jsonb_path_query_array(chain, '$[*].memory') @> ANY(SELECT to_jsonb(m) FROM unnest(%(memories)s::bigint[]) AS m)
    RETURNING 'root_cause' AS layer, id
)
SELECT * FROM temporal UNION ALL SELECT * FROM seasonal UNION ALL SELECT * FROM clusters UNION ALL SELECT * FROM causes
"""
UNLOG = """
DELETE FROM event_delta_logs d USING unnest(%(layers)s::text[], %(ids)s::bigint[]) AS r(layer, row_id)
WHERE d.user_id = %(user)s AND d.layer = r.layer AND d.row_id = r.row_id
"""
# Of relationships that are gone, now or long since, stays that they are gone.
FORGET = """
WITH ended AS (
    SELECT DISTINCT relationship_id FROM event_delta_logs
    WHERE user_id = %(user)s AND (
        relationship_id = ANY(%(ids)s)
        OR (coalesce(after, before) -> 'source_event_id')::bigint = ANY(%(memories)s)
        OR (coalesce(after, before) -> 'target_event_id')::bigint = ANY(%(memories)s))
), gone AS (
    DELETE FROM event_delta_logs d USING ended e
    WHERE d.user_id = %(user)s AND d.relationship_id = e.relationship_id AND NOT (d.layer = 'base' AND d.change_type = 'deleted')
)
UPDATE event_delta_logs d SET before = NULL FROM ended e
WHERE d.user_id = %(user)s AND d.relationship_id = e.relationship_id AND d.layer = 'base' AND d.change_type = 'deleted'
"""
# A relationship that stays names the last of what is still logged of it.
REPOINT = """
UPDATE relationship_instances r
SET delta_log_id = (SELECT max(d.id) FROM event_delta_logs d WHERE d.user_id = r.user_id AND d.relationship_id = r.id)
WHERE r.user_id = %(user)s AND NOT EXISTS (SELECT FROM event_delta_logs d WHERE d.user_id = r.user_id AND d.id = r.delta_log_id)
"""
UNCITE = """
UPDATE relationship_patterns p SET evidence = jsonb_set(evidence, '{memories}', coalesce(
    (SELECT jsonb_agg(m) FROM jsonb_array_elements(evidence -> 'memories') AS m WHERE m::text::bigint <> ALL(%(memories)s)), '[]'))
WHERE user_id = %(user)s
  AND EXISTS (SELECT FROM jsonb_array_elements(evidence -> 'memories') AS m WHERE m::text::bigint = ANY(%(memories)s))
"""


def forget_memories(*, user_id: int, memory_ids: Sequence[int]) -> None:
    """Remove mentions and relationships of memories that are about to be deleted and settle what they touched."""
    lock_user(user_id, cause="erase")
    drop_bodies(user_id=user_id)
    pairs = read_tied_pairs(user_id=user_id, memory_ids=memory_ids)
    touched = read_entities(user_id=user_id, memory_ids=memory_ids)
    touched |= read_sighted(user_id=user_id, memory_ids=memory_ids)
    partners = read_partners(user_id=user_id, memory_ids=memory_ids)
    if delete_relationships(user_id=user_id, memory_ids=memory_ids):
        ask_for("erasure", user_id=user_id, gather=ERASURE_SECONDS)
    drop_findings(user_id=user_id, memory_ids=memory_ids, entity_ids=touched)
    Mention.objects.filter(user_id=user_id, memory_id__in=list(memory_ids)).delete()
    Sighting.objects.filter(user_id=user_id, memory_id__in=list(memory_ids)).delete()
    settle(user_id=user_id, memory_ids=[], pairs=pairs, touched=touched)
    write_relationships(user_id=user_id, memory_ids=[], partners=partners, erased=memory_ids)
    mark_ties(user_id, entity_ids=touched)
    ask_for("layout", user_id=user_id)
    ask_for("layers", user_id=user_id)


def drop_findings(*, user_id: int, memory_ids: Sequence[int], entity_ids: Collection[int]) -> None:
    """Remove what was found of the memories' entities, and what is told of several memories of which one goes."""
    parameters: dict[str, Any] = {"user": user_id, "memories": list(memory_ids), "entities": list(entity_ids)}
    rows = fetch(DROP, **parameters)
    with connection.cursor() as cursor:
        layers, ids = [layer for layer, _ in rows], [pk for _, pk in rows]
        cursor.execute(UNLOG, {"user": user_id, "layers": layers, "ids": ids})
        cursor.execute(REPOINT, parameters)
        cursor.execute(UNCITE, parameters)
    Suspicion.objects.filter(user_id=user_id, memory_ids__overlap=list(memory_ids)).delete()


def delete_relationships(*, user_id: int, memory_ids: Sequence[int]) -> int:
    """Returns how many there were. The log keeps only that they are gone."""
    rows = Relationship.objects.filter(user_id=user_id)
    ends = rows.filter(source_event_id__in=memory_ids) | rows.filter(target_event_id__in=memory_ids)
    ids = sorted(ends.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM relationship_instances WHERE user_id = %s AND id = ANY(%s)", [user_id, ids])
        cursor.execute(FORGET, {"user": user_id, "ids": ids, "memories": list(memory_ids)})
    return len(ids)
