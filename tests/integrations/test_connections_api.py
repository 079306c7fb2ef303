"""Connections over REST: what each says of itself, and what a person can do with it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.api import actions
from integrations.errors import Conflict, ConnectionGone, Misconfigured, ProviderUnavailable, RateLimited, Refused
from integrations.models import Connection, JobFailure, SyncRun
from integrations.services.connect import OpenedSession
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


@pytest.fixture
def sessions(monkeypatch):
    """What was asked of the service that opens sessions at Nango; `error` makes it raise."""
    asked = []

    def open_session(**what):
        asked.append(what)
        return OpenedSession(token="t", connect_link="https://connect.example.org/t", expires_at=timezone.now())

    monkeypatch.setattr(actions, "open_session", open_session)
    return asked


def ask_for_session(api, **body):
    return api.post(f"{BASE}session/", body, format="json")


def test_a_session_is_opened_for_a_provider(api, user, sessions):
    answer = ask_for_session(api, provider="gmail")
    assert answer.status_code == 201
    assert set(answer.json()) == {"token", "connect_link", "expires_at"}
    assert sessions == [{"user": user, "provider": "gmail", "connection": None}]


def test_a_session_is_opened_for_a_connection_that_needs_access_again(api, user, gmail, sessions):
    assert ask_for_session(api, connection=gmail.pk).status_code == 201
    assert sessions == [{"user": user, "provider": "gmail", "connection": gmail}]


@pytest.mark.parametrize("body", [{}, {"provider": "outlook"}, {"provider": ["gmail"]}, {"provider": None}])
def test_a_provider_we_do_not_know_is_refused(api, sessions, body):
    answer = ask_for_session(api, **body)
    assert (answer.status_code, list(answer.json())) == (400, ["provider"])
    assert sessions == []


@pytest.mark.parametrize("given", ["1", True, None, [1]])
def test_a_connection_is_named_by_its_id(api, sessions, given):
    answer = ask_for_session(api, connection=given)
    assert (answer.status_code, list(answer.json())) == (400, ["connection"])


def test_nobody_renews_the_access_of_somebody_else(api, gmail, other_user, sessions):
    Connection.objects.update(user=other_user)
    assert ask_for_session(api, connection=gmail.pk).status_code == 404
    assert sessions == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Conflict("It is being disconnected."), 409),
        (ConnectionGone("Nango does not know it."), 409),
        (RateLimited("slowly", delay=7.2), 503),
        (Misconfigured("wrong key"), 503),
        (ProviderUnavailable("no answer"), 502),
        (Refused("no"), 502),
    ],
)
def test_what_goes_wrong_at_nango_is_told_in_a_sentence(api, user, monkeypatch, error, status):
    def open_session(**_):
        raise error

    monkeypatch.setattr(actions, "open_session", open_session)
    answer = ask_for_session(api, provider="gmail")
    assert answer.status_code == status
    assert answer.json()["detail"].endswith(".")
    assert answer.headers.get("Retry-After") == ("8" if isinstance(error, RateLimited) else None)


def test_without_a_key_for_nango_nothing_can_be_connected(api, user, settings):
    settings.NANGO_SECRET_KEY = ""
    answer = ask_for_session(api, provider="gmail")
    assert answer.status_code == 503
    assert "Nango" in answer.json()["detail"]


@pytest.mark.parametrize(("query", "erase"), [("", False), ("?memories=keep", False), ("?memories=erase", True)])
def test_a_connection_leaves_and_its_memories_as_asked(api, gmail, query, erase):
    answer = api.delete(f"{BASE}{gmail.pk}/{query}")
    assert (answer.status_code, answer.content) == (204, b"")
    gmail.refresh_from_db()
    assert (gmail.state, gmail.erase_memories) == ("leaving", erase)


def test_what_becomes_of_the_memories_is_said_clearly_or_nothing_happens(api, gmail):
    answer = api.delete(f"{BASE}{gmail.pk}/?memories=all")
    assert (answer.status_code, list(answer.json())) == (400, ["memories"])
    gmail.refresh_from_db()
    assert gmail.state == "active"
