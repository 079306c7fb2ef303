-- For the relationships %(relationships)s (NULL: all) the series that speaks for each in the layers 2, 3 and 6: of the series of what both
-- memories name, the significant one with the lowest adjusted p; of equals the one with more days, then by its names' keys, so that the
-- choice depends on no id. Of predictions the next slot of the chosen recurrence, else the 30 days of the rarest series.
WITH asked AS MATERIALIZED (
    SELECT id, source_entity_ids AS s, target_entity_ids AS t FROM relationship_instances
    WHERE user_id = %(user)s AND (%(relationships)s::bigint[] IS NULL OR id = ANY(%(relationships)s))
), shared AS MATERIALIZED (
    SELECT a.id, e.entity, a.s, a.t FROM asked a CROSS JOIN LATERAL unnest(a.s) AS e(entity) WHERE e.entity = ANY(a.t)
), series AS MATERIALIZED (
    SELECT s.id, s.entity_a_id AS a, s.entity_b_id AS b, s.days,
           row_number() OVER (ORDER BY x.kind, x.key, y.kind NULLS FIRST, y.key) AS place
    FROM graph_series s
    JOIN normalized_entities x ON x.user_id = s.user_id AND x.id = s.entity_a_id
    LEFT JOIN normalized_entities y ON y.user_id = s.user_id AND y.id = s.entity_b_id
    WHERE s.user_id = %(user)s AND s.days > 0
), recurring AS (
    SELECT p.id, s.id AS series, s.a, s.b, row_number() OVER (ORDER BY p.p_adjusted, s.days DESC, s.place) AS rank
    FROM temporal_patterns p JOIN series s ON s.id = p.series_id WHERE p.user_id = %(user)s AND p.status = 'computed'
), seasons AS (
    SELECT p.id, s.a, s.b, row_number() OVER (ORDER BY p.p_adjusted, s.days DESC, s.place) AS rank
    FROM seasonal_patterns p JOIN series s ON s.id = p.series_id WHERE p.user_id = %(user)s AND p.status = 'computed'
), expected AS (
    SELECT p.id, s.a, s.b, row_number() OVER (ORDER BY s.days, s.place) AS rank
    FROM predicted_relationships p JOIN series s ON s.id = p.series_id
    WHERE p.user_id = %(user)s AND p.kind = 'again' AND p.horizon = 30 AND p.prediction_confidence IS NOT NULL
), temporal AS MATERIALIZED (
    SELECT DISTINCT ON (h.id) h.id, r.id AS chosen, r.series FROM shared h JOIN recurring r ON r.a = h.entity
    WHERE r.b IS NULL OR r.b = ANY(h.s) AND r.b = ANY(h.t) ORDER BY h.id, r.rank
), seasonal AS (
    SELECT DISTINCT ON (h.id) h.id, r.id AS chosen FROM shared h JOIN seasons r ON r.a = h.entity
    WHERE r.b IS NULL OR r.b = ANY(h.s) AND r.b = ANY(h.t) ORDER BY h.id, r.rank
), again AS (
    SELECT DISTINCT ON (h.id) h.id, r.id AS chosen FROM shared h JOIN expected r ON r.a = h.entity
    WHERE r.b IS NULL OR r.b = ANY(h.s) AND r.b = ANY(h.t) ORDER BY h.id, r.rank
), slot AS (
    SELECT t.id, p.id AS chosen FROM temporal t JOIN predicted_relationships p ON p.series_id = t.series
    WHERE p.user_id = %(user)s AND p.kind = 'next' AND p.prediction_confidence IS NOT NULL
)
UPDATE relationship_instances r
SET temporal_pattern_id = t.chosen, seasonal_pattern_id = e.chosen, predicted_relationship_id = coalesce(n.chosen, g.chosen)
FROM asked a
LEFT JOIN temporal t ON t.id = a.id
LEFT JOIN seasonal e ON e.id = a.id
LEFT JOIN slot n ON n.id = a.id
LEFT JOIN again g ON g.id = a.id
WHERE r.user_id = %(user)s AND r.id = a.id
  AND (r.temporal_pattern_id, r.seasonal_pattern_id, r.predicted_relationship_id) IS DISTINCT FROM (t.chosen, e.chosen, coalesce(n.chosen, g.chosen))
