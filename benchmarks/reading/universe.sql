-- A universe of people whose graphs are made up by arithmetic: bench_people (temporary) says who has how much, everything here follows
-- from that. Rows are written in turns, one of each person, so that nobody's rows lie together on disk: the worst order there is.

-- The id of a person's j-th row of a table: rising, with irregular gaps, as where many people write at the same time.
CREATE FUNCTION pg_temp.pk(u int, j int) RETURNS bigint LANGUAGE sql IMMUTABLE
    RETURN j::bigint * 1000 + (u + (hashint4(j) & 1023)) % 1000;
-- A number from 0 to n - 1, always the same for the same id and salt.
CREATE FUNCTION pg_temp.draw(id bigint, salt int, n int) RETURNS int LANGUAGE sql IMMUTABLE
    RETURN ((hashint8extended(id, salt) & 9223372036854775807) % n)::int;
CREATE FUNCTION pg_temp.word(id bigint, salt int) RETURNS text LANGUAGE sql IMMUTABLE RETURN
    ('{bar,bel,cor,dal,den,fal,fer,gal,gor,hal,har,jen,kel,kir,lan,lor,mar,mel,nor,ol,per,quin,ral,ros,sal,sol,tal,tor,ul,van,ver,wil}'::text[])
        [1 + pg_temp.draw(id, salt, 32)]
    || ('{a,an,by,den,dine,er,ett,fax,gate,ham,ia,ins,ley,lin,man,mond,na,o,ock,on,ra,rick,sen,shaw,stow,tha,ton,us,va,well,wick,wood}'::text[])
        [1 + pg_temp.draw(id, salt + 50, 32)];
CREATE FUNCTION pg_temp.name(id bigint, kind text) RETURNS text LANGUAGE sql IMMUTABLE RETURN
    CASE kind WHEN 'topic' THEN pg_temp.word(id, 1) || ' ' || pg_temp.word(id, 2) WHEN 'place' THEN initcap(pg_temp.word(id, 3))
        ELSE initcap(pg_temp.word(id, 4) || ' ' || pg_temp.word(id, 5)) END;
CREATE FUNCTION pg_temp.kind(j int) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN ('{person,topic,person,place,person,organisation,topic,person,place,person}'::text[])[1 + j % 10];

-- Who is tied to whom: pairs with early, well-known entities first, a little by chance. The same for people of the same size.
CREATE TEMP TABLE bench_pairs AS
SELECT entities, (row_number() OVER (PARTITION BY entities ORDER BY likely))::int AS j, a, b
FROM (SELECT DISTINCT entities, ties FROM bench_people) size
CROSS JOIN LATERAL (
    SELECT a, b, a::float * b * (1 + pg_temp.draw(a::bigint * 100000 + b, 7, 1000)) AS likely
    FROM generate_series(1, entities) a
    CROSS JOIN LATERAL generate_series(a + 1, least(entities, greatest(40 * ties / a, a + 1))) b
    WHERE b <= entities
    ORDER BY likely LIMIT ties
) pair;
CREATE UNIQUE INDEX ON bench_pairs (entities, j);
ANALYZE bench_pairs;

INSERT INTO memories_user (id, username, password, first_name, last_name, email, is_superuser, is_staff, is_active, date_joined, time_zone)
SELECT u, 'bench' || u, '!', '', '', '', false, false, true, now(), 'UTC' FROM bench_people;

INSERT INTO memories_memory (id, user_id, source, account, external_id, title, content, author, participants, occurred_at, occurred_on,
    occurred_precision, thread_id, reply_to, message_id, in_reply_to, metadata, content_hash, size, origin, intake, entities, engine,
    stage, failed_stage, attempts, revision, created_at, updated_at)
SELECT id, u, ('{notes,gmail,dropbox,gdrive,zoho_mail}'::text[])[1 + pg_temp.draw(id, 20, 5)], '', 'made-up-' || j,
       initcap(pg_temp.word(id, 21)) || ' ' || pg_temp.word(id, 22),
       pg_temp.word(id, 23) || ' ' || pg_temp.word(id, 24) || ' ' || pg_temp.word(id, 25) || ' ' || pg_temp.word(id, 26) || '.',
       '', '[]', day + time '12:00' AT TIME ZONE 'UTC', day, 'time', '', '', '', '', '{}', md5(id::text), 40, '', 'live', '[]', 'made up',
       'enriched', '', 0, 1, now(), now()
