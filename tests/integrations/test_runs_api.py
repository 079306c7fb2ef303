"""Runs over REST: what each did or would do, and the answers a person gives."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Connection, RemoteItem, SyncRun
from tests.factories import MemoryFactory

BASE = "/api/v1/integrations/runs/"
SHOWN = {
    "id", "provider", "connection", "kind", "state", "created", "updated", "unchanged", "deleted", "skipped", "pages",
    "error", "started_at", "ended_at",
}  # fmt: skip


@pytest.fixture
def gmail(user):
    return Connection.objects.create(user=user, provider="gmail", nango_id="n1", account="ana@example.org")


def make_run(connection, **values):
    return SyncRun.objects.create(user=connection.user, connection=connection, **values)


def read_run(api, run):
    return api.get(f"{BASE}{run.pk}/").json()


def test_a_run_says_what_it_did(api, gmail):
    run = make_run(gmail, state="done", created=3, skipped=1)
    [shown] = api.get(BASE).json()["results"]
    assert set(shown) >= SHOWN
    assert (shown["provider"], shown["connection"], shown["state"]) == ("gmail", gmail.pk, "done")
    assert (shown["created"], shown["skipped"], shown["would"]) == (3, 1, None)
    assert shown == read_run(api, run)


def test_runs_of_one_connection_are_shown_alone(api, user, gmail, other_user):
    other = Connection.objects.create(user=user, provider="dropbox", nango_id="n2")
    theirs = Connection.objects.create(user=other_user, provider="dropbox", nango_id="n3")
    run, _, foreign = (make_run(connection, state="done") for connection in (gmail, other, theirs))
    assert [row["id"] for row in api.get(BASE, {"connection": gmail.pk}).json()["results"]] == [run.pk]
    assert api.get(BASE, {"connection": foreign.connection_id}).json()["results"] == []


def test_a_connection_that_is_no_number_is_refused(api, user):
    answer = api.get(BASE, {"connection": "gmail"})
    assert answer.status_code == 400
    assert list(answer.json()) == ["connection"]


def test_a_held_run_says_what_it_would_do(api, gmail):
    told = "would delete 412 of 1,204 memories"
    run = make_run(gmail, state="held", held_for="deletions", error=told, would_delete=412, would_delete_of=1204)
    shown = read_run(api, run)
    assert (shown["would_delete"], shown["would_delete_of"], shown["would"]) == (412, 1204, told)


def test_a_run_held_for_what_came_says_that(api, gmail):
    run = make_run(gmail, state="held", created=2000, error="has brought 2,000 new or changed memories")
    shown = read_run(api, run)
    assert (shown["would_delete"], shown["would"]) == (None, "has brought 2,000 new or changed memories")
    assert shown["can_undo"] is True


def test_a_run_that_waits_says_until_when(api, gmail):
    due = timezone.now() + timedelta(minutes=4)
    run = make_run(gmail, state="waiting", due_at=due)
    assert read_run(api, run)["waits_until"] == due.isoformat()
    SyncRun.objects.update(state="running")
    assert read_run(api, run)["waits_until"] is None


def end(days=0):
    return timezone.now() - timedelta(days=days, minutes=1)


@pytest.mark.parametrize(
    ("values", "can_undo"),
    [
        ({"state": "done", "created": 1, "ended_at": end()}, True),
        ({"state": "failed", "updated": 1, "ended_at": end()}, True),
        ({"state": "stopped", "deleted": 1, "ended_at": end()}, True),
        ({"state": "done", "unchanged": 9, "skipped": 1, "ended_at": end()}, False),
        ({"state": "done", "created": 1, "ended_at": end(days=30)}, False),
        ({"state": "undone", "created": 1, "ended_at": end()}, False),
        ({"state": "running", "created": 1}, False),
    ],
)
def test_what_can_be_undone(api, gmail, values, can_undo):
    assert read_run(api, make_run(gmail, **values))["can_undo"] is can_undo


def test_nothing_is_undone_while_another_run_of_the_connection_is_open(api, user, gmail):
    run = make_run(gmail, state="done", created=1, ended_at=end())
    other = Connection.objects.create(user=user, provider="dropbox", nango_id="n2")
    make_run(other, state="running")
    assert read_run(api, run)["can_undo"] is True
    make_run(gmail, state="running")
    assert read_run(api, run)["can_undo"] is False


@pytest.fixture
def held(user, gmail):
    Connection.objects.update(state="held")
    run = make_run(gmail, state="held", held_for="deletions")
    MemoryFactory(user=user, source="gmail", account=gmail.account, external_id="1")
    RemoteItem.objects.create(user=user, connection=gmail, remote_id="1", gone_in=run.pk)
    return run


def decide(api, run, **body):
    return api.post(f"{BASE}{run.pk}/decision/", body, format="json")


def test_a_held_run_goes_on_when_its_person_says_so(api, held):
    shown = decide(api, held, accept=True).json()
    assert (shown["id"], shown["state"], shown["would"]) == (held.pk, "queued", None)
    assert SyncRun.objects.get().allowed_deletions == 1


def test_a_held_run_stops_and_deletes_nothing_when_its_person_says_no(api, held):
    assert decide(api, held, accept=False).json()["state"] == "stopped"
    assert RemoteItem.objects.get().state == "kept"


@pytest.mark.parametrize("body", [{}, {"accept": "yes"}, {"accept": 1}, {"accept": None}])
def test_an_answer_is_true_or_false_itself(api, held, body):
    answer = decide(api, held, **body)
    assert (answer.status_code, answer.json()) == (400, {"accept": ["must be true or false"]})
    assert SyncRun.objects.get().state == "held"


def test_a_run_that_is_not_held_takes_no_answer(api, gmail):
    run = make_run(gmail, state="done")
    assert decide(api, run, accept=True).status_code == 409
    assert decide(api, run, accept=True).json() == {"detail": "This run does not wait for a decision."}


def test_an_undo_is_asked_for_once(api, gmail):
    run = make_run(gmail, state="done", created=1, ended_at=end())
    answer = api.post(f"{BASE}{run.pk}/undo/")
    assert (answer.status_code, answer.json()["state"]) == (202, "undoing")
    assert api.post(f"{BASE}{run.pk}/undo/").status_code == 409
