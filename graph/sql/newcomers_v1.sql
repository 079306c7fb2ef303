-- A place for entities without one: beside their strongest placed neighbour and in its community (beside the teller, who is tied to nearly
-- everything, only if there is nobody else), else a point on the rim by id.
WITH newcomers AS (
    SELECT id, radians(id * 137.508 %% 360) AS angle FROM graph_entities WHERE user_id = %(user)s AND x IS NULL
), ties AS (
    SELECT a_id AS id, b_id AS other, weight FROM entity_ties WHERE user_id = %(user)s AND a_id IN (SELECT id FROM newcomers)
    UNION ALL
    SELECT b_id, a_id, weight FROM entity_ties WHERE user_id = %(user)s AND b_id IN (SELECT id FROM newcomers)
), beside AS (
    SELECT DISTINCT ON (t.id) t.id, o.x, o.y, o.community
    FROM ties t JOIN graph_entities o ON o.user_id = %(user)s AND o.id = t.other AND o.x IS NOT NULL
    ORDER BY t.id, o.teller, t.weight DESC, t.other
)
UPDATE graph_entities e
SET x = round((coalesce(b.x, 1.3 * cos(n.angle)) + 0.05 * cos(n.angle))::numeric, 4),
    y = round((coalesce(b.y, 1.3 * sin(n.angle)) + 0.05 * sin(n.angle))::numeric, 4),
    community = coalesce(b.community, e.community)
FROM newcomers n LEFT JOIN beside b USING (id)
WHERE e.user_id = %(user)s AND e.id = n.id