FROM generate_series(1, (SELECT max(memories) FROM bench_people)) j
JOIN bench_people ON j <= memories
CROSS JOIN LATERAL (SELECT pg_temp.pk(u, j) AS id, date '2016-01-01' + (j::bigint * 3600 / memories)::int AS day) m
ORDER BY j, u;

INSERT INTO graph_memory_places (id, user_id, memory_id, importance, community, x, y)
SELECT id, u, id, (1 + pg_temp.draw(id, 27, 100000)) ^ -0.3, pg_temp.draw(id, 28, 20), round(2.0 * j / memories - 1, 4),
       pg_temp.draw(id, 29, 20000) / 10000.0 - 1
FROM generate_series(1, (SELECT max(memories) FROM bench_people)) j
JOIN bench_people ON j <= memories CROSS JOIN LATERAL (SELECT pg_temp.pk(u, j) AS id) m
ORDER BY j, u;
INSERT INTO graph_layouts (user_id, view, components, largest, communities)
SELECT u, view, 1, CASE view WHEN 'entities' THEN entities ELSE memories END, 10
FROM bench_people CROSS JOIN unnest('{entities,memories}'::text[]) AS view;

INSERT INTO normalized_entities (id, user_id, kind, key, canonical_id)
SELECT pg_temp.pk(u, j), u, pg_temp.kind(j), lower(pg_temp.name(pg_temp.pk(u, j), pg_temp.kind(j))) || ' ' || j, pg_temp.pk(u, j)
FROM generate_series(1, (SELECT max(entities) FROM bench_people)) j JOIN bench_people ON j <= entities ORDER BY j, u;

-- The tenth part of a unit disc belongs to each community; importance falls as it does in lives, few are in nearly everything.
INSERT INTO graph_entities (id, user_id, kind, name, aliases, memories, first_seen, last_seen, hidden, teller, importance, community, x, y)
SELECT id, u, pg_temp.kind(j), pg_temp.name(id, pg_temp.kind(j)), '{}', 3 + entities / j, date '2016-01-01' + pg_temp.draw(id, 30, 1000),
       date '2020-01-01' + pg_temp.draw(id, 31, 2000), false, false,
       (j + pg_temp.draw(id, 32, 1000) / 1000.0) ^ -0.6, pg_temp.draw(id, 33, 10),
       round((0.6 * cos(pg_temp.draw(id, 33, 10) * 0.628) + pg_temp.draw(id, 34, 7000) / 10000.0 - 0.35)::numeric, 4),
       round((0.6 * sin(pg_temp.draw(id, 33, 10) * 0.628) + pg_temp.draw(id, 35, 7000) / 10000.0 - 0.35)::numeric, 4)
FROM generate_series(1, (SELECT max(entities) FROM bench_people)) j
JOIN bench_people ON j <= entities CROSS JOIN LATERAL (SELECT pg_temp.pk(u, j) AS id) e
ORDER BY j, u;

INSERT INTO entity_matches (id, user_id, memory_id, entity_id, occurred_on, field, text, address)
SELECT pg_temp.pk(u, j), u, pg_temp.pk(u, 1 + j % memories),
       pg_temp.pk(u, 1 + floor(entities * (pg_temp.draw(pg_temp.pk(u, j), 40, 1000) / 1000.0) ^ 2)::int),
       date '2016-01-01' + ((1 + j % memories)::bigint * 3600 / memories)::int, 'content', 'made up', ''
FROM generate_series(1, (SELECT max(mentions) FROM bench_people)) j JOIN bench_people ON j <= mentions ORDER BY j, u;

INSERT INTO entity_ties (id, user_id, a_id, b_id, memories, weight, first, last, layers)
SELECT id, u, least(x, y), greatest(x, y), 1 + pg_temp.draw(id, 50, 9), (1 + pg_temp.draw(id, 51, 400)) / 100.0,
       date '2016-01-01' + pg_temp.draw(id, 52, 1000), date '2020-01-01' + pg_temp.draw(id, 53, 2000), pg_temp.draw(id, 54, 512)
