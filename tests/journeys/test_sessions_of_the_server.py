"""Behind a pooler in transaction mode every statement may meet another session of the server: nothing may rest in one."""

import re

import psycopg
import pytest
from django.db import connection
from psycopg.pq import TransactionStatus

from graph.models import Work
from graph.services.refresh import refresh_view
from graph.services.work import run_due_work
from memories.models import Memory
from tests.factories.journey import run_pipeline
from tests.factories.urls import list_operations

RESTS = re.compile(
    r"\b(LISTEN|UNLISTEN|PREPARE|WITH HOLD|CREATE\s+(LOCAL\s+|GLOBAL\s+)?TEMP|pg_(try_)?advisory_lock(_shared)?\s*\()"
    r"|^\s*SET\s+(?!LOCAL\b|TRANSACTION\b|CONSTRAINTS\b)|set_config\([^()]*,\s*false\s*\)",
    re.IGNORECASE,
)
TEXTS = ["Lunch with Tomas Kowal in Lisbon.", "Ana Lima met Tomas Kowal at the choir in Lisbon.", "Ana Lima rests."]


@pytest.fixture
def said(monkeypatch):
    """Every statement that is sent; before each that begins a transaction the session forgets whatever it knew."""
    statements = []
    usual = psycopg.Cursor.execute

    def execute(cursor, query, *arguments, **options):
        if cursor.connection.info.transaction_status == TransactionStatus.IDLE:
            cursor.connection.pgconn.exec_(b"DISCARD ALL")
            statements.append("DISCARD ALL")
        statements.append(str(query))
        return usual(cursor, query, *arguments, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", execute)
    return statements


@pytest.mark.django_db(transaction=True)
def test_a_journey_rests_nothing_in_a_session_of_the_server(client, user, said):
    client.force_login(user)
    for text in TEXTS:
        posted = client.post("/api/v1/memories/", {"content": text}, content_type="application/json")
        assert posted.status_code == 201
    run_pipeline()
    Work.objects.update(due_at="2020-01-01T00:00Z")
    assert run_due_work()
    assert refresh_view() is not None
    assert {stage for (stage,) in Memory.objects.values_list("stage")} == {"enriched"}
    for route, method in list_operations():
        if method == "get" and "<" not in route:
            answer = client.get(f"/api/v1/{route}")
            assert answer.status_code in (200, 400), route
            answer.getvalue()  # a stream is open until it is read
    assert client.delete(f"/api/v1/memories/{posted.json()['id']}/").status_code == 204
    assert client.get("/metrics").status_code == client.get("/health/ready").status_code == 200
    assert said.count("DISCARD ALL") > 50
    assert [statement for statement in said if RESTS.search(statement)] == []


def test_no_function_of_ours_rests_anything_in_a_session(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
        )
        functions = dict(cursor.fetchall())
    assert len(functions) > 5
    assert [name for name, source in functions.items() if RESTS.search(source)] == []


@pytest.mark.parametrize(
    "statement",
    [
        "LISTEN news", "SELECT pg_advisory_lock(1)", "SELECT pg_try_advisory_lock (1)", "SET work_mem = '1GB'",
        "CREATE TEMP TABLE t (a int)", "SELECT set_config('a.b', 'c', false)", "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    ],
)  # fmt: skip
def test_what_rests_is_known_when_it_is_seen(statement):
    assert RESTS.search(statement)


@pytest.mark.parametrize(
    "statement",
    ["SET LOCAL jit = off", "SELECT pg_advisory_xact_lock(1)", "SELECT set_config('a.b', 'c', true)", "UPDATE t SET a = 1"],
)  # fmt: skip
def test_what_ends_with_its_transaction_does_not_rest(statement):
    assert not RESTS.search(statement)
