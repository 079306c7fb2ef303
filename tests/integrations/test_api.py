"""Connections, runs and failures over REST: a person's own, the newest first."""

import pytest
from django.utils import timezone

from integrations.failures import record_missed
from integrations.models import Connection, JobFailure, SyncRun
from tests.factories import MemoryFactory

BASE = "/api/v1/integrations"


def test_the_four_providers_are_offered(api, settings):
    settings.NANGO_SECRET_KEY = ""
    found = api.get(f"{BASE}/providers/").json()["results"]
    assert [row["slug"] for row in found] == ["gmail", "dropbox", "gdrive", "zoho_mail"]
    assert {row["configured"] for row in found} == {False}
    settings.NANGO_SECRET_KEY = "key"
    assert {row["configured"] for row in api.get(f"{BASE}/providers/").json()["results"]} == {True}


def test_a_person_sees_their_own_failures_and_nothing_of_the_text(api, user, other_user):
    memory = MemoryFactory(user=user, content="my secret", stage="failed", failed_stage="related", attempts=5)
    MemoryFactory(user=other_user, stage="failed", failed_stage="related", attempts=5)
    record_missed()
    answer = api.get(f"{BASE}/failures/")
    [row] = answer.json()["results"]
    assert set(row) == {"id", "unit", "stage", "kind", "state", "runs", "error", "first_seen", "last_seen"}
    assert (row["unit"], row["stage"], row["kind"], row["state"], row["runs"]) == (
        f"memory:{memory.pk}",
        "related",
        "lost",
        "open",
        5,
    )
    assert "my secret" not in answer.content.decode()


def test_a_failure_of_nobody_is_shown_to_nobody(api):
    JobFailure.objects.create(unit="view:1", first_due=timezone.now(), kind="permanent")
    assert api.get(f"{BASE}/failures/").json()["results"] == []


def test_a_run_says_what_it_did(api, user):
    connection = Connection.objects.create(user=user, provider="gmail", nango_id="n1", account="ana@example.org")
    SyncRun.objects.create(user=user, connection=connection, state="done", created=3, skipped=1)
    [run] = api.get(f"{BASE}/runs/").json()["results"]
    assert {
        "provider",
        "state",
        "created",
        "updated",
        "unchanged",
        "deleted",
        "skipped",
        "started_at",
        "ended_at",
    } <= set(run)
    assert (run["provider"], run["state"], run["created"], run["skipped"]) == ("gmail", "done", 3, 1)


def test_a_connection_hides_what_opens_it(api, user):
    Connection.objects.create(user=user, provider="gmail", nango_id="opens-it", account="ana@example.org")
    answer = api.get(f"{BASE}/connections/")
    assert [row["account"] for row in answer.json()["results"]] == ["ana@example.org"]
    assert "opens-it" not in answer.content.decode()


@pytest.mark.parametrize("path", ["connections/", "runs/", "failures/"])
def test_lists_come_in_pages_with_the_newest_first(api, user, path):
    for number in range(3):
        connection = Connection.objects.create(user=user, provider="gmail", nango_id=str(number))
        SyncRun.objects.create(user=user, connection=connection)
        JobFailure.objects.create(user=user, unit=f"memory:{number}", first_due=timezone.now(), kind="lost")
    first = api.get(f"{BASE}/{path}?limit=2").json()
    rest = api.get(first["next"]).json()
    ids = [row["id"] for row in first["results"] + rest["results"]]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), rest["next"]) == (3, None)


def test_the_dashboard_counts_open_failures(api, user):
    for state in ("open", "retried", "resolved"):
        JobFailure.objects.create(user=user, unit=f"memory:{state}", first_due=timezone.now(), kind="lost", state=state)
    assert api.get("/api/v1/dashboard/").json()["failures"] == 1
