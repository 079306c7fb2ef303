"""/metrics: gauges of the view, the server and this process, for whoever has the token."""

from types import SimpleNamespace

import pytest
from django.db import OperationalError
from prometheus_client.parser import text_string_to_metric_families

from config import metrics
from graph.models import Refresh
from graph.services.refresh import refresh_view
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
    refresh = refresh_view()
    after = read(client)
    assert after["lifegraph_overlay_rows",] == 0
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


def test_a_source_that_cannot_be_read_is_named_and_the_others_are_shown(client, monkeypatch, db):
    def fail():
        raise OperationalError

    monkeypatch.setattr(metrics, "count_connections", fail)
    found = read(client)
    assert found["lifegraph_source_up", ("source", "config.metrics.read_server")] == 0
    assert found["lifegraph_source_up", ("source", "graph.metrics.read_metrics")] == 1


def test_nobody_is_named(client, user):
    write(user, "Ana Lima", "Tomas Kowal")
    content = client.get("/metrics").content.decode()
    assert user.username not in content.lower()
    assert "user" not in content


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
