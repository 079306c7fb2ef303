"""Alert rules and dashboard: every expression can be read, asks for metrics that there are, and leads to a chapter of the runbook."""

import json
import re
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import promql_parser
import pytest
import yaml
from django.conf import settings
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from config import metrics
from config.counts import SEAT_SECONDS
from config.health import note_alive
from graph.services.refresh import refresh_view
from integrations.models import Connection, JobFailure, SyncRun
from memories.errors import TransientError
from memories.models import Lane
from memories.tasks import admit_backfill, advance_memories
from tests.factories import MemoryFactory

MONITORING = Path(settings.BASE_DIR) / "docs" / "monitoring"
RUNBOOK = Path(settings.BASE_DIR) / "docs" / "runbook.md"
ALERTS = yaml.safe_load((MONITORING / "alerts.yml").read_text())
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
DASHBOARD = json.loads((MONITORING / "grafana.json").read_text())
OF_PROMETHEUS = {"up", "ALERTS"}
NAMES = {
    "Down", "Errors", "Slow", "ConnectionsNearBudget", "PoolExhausted", "IdleInTransaction", "BacklogOld", "FailuresGrow",
    "TaskFailures", "ViewStale", "BeatSilent", "RedisAway", "SyncsLate",
}  # fmt: skip


def list_expressions():
    """Every expression, as Prometheus would get it from Grafana."""
    drawn = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]
    return [text.replace("$__rate_interval", "5m") for text in (*(rule["expr"] for rule in RULES), *drawn)]


def list_metrics(expression):
    """Names of the metrics that a parsed expression asks for."""
    return set(re.findall(r"\b(?:lifegraph_\w+|ALERTS|up)\b(?=[{\[) \n]|$)", expression))


def test_every_alert_of_the_plan_has_a_rule_and_every_rule_is_of_the_plan():
    assert {rule["alert"] for rule in RULES} == {f"LifeGraph{name}" for name in NAMES}


@pytest.mark.parametrize("expression", list_expressions())
def test_an_expression_can_be_read(expression):
    assert promql_parser.parse(expression).prettify()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_says_what_it_is_and_where_it_is_explained(rule):
    told = rule["annotations"]
    assert told["summary"]
    assert told["description"].endswith(".")
    page, _, anchor = told["runbook_url"].partition("#")
    assert (page, anchor) == ("docs/runbook.md", rule["alert"].lower())
    assert f"## {rule['alert']}\n" in RUNBOOK.read_text()


def test_the_dashboard_has_a_row_for_each_question_and_panels_that_can_be_told_apart():
    panels = DASHBOARD["panels"]
    assert [panel["title"] for panel in panels if panel["type"] == "row"] == [
        "Is it up", "People waiting", "Connections", "Stages", "View", "Syncs", "Tasks", "Backfill",
    ]  # fmt: skip
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["targets"] for panel in panels if panel["type"] != "row")


def test_the_example_scrapes_with_a_token_and_reads_the_rules():
    example = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
    (scrape,) = example["scrape_configs"]
    assert (scrape["job_name"], scrape["metrics_path"], scrape["scheme"]) == ("lifegraph", "/metrics", "https")
    assert scrape["authorization"]["credentials_file"]
    assert example["rule_files"] == ["alerts.yml"]


@pytest.mark.django_db(transaction=True)
def test_every_metric_that_is_asked_for_is_there_once_everything_has_happened(user, monkeypatch):
    make_everything_happen(user, monkeypatch)
    families = text_string_to_metric_families(Client().get("/metrics").content.decode())
    there = {sample.name for family in families for sample in family.samples}
    asked = set(chain.from_iterable(list_metrics(expression) for expression in list_expressions()))
    assert len(asked) > 15
    assert asked - OF_PROMETHEUS <= there


def make_everything_happen(user, monkeypatch):
    MemoryFactory(user=user)
    MemoryFactory(user=user, lane=Lane.BULK)
    connection = Connection.objects.create(user=user, provider="gmail", nango_id="n", account="a", state="active")
    Connection.objects.update(next_at=connection.created_at)
    SyncRun.objects.create(user=user, connection=connection)
    JobFailure.objects.create(user=user, unit="memory:1", first_due=connection.created_at, kind="lost")
    note_alive("beat")
    refresh_view()
    SEAT_SECONDS.inc(0.5)
    admit_backfill.apply()
    for error in (TransientError("later"), ValueError("no")):
        monkeypatch.setattr("memories.tasks.advance_new", lambda error=error: raise_it(error))
        advance_memories.apply(args=["stored"])
    monkeypatch.setattr(metrics, "connection", SimpleNamespace(pool=Pool()))


def raise_it(error):
    raise error


class Pool:
    def get_stats(self):
        return {"pool_size": 4, "pool_available": 3, "requests_waiting": 2}
