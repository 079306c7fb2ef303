"""The delta log: every change of a relationship or a finding is in it, whoever made it, and replaying it gives what stands."""

import pytest
from django.db import connection

from graph.enrichment.change import Delta, replay
from graph.models import (
    CausalRelationship,
    EventDelta,
    Relationship,
    RootCauseAnalysis,
    SeasonalPattern,
    Series,
    TemporalPattern,
)
from memories.models import User
from memories.services.erase import erase_memories
from tests.factories.graph import find_all, find_entity, read_rows, relate_now, write

LOGGED = {
    "causal": ("causal_relationships", "causal_score causal_strength causal_direction causal_basis"),
    "temporal": (
        "temporal_patterns",
        "recurrence_score recurrence_frequency last_occurrence next_predicted_occurrence confidence",
    ),
    "seasonal": ("seasonal_patterns", "seasonal_strength seasonal_months"),
    "pattern": ("relationship_patterns", "pattern_confidence"),
    "cross_platform": ("cross_platform_relationships", "memory_ids confidence"),
    "root_cause": ("root_cause_analyses", "chain confidence"),
    "duplicate": ("duplicate_transactions", "is_duplicate duplicate_confidence"),
    "base": (
        "relationship_instances",
        "confidence_score source_event_id target_event_id temporal_pattern_id seasonal_pattern_id pattern_id cross_platform_id"
        " predicted_relationship_id",
    ),
}


@pytest.fixture
def pair(user):
    """A relationship of two memories that share a name."""
    memories = [write(user, "Ana Silva", "@Porto", between=words) for words in (" went to ", " came from ")]
    [write(user, "Rui Costa") for _ in range(60)]
    relate_now(*memories)
    return Relationship.objects.get(user=user, relationship_type="shares_entity")


def read_state(user):
    """What stands now, as the log would have it."""
    state = {}
    with connection.cursor() as cursor:
        for layer, (table, columns) in LOGGED.items():
            cursor.execute(
                f"SELECT id, pick_numbers(to_jsonb(t), string_to_array(%s, ' '))::text FROM {table} t WHERE user_id = %s",
                [columns, user.pk],
            )
            state |= {(layer, pk): text for pk, text in cursor.fetchall()}
    return state


def replay_log(user):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT layer, coalesce(row_id, relationship_id), change_type, after::text FROM event_delta_logs WHERE user_id = %s ORDER BY id",
            [user.pk],
        )
        return replay(Delta(layer=a, row=b, change_type=c, after=d) for a, b, c, d in cursor.fetchall())


def test_the_log_replayed_is_what_stands(user, pair):
    find_all(pair)
    CausalRelationship.objects.update(causal_score=0.5)
    TemporalPattern.objects.update(recurrence_score=0.7)
    SeasonalPattern.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE relationship_instances SET confidence_score = confidence_score / 2")
    assert replay_log(user) == read_state(user)
    assert len(read_state(user)) == 7


def test_a_relationship_names_its_last_delta(user, pair):
    assert read_rows("live_enriched_relationships", user=user)[0]["change_type"] == "created"
    CausalRelationship.objects.create(user=user, relationship=pair, causal_score=1.0, causal_basis="response")
    pair.refresh_from_db()
    assert pair.delta_log_id == EventDelta.objects.get(layer="causal").pk
    Relationship.objects.filter(pk=pair.pk).update(confidence_score=0.1)
    pair.refresh_from_db()
    last = EventDelta.objects.get(pk=pair.delta_log_id)
    assert (last.layer, last.change_type, last.after["confidence_score"]) == ("base", "modified", 0.1)
    assert read_rows("live_enriched_relationships", user=user)[0]["change_type"] == "modified"


def test_writing_what_stands_already_is_no_change(user, pair):
    before = EventDelta.objects.count()
    Relationship.objects.update(confidence_score=pair.confidence_score, updated_at=pair.created_at)
    assert EventDelta.objects.count() == before


def test_the_log_holds_numbers_and_ids_but_no_text(user, pair):
    find_all(pair)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM event_delta_logs t")
        (text,) = cursor.fetchone()
    assert not {word for word in ("Ana", "Silva", "Porto", "Walk", "began") if word in text}


def test_erasing_a_memory_compacts_what_was_logged_of_it(user, pair):
    find_all(pair)
    erase_memories(user=user, memory_ids=[pair.source_event_id])
    rows = EventDelta.objects.filter(relationship_id=pair.pk)
    assert [(row.layer, row.change_type, row.before, row.after) for row in rows] == [("base", "deleted", None, None)]
    assert replay_log(user) == read_state(user)


def test_erasing_a_memory_leaves_of_a_series_only_what_it_shows_now(user, pair):
    ana = find_entity(user, "Ana Silva")
    series = Series.objects.create(user=user, entity_a=ana, days=9)
    found = TemporalPattern.objects.create(user=user, series=series, recurrence_score=0.9)
    TemporalPattern.objects.update(recurrence_score=0.6)
    with_chain = {"chain": [{"memory": pair.source_event_id}], "confidence": 0.5}
    RootCauseAnalysis.objects.create(user=user, relationship=pair, **with_chain)
    erase_memories(user=user, memory_ids=[pair.source_event_id])
    assert not TemporalPattern.objects.filter(pk=found.pk).exists()
    assert not EventDelta.objects.filter(layer="temporal").exists()
    assert not EventDelta.objects.filter(layer="root_cause").exists()


def test_the_log_goes_with_its_person(transactional_db, django_user_model):
    person = django_user_model.objects.create(username="leaving")
    relate_now(*[write(person, "Ana Silva", "@Porto") for _ in range(2)])
    assert EventDelta.objects.filter(user=person).exists()
    User.objects.get(pk=person.pk).delete()
    assert not EventDelta.objects.exists()
