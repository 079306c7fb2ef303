"""Health: alive is alive; ready names what is missing."""

import psycopg
import pytest
from django.conf import settings as configured
from django.db import InterfaceError, OperationalError, connection

from config import health


@pytest.fixture
def owner():
    with psycopg.connect(
        configured.DATABASE_OWNER_URL, dbname=connection.settings_dict["NAME"], autocommit=True
    ) as owner:
        yield owner


def ask(client):
    answer = client.get("/health/ready")
    missing = {name for name, fine in answer.json()["checks"].items() if not fine}
    return answer.status_code, missing


def test_a_process_that_answers_is_alive_whatever_else_is_dead(client, settings, django_assert_num_queries):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_with_everything_there_it_is_ready(client, db):
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {"database": True, "migrations": True, "view": True, "redis": True},
    }


def test_a_dead_broker_is_named_but_memories_are_still_stored(client, db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert ask(client) == (200, {"redis"})


@pytest.mark.django_db(transaction=True)
def test_without_the_view_it_is_not_ready(client, owner):
    owner.execute("ALTER MATERIALIZED VIEW view_enriched_relationships RENAME TO lost_view")
    try:
        assert ask(client) == (503, {"view"})
    finally:
        owner.execute("ALTER MATERIALIZED VIEW lost_view RENAME TO view_enriched_relationships")
    assert ask(client) == (200, set())


@pytest.mark.django_db(transaction=True)
def test_without_the_views_unique_index_it_is_not_ready(client, owner):
    owner.execute("DROP INDEX view_enriched_relationships_id")
    try:
        assert ask(client) == (503, {"view"})
    finally:
        owner.execute("CREATE UNIQUE INDEX view_enriched_relationships_id ON view_enriched_relationships (id)")


def test_a_migration_that_has_not_run_is_named(client, db, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: ["memories.0099"])
    assert ask(client) == (503, {"migrations"})


@pytest.mark.parametrize("error", [OperationalError("the server is gone"), InterfaceError("the connection is closed")])
def test_a_database_that_is_away_is_named_and_no_error_page(client, monkeypatch, error):
    def break_down():
        raise error

    monkeypatch.setattr(health.connection, "cursor", break_down)
    assert ask(client) == (503, {"database", "migrations", "view"})


def test_nobody_needs_to_come_in_to_ask_and_no_session_is_made(client, db):
    answer = client.get("/health/ready")
    assert not answer.cookies
    assert "lifegraph" not in answer.content.decode()
