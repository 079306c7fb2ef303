"""The view: one row a relationship, every column of the contract, NULL where nothing was found, and never behind with its overlay."""

import json
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from graph.models import DirtyRow, DuplicateTransaction, EnrichedRelationship, Relationship
from graph.selectors import GraphQuestion, read_graph
from graph.services.refresh import refresh_view
from tests.factories import UserFactory
from tests.factories.graph import FIRST_DAY, find_all, read_rows, relate_now, write
from tests.graph.conftest import connect

LIVE, VIEW = "live_enriched_relationships", "view_enriched_relationships"
OWN = "id user_id source_event_id target_event_id relationship_type confidence_score detection_method reasoning created_at updated_at"
LAYERS = (
    "causal_score causal_strength causal_direction causal_basis",
    "temporal_pattern_id recurrence_score recurrence_frequency last_occurrence next_predicted_occurrence",
    "seasonal_pattern_id seasonal_strength seasonal_months",
    "pattern_id pattern_name pattern_confidence",
    "cross_platform_id platform_sources",
    "predicted_relationship_id prediction_confidence prediction_reason",
    "root_cause_id root_cause_analysis",
    "delta_log_id change_type",
    "duplicate_transaction_id is_duplicate duplicate_confidence",
)
COLUMNS = " ".join((OWN, *LAYERS, "source_entity_ids target_entity_ids layers")).split()


@pytest.fixture
def person(transactional_db):
    """Four copies of a text: three relationships, all to the first."""
    ana = UserFactory()
    relate_now(*[write(ana, "Ana Silva", day=FIRST_DAY + timedelta(days=n)) for n in range(4)])
    return ana


def read_edges(user):
    """Edges of the graph of memories as the API serves them, by id."""
    edges = json.loads(read_graph(user_id=user.pk, question=GraphQuestion(view="memories")).body)["edges"]
    return {row[0]: row[1:] for row in zip(*edges.values(), strict=True)}


def live_edges(user):
    return {
        row["id"]: (
            row["source_event_id"],
            row["target_event_id"],
            row["relationship_type"],
            pytest.approx(row["confidence_score"], rel=1e-5),
            row["layers"],
        )
        for row in read_rows(LIVE, user=user)
    }


def test_the_view_has_the_columns_of_the_contract_and_the_bit_mask(db):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {VIEW} LIMIT 0")
        assert [column.name for column in cursor.description] == COLUMNS
    assert {field.attname for field in EnrichedRelationship._meta.fields} == set(COLUMNS)


def test_the_view_and_its_unique_index_on_id_exist(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [VIEW])
        assert any("UNIQUE" in row[0] and row[0].endswith("(id)") for row in cursor.fetchall())


def test_there_is_one_row_a_relationship_whatever_the_layers_hold(person):
    find_all(Relationship.objects.filter(user=person).order_by("pk").first())
    refresh_view()
    ids = sorted(Relationship.objects.filter(user=person).values_list("pk", flat=True))
    assert (
        [row["id"] for row in read_rows(LIVE, user=person)]
        == ids
        == [row["id"] for row in read_rows(VIEW, user=person)]
    )


def test_a_relationship_shows_what_every_layer_found(person):
    first = Relationship.objects.filter(user=person).order_by("pk").first()
    ids = find_all(first)
    refresh_view()
    row = read_rows(VIEW, user=person)[0]
    assert row["layers"] == 0b111111111
    assert (row["causal_score"], row["recurrence_score"], row["seasonal_months"]) == (1.0, 0.9, [5])
    assert (row["pattern_name"], row["platform_sources"]) == ("Walk", ["mail", "note"])
    assert (row["prediction_reason"], row["root_cause_analysis"]) == ("Weekly.", "It began there.")
    assert (row["change_type"], row["is_duplicate"]) == ("modified", True)
    assert (row["root_cause_id"], row["duplicate_transaction_id"]) == (ids["root_cause"], ids["duplicate"])


def test_what_was_not_found_is_null_and_never_a_zero_or_a_word(person):
    refresh_view()
    row = read_rows(VIEW, user=person)[0]
    silent = [name for layer in (*LAYERS[:7], LAYERS[8]) for name in layer.split()]
    assert {row[name] for name in silent} == {None}
    assert row["layers"] == 1 << 7


def test_a_finding_without_a_value_sets_no_bit(person):
    first = Relationship.objects.filter(user=person).order_by("pk").first()
    DuplicateTransaction.objects.create(user=person, relationship=first, status="not_significant")
    row = read_rows(LIVE, user=person)[0]
    assert (row["is_duplicate"], row["duplicate_confidence"], row["layers"]) == (None, None, 1 << 7)


CHANGES = """
UPDATE relationship_instances SET confidence_score = 0.25 WHERE id = (SELECT min(id) FROM relationship_instances)
DELETE FROM relationship_instances WHERE id = (SELECT min(id) FROM relationship_instances)
INSERT INTO relationship_instances (user_id, source_event_id, target_event_id, relationship_type, confidence_score, detection_method,\
 reasoning, evidence, source_entity_ids, target_entity_ids) SELECT user_id, source_event_id, target_event_id, 'same_event', 0.5, '',\
 '', '{}', '{}', '{}' FROM relationship_instances
INSERT INTO causal_relationships (user_id, relationship_id, status, evidence, causal_score)\
 SELECT user_id, max(id), 'computed', '{}', 1.0 FROM relationship_instances GROUP BY user_id
DELETE FROM causal_relationships
UPDATE causal_relationships SET causal_score = NULL
TRUNCATE causal_relationships
UPDATE temporal_patterns SET recurrence_score = NULL
DELETE FROM temporal_patterns
UPDATE seasonal_patterns SET seasonal_strength = NULL
UPDATE relationship_patterns SET pattern_confidence = NULL
UPDATE cross_platform_relationships SET platform_sources = NULL
UPDATE predicted_relationships SET prediction_confidence = NULL
DELETE FROM predicted_relationships
DELETE FROM root_cause_analyses
DELETE FROM duplicate_transactions
DELETE FROM graph_series
DELETE FROM memories_memory WHERE id = (SELECT max(id) FROM memories_memory)
TRUNCATE relationship_instances CASCADE
"""


def test_view_and_overlay_equal_the_live_rows_right_after_any_change(person):
    find_all(Relationship.objects.filter(user=person).order_by("pk").first())
    refresh_view()
    before = live_edges(person)
    assert read_edges(person) == before
    for change in CHANGES.strip().replace("\\\n", "").splitlines():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
            assert live_edges(person) != before, change
            assert read_edges(person) == live_edges(person), change
            transaction.set_rollback(True)


def test_truncate_marks_everybody(person):
    other = UserFactory()
    refresh_view()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE causal_relationships")
    assert set(DirtyRow.objects.filter(kind="truncate").values_list("user_id", flat=True)) == {person.pk, other.pk}


def test_the_application_may_not_drop_the_view_nor_refresh_it_by_itself(transactional_db, session):
    for statement in (f"DROP MATERIALIZED VIEW {VIEW}", f"REFRESH MATERIALIZED VIEW {VIEW}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(statement)
    assert session.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user").fetchone() == (
        False,
    )


def test_the_view_belongs_to_the_owner_role(transactional_db):
    with connect(settings.DATABASE_OWNER_URL) as owner:
        row = owner.execute(
            "SELECT matviewowner = current_user FROM pg_matviews WHERE matviewname = %s", [VIEW]
        ).fetchone()
    assert row == (True,)