FROM generate_series(1, (SELECT max(ties) FROM bench_people)) j
JOIN bench_people p ON j <= ties JOIN bench_pairs USING (entities, j)
CROSS JOIN LATERAL (SELECT pg_temp.pk(u, j) AS id, pg_temp.pk(u, a) AS x, pg_temp.pk(u, b) AS y) t
ORDER BY j, u;

INSERT INTO graph_series (id, user_id, entity_a_id, entity_b_id, days, first, last, occurrences, dirty_at)
SELECT pg_temp.pk(u, p.j), u, pg_temp.pk(u, coalesce(a, p.j)), pg_temp.pk(u, b), 12, '2016-03-01', '2025-03-01',
       ARRAY(SELECT 16800 + 270 * k FROM generate_series(1, 12) k), NULL
FROM (SELECT j, people.* FROM generate_series(1, (SELECT max(series) FROM bench_people)) j JOIN bench_people people ON j <= series) p
LEFT JOIN bench_pairs q ON q.entities = p.entities AND q.j = p.j - p.entities
ORDER BY p.j, u;

INSERT INTO temporal_patterns (id, user_id, series_id, status, evidence, recurrence_score, recurrence_frequency, label, last_occurrence,
    next_predicted_occurrence, confidence, p_adjusted)
SELECT id, u, id, 'computed', '{}', pg_temp.draw(id, 60, 1000) / 1000.0,
       ('{FREQ=WEEKLY;BYDAY=MO,FREQ=MONTHLY;BYMONTHDAY=1,FREQ=YEARLY}'::text[])[1 + pg_temp.draw(id, 61, 3)], 'now and then',
       date '2026-01-01' + pg_temp.draw(id, 62, 200), date '2026-10-01' + pg_temp.draw(id, 63, 200), 0.9, 0.01
FROM generate_series(1, (SELECT max(series) FROM bench_people)) j JOIN bench_people ON j <= series
CROSS JOIN LATERAL (SELECT pg_temp.pk(u, j) AS id) t ORDER BY j, u;

INSERT INTO seasonal_patterns (id, user_id, series_id, status, evidence, seasonal_strength, seasonal_months, p_adjusted)
SELECT id, u, id, 'computed', '{}', pg_temp.draw(id, 64, 1000) / 1000.0, ARRAY[1 + pg_temp.draw(id, 65, 6), 7 + pg_temp.draw(id, 66, 6)], 0.01
FROM generate_series(1, (SELECT max(series) FROM bench_people)) j JOIN bench_people ON j <= series
CROSS JOIN LATERAL (SELECT pg_temp.pk(u, j) AS id) t ORDER BY j, u;

INSERT INTO predicted_relationships (id, user_id, series_id, status, evidence, kind, horizon, prediction_confidence, prediction_reason, expected_on)
SELECT id, u, id, 'computed', '{}', 'again', 30, pg_temp.draw(id, 67, 1000) / 1000.0, 'Expected within ' || pg_temp.draw(id, 68, 30) || ' days.',
       date '2026-12-01'
FROM generate_series(1, (SELECT max(series) FROM bench_people)) j JOIN bench_people ON j <= series
CROSS JOIN LATERAL (SELECT pg_temp.pk(u, j) AS id) t ORDER BY j, u;

INSERT INTO relationship_patterns (id, user_id, status, evidence, kind, definition, definition_hash, pattern_name, pattern_confidence)
SELECT id, u, 'computed', '{}', 'template', '{}', md5(id::text), initcap(pg_temp.word(id, 69)) || ' with ' || pg_temp.word(id, 70),
       pg_temp.draw(id, 71, 1000) / 1000.0
FROM generate_series(1, (SELECT max(series) FROM bench_people)) j JOIN bench_people ON j <= series
CROSS JOIN LATERAL (SELECT pg_temp.pk(u, j) AS id) t ORDER BY j, u;

INSERT INTO cross_platform_relationships (id, user_id, status, evidence, memory_ids, platform_sources, confidence)
SELECT id, u, 'computed', '{}', ARRAY[pg_temp.pk(u, 1 + j % memories), pg_temp.pk(u, 1 + (j + 1) % memories)], '{gmail,notes}', 0.8
FROM generate_series(1, (SELECT max(series) FROM bench_people)) j JOIN bench_people ON j <= series
CROSS JOIN LATERAL (SELECT pg_temp.pk(u, j) AS id) t ORDER BY j, u;

