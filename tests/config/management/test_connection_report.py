"""connection_report: who holds connections, against the budget; the exit status is for scripts."""

from io import StringIO

import psycopg
import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import OperationalError, connection

from config.management.commands import connection_report
from config.management.commands.connection_report import CLEAR

pytestmark = pytest.mark.django_db(transaction=True)


class Terminal(StringIO):
    def isatty(self):
        return True


def report(*arguments, out=None):
    """The exit status and what was written."""
    out = out or StringIO()
    try:
        call_command("connection_report", *arguments, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def idler():
    """Somebody who holds a transaction without doing anything."""
    url, name = configured.DATABASE_URL, connection.settings_dict["NAME"]
    with psycopg.connect(url, dbname=name, application_name="lifegraph-idler") as idler:
        idler.execute("SELECT 1")
        yield idler


def test_connections_are_told_by_role_application_and_state_against_budget_and_plan(idler):
    status, told = report()
    assert status == 0
    line = next(line for line in told.splitlines() if "lifegraph-idler" in line)
    assert line.split() == [connection.settings_dict["USER"], "lifegraph-idler", "idle", "in", "transaction", "1"]
    assert "of a budget of 17 are open; the alert line is 80 % of it, 13.6: fine." in told
    assert "Planned: web 2 x 4 + workers 2 + graph 1 + sync 2 + beat 1 = 14." in told
    assert "one has been idle in transaction for" in told


def test_its_own_connection_is_short_and_counts_for_nothing():
    _, told = report()
    assert "lifegraph-report" not in told
    assert connection.connection is None
    assert connection.settings_dict["OPTIONS"]["application_name"] != "lifegraph-report"


def test_over_the_alert_line_the_exit_status_is_2(idler, settings):
    settings.DB_CONNECTION_BUDGET = 1
    status, told = report()
    assert status == 2
    assert "OVER." in told


@pytest.mark.parametrize(("out", "cleared"), [(StringIO(), False), (Terminal(), True)])
def test_it_watches_until_somebody_stops_it_and_clears_terminals_alone(monkeypatch, out, cleared):
    looks = []

    def sleep(seconds):
        looks.append(seconds)
        if len(looks) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(connection_report.time, "sleep", sleep)
    status, told = report("--watch", out=out)
    assert (status, looks) == (0, [2.0, 2.0, 2.0])
    assert told.count("Planned:") == 3
    assert (CLEAR in told) == cleared


def test_a_server_that_lets_nobody_in_is_over_the_line(monkeypatch):
    def refuse():
        raise OperationalError("sorry, too many clients already")

    monkeypatch.setattr(connection_report, "count_connections", refuse)
    assert report() == (2, "The database lets nobody in: sorry, too many clients already\n")
