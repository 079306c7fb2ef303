"""/metrics: gauges of the view, the server and this process, for whoever has the token."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from config import metrics
from config.connections import Longest
from config.health import note_alive
from graph.models import Refresh
from graph.services.refresh import refresh_view
from integrations.models import Connection, JobFailure, SyncRun
from memories.models import Lane
from tests.config.switching import switched_off
from tests.factories import MemoryFactory
from tests.factories.graph import relate_now, write

TOKEN = "a-made-up-token"


def read(client, **headers):
    """Every sample as name and labels to value."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value for family in families for sample in family.samples
    }


@pytest.mark.django_db(transaction=True)
def test_the_view_is_shown_with_its_lag_and_what_it_has_not_taken_in(client, user):
    relate_now(write(user, "Ana Lima", "Tomas Kowal"), write(user, "Ana Lima", "Tomas Kowal"))
    before = read(client)
    assert before["lifegraph_overlay_rows",] > 0
    assert before["lifegraph_view_waiting_seconds",] > 0
    refresh = refresh_view()
    after = read(client)
    assert after["lifegraph_overlay_rows",] == after["lifegraph_view_waiting_seconds",] == 0
    assert 0 <= after["lifegraph_view_lag_seconds",] < 60
    assert after["lifegraph_refresh_rows",] == refresh.rows
    took = (refresh.finished_at - refresh.started_at).total_seconds()
    assert after["lifegraph_refresh_duration_seconds",] == pytest.approx(took)


def test_a_view_that_was_never_refreshed_has_no_lag_to_show(client, db):
    Refresh.objects.all().delete()
    names = {name for name, *_ in read(client)}
    assert "lifegraph_overlay_rows" in names
    assert "lifegraph_view_lag_seconds" not in names


def test_the_servers_connections_are_counted_and_the_plan_stands_beside_them(client, db):
    found = read(client)
    ours = [value for (name, *labels), value in found.items() if name == "lifegraph_server_connections"]
    assert sum(ours) >= 1
    assert found["lifegraph_connection_budget", ("what", "budget")] == 17
    assert found["lifegraph_connection_budget", ("what", "planned")] == 14


def test_a_pool_is_shown_with_the_process_it_belongs_to(client, db, monkeypatch):
    class Pool:
        def get_stats(self):
            return {"pool_size": 4, "pool_available": 3, "requests_waiting": 2}

    monkeypatch.setattr(metrics, "connection", SimpleNamespace(pool=Pool()))
    monkeypatch.setattr(metrics.os, "getpid", lambda: 77)
    found = read(client)
    shown = {what: found["lifegraph_pool_connections", ("pid", "77"), ("what", what)] for what in metrics.POOL}
    assert shown == {"size": 4, "available": 3, "waiting": 2}


def test_who_idles_in_a_transaction_is_shown_by_application(client, db, monkeypatch):
    found = [Longest("app", "web", 3.0, 1.5), Longest("owner", "web", 0.0, 0.0), Longest("app", "psql", 9.0, 0.0)]
    monkeypatch.setattr(metrics, "read_longest", lambda: found)
    shown = read(client)
    assert shown["lifegraph_idle_in_transaction_seconds", ("application", "web")] == 1.5
    assert shown["lifegraph_idle_in_transaction_seconds", ("application", "psql")] == 0


def test_who_waits_is_shown_by_stage_and_lane_and_is_late_only_where_the_switch_is_on(client, user):
    MemoryFactory(user=user, due_at=timezone.now() - timedelta(seconds=90))
    MemoryFactory(user=user, lane=Lane.BULK, stage="extracted")
    place = (("lane", "live"), ("stage", "stored"))
    shown = read(client)
    assert shown["lifegraph_waiting_rows", *place] == 1
    assert shown["lifegraph_waiting_rows", ("lane", "bulk"), ("stage", "extracted")] == 1
    assert 90 <= shown["lifegraph_oldest_due_seconds", *place] < 150
    with switched_off("extract_new_memories"):
        assert ("lifegraph_oldest_due_seconds", *place) not in read(client)


