"""Every provider, whatever goes wrong on the way: what is there afterwards is the truth, and a sync after that writes nothing."""

import pytest
from django.db.models import Count

from benchmarks.syncs import play
from benchmarks.syncs.accounts import ADDRESS, PROVIDERS, live_on, make_items
from benchmarks.syncs.faults import list_faults
from config.local.processes import wait_for
from integrations import nango
from integrations.models import Connection, JobFailure, SyncRun
from integrations.services import sync
from integrations.transport import Patience
from memories.models import Memory

COUNT = 30
CASES = [(provider, name) for provider in PROVIDERS for name in list_faults(provider)]


@pytest.fixture(autouse=True)
def point_at(stand_in, settings, monkeypatch):
    settings.NANGO_BASE_URL, settings.NANGO_SECRET_KEY = stand_in.url, stand_in.secret_key
    settings.NANGO_LIST_KEY = stand_in.list_key
    monkeypatch.setattr(nango, "FOR_A_PROVIDER", Patience(connect=2, read=0.5, total=5))


def begin(stand_in, provider, *, user, count=COUNT):
    return play.connect(stand_in, provider, user=user, items=make_items(provider, count=count))


def has_met_faults(stand_in, connection):
    """A call that hangs is logged when it is over, which its caller has not waited for."""
    return any(call["fault"] for call in stand_in.calls(connection.nango_id))


@pytest.mark.parametrize(("provider", "name"), CASES)
def test_the_end_is_the_truth(stand_in, user, monkeypatch, provider, name):
    monkeypatch.setattr(play, "SHORT", 0)  # that waits are kept is a test of its own
    connection, ids = begin(stand_in, provider, user=user)
    stand_in.plan(connection.nango_id, list_faults(provider)[name])
    play.play_sync(connection)
    assert name == "nothing" or wait_for(lambda: has_met_faults(stand_in, connection), seconds=3)
    live_on(stand_in, provider, ids=ids, count=COUNT)
    stand_in.plan(connection.nango_id, list_faults(provider)[name])
    play.play_sync(connection)
    stand_in.plan(connection.nango_id, [])
    play.play_sync(connection)
    assert play.compare(stand_in, connection) == []
    again = play.play_sync(connection)
    assert [again.counts[name] for name in ("created", "updated", "deleted")] == [0, 0, 0]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("step", ["store_read", "close_page"])
def test_a_worker_that_dies_after_every_chunk_or_page_loses_and_doubles_nothing(
    stand_in, user, monkeypatch, provider, step
):
    connection, ids = begin(stand_in, provider, user=user)
    do, deaths = getattr(sync, step), []

    def do_and_die(*args, **kwargs):
        do(*args, **kwargs)
        if args[0] not in deaths:  # the last page comes again, and is not deadly for ever
            deaths.append(args[0])
            raise play.Killed

    monkeypatch.setattr(sync, step, do_and_die)
    play.play_sync(connection)
    live_on(stand_in, provider, ids=ids, count=COUNT)
    play.play_sync(connection)
    assert play.compare(stand_in, connection) == []
    assert len(deaths) >= 2


def move_on(cursor):
    """The cursor with every number in it far ahead, but for Zoho's number of the account."""
    if isinstance(cursor, dict):
        return {key: value if key == "account" else move_on(value) for key, value in cursor.items()}
    return "99999999999999" if str(cursor).isdecimal() else cursor


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_cursor_from_the_future_crashes_nothing_and_loses_nothing(stand_in, user, provider):
    connection, _ = begin(stand_in, provider, user=user)
    play.play_sync(connection)
    connection.refresh_from_db()
    Connection.objects.update(cursor=move_on(connection.cursor))
    stand_in.put(provider, ADDRESS, make_items(provider, count=3, start=COUNT))
    play.play_sync(connection)
    assert play.compare(stand_in, connection) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_wait_that_the_provider_asks_for_is_kept_and_is_no_failure(stand_in, user, provider):
    connection, _ = begin(stand_in, provider, user=user)
    stand_in.plan(connection.nango_id, list_faults(provider)["429 with Retry-After"])
    played = play.play_sync(connection)
    assert played.waits
    assert play.list_broken_waits(stand_in, connection, seconds=1) == []
    assert not JobFailure.objects.exists()
    assert SyncRun.objects.get().attempts <= 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_access_that_is_gone_asks_once_and_goes_on_where_it_was(stand_in, user, provider):
    connection, _ = begin(stand_in, provider, user=user)
    stand_in.plan(connection.nango_id, [{"kind": "refresh_exhausted", "at": 9, "times": 1}])
    assert len(play.play_sync(connection).failures) == 1
    assert play.compare(stand_in, connection) == []


def test_all_four_are_told_apart_by_their_source(stand_in, user):
    for provider in PROVIDERS:
        play.play_sync(begin(stand_in, provider, user=user, count=5)[0])
    sources = Memory.objects.values_list("source").annotate(rows=Count("pk")).order_by("source")
    assert dict(sources) == dict.fromkeys(PROVIDERS, 5)
