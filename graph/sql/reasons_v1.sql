-- The sentence of a relationship by shared entities, the rarest first.
CREATE FUNCTION say_what_is_shared(names text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left('Both name ' || array_to_string(names[1:3], ', ')
        || CASE WHEN cardinality(names) > 3 THEN ' and ' || cardinality(names) - 3 || ' more' ELSE '' END || '.', 500)
$$;
