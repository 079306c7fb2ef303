-- A place for entities without one: the middle of their placed neighbours and a step aside, else a point on the rim by id.
WITH newcomers AS (
    SELECT id, radians(id * 137.508 %% 360) AS angle FROM graph_entities WHERE user_id = %(user)s AND x IS NULL
), ties AS (
    SELECT a_id AS id, b_id AS other FROM entity_ties WHERE user_id = %(user)s AND a_id IN (SELECT id FROM newcomers)
    UNION ALL
    SELECT b_id, a_id FROM entity_ties WHERE user_id = %(user)s AND b_id IN (SELECT id FROM newcomers)
), beside AS (
    SELECT t.id, avg(o.x) AS x, avg(o.y) AS y
    FROM ties t JOIN graph_entities o ON o.user_id = %(user)s AND o.id = t.other AND o.x IS NOT NULL
    GROUP BY t.id
)
UPDATE graph_entities e
SET x = round((coalesce(b.x, 1.3 * cos(n.angle)) + 0.05 * cos(n.angle))::numeric, 4),
    y = round((coalesce(b.y, 1.3 * sin(n.angle)) + 0.05 * sin(n.angle))::numeric, 4)
FROM newcomers n LEFT JOIN beside b USING (id)
WHERE e.user_id = %(user)s AND e.id = n.id
