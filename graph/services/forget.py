"""Erased: what the graph drew from memories goes with them, in the same transaction."""

from collections.abc import Collection, Sequence
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Q

from graph.models import CrossPlatformRelationship, Mention, Relationship, RootCauseAnalysis, Sighting, Suspicion
from graph.services.choose import mark_ties
from graph.services.locks import lock_user
from graph.services.relate import read_entities, read_partners, settle, write_relationships
from graph.services.sightings import read_sighted
from graph.services.ties import read_tied_pairs
from graph.services.work import ask_for

ERASURE_SECONDS = 15.0  # a refresh is everybody's, so erasures are gathered

SERIES_FINDINGS = """
WITH series AS (
    SELECT id FROM graph_series WHERE user_id = %(user)s AND (entity_a_id = ANY(%(entities)s) OR entity_b_id = ANY(%(entities)s))
)
SELECT 'temporal', p.id FROM temporal_patterns p JOIN series s ON s.id = p.series_id WHERE p.user_id = %(user)s
UNION ALL
SELECT 'seasonal', p.id FROM seasonal_patterns p JOIN series s ON s.id = p.series_id WHERE p.user_id = %(user)s
"""
# The last delta of a row becomes its first; of a row that is gone nothing stays.
COMPACT = """
WITH asked AS (
    SELECT * FROM unnest(%(layers)s::text[], %(ids)s::bigint[]) AS r(layer, row_id)
), last AS (
    SELECT max(d.id) AS id FROM event_delta_logs d JOIN asked USING (layer, row_id) WHERE d.user_id = %(user)s GROUP BY layer, row_id
), gone AS (
    DELETE FROM event_delta_logs d USING asked a
    WHERE d.user_id = %(user)s AND d.layer = a.layer AND d.row_id = a.row_id
      AND (d.id NOT IN (SELECT id FROM last) OR d.change_type = 'deleted')
)
UPDATE event_delta_logs d SET before = NULL, change_type = 'created'
FROM last l WHERE d.user_id = %(user)s AND d.id = l.id AND d.change_type <> 'deleted'
"""
FORGET = """
WITH gone AS (
    DELETE FROM event_delta_logs WHERE user_id = %(user)s AND relationship_id = ANY(%(ids)s) AND NOT (layer = 'base' AND change_type = 'deleted')
)
UPDATE event_delta_logs SET before = NULL
WHERE user_id = %(user)s AND relationship_id = ANY(%(ids)s) AND layer = 'base' AND change_type = 'deleted'
"""


def forget_memories(*, user_id: int, memory_ids: Sequence[int]) -> None:
    """Remove mentions and relationships of memories that are about to be deleted and settle what they touched."""
    lock_user(user_id, cause="erase")
    pairs = read_tied_pairs(user_id=user_id, memory_ids=memory_ids)
    touched = read_entities(user_id=user_id, memory_ids=memory_ids)
    touched |= read_sighted(user_id=user_id, memory_ids=memory_ids)
    partners = read_partners(user_id=user_id, memory_ids=memory_ids)
    findings = list_series_findings(user_id=user_id, entity_ids=touched)
    drop_findings(user_id=user_id, memory_ids=memory_ids)
    if delete_relationships(user_id=user_id, memory_ids=memory_ids):
        ask_for("erasure", user_id=user_id, gather=ERASURE_SECONDS)
    Mention.objects.filter(user_id=user_id, memory_id__in=list(memory_ids)).delete()
    Sighting.objects.filter(user_id=user_id, memory_id__in=list(memory_ids)).delete()
    settle(user_id=user_id, memory_ids=[], pairs=pairs, touched=touched)
    write_relationships(user_id=user_id, memory_ids=[], partners=partners, erased=memory_ids)
    mark_ties(user_id, entity_ids=touched)
    compact_deltas(user_id=user_id, rows=findings)
    ask_for("layout", user_id=user_id)
    ask_for("layers", user_id=user_id)


def drop_findings(*, user_id: int, memory_ids: Sequence[int]) -> None:
    """Remove what is told of several memories of which one goes: clusters, chains back to a cause, suspicions."""
    ids = list(memory_ids)
    clusters = CrossPlatformRelationship.objects.filter(user_id=user_id, memory_ids__overlap=ids)
    chains = [Q(chain__contains=[{"memory": pk}]) for pk in ids]
    causes = RootCauseAnalysis.objects.filter(reduce(or_, chains), user_id=user_id)
    rows = [("cross_platform", pk) for pk in clusters.values_list("pk", flat=True)]
    rows += [("root_cause", pk) for pk in causes.values_list("pk", flat=True)]
    clusters.delete()
    causes.delete()
    compact_deltas(user_id=user_id, rows=rows)
    Suspicion.objects.filter(user_id=user_id, memory_ids__overlap=ids).delete()


def list_series_findings(*, user_id: int, entity_ids: Collection[int]) -> list[tuple[str, int]]:
    """Rows (layer, id) of the findings of these entities' series."""
    with connection.cursor() as cursor:
        cursor.execute(SERIES_FINDINGS, {"user": user_id, "entities": list(entity_ids)})
        return list(cursor.fetchall())


def compact_deltas(*, user_id: int, rows: Sequence[tuple[str, int]]) -> None:
    """Let the log of these rows say what they hold now, and nothing of what they held while the erased memories were there."""
    if rows:
        layers, ids = zip(*rows, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(COMPACT, {"user": user_id, "layers": list(layers), "ids": list(ids)})


def delete_relationships(*, user_id: int, memory_ids: Sequence[int]) -> int:
    """Returns how many there were. The log keeps only that they are gone."""
    rows = Relationship.objects.filter(user_id=user_id)
    ends = rows.filter(source_event_id__in=memory_ids) | rows.filter(target_event_id__in=memory_ids)
    ids = sorted(ends.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM relationship_instances WHERE user_id = %s AND id = ANY(%s)", [user_id, ids])
        cursor.execute(FORGET, {"user": user_id, "ids": ids})
    return len(ids)
