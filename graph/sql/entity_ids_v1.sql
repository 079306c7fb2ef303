-- Write the canonical ids into memories.entities (for ?entity=) and into the relationships of the memories %(memories)s.
WITH leaves AS (
    SELECT DISTINCT l.kind, l.key, l.canonical_id
    FROM entity_matches m JOIN normalized_entities l ON l.user_id = m.user_id AND l.id = m.entity_id
    WHERE m.user_id = %(user)s AND m.memory_id = ANY(%(memories)s)
), written AS (
    SELECT y.id, y.entities AS before, jsonb_agg(e.value || jsonb_build_object('entity_id', l.canonical_id) ORDER BY e.place) AS entities
    FROM memories_memory y
    CROSS JOIN LATERAL jsonb_array_elements(y.entities) WITH ORDINALITY AS e(value, place)
    LEFT JOIN leaves l ON l.kind = e.value ->> 'kind' AND l.key = left(e.value ->> 'key', 255)
    WHERE y.user_id = %(user)s AND y.id = ANY(%(memories)s) AND jsonb_typeof(y.entities) = 'array'
    GROUP BY y.id
), memories AS (
    -- What another transaction extracted anew while this one waited for the row is newer, and is related on its own turn.
    UPDATE memories_memory y SET entities = w.entities FROM written w
    WHERE y.id = w.id AND y.entities = w.before AND w.entities <> w.before
    RETURNING y.id
), affected AS (
    SELECT id, source_event_id, target_event_id FROM relationship_instances
    WHERE user_id = %(user)s AND (source_event_id = ANY(%(memories)s) OR target_event_id = ANY(%(memories)s))
), named AS (
    SELECT m.memory_id, array_agg(DISTINCT l.canonical_id ORDER BY l.canonical_id) AS entities
    FROM entity_matches m JOIN normalized_entities l ON l.user_id = m.user_id AND l.id = m.entity_id
    WHERE m.user_id = %(user)s
      AND m.memory_id IN (SELECT source_event_id FROM affected UNION SELECT target_event_id FROM affected)
    GROUP BY m.memory_id
)
UPDATE relationship_instances r
SET source_entity_ids = coalesce(a.entities, '{}'), target_entity_ids = coalesce(b.entities, '{}'), updated_at = clock_timestamp()
FROM affected f
LEFT JOIN named a ON a.memory_id = f.source_event_id
LEFT JOIN named b ON b.memory_id = f.target_event_id
WHERE r.user_id = %(user)s AND r.id = f.id
  AND (r.source_entity_ids, r.target_entity_ids) IS DISTINCT FROM (coalesce(a.entities, '{}'), coalesce(b.entities, '{}'))
