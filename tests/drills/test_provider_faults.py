"""Drills 9 and 10, what the storms of `tests/journeys/test_syncs.py` leave open: every call in turn, and every way of being slowed down."""

import itertools

import pytest
from django.utils import timezone

from benchmarks.syncs import play
from benchmarks.syncs.accounts import ADDRESS, PROVIDERS, make_items
from benchmarks.syncs.faults import list_faults
from integrations import nango
from integrations.failures import record_missed, record_task_failure
from integrations.models import Connection, JobFailure, RemoteItem, SyncRun
from integrations.rules import WAITS
from integrations.services.decisions import start_due_syncs, start_sync
from integrations.services.sync import sync_connection
from integrations.transport import Patience
from memories.errors import TransientError, WorkFailed
from memories.models import Memory
from tests.fakes.syncs import make_run_due

THREADS = 4
BROKEN = {
    "500": {"kind": "status", "status": 500, "body": "broken"},
    "timeout": {"kind": "hang", "seconds": 0.15},
    "reset": {"kind": "reset"},
    "truncated": {"kind": "truncate"},
    "empty 200": {"kind": "empty"},
}
SLOWED = [
    (provider, name)
    for provider in PROVIDERS
    for name in list_faults(provider)
    if name[:3] in ("400", "403", "429") or "limit" in name
]


@pytest.fixture(autouse=True)
def point_at(stand_in, settings, monkeypatch):
    settings.NANGO_BASE_URL, settings.NANGO_SECRET_KEY = stand_in.url, stand_in.secret_key
    monkeypatch.setattr(nango, "FOR_A_PROVIDER", Patience(connect=2, read=0.1, total=5))
    monkeypatch.setattr(play, "SHORT", 0)


def connect(stand_in, provider, *, user, count):
    return play.connect(stand_in, provider, user=user, items=make_items(provider, count=count))


def begin_anew():
    """As if nothing had ever been read."""
    Memory.objects.all().delete()
    RemoteItem.objects.all().delete()
    SyncRun.objects.all().delete()
    Connection.objects.update(cursor=None)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_whichever_call_breaks_the_end_is_the_truth(stand_in, user, provider):
    connection, _ = connect(stand_in, provider, user=user, count=2)
    stride = 4 if provider == "zoho_mail" else 1  # it asks some thirty times, for each folder in the same words
    listing = break_each_call(stand_in, connection, stride=stride, prepare=lambda _: begin_anew())
    changes = break_each_call(
        stand_in,
        connection,
        stride=stride,
        prepare=lambda n: stand_in.put(provider, ADDRESS, make_items(provider, count=1, start=10 + 48 * n)),
    )
    assert min(listing, changes) >= 3


def break_each_call(stand_in, connection, *, prepare, stride):
    """Sync as often as a sync has calls, each time with the next one broken, in one way after the other; returns how many it has.

    With a `stride` only every so many of them are.
    """
    ways = itertools.cycle(BROKEN.items())
    number, calls = 1, 1
    while number <= calls:
        name, fault = next(ways)
        prepare(number)
        stand_in.plan(connection.nango_id, [{**fault, "at": number}])
        played = play.play_sync(connection)
        assert played.failures == [], f"{name} at call {number}"
        assert played.turns <= 2, f"{name} at call {number}"  # an empty export is asked for twice in one turn
        assert play.compare(stand_in, connection) == [], f"{name} at call {number}"
        if number == 1:
            calls = len(stand_in.calls(connection.nango_id)) - 1  # without the one that broke
        number += stride
    return calls


@pytest.mark.parametrize(("provider", "name"), SLOWED)
def test_however_a_provider_slows_us_down_it_costs_no_attempt_and_no_call_is_made_meanwhile(
    stand_in, user, provider, name
):
    connection, _ = connect(stand_in, provider, user=user, count=20)
    [fault] = list_faults(provider)[name]
    stand_in.plan(connection.nango_id, [{**fault, "every": 0, "at": 4, "times": 1}])
    start_sync(connection=connection)
    sync_connection(connection_id=connection.pk)
    run = SyncRun.objects.get()
    told = 1.0 if "Retry-After" in str(fault) else WAITS[provider] if "Nango" not in name else 1.0
    assert (run.state, run.attempts) == ("waiting", 0)
    assert (run.due_at - timezone.now()).total_seconds() > told - 1
    made = len(stand_in.calls(connection.nango_id))
    assert made < 4 + 4 * THREADS  # what the other threads had begun; not the 20 items that there are
    if told > 1:
        sync_connection(connection_id=connection.pk)  # too early
        assert len(stand_in.calls(connection.nango_id)) == made
    play.play_sync(connection)
    assert play.compare(stand_in, connection) == []
    assert not JobFailure.objects.exists()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_stays_broken_is_tried_five_times_and_is_one_failure_until_it_works_again(stand_in, user, provider):
    connection, _ = connect(stand_in, provider, user=user, count=3)
    for number, name in enumerate(BROKEN, start=1):
        stand_in.plan(connection.nango_id, [{**BROKEN[name], "every": 1}])
        run = start_sync(connection=connection)
        assert fail_for_good(connection) == 4
        run.refresh_from_db()
        assert (run.state, Memory.objects.count(), start_due_syncs()) == ("failed", 0, 0)
        assert list(JobFailure.objects.values_list("unit", "kind", "runs")) == [
            (f"connection:{connection.pk}", "transient-exhausted", number)
        ]
    stand_in.plan(connection.nango_id, [])
    play.play_sync(connection)
    assert play.compare(stand_in, connection) == []


def fail_for_good(connection):
    """Run until there is no attempt left; returns the attempts before the last."""
    tried = 0
    while True:
        try:
            sync_connection(connection_id=connection.pk)
        except TransientError:
            tried += 1
            make_run_due()
        except WorkFailed as failed:
            record_task_failure(exception=failed)
            record_missed()
            return tried