-- Layers are filled 60/50/30/40/35/25/20/40/20 %. Sources and targets are memories of about the same time; no pair comes twice.
INSERT INTO relationship_instances (id, user_id, source_event_id, target_event_id, relationship_type, confidence_score, detection_method,
    reasoning, evidence, source_entity_ids, target_entity_ids, temporal_pattern_id, seasonal_pattern_id, pattern_id, cross_platform_id,
    predicted_relationship_id, delta_log_id)
SELECT id, u, pg_temp.pk(u, source), pg_temp.pk(u, source + 1 + 12 * (j / (memories - 60)) + pg_temp.draw(id, 80, 12)),
       ('{shared,thread,same_event,causes,precedes}'::text[])[1 + pg_temp.draw(id, 81, 5)], pg_temp.draw(id, 82, 10000) / 10000.0,
       ('{shared_information,mail_headers,case_crossover}'::text[])[1 + pg_temp.draw(id, 83, 3)],
       'Both name ' || pg_temp.name(one, 'person') || ' and ' || pg_temp.name(other, 'topic') || '.', '{}',
       ARRAY[least(one, other), greatest(one, other)], ARRAY[one],
       CASE WHEN pg_temp.draw(id, 85, 100) < 50 THEN pg_temp.pk(u, 1 + pg_temp.draw(id, 86, series)) END,
       CASE WHEN pg_temp.draw(id, 87, 100) < 30 THEN pg_temp.pk(u, 1 + pg_temp.draw(id, 88, series)) END,
       CASE WHEN pg_temp.draw(id, 89, 100) < 40 THEN pg_temp.pk(u, 1 + pg_temp.draw(id, 90, series)) END,
       CASE WHEN pg_temp.draw(id, 91, 100) < 35 THEN pg_temp.pk(u, 1 + pg_temp.draw(id, 92, series)) END,
       CASE WHEN pg_temp.draw(id, 93, 100) < 25 THEN pg_temp.pk(u, 1 + pg_temp.draw(id, 94, series)) END,
       CASE WHEN pg_temp.draw(id, 95, 100) < 40 THEN id END
FROM generate_series(1, (SELECT max(relationships) FROM bench_people)) j JOIN bench_people ON j <= relationships
CROSS JOIN LATERAL (SELECT pg_temp.pk(u, j) AS id, 1 + j % (memories - 60) AS source OFFSET 0) r -- OFFSET: worked out once a row
CROSS JOIN LATERAL (
    SELECT pg_temp.pk(u, 1 + pg_temp.draw(r.id, 83, entities)) AS one, pg_temp.pk(u, 1 + pg_temp.draw(r.id, 84, entities)) AS other
    OFFSET 0
) named
ORDER BY j, u;

INSERT INTO event_delta_logs (id, user_id, relationship_id, layer, change_type, after, cause)
SELECT id, user_id, id, 'base', ('{created,modified}'::text[])[1 + pg_temp.draw(id, 96, 2)], '{"confidence_score": 0.5}', 'made up'
FROM relationship_instances WHERE delta_log_id IS NOT NULL;

INSERT INTO causal_relationships (id, user_id, relationship_id, status, evidence, causal_score, causal_strength, causal_direction, causal_basis)
SELECT id, user_id, id, 'computed', '{}', pg_temp.draw(id, 98, 1000) / 1000.0, 1 + pg_temp.draw(id, 99, 400) / 100.0, 'source_to_target',
       ('{stated,precedence}'::text[])[1 + pg_temp.draw(id, 100, 2)]
FROM relationship_instances WHERE pg_temp.draw(id, 97, 100) < 60;

INSERT INTO root_cause_analyses (id, user_id, relationship_id, status, evidence, root_cause_analysis, chain, confidence)
SELECT id, user_id, id, 'computed', '{}', 'It began when ' || pg_temp.name(id, 'person') || ' came to ' || pg_temp.name(id, 'place') || '.', '[]', 0.7
FROM relationship_instances WHERE pg_temp.draw(id, 101, 100) < 20;

INSERT INTO duplicate_transactions (id, user_id, relationship_id, status, evidence, is_duplicate, duplicate_confidence)
SELECT id, user_id, id, 'computed', '{}', pg_temp.draw(id, 103, 2) = 1, pg_temp.draw(id, 104, 1000) / 1000.0
FROM relationship_instances WHERE pg_temp.draw(id, 102, 100) < 20;
