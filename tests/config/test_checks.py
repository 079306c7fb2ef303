"""The sum of all connections is held against the budget, and the budget against the server, before anything migrates."""

import re
from io import StringIO

import psycopg
import pytest
from django.conf import settings as configured
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from config import checks
from config.connections import Limit, Plan, count_connections, read_limits


@pytest.fixture
def owner():
    with psycopg.connect(
        configured.DATABASE_OWNER_URL, dbname=connection.settings_dict["NAME"], autocommit=True
    ) as owner:
        yield owner


def ids(*, databases=("default",)):
    return [message.id for message in run_checks(databases=databases) if message.id.startswith("lifegraph")]


def test_what_the_settings_say_by_themselves_fits(db):
    assert ids() == []
    assert Plan(web_processes=2, per_web_process=4, workers=2, graph_workers=1, sync_workers=2).total == 14


def test_the_procfile_starts_as_many_as_the_settings_count(settings):
    procfile = (configured.BASE_DIR / "Procfile").read_text()
    defaults = dict(
        re.findall(r"\$\{(WEB_PROCESSES|WORKER_CONCURRENCY|GRAPH_CONCURRENCY|SYNC_CONCURRENCY):-(\d+)\}", procfile)
    )
    assert defaults == {
        name: str(getattr(settings, name))
        for name in ("WEB_PROCESSES", "WORKER_CONCURRENCY", "GRAPH_CONCURRENCY", "SYNC_CONCURRENCY")
    }
    assert int(re.search(r"--blocking-threads (\d+)", procfile)[1]) > 24 > settings.WEB_SEATS


def test_the_sum_is_refused_with_every_number_that_makes_it(db, settings):
    settings.WEB_PROCESSES, settings.WEB_SEATS, settings.WORKER_CONCURRENCY = 3, 4, 2
    settings.DB_CONNECTION_BUDGET, settings.DB_CONNECTION_RESERVE = 17, 3
    [error] = checks.check_plan()
    assert "web 3 x 4 + workers 2 + graph 1 + sync 2 + beat 1 = 18" in error.msg
    assert "DB_CONNECTION_BUDGET 17 - DB_CONNECTION_RESERVE 3 = 14" in error.msg
    settings.DB_CONNECTION_BUDGET = 21
    assert checks.check_plan() == []


def test_a_budget_that_the_server_does_not_give_is_refused(db, settings):
    [given] = [limit.connections for limit in read_limits()]
    settings.DB_CONNECTION_BUDGET = given
    assert ids() == []
    settings.DB_CONNECTION_BUDGET = given + 1
    [error] = checks.check_budget()
    assert f"DB_CONNECTION_BUDGET is {given + 1}, but the server gives {given} connections" in error.msg
    assert ids() == ["lifegraph.E002"]


def test_the_servers_number_is_without_what_it_reserves(db):
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_connections")
        assert read_limits()[0].connections == int(cursor.fetchone()[0]) - 3


def test_the_narrowest_limit_counts(settings, monkeypatch):
    limits = [Limit(connections=9, set_by="CONNECTION LIMIT of the role anybody"), Limit(connections=97, set_by="")]
    monkeypatch.setattr(checks, "read_limits", lambda: limits)
    settings.DB_CONNECTION_BUDGET = 10
    [error] = checks.check_budget()
    assert "the server gives 9 connections (CONNECTION LIMIT of the role anybody)" in error.msg


@pytest.mark.django_db(transaction=True)
def test_a_limit_of_the_database_is_seen(owner):
    name = connection.settings_dict["NAME"]
    owner.execute(f"ALTER DATABASE {name} CONNECTION LIMIT 7")
    try:
        assert read_limits()[0] == Limit(connections=7, set_by="CONNECTION LIMIT of the database")
    finally:
        owner.execute(f"ALTER DATABASE {name} CONNECTION LIMIT -1")


def test_nothing_migrates_on_a_budget_that_does_not_hold(db, settings):
    settings.DB_CONNECTION_BUDGET = 1
    with pytest.raises(SystemCheckError, match=r"lifegraph\.E001"):
        call_command("migrate", skip_checks=False, stdout=StringIO(), stderr=StringIO())


def test_without_a_database_named_nothing_is_asked(settings):
    settings.DB_CONNECTION_BUDGET = 1
    assert ids(databases=()) == []


def test_who_is_connected_is_counted_by_role_application_and_state(db):
    application = connection.settings_dict["OPTIONS"]["application_name"]
    ours = [count for count in count_connections() if count.application == application and count.state == "active"]
    assert [(count.role, count.connections >= 1) for count in ours] == [("lifegraph_app", True)]
