"""Memories as extraction leaves them, and what a graph is by the names in it, whatever its ids are."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import connection

from graph.models import (
    CausalRelationship,
    CrossPlatformRelationship,
    DuplicateTransaction,
    Entity,
    PredictedRelationship,
    Relationship,
    RelationshipPattern,
    RootCauseAnalysis,
    SeasonalPattern,
    Series,
    TemporalPattern,
    Tie,
)
from graph.services.relate import relate
from memories.extraction.keys import normalise_key
from memories.models import Memory
from tests.factories.memories import MemoryFactory

KINDS = {"@": "place", "#": "topic", "&": "organisation"}
FIRST_DAY = date(2024, 5, 3)


def name_all(names: Iterable[str], *, between: str = " and ") -> tuple[str, list[dict[str, Any]]]:
    """A text of these names and its mentions; `@` before a name makes it a place, `#` a topic, `&` an organisation."""
    text, mentions = "", []
    for name in names:
        kind, shown = KINDS.get(name[0], "person"), name.lstrip("@#&")
        text += between if text else ""
        mention = {"key": normalise_key(shown), "text": shown, "kind": kind, "field": "content", "entity_id": None}
        mentions.append(mention | {"start": len(text), "end": len(text) + len(shown)})
        text += shown
    return text, mentions


def write(user: Any, *names: str, day: date = FIRST_DAY, between: str = " and ", **columns: Any) -> Memory:
    """A memory of that day that names these, extracted and not yet related."""
    content, mentions = name_all(names, between=between)
    columns = {"content": content or "Nothing.", "entities": mentions, "stage": "extracted"} | columns
    moment = columns.pop("occurred_at", datetime.combine(day, time(9), tzinfo=UTC))
    memory: Memory = MemoryFactory(user=user, occurred_at=moment, **columns)
    return memory


def rewrite(memory: Memory, *names: str, between: str = " and ") -> None:
    """Let a memory name others than it did, as an edit and a new extraction would."""
    content, mentions = name_all(names, between=between)
    Memory.objects.filter(pk=memory.pk).update(content=content, size=len(content), entities=mentions)


def relate_now(*memories: Memory) -> None:
    """Relate memories of one person in one batch."""
    relate(user_id=memories[0].user_id, memory_ids=[memory.pk for memory in memories])


def list_entities(user: Any) -> set[tuple[Any, ...]]:
    """Entities as (kind, name, memories, first, last)."""
    rows = Entity.objects.filter(user=user)
    return set(rows.values_list("kind", "name", "memories", "first_seen", "last_seen"))


def list_ties(user: Any) -> set[tuple[Any, ...]]:
    """Ties as (the two names in order, memories, weight, first, last)."""
    rows = Tie.objects.filter(user=user).values_list("a__name", "b__name", "memories", "weight", "first", "last")
    return {(*sorted((a, b)), memories, round(weight, 6), *days) for a, b, memories, weight, *days in rows}


def list_relationships(user: Any) -> set[tuple[int, int, str]]:
    """Relationships as (source, target, type)."""
    rows = Relationship.objects.filter(user=user)
    return set(rows.values_list("source_event_id", "target_event_id", "relationship_type"))


def find_entity(user: Any, name: str) -> Entity:
    """The person's entity of that name."""
    entity: Entity = Entity.objects.get(user=user, name=name)
    return entity


def find_tie(user: Any, one: str, other: str) -> Tie:
    """The person's tie of the entities of these names."""
    a, b = sorted((find_entity(user, one).pk, find_entity(user, other).pk))
    tie: Tie = Tie.objects.get(user=user, a_id=a, b_id=b)
    return tie


def find_all(row: Relationship) -> dict[str, int]:
    """Let all nine layers have found something of a relationship; returns the ids of their rows."""
    own = {"user_id": row.user_id}
    series, _ = Series.objects.get_or_create(**own, entity_a_id=row.source_entity_ids[0], entity_b=None)
    once = {"recurrence_score": 0.9, "recurrence_frequency": "FREQ=WEEKLY", "last_occurrence": FIRST_DAY}
    chosen = {
        "temporal_pattern": TemporalPattern.objects.create(
            **own, series=series, **once, next_predicted_occurrence=FIRST_DAY
        ),
        "seasonal_pattern": SeasonalPattern.objects.create(
            **own, series=series, seasonal_strength=0.5, seasonal_months=[5]
        ),
        "pattern": RelationshipPattern.objects.create(
            **own,
            kind="template",
            pattern_name="Walk",
            pattern_confidence=0.7,
            definition=[f"entity:{row.source_entity_ids[0]}", "platform:note"],
        ),
        "cross_platform": CrossPlatformRelationship.objects.create(
            **own, memory_ids=[1], platform_sources=["mail", "note"]
        ),
        "predicted_relationship": PredictedRelationship.objects.create(
            **own, series=series, kind="next", horizon=7, prediction_confidence=0.6, prediction_reason="Weekly."
        ),
    }
    Relationship.objects.filter(pk=row.pk).update(**chosen)
    own["relationship_id"] = row.pk
    said = {
        "causal_score": 1.0,
        "causal_strength": 0.4,
        "causal_direction": "source_to_target",
        "causal_basis": "response",
        "evidence": {"type": "reply_to", "memories": [row.source_event_id, row.target_event_id]},
    }
    chosen["causal"] = CausalRelationship.objects.create(**own, **said)
    chosen["root_cause"] = RootCauseAnalysis.objects.create(**own, root_cause_analysis="It began there.")
    chosen["duplicate"] = DuplicateTransaction.objects.create(**own, is_duplicate=True, duplicate_confidence=0.8)
    return {name: found.pk for name, found in chosen.items()}


def read_rows(source: str, *, user: Any) -> list[dict[str, Any]]:
    """All rows of one person in `live_enriched_relationships` or `view_enriched_relationships`, by id."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {source} WHERE user_id = %s ORDER BY id", [user.pk])
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
