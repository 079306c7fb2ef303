"""Health: alive is alive; ready says of each thing what was found, in time, whatever is away."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings as configured
from django.db import InterfaceError, OperationalError, connection
from django.db.models.functions import Now
from django.test import Client
from waffle.testutils import override_switch

from config import health
from config.health import Asking, note_alive
from config.local.processes import wait_for
from config.models import Heartbeat
from graph.services.refresh import Lag

ALL = {"database", "migrations", "view", "redis", "lag", "beat"}


@pytest.fixture
def owner():
    with psycopg.connect(
        configured.DATABASE_OWNER_URL, dbname=connection.settings_dict["NAME"], autocommit=True
    ) as owner:
        yield owner


@pytest.fixture
def beating(transactional_db):
    """The question is asked by a thread of its own, which sees what is committed."""
    note_alive("beat")


def ask(client):
    """The status of the answer, its word, and what is not right."""
    answer = client.get("/health/ready")
    told = answer.json()
    assert set(told["checks"]) >= {"database", "redis"}
    assert all(check["says"].endswith(".") for check in told["checks"].values())
    return answer.status_code, told["status"], {name for name, check in told["checks"].items() if not check["ok"]}


def test_a_process_that_answers_is_alive_whatever_else_is_dead(client, settings, django_assert_num_queries):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_with_everything_there_it_is_ready(client, beating):
    assert ask(client) == (200, "ok", set())
    assert set(client.get("/health/ready").json()["checks"]) == ALL


def test_a_dead_broker_is_named_but_memories_are_still_stored(client, beating, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert ask(client) == (200, "degraded", {"redis"})


def test_without_the_view_it_is_not_ready(client, beating, owner):
    owner.execute("ALTER MATERIALIZED VIEW view_enriched_relationships RENAME TO lost_view")
    try:
        assert ask(client) == (503, "not ready", {"view"})
    finally:
        owner.execute("ALTER MATERIALIZED VIEW lost_view RENAME TO view_enriched_relationships")
    assert ask(client) == (200, "ok", set())


def test_without_the_views_unique_index_it_is_not_ready(client, beating, owner):
    owner.execute("DROP INDEX view_enriched_relationships_id")
    try:
        assert ask(client) == (503, "not ready", {"view"})
    finally:
        owner.execute("CREATE UNIQUE INDEX view_enriched_relationships_id ON view_enriched_relationships (id)")


def test_a_migration_that_has_not_run_is_named(client, beating, monkeypatch):
    monkeypatch.setattr(health, "read_known_migrations", lambda: {("memories", "0001_initial"), ("memories", "0099_x")})
    assert ask(client) == (503, "not ready", {"migrations"})
    assert "memories.0099_x" in client.get("/health/ready").json()["checks"]["migrations"]["says"]


@pytest.mark.parametrize("error", [OperationalError("the server is gone"), InterfaceError("the connection is closed")])
def test_a_database_that_is_away_is_named_and_no_error_page(client, monkeypatch, error):
    def break_down():
        raise error

    monkeypatch.setattr(health, "ask_database", break_down)
    assert ask(client) == (503, "not ready", ALL - {"redis"})
    assert str(error) not in client.get("/health/ready").content.decode()


def test_a_database_that_hangs_is_not_waited_for_and_not_asked_twice_at_once(client, monkeypatch):
    hanging, asked = threading.Event(), []

    def hang():
        asked.append(1)
        hanging.wait(30)
        return {}

    monkeypatch.setattr(health, "ask_database", hang)
    began = time.monotonic()
    first, second = ask(client), ask(client)
    hanging.set()
    assert first == second == (503, "not ready", ALL - {"redis"})
    assert time.monotonic() - began < 2 * health.DATABASE_SECONDS + 2.5
    assert len(asked) == 1
    assert wait_for(lambda: Asking.current is None, seconds=10)


def test_who_asks_while_somebody_else_does_gets_the_same_answer(client, beating, monkeypatch):
    ask_database = health.ask_database
    monkeypatch.setattr(health, "ask_database", lambda: time.sleep(0.2) or ask_database())
    with ThreadPoolExecutor(4) as askers:
        assert set(askers.map(lambda _: Client().get("/health/ready").status_code, range(4))) == {200}


def test_a_beat_that_has_fallen_silent_is_named(client, beating):
    Heartbeat.objects.update(at=Now() - timedelta(seconds=130))
    assert ask(client) == (200, "degraded", {"beat"})
    Heartbeat.objects.all().delete()
    assert ask(client) == (200, "degraded", {"beat"})


@pytest.mark.parametrize(("on", "late"), [(True, {"lag"}), (False, set())])
def test_changes_that_wait_too_long_for_the_view_are_named_while_it_is_refreshed(
    client, beating, monkeypatch, on, late
):
    monkeypatch.setattr(health, "read_lag", lambda: Lag(seconds=9000, dirty=3, waiting=2000))
    with override_switch("refresh_view", active=on):
        assert ask(client) == (200, "degraded" if late else "ok", late)


def test_after_a_quiet_night_the_first_change_is_not_late(client, beating, monkeypatch):
    monkeypatch.setattr(health, "read_lag", lambda: Lag(seconds=30_000, dirty=1, waiting=4))
    assert ask(client) == (200, "ok", set())


def test_nobody_needs_to_come_in_to_ask_and_no_session_is_made(client, beating):
    answer = client.get("/health/ready")
    assert not answer.cookies
    assert "lifegraph" not in answer.content.decode()