def test_old_memories_are_shown_by_how_far_they_are(client, user):
    MemoryFactory(user=user, intake="backfill", lane=Lane.BACKFILL, due_at=None)
    assert read(client)["lifegraph_backfill_memories", ("state", "waiting")] == 1


def test_syncs_are_shown_with_what_is_late_open_and_failed(client, user):
    late = timezone.now() - timedelta(seconds=100)
    row = Connection.objects.create(user=user, provider="gmail", nango_id="n", state="active", next_at=late)
    Connection.objects.create(user=user, provider="dropbox", nango_id="n", state="paused", next_at=late)
    SyncRun.objects.create(user=user, connection=row, state="waiting")
    JobFailure.objects.create(user=user, unit="memory:1", first_due=late, kind="auth")
    JobFailure.objects.create(user=user, unit="memory:2", first_due=late, kind="auth", state="resolved")
    shown = read(client)
    assert 100 <= shown["lifegraph_sync_lag_seconds", ("provider", "gmail")] < 160
    assert ("lifegraph_sync_lag_seconds", ("provider", "dropbox")) not in shown
    assert shown["lifegraph_sync_runs", ("state", "waiting")] == 1
    assert shown["lifegraph_job_failures", ("kind", "auth")] == 1
    with switched_off("sync_gmail"):
        assert ("lifegraph_sync_lag_seconds", ("provider", "gmail")) not in read(client)


def test_beat_and_broker_are_shown(client, db, settings):
    note_alive("beat")
    shown = read(client)
    assert 0 <= shown["lifegraph_heartbeat_age_seconds", ("name", "beat")] < 60
    assert shown["lifegraph_redis_up",] == 1
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert read(client)["lifegraph_redis_up",] == 0


def test_a_scrape_is_a_handful_of_queries_however_much_there_is(client, user, django_assert_max_num_queries):
    read(client)  # what the switches say is remembered
    MemoryFactory.create_batch(5, user=user)
    with django_assert_max_num_queries(12):
        read(client)


def test_once_the_database_is_away_nobody_else_is_asked_for_it(client, monkeypatch):
    asked = []

    def fail():
        asked.append(1)
        raise OperationalError

    for source in ("memories.metrics.read_backlog", "graph.metrics.read_lag", "integrations.metrics.read_lateness"):
        monkeypatch.setattr(source, fail)
    shown = read(client)
    assert len(asked) == 1
    assert shown["lifegraph_redis_up",] == 1
    assert shown["lifegraph_source_up", ("source", "config.metrics.read_server")] == 0


def test_a_source_that_cannot_be_read_is_named_and_the_others_are_shown(client, monkeypatch, db):
    def fail():
        raise OperationalError

    monkeypatch.setattr(metrics, "count_connections", fail)
    found = read(client)
    assert found["lifegraph_source_up", ("source", "config.metrics.read_server")] == 0
    assert found["lifegraph_source_up", ("source", "graph.metrics.read_metrics")] == 1
    assert found["lifegraph_source_up", ("source", "config.metrics.read_redis")] == 1


def test_nobody_is_named(client, user):
    write(user, "Ana Lima", "Tomas Kowal")
    content = client.get("/metrics").content.decode()
    assert user.username not in content.lower()
    assert "kowal" not in content.lower()
    assert not re.search(r'user\w*="', content)


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer other", f"Token {TOKEN}", f"Bearer {TOKEN}x", "Bearer ümlaut"])
def test_where_a_token_is_set_it_is_needed(client, db, settings, given):
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers={"Authorization": given} if given else {}).status_code == 403
    assert read(client, Authorization=f"Bearer {TOKEN}")


def test_outside_local_there_is_no_such_page_without_a_token(client, db, settings):
    settings.METRICS_OPEN, settings.METRICS_TOKEN = False, ""
    assert client.get("/metrics").status_code == 404


def test_it_is_read_and_never_kept(client, db):
    assert client.post("/metrics").status_code == 405
    assert "no-store" in client.get("/metrics").headers["Cache-Control"]
