"""All that the graph holds of a person, by natural keys: two graphs are the same when their snapshots are, whatever their rows' ids."""

from typing import Any

from django.db import connection

# Relationships and series are named by what they join; memories and leaves keep their ids for life.
QUERIES = {
    "entities": "SELECT id, kind, name, aliases, memories, first_seen, last_seen, hidden, teller FROM graph_entities WHERE user_id = %(user)s",
    "ties": "SELECT a_id, b_id, memories, round(weight::numeric, 9), first, last, layers FROM entity_ties WHERE user_id = %(user)s",
    "series": "SELECT entity_a_id, entity_b_id, days, occurrences FROM graph_series WHERE user_id = %(user)s",
    "relationships": """
        SELECT r.source_event_id, r.target_event_id, r.relationship_type, r.confidence_score, r.detection_method, r.reasoning, r.evidence,
               r.source_entity_ids, r.target_entity_ids, ts.entity_a_id, ts.entity_b_id, ss.entity_a_id, ss.entity_b_id, p.definition,
               x.memory_ids, fs.entity_a_id, fs.entity_b_id, f.kind, f.horizon
        FROM relationship_instances r
        LEFT JOIN temporal_patterns t ON t.id = r.temporal_pattern_id LEFT JOIN graph_series ts ON ts.id = t.series_id
        LEFT JOIN seasonal_patterns s ON s.id = r.seasonal_pattern_id LEFT JOIN graph_series ss ON ss.id = s.series_id
        LEFT JOIN relationship_patterns p ON p.id = r.pattern_id
        LEFT JOIN cross_platform_relationships x ON x.id = r.cross_platform_id
        LEFT JOIN predicted_relationships f ON f.id = r.predicted_relationship_id LEFT JOIN graph_series fs ON fs.id = f.series_id
        WHERE r.user_id = %(user)s""",
    "temporal": """
        SELECT s.entity_a_id, s.entity_b_id, p.status, p.recurrence_score, p.recurrence_frequency, p.label, p.last_occurrence,
               p.next_predicted_occurrence, p.confidence, p.p_adjusted, p.evidence
        FROM temporal_patterns p JOIN graph_series s ON s.id = p.series_id WHERE p.user_id = %(user)s""",
    "seasonal": """
        SELECT s.entity_a_id, s.entity_b_id, p.status, p.seasonal_strength, p.seasonal_months, p.p_adjusted, p.evidence
        FROM seasonal_patterns p JOIN graph_series s ON s.id = p.series_id WHERE p.user_id = %(user)s""",
    "prediction": """
        SELECT s.entity_a_id, s.entity_b_id, p.kind, p.horizon, p.status, p.prediction_confidence, p.prediction_reason, p.expected_on, p.evidence
        FROM predicted_relationships p JOIN graph_series s ON s.id = p.series_id WHERE p.user_id = %(user)s""",
    "pattern": "SELECT kind, definition, pattern_name, pattern_confidence, status, evidence FROM relationship_patterns WHERE user_id = %(user)s",
    "cross_platform": "SELECT memory_ids, platform_sources, confidence, status, evidence - 'edges' FROM cross_platform_relationships WHERE user_id = %(user)s",
}
OF_RELATIONSHIPS = {
    "causal": "causal_relationships",
    "root_cause": "root_cause_analyses",
    "duplicate": "duplicate_transactions",
}


def take_snapshot(user: Any) -> dict[str, list[str]]:
    """By part of the graph its rows as text, in order."""
    with connection.cursor() as cursor:
        parts = {name: _read(cursor, statement, user=user) for name, statement in QUERIES.items()}
        for name, table in OF_RELATIONSHIPS.items():
            cursor.execute(
                f"SELECT r.source_event_id, r.target_event_id, r.relationship_type, to_jsonb(f) - 'id' - 'relationship_id' - 'computed_at'"
                f" - 'chain' || jsonb_build_object('chain', jsonb_path_query_array(to_jsonb(f), '$.chain[*].memory'))"
                f" FROM {table} f JOIN relationship_instances r ON r.id = f.relationship_id WHERE f.user_id = %s",
                [user.pk],
            )
            parts[name] = sorted(map(repr, cursor.fetchall()))
    return parts


def _read(cursor: Any, statement: str, *, user: Any) -> list[str]:
    cursor.execute(statement, {"user": user.pk})
    return sorted(map(repr, cursor.fetchall()))
