"""`migrate` beside running processes: it gives way to those who hold a table, and leaves nothing half done."""

from io import StringIO

import psycopg
import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config.database import as_owner, limit_lock_waits, own_lock_waits
from config.management.commands import migrate

LAST = ("config", "0002_flips")
TRIGGERS = "SELECT count(*) FROM pg_trigger WHERE tgname = 'config_note_switch'"

pytestmark = pytest.mark.django_db(transaction=True)


def ask(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def run(*arguments, **options):
    out = StringIO()
    call_command("migrate", *arguments, stdout=out, no_color=True, **options)
    return out.getvalue()


@pytest.fixture
def unapplied():
    """The database without the triggers of flips."""
    run("config", "0001", verbosity=0)
    yield
    run("config", verbosity=0)


@pytest.fixture
def holder(unapplied, monkeypatch):
    """Somebody in a long transaction that has read the switches."""
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT_MS", 100)
    with psycopg.connect(configured.DATABASE_OWNER_URL, dbname=connection.settings_dict["NAME"]) as holder:
        holder.execute("LOCK TABLE waffle_switch IN ACCESS SHARE MODE")
        holder.execute("LOCK TABLE waffle_switch IN SHARE UPDATE EXCLUSIVE MODE")
        yield holder


def is_applied():
    return LAST in MigrationRecorder(connection).applied_migrations(), ask(TRIGGERS)


def test_a_migration_that_cannot_have_its_lock_is_tried_again(holder, monkeypatch):
    monkeypatch.setattr(migrate.time, "sleep", lambda _: holder.rollback())
    told = run()
    assert "config.0002_flips could not have its lock; again in 1 s" in told
    assert is_applied() == (True, 1)


def test_after_the_last_try_it_names_the_migration_and_what_to_do(holder, monkeypatch):
    pauses = []
    monkeypatch.setattr(migrate.time, "sleep", pauses.append)
    with pytest.raises(
        CommandError, match=r"^config\.0002_flips could not have its lock in 5 tries.*connection_report"
    ):
        run()
    assert pauses == [1, 2, 4, 8]
    assert is_applied() == (False, 0)
    assert ask("SELECT count(*) FROM pg_proc WHERE proname = 'config_note_flip'") == 0
    holder.rollback()


def test_waits_are_limited_for_the_owners_session_alone():
    with as_owner(), own_lock_waits():
        limit_lock_waits(milliseconds=3_000)
        assert ask("SHOW lock_timeout") == "3s"
        assert ask("SHOW statement_timeout") == "0"
    assert ask("SHOW lock_timeout") == "0"


def test_where_there_is_one_role_its_session_is_as_before(settings):
    settings.DATABASE_OWNER_URL = ""
    with as_owner(), own_lock_waits():
        limit_lock_waits(milliseconds=3_000)
    assert ask("SHOW lock_timeout") == "0"


def test_an_index_built_beside_writers_may_wait_for_them(unapplied, monkeypatch):
    limits = []
    monkeypatch.setattr(migrate, "limit_lock_waits", lambda *, milliseconds: limits.append(milliseconds))
    command = migrate.Command(stdout=StringIO())
    command.verbosity = 0
    for atomic in (True, False):
        command.migration_progress_callback("apply_start", type("Migration", (), {"atomic": atomic})())
    assert limits == [3_000, 0]


def test_the_owner_is_reached_where_its_url_says(settings):
    settings.DATABASE_OWNER_URL = "postgresql://owner:secret@127.0.0.2:5433/elsewhere"
    before = connection.settings_dict.copy()
    with as_owner():
        found = {name: connection.settings_dict[name] for name in ("USER", "HOST", "PORT", "NAME")}
    assert found == {"USER": "owner", "HOST": "127.0.0.2", "PORT": 5433, "NAME": before["NAME"]}
    assert connection.settings_dict == before
