from datetime import timedelta

import pytest
from django.utils import timezone

from config.local import demo_accounts
from config.local.demo.people import ACCOUNTS
from config.local.demo_accounts import DemoError, connect_accounts, count_items, count_unread
from config.local.life_plan import LifePlan
from config.local.providers.life import deal_out
from integrations.models import Connection, SyncRun
from integrations.services.sync import sync_connection
from memories.models import Memory


@pytest.fixture
def plan(home, stand_in, settings, monkeypatch):
    """A life of 50 memories at the stand-in, whose webhooks lead nowhere."""
    home.make()
    monkeypatch.setenv("DEMO_MEMORIES", "50")
    monkeypatch.setattr(demo_accounts, "ADOPT_SECONDS", 0)
    settings.NANGO_BASE_URL, settings.NANGO_SECRET_KEY = stand_in.url, stand_in.secret_key
    plan = LifePlan.find(home)
    items = deal_out(plan.tell().records)
    for provider, address in ACCOUNTS.items():
        if address:
            stand_in.add_account(provider, address, items.get((provider, address), ()))
    return plan


def sync_all(user):
    for connection in Connection.objects.for_user(user):
        sync_connection(connection_id=connection.pk)


def test_mails_and_files_come_through_connections_and_are_counted_while_they_do(user, home, plan):
    connect_accounts(user=user, home=home, plan=plan)
    items = count_items()
    assert set(Connection.objects.for_user(user).values_list("provider", "state")) == {
        (name, "active") for name in items
    }
    assert count_unread(user=user, items=items) == sum(max(1, count) for count in items.values())
    sync_all(user)
    assert count_unread(user=user, items=items) == 0
    told = {record["external_id"] for record in plan.tell().records if record["account"]}
    assert set(Memory.objects.for_user(user).values_list("external_id", flat=True)) == told


def test_a_second_start_connects_nothing_and_what_was_disconnected_stays_so(user, home, plan):
    connect_accounts(user=user, home=home, plan=plan)
    sync_all(user)
    Connection.objects.filter(provider="gmail").delete()
    runs = SyncRun.objects.count()
    connect_accounts(user=user, home=home, plan=LifePlan.find(home))
    assert not Connection.objects.filter(provider="gmail").exists()
    assert (Connection.objects.count(), SyncRun.objects.count()) == (3, runs)


def test_an_account_that_could_not_be_reached_is_tried_anew(user, home, plan):
    connect_accounts(user=user, home=home, plan=plan)
    later = timezone.now() + timedelta(hours=1)
    Connection.objects.update(next_at=later)
    Connection.objects.filter(provider="gmail").update(state="gone", error="Nango does not know it.")
    connect_accounts(user=user, home=home, plan=LifePlan.find(home))
    due = Connection.objects.filter(state="active", next_at__lt=later)
    assert list(due.values_list("provider", flat=True)) == ["gmail"]


def test_a_start_that_was_cut_short_goes_on(user, home, plan):
    connect_accounts(user=user, home=home, plan=plan)
    connect_accounts(user=user, home=home, plan=plan)  # as if nothing had been noted
    assert Connection.objects.count() == 4
    assert SyncRun.objects.count() == 4


def test_an_account_that_cannot_be_read_ends_the_waiting(user, home, plan):
    connect_accounts(user=user, home=home, plan=plan)
    SyncRun.objects.filter(connection__provider="gdrive").update(state="failed", error="out of paper")
    with pytest.raises(DemoError, match="gdrive could not be read: out of paper"):
        count_unread(user=user, items=count_items())


def test_an_account_that_is_not_there_is_named(user, home, plan, stand_in):
    stand_in.reset()
    with pytest.raises(DemoError, match="did not let dropbox be connected"):
        connect_accounts(user=user, home=home, plan=plan)
