"""Connections, runs and failures over REST: a person's own, the newest first."""

import pytest
from django.core.cache import caches
from django.utils import timezone
from waffle.models import Switch

from integrations.failures import record_missed
from integrations.models import Connection, JobFailure, RemoteItem, SyncRun
from tests.factories import MemoryFactory

BASE = "/api/v1/integrations"


def test_the_four_providers_are_offered(api, settings):
    settings.NANGO_SECRET_KEY = ""
    found = api.get(f"{BASE}/providers/").json()["results"]
    assert [row["slug"] for row in found] == ["gmail", "dropbox", "gdrive", "zoho_mail"]
    assert {row["configured"] for row in found} == {False}
    assert [row["unit"] for row in found] == ["mails", "files", "files", "mails"]
    settings.NANGO_SECRET_KEY = "key"
    assert {row["configured"] for row in api.get(f"{BASE}/providers/").json()["results"]} == {True}


@pytest.mark.parametrize(
    ("off", "syncing"), [("sync_dropbox", {"gmail", "gdrive", "zoho_mail"}), ("sync_providers", set())]
)
def test_a_provider_that_operators_hold_back_says_so(api, off, syncing):
    for name in ("sync_providers", "sync_gmail", "sync_gdrive", "sync_zoho_mail", "sync_dropbox"):
        Switch.objects.filter(name=name).update(active=name != off)
    caches["flags"].clear()
    found = api.get(f"{BASE}/providers/").json()["results"]
    assert {row["slug"] for row in found if row["syncing"]} == syncing


def test_a_person_sees_their_own_failures_and_nothing_of_the_text(api, user, other_user):
    memory = MemoryFactory(user=user, content="my secret", stage="failed", failed_stage="related", attempts=5)
    MemoryFactory(user=other_user, stage="failed", failed_stage="related", attempts=5)
    record_missed()
    answer = api.get(f"{BASE}/failures/")
    [row] = answer.json()["results"]
    said = {"id", "unit", "stage", "kind", "state", "runs", "error", "first_seen", "last_seen"}
    assert set(row) == said | {"connection", "provider", "account"}
    assert (row["provider"], row["account"]) == (None, None)
    assert (row["unit"], row["stage"], row["kind"], row["state"], row["runs"]) == (
        f"memory:{memory.pk}",
        "related",
        "lost",
        "open",
        5,
    )
    assert "my secret" not in answer.content.decode()


def test_failures_are_shown_by_their_state(api, user):
    for state in ("open", "retried", "resolved"):
        JobFailure.objects.create(user=user, unit=f"memory:{state}", first_due=timezone.now(), kind="lost", state=state)
    assert [row["state"] for row in api.get(f"{BASE}/failures/", {"state": "open"}).json()["results"]] == ["open"]
    assert len(api.get(f"{BASE}/failures/").json()["results"]) == 3


def test_a_failure_of_nobody_is_shown_to_nobody(api):
    JobFailure.objects.create(unit="view:1", first_due=timezone.now(), kind="permanent")
    assert api.get(f"{BASE}/failures/").json()["results"] == []


def test_a_failure_of_a_connection_names_provider_and_account(api, user, other_user):
    for owner, account in ((user, "ana@example.org"), (other_user, "bruno@example.org")):
        connection = Connection.objects.create(user=owner, provider="gmail", nango_id="n1", account=account)
        unit = f"connection:{connection.pk}"
        JobFailure.objects.create(user=user, unit=unit, first_due=timezone.now(), kind="auth")
    item = RemoteItem.objects.create(user=user, connection=Connection.objects.get(user=user), remote_id="x")
    JobFailure.objects.create(user=user, unit=f"item:{item.pk}", first_due=timezone.now(), kind="permanent")
    of_item, theirs, mine = api.get(f"{BASE}/failures/").json()["results"]
    assert (mine["provider"], mine["account"]) == ("gmail", "ana@example.org")
    assert of_item["connection"] == mine["connection"] == item.connection_id
    assert (theirs["provider"], theirs["account"]) == (None, None)


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


def test_the_dashboard_names_connections_that_wait_for_their_person(api, user, other_user):
    for owner in (user, other_user):
        for state in ("active", "needs_reauth", "held", "paused", "gone"):
            Connection.objects.create(
                user=owner, provider="gmail", nango_id=state, account=f"{owner} {state}", state=state
            )
    found = api.get("/api/v1/dashboard/").json()["connections"]
    assert [(row["account"], row["state"]) for row in found] == [
        ("ana needs_reauth", "needs_reauth"),
        ("ana held", "held"),
        ("ana gone", "gone"),
    ]


def test_the_dashboard_counts_open_failures(api, user):
    for state in ("open", "retried", "resolved"):
        JobFailure.objects.create(user=user, unit=f"memory:{state}", first_due=timezone.now(), kind="lost", state=state)
    assert api.get("/api/v1/dashboard/").json()["failures"] == 1
