"""Connections over REST: what each says of itself, and what a person can do with it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Connection, JobFailure, SyncRun
from tests.factories import MemoryFactory

BASE = "/api/v1/integrations/connections/"


@pytest.fixture
def gmail(user):
    return Connection.objects.create(
        user=user, provider="gmail", nango_id="opens-it", account="ana@example.org", state="active"
    )


def test_a_connection_hides_what_opens_it(api, gmail):
    answers = [api.get(BASE), api.get(f"{BASE}{gmail.pk}/")]
    assert [row["account"] for row in answers[0].json()["results"]] == ["ana@example.org"]
    assert all("opens-it" not in answer.content.decode() for answer in answers)


def test_a_connection_says_its_state_in_words(api, gmail):
    Connection.objects.update(state="needs_reauth", error="Gmail does not let us in any more.")
    row = api.get(f"{BASE}{gmail.pk}/").json()
    assert (row["state"], row["state_text"]) == ("needs_reauth", "needs access again")
    assert row["error"] == "Gmail does not let us in any more."


def test_one_connection_shows_what_the_list_shows(api, gmail):
    SyncRun.objects.create(user=gmail.user, connection=gmail, state="done", created=3)
    assert api.get(f"{BASE}{gmail.pk}/").json() == api.get(BASE).json()["results"][0]


def test_memories_are_those_of_the_account_and_not_of_imported_files(api, user, other_user, gmail):
    MemoryFactory.create_batch(2, user=user, source="gmail", account="ana@example.org")
    MemoryFactory(user=user, source="zoho_mail", account="ana@example.org")
    MemoryFactory(user=user, source="gmail")
    MemoryFactory(user=other_user, source="gmail", account="ana@example.org")
    Connection.objects.create(user=user, provider="gmail", nango_id="still-without-account")
    assert [row["memories"] for row in api.get(BASE).json()["results"]] == [0, 2]


def test_the_last_run_is_the_latest_of_that_connection(api, user, gmail):
    other = Connection.objects.create(user=user, provider="dropbox", nango_id="n2")
    for connection, created in ((gmail, 1), (gmail, 2), (other, 3)):
        SyncRun.objects.create(user=user, connection=connection, state="done", created=created)
    SyncRun.objects.create(user=user, connection=gmail, state="running", created=4)
    runs = [row["last_run"] for row in api.get(BASE).json()["results"]]
    assert [(run["provider"], run["state"], run["created"]) for run in runs] == [
        ("dropbox", "done", 3),
        ("gmail", "running", 4),
    ]


def test_a_connection_without_a_run_has_none(api, gmail):
    assert api.get(f"{BASE}{gmail.pk}/").json()["last_run"] is None


def test_open_failures_are_counted(api, user, gmail):
    for state, minutes in (("open", 1), ("open", 2), ("resolved", 3)):
        JobFailure.objects.create(
            user=user,
            unit=f"connection:{gmail.pk}",
            first_due=timezone.now() - timedelta(minutes=minutes),
            kind="auth",
            state=state,
        )
    assert api.get(f"{BASE}{gmail.pk}/").json()["failures"] == 2


def test_a_preview_is_shown_as_it_was_counted(api, gmail):
    preview = {"items": 1204, "people": 310, "exact": False, "seconds": 120, "unit": "mails"}
    Connection.objects.update(state="new", preview=preview)
    assert api.get(f"{BASE}{gmail.pk}/").json()["preview"] == preview


@pytest.mark.parametrize("state", ["new", "active", "paused"])
def test_a_sync_is_asked_for(api, gmail, state):
    Connection.objects.update(state=state)
    answer = api.post(f"{BASE}{gmail.pk}/sync/")
    assert answer.status_code == 202
    assert (answer.json()["connection"], answer.json()["state"]) == (gmail.pk, "queued")
    assert api.get(f"{BASE}{gmail.pk}/").json()["state"] == "active"


@pytest.mark.parametrize("action", ["sync", "pause"])
@pytest.mark.parametrize("state", ["needs_reauth", "held", "gone", "leaving"])
def test_what_does_not_fit_the_state_is_a_conflict_with_a_sentence(api, gmail, action, state):
    Connection.objects.update(state=state)
    answer = api.post(f"{BASE}{gmail.pk}/{action}/")
    assert answer.status_code == 409
    assert len(answer.json()["detail"]) > 10
    assert Connection.objects.get().state == state


def test_a_paused_connection_says_so(api, gmail):
    run = SyncRun.objects.create(user=gmail.user, connection=gmail, state="running")
    shown = api.post(f"{BASE}{gmail.pk}/pause/").json()
    assert (shown["state"], shown["last_run"]["id"], shown["last_run"]["state"]) == ("paused", run.pk, "stopped")
