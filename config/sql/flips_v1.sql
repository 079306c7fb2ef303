-- Every change of a switch or flag becomes a row of config_flip, by whatever door it comes: command, admin, psql. Who and why are what the
-- transaction says of itself (lifegraph.by, lifegraph.reason), else the role and the application. Whoever may change a switch need not be
-- allowed to write here: the triggers do it as their owner.
CREATE FUNCTION config_note_flip(kind text, name text, before text, after text) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO config_flip (kind, name, before, after, by, reason)
    SELECT kind, name, left(before, 200), left(after, 200),
        left(coalesce(
            nullif(current_setting('lifegraph.by', true), ''),
            concat_ws('/', session_user::text, nullif(current_setting('application_name'), ''))
        ), 150),
        left(coalesce(current_setting('lifegraph.reason', true), ''), 500)
    WHERE before IS DISTINCT FROM after;
$$;

CREATE FUNCTION config_switch_words(waffle_switch) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN $1.active THEN 'on' ELSE 'off' END $$;

CREATE FUNCTION config_flag_words(memories_flag) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN $1.everyone THEN 'everyone'
        WHEN NOT $1.everyone THEN 'nobody'
        ELSE coalesce(nullif(concat_ws(', ',
            CASE WHEN $1.percent > 0 THEN trim_scale($1.percent) || ' %' END,
            CASE WHEN $1.superusers THEN 'superusers' END,
            CASE WHEN $1.staff THEN 'staff' END,
            CASE WHEN $1.authenticated THEN 'whoever is logged in' END,
            CASE WHEN $1.languages <> '' THEN 'languages ' || $1.languages END,
            CASE WHEN $1.testing THEN 'whoever asks by cookie' END
        ), ''), 'nobody')
    END
$$;

CREATE FUNCTION config_note_switch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.name = NEW.name THEN
        PERFORM config_note_flip('switch', NEW.name, config_switch_words(OLD), config_switch_words(NEW));
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM config_note_flip('switch', OLD.name, config_switch_words(OLD), '');
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM config_note_flip('switch', NEW.name, '', config_switch_words(NEW));
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION config_note_flag() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.name = NEW.name THEN
        PERFORM config_note_flip('flag', NEW.name, config_flag_words(OLD), config_flag_words(NEW));
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM config_note_flip('flag', OLD.name, config_flag_words(OLD), '');
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM config_note_flip('flag', NEW.name, '', config_flag_words(NEW));
    END IF;
    RETURN NULL;
END
$$;

-- People and groups for whom a flag is on by name; the first argument says which of the two.
CREATE FUNCTION config_note_chosen() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    was jsonb := to_jsonb(OLD);
    is_now jsonb := to_jsonb(NEW);
    id_of text := TG_ARGV[0] || '_id';
BEGIN
    IF was IS NOT DISTINCT FROM is_now THEN
        RETURN NULL;
    END IF;
    IF was IS NOT NULL THEN
        PERFORM config_note_flip('flag', config_name_flag((was ->> 'flag_id')::bigint), TG_ARGV[0] || ' ' || (was ->> id_of), '');
    END IF;
    IF is_now IS NOT NULL THEN
        PERFORM config_note_flip('flag', config_name_flag((is_now ->> 'flag_id')::bigint), '', TG_ARGV[0] || ' ' || (is_now ->> id_of));
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION config_name_flag(flag bigint) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT coalesce((SELECT name FROM memories_flag WHERE id = flag), 'flag ' || flag)
$$;

CREATE TRIGGER config_note_switch AFTER INSERT OR UPDATE OR DELETE ON waffle_switch FOR EACH ROW EXECUTE FUNCTION config_note_switch();
CREATE TRIGGER config_note_flag AFTER INSERT OR UPDATE OR DELETE ON memories_flag FOR EACH ROW EXECUTE FUNCTION config_note_flag();
CREATE TRIGGER config_note_users AFTER INSERT OR UPDATE OR DELETE ON memories_flag_users FOR EACH ROW EXECUTE FUNCTION config_note_chosen('user');
CREATE TRIGGER config_note_groups AFTER INSERT OR UPDATE OR DELETE ON memories_flag_groups FOR EACH ROW EXECUTE FUNCTION config_note_chosen('group');
