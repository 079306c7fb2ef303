"""Every provider, whatever goes wrong on the way: what is there afterwards is the truth, and a sync after that writes nothing."""

import pytest

from benchmarks.syncs import play
from benchmarks.syncs.accounts import PROVIDERS, live_on, make_items
from benchmarks.syncs.faults import list_faults
from integrations import nango
from integrations.transport import Patience

COUNT = 60
CASES = [(provider, name) for provider in PROVIDERS for name in list_faults(provider)]


@pytest.fixture(autouse=True)
def point_at(stand_in, settings, monkeypatch):
    settings.NANGO_BASE_URL, settings.NANGO_SECRET_KEY = stand_in.url, stand_in.secret_key
    settings.NANGO_LIST_KEY = stand_in.list_key
    monkeypatch.setattr(nango, "FOR_A_PROVIDER", Patience(connect=2, read=0.5, total=5))


def begin(stand_in, provider, *, user, count=COUNT):
    return play.connect(stand_in, provider, user=user, items=make_items(provider, count=count))


@pytest.mark.parametrize(("provider", "name"), CASES)
def test_the_end_is_the_truth(stand_in, user, provider, name):
    connection, ids = begin(stand_in, provider, user=user)
    stand_in.plan(connection.nango_id, list_faults(provider)[name])
    play.play_sync(connection)
    assert name == "nothing" or any(call["fault"] for call in stand_in.calls(connection.nango_id))
    live_on(stand_in, provider, ids=ids, count=COUNT)
    stand_in.plan(connection.nango_id, list_faults(provider)[name])
    play.play_sync(connection)
    stand_in.plan(connection.nango_id, [])
    play.play_sync(connection)
    assert play.compare(stand_in, connection) == []
    again = play.play_sync(connection)
    assert [again.counts[name] for name in ("created", "updated", "deleted")] == [0, 0, 0]
