-- Let the relationships %(kept)s (all that may stand) become the lines given in columns; the confidence of a line that stands changes only
-- by more than the hysteresis, unless %(exact)s. What headers, equal texts and shared names drew is none of this statement's business.
WITH lines AS (
    SELECT * FROM unnest(%(sources)s::bigint[], %(targets)s::bigint[], %(types)s::text[], %(confidences)s::float[], %(methods)s::text[],
        %(reasons)s::text[], %(evidence)s::jsonb[]) AS l(source, target, type, confidence, method, reasoning, evidence)
), gone AS (
    DELETE FROM relationship_instances r
    WHERE r.user_id = %(user)s AND r.id = ANY(%(kept)s)
      AND NOT EXISTS (
          SELECT FROM lines l WHERE (l.source, l.target, l.type) = (r.source_event_id, r.target_event_id, r.relationship_type))
), named AS (
    SELECT m.memory_id, array_agg(DISTINCT e.canonical_id ORDER BY e.canonical_id) AS entities
    FROM entity_matches m JOIN normalized_entities e ON e.user_id = m.user_id AND e.id = m.entity_id
    WHERE m.user_id = %(user)s AND m.memory_id IN (SELECT source FROM lines UNION SELECT target FROM lines)
    GROUP BY m.memory_id
)
INSERT INTO relationship_instances AS r (
    user_id, source_event_id, target_event_id, relationship_type, confidence_score, detection_method, reasoning, evidence,
    source_entity_ids, target_entity_ids, updated_at
)
SELECT %(user)s, l.source, l.target, l.type, l.confidence, l.method, l.reasoning, l.evidence,
       coalesce(a.entities, '{}'), coalesce(b.entities, '{}'), clock_timestamp()
FROM lines l
JOIN memories_memory x ON x.user_id = %(user)s AND x.id = l.source
JOIN memories_memory y ON y.user_id = %(user)s AND y.id = l.target
LEFT JOIN named a ON a.memory_id = l.source
LEFT JOIN named b ON b.memory_id = l.target
ORDER BY l.source, l.target, l.type
ON CONFLICT (user_id, source_event_id, target_event_id, relationship_type) DO UPDATE
SET confidence_score = CASE WHEN %(exact)s OR abs(r.confidence_score - excluded.confidence_score) > %(hysteresis)s
        THEN excluded.confidence_score ELSE r.confidence_score END,
    reasoning = excluded.reasoning, evidence = excluded.evidence, updated_at = clock_timestamp()
WHERE r.detection_method = excluded.detection_method AND (
    abs(r.confidence_score - excluded.confidence_score) > %(hysteresis)s
    OR (r.reasoning, r.evidence -> 'entities', r.evidence -> 'cause_span', r.evidence -> 'effect_span') IS DISTINCT FROM
        (excluded.reasoning, excluded.evidence -> 'entities', excluded.evidence -> 'cause_span', excluded.evidence -> 'effect_span')
    OR %(exact)s AND (r.confidence_score, r.evidence) IS DISTINCT FROM (excluded.confidence_score, excluded.evidence))
