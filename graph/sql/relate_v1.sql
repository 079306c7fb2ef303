-- Base relationships of the memories %(memories)s with everything the person has (layers.md, L0): from headers, from equal
-- texts, and from rare entities that two memories share. Candidates come from the inverted index alone, never from pairs.
-- Threads and copies are drawn anew as wholes wherever one of %(seeds)s takes part, without the memories %(erased)s.
WITH corpus AS (
    SELECT greatest(count(*), 2)::float AS memories FROM memories_memory WHERE user_id = %(user)s
), own AS (
    SELECT id, source, account, external_id, thread_id, reply_to, message_id, in_reply_to, content_hash, occurred_at, occurred_on
    FROM memories_memory WHERE user_id = %(user)s AND id = ANY(%(memories)s)
), rare AS MATERIALIZED (
    SELECT e.id, e.name, ln(c.memories / e.memories) AS information
    FROM graph_entities e, corpus c
    WHERE e.user_id = %(user)s AND NOT e.hidden
      AND e.memories BETWEEN 2 AND greatest(%(cap)s, %(share)s * c.memories)
      AND e.id IN (
          SELECT l.canonical_id FROM entity_matches m JOIN normalized_entities l ON l.user_id = m.user_id AND l.id = m.entity_id
          WHERE m.user_id = %(user)s AND m.memory_id = ANY(%(memories)s))
), postings AS MATERIALIZED (
    SELECT DISTINCT r.id AS entity, m.memory_id
    FROM rare r
    JOIN normalized_entities l ON l.user_id = %(user)s AND l.canonical_id = r.id
    JOIN entity_matches m ON m.user_id = %(user)s AND m.entity_id = l.id
), shared AS (
    SELECT a.memory_id AS memory, b.memory_id AS other, r.id AS entity, r.name, r.information
    FROM postings a
    JOIN postings b ON b.entity = a.entity AND b.memory_id <> a.memory_id
    JOIN rare r ON r.id = a.entity
    WHERE a.memory_id = ANY(%(memories)s)
), scored AS (
    SELECT s.memory, s.other,
           sum(s.information ORDER BY s.information) * exp(-abs(o.occurred_on - y.occurred_on) / %(fading)s) AS score,
           array_agg(s.entity ORDER BY s.information DESC, s.name, s.entity) AS entities,
           array_agg(s.name ORDER BY s.information DESC, s.name, s.entity) AS names
    FROM shared s
    JOIN own o ON o.id = s.memory
    JOIN memories_memory y ON y.user_id = %(user)s AND y.id = s.other
    GROUP BY s.memory, s.other, o.occurred_on, y.occurred_on
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY memory ORDER BY score DESC, other) AS place FROM scored WHERE score >= %(least)s
), standing AS MATERIALIZED (
    -- Not among this memory's best, but drawn already: it stays while it is among the best of the other memory.
    SELECT r.* FROM ranked r
    JOIN (
        SELECT source_event_id AS memory, target_event_id AS other FROM relationship_instances
        WHERE user_id = %(user)s AND relationship_type = 'shares_entity' AND source_event_id = ANY(%(memories)s)
        UNION ALL
        SELECT target_event_id, source_event_id FROM relationship_instances
        WHERE user_id = %(user)s AND relationship_type = 'shares_entity' AND target_event_id = ANY(%(memories)s)
    ) i ON i.memory = r.memory AND i.other = r.other
    WHERE r.place > %(top)s
), drawn AS MATERIALIZED (
    SELECT source_event_id AS other, target_event_id AS rival, confidence_score FROM relationship_instances
    WHERE user_id = %(user)s AND relationship_type = 'shares_entity' AND source_event_id = ANY(ARRAY(SELECT other FROM standing))
    UNION ALL
    SELECT target_event_id, source_event_id, confidence_score FROM relationship_instances
    WHERE user_id = %(user)s AND relationship_type = 'shares_entity' AND target_event_id = ANY(ARRAY(SELECT other FROM standing))
), outdone AS (
    SELECT s.memory, s.other
    FROM standing s JOIN drawn d ON d.other = s.other AND d.rival <> s.memory
        AND (d.confidence_score, -d.rival) > (1 - exp(-s.score / %(half)s), -s.memory)
    GROUP BY s.memory, s.other HAVING count(*) >= %(top)s
), best AS (
    SELECT * FROM ranked WHERE place <= %(top)s
    UNION ALL
    SELECT * FROM standing s WHERE NOT EXISTS (SELECT FROM outdone o WHERE (o.memory, o.other) = (s.memory, s.other))
), told AS (
    SELECT thread_id, content_hash FROM memories_memory WHERE user_id = %(user)s AND id = ANY(%(seeds)s)
), threads AS MATERIALIZED (
    SELECT id, lag(id) OVER (PARTITION BY source, account, thread_id ORDER BY occurred_at, id) AS before
    FROM memories_memory
    WHERE user_id = %(user)s AND thread_id <> '' AND thread_id = ANY(ARRAY(SELECT thread_id FROM told)) AND id <> ALL(%(erased)s)
), copies AS MATERIALIZED (
    SELECT id, first_value(id) OVER (PARTITION BY content_hash ORDER BY occurred_at, id) AS first
    FROM memories_memory
    WHERE user_id = %(user)s AND content_hash = ANY(ARRAY(SELECT content_hash FROM told)) AND id <> ALL(%(erased)s)
), found AS (
    SELECT memory, other, 'shares_entity' AS type, 1 - exp(-score / %(half)s) AS confidence, 'shared_information' AS method,
           say_what_is_shared(names) AS reasoning,
           jsonb_build_object('entities', entities, 'nats', round(score::numeric, 3)) AS evidence
    FROM best
    UNION ALL
    SELECT o.id, y.id, 'reply_to', 1.0, 'mail_headers', 'The later one answers the earlier one.', '{}'::jsonb
    FROM own o JOIN memories_memory y ON y.user_id = %(user)s AND y.id <> o.id
        AND o.reply_to <> '' AND y.source = o.source AND y.account = o.account AND y.external_id = o.reply_to
    UNION ALL
    SELECT o.id, y.id, 'reply_to', 1.0, 'mail_headers', 'The later one answers the earlier one.', '{}'::jsonb
    FROM own o JOIN memories_memory y ON y.user_id = %(user)s AND y.id <> o.id
        AND y.reply_to <> '' AND y.source = o.source AND y.account = o.account AND y.reply_to = o.external_id
    UNION ALL
    SELECT o.id, y.id, 'reply_to', 1.0, 'mail_headers', 'The later one answers the earlier one.', '{}'::jsonb
    FROM own o JOIN memories_memory y ON y.user_id = %(user)s AND y.id <> o.id
        AND o.in_reply_to <> '' AND y.message_id <> '' AND y.message_id = o.in_reply_to
    UNION ALL
    SELECT o.id, y.id, 'reply_to', 1.0, 'mail_headers', 'The later one answers the earlier one.', '{}'::jsonb
    FROM own o JOIN memories_memory y ON y.user_id = %(user)s AND y.id <> o.id
        AND o.message_id <> '' AND y.in_reply_to <> '' AND y.in_reply_to = o.message_id
    UNION ALL
    SELECT id, before, 'same_thread', 1.0, 'mail_headers', 'Next to each other in one conversation.', '{}'::jsonb
    FROM threads WHERE before IS NOT NULL
    UNION ALL
    SELECT id, first, 'duplicate_of', 1.0, 'equal_text', 'The same text, word for word.', '{}'::jsonb
    FROM copies WHERE first <> id
), ordered AS (
    SELECT DISTINCT ON (source, target, type) *
    FROM (
        SELECT CASE WHEN (m.occurred_at, m.id) <= (y.occurred_at, y.id) THEN m.id ELSE y.id END AS source,
               CASE WHEN (m.occurred_at, m.id) <= (y.occurred_at, y.id) THEN y.id ELSE m.id END AS target,
               f.type, f.confidence, f.method, f.reasoning, f.evidence
        FROM found f
        JOIN memories_memory m ON m.user_id = %(user)s AND m.id = f.memory
        JOIN memories_memory y ON y.user_id = %(user)s AND y.id = f.other
    ) pairs
    ORDER BY source, target, type, confidence DESC
), gone AS (
    DELETE FROM relationship_instances r
    WHERE r.user_id = %(user)s AND r.detection_method IN ('shared_information', 'mail_headers', 'equal_text')
      AND (r.source_event_id = ANY(%(memories)s) OR r.target_event_id = ANY(%(memories)s)
          OR r.relationship_type = 'same_thread' AND r.source_event_id = ANY(ARRAY(SELECT id FROM threads))
          OR r.relationship_type = 'duplicate_of' AND r.source_event_id = ANY(ARRAY(SELECT id FROM copies)))
      AND NOT EXISTS (
          SELECT FROM ordered f
          WHERE (f.source, f.target, f.type) = (r.source_event_id, r.target_event_id, r.relationship_type)
      )
    RETURNING r.id
), named AS (
    SELECT m.memory_id, array_agg(DISTINCT l.canonical_id ORDER BY l.canonical_id) AS entities
    FROM entity_matches m JOIN normalized_entities l ON l.user_id = m.user_id AND l.id = m.entity_id
    WHERE m.user_id = %(user)s AND m.memory_id IN (SELECT source FROM ordered UNION SELECT target FROM ordered)
    GROUP BY m.memory_id
), kept AS (
    INSERT INTO relationship_instances AS r (
        user_id, source_event_id, target_event_id, relationship_type, confidence_score, detection_method, reasoning, evidence,
        source_entity_ids, target_entity_ids, updated_at
    )
    SELECT %(user)s, f.source, f.target, f.type, f.confidence, f.method, left(f.reasoning, 500), f.evidence,
           coalesce(a.entities, '{}'), coalesce(b.entities, '{}'), clock_timestamp()
    FROM ordered f
    LEFT JOIN named a ON a.memory_id = f.source
    LEFT JOIN named b ON b.memory_id = f.target
    ORDER BY f.source, f.target, f.type
    ON CONFLICT (user_id, source_event_id, target_event_id, relationship_type) DO UPDATE
    SET confidence_score = CASE WHEN %(exact)s OR abs(r.confidence_score - excluded.confidence_score) > %(hysteresis)s
            THEN excluded.confidence_score ELSE r.confidence_score END,
        reasoning = excluded.reasoning, evidence = excluded.evidence, detection_method = excluded.detection_method,
        source_entity_ids = excluded.source_entity_ids, target_entity_ids = excluded.target_entity_ids, updated_at = clock_timestamp()
    WHERE abs(r.confidence_score - excluded.confidence_score) > %(hysteresis)s OR r.detection_method <> excluded.detection_method
       OR (r.reasoning, r.evidence -> 'entities') IS DISTINCT FROM (excluded.reasoning, excluded.evidence -> 'entities')
       OR %(exact)s AND (r.confidence_score, r.evidence) IS DISTINCT FROM (excluded.confidence_score, excluded.evidence)
    RETURNING r.id
)
SELECT count(*) FROM kept
