-- What each canonical entity is now: one row per leaf of the groups %(entities)s, with the group's own counts beside it.
WITH named AS (
    SELECT l.canonical_id, l.id, l.kind, l.key, m.memory_id, m.text, m.occurred_on
    FROM normalized_entities l
    JOIN entity_matches m ON m.user_id = l.user_id AND m.entity_id = l.id
    WHERE l.user_id = %(user)s AND l.canonical_id = ANY(%(entities)s)
), groups AS (
    SELECT canonical_id, count(DISTINCT memory_id) AS memories, min(occurred_on) AS first_seen, max(occurred_on) AS last_seen
    FROM named GROUP BY canonical_id
)
SELECT n.canonical_id, n.id, n.kind, n.key, mode() WITHIN GROUP (ORDER BY n.text), count(DISTINCT n.memory_id),
       g.memories, g.first_seen, g.last_seen
FROM named n JOIN groups g USING (canonical_id)
GROUP BY n.canonical_id, n.id, n.kind, n.key, g.memories, g.first_seen, g.last_seen
ORDER BY n.canonical_id, n.id
