-- unaccent() is STABLE because its dictionary could change; naming the dictionary makes the wrapper safe to index.
CREATE FUNCTION life_unaccent(words text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN public.unaccent('public.unaccent'::regdictionary, words);

-- A tsvector may not pass 1 MB, so the words of a very long text count up to its 200,000th character.
CREATE FUNCTION memory_words(title text, content text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN setweight(to_tsvector('pg_catalog.english', life_unaccent(title)), 'A')
        || setweight(to_tsvector('pg_catalog.english', life_unaccent(left(content, 200000))), 'B');

CREATE INDEX memory_words ON memories_memory USING gin (memory_words(title, content));
