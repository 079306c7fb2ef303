"""Each guard measures one thing and says what it found beside its bound."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone
from waffle.models import Switch

from config.connections import check_headroom
from config.models import Heartbeat
from config.rollout import guards, states
from config.rollout.guards import (
    check_backlog,
    check_beat,
    check_connections,
    check_failures,
    check_freshness,
    check_migrations,
    check_view,
)
from graph.models import Refresh
from integrations.models import JobFailure
from memories.models import Lane, Memory
from tests.factories import MemoryFactory
from tests.fakes.installation import note_refresh


@pytest.fixture(autouse=True)
def rows(db):
    """An installation whose switches are on."""
    Switch.objects.update(active=True)


def log_change(user, *, seconds_ago=0):
    with connection.cursor() as cursor:
        cursor.execute(
            # Of a transaction that begins after every snapshot of now: our own may count as seen by a refresh that is only noted.
            "INSERT INTO graph_dirty_log (user_id, kind, view, at, xid) VALUES (%s, 'relationship', '', now() - make_interval(secs => %s),"
            " (pg_current_xact_id()::text::bigint + 1000000)::text::xid8)",
            [user.pk, seconds_ago],
        )


def wait(user, minutes, **fields):
    memory = MemoryFactory(user=user, **fields)
    Memory.objects.filter(pk=memory.pk).update(due_at=timezone.now() - timedelta(minutes=minutes))


def fail(count):
    now = timezone.now()
    JobFailure.objects.bulk_create(
        JobFailure(unit=f"memory:{n}", first_due=now, kind="permanent", last_seen=now) for n in range(count)
    )


def test_migrations_that_are_applied_hold():
    assert (check_migrations().holds, check_migrations().says) == (True, "all are applied.")


def test_a_migration_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(guards, "list_unapplied", lambda: ["graph.0009_more"])
    assert check_migrations().says == "not applied: graph.0009_more; run manage.py migrate."
    assert not check_migrations().holds


def test_what_is_not_applied_is_told_by_app_and_name(monkeypatch):
    monkeypatch.setattr(states.MigrationExecutor, "migration_plan", lambda executor, _: [
        (executor.loader.graph.nodes["config", "0002_flips"], False),
    ])  # fmt: skip
    assert states.list_unapplied() == ["config.0002_flips"]


def test_the_view_and_its_index_are_there():
    assert check_view().holds


def test_a_view_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(guards, "VIEW_AND_ITS_INDEX", "SELECT 0")
    assert check_view().says == "view_enriched_relationships or its unique index is missing."
    assert not check_view().holds


def test_a_view_that_was_never_refreshed_is_not_fresh():
    Refresh.objects.all().delete()
    assert not check_freshness().holds
    assert "never refreshed" in check_freshness().says


def test_a_view_nothing_waits_for_is_fresh_however_old():
    note_refresh(seconds_ago=86_400)
    assert check_freshness().holds
    assert check_freshness().says == "refreshed 1 day, 0:00:00 ago, 0 changes since (bound: none older than 0:30:00)."


@pytest.mark.parametrize(("minutes", "holds"), [(20, True), (31, False)])
def test_changes_that_wait_for_the_view_make_it_stale(user, minutes, holds):
    note_refresh(seconds_ago=86_400)
    log_change(user, seconds_ago=minutes * 60)
    assert check_freshness().holds == holds
    assert "changes since, the first" in check_freshness().says


def test_without_a_memory_in_line_there_is_no_backlog():
    assert (check_backlog().holds, check_backlog().says) == (True, "no memory waits.")


@pytest.mark.parametrize(
    ("lane", "minutes", "holds"),
    [(Lane.LIVE, 4, True), (Lane.LIVE, 6, False), (Lane.BULK, 59, True), (Lane.BULK, 61, False)],
)
def test_how_long_a_memory_may_wait_is_a_matter_of_its_lane(user, lane, minutes, holds):
    wait(user, minutes, lane=lane)
    assert check_backlog().holds == holds
    assert f"the oldest of lane {lane.label.lower()} has waited" in check_backlog().says


def test_what_waits_behind_a_switch_that_is_off_is_no_backlog(user):
    wait(user, 600)
    wait(user, 600, lane=Lane.BACKFILL)
    Switch.objects.filter(name__in=("extract_new_memories", "backfill_entities")).update(active=False)
    assert check_backlog().holds
    Switch.objects.filter(name="backfill_entities").update(active=True)
    assert "lane backfill has waited 10:00:0" in check_backlog().says


def test_what_a_worker_has_in_hand_is_no_backlog(user):
    wait(user, 600)
    Memory.objects.update(lease_until=timezone.now() + timedelta(minutes=3))
    assert check_backlog().holds


def test_a_few_failures_say_nothing(user):
    fail(9)
    assert check_failures().holds
    assert check_failures().says == "9 in the last hour (fewer than 10 are no matter)."


def test_many_failures_are_held_against_what_was_finished(user):
    fail(10)
    assert check_failures().says == "10 in the last hour beside 0 memories finished: 100.0 % (bound 2 %)."
    MemoryFactory.create_batch(490, user=user, stage="enriched")
    assert check_failures().holds


def test_failures_that_are_settled_or_old_do_not_count():
    fail(30)
    JobFailure.objects.filter(unit__lt="memory:2").update(state="resolved")
    JobFailure.objects.update(last_seen=timezone.now() - timedelta(hours=2))
    assert check_failures().says.startswith("0 in the last hour")


@pytest.mark.parametrize(("used", "holds"), [(13, True), (14, False)])
def test_connections_are_held_under_four_fifths_of_the_budget(monkeypatch, settings, used, holds):
    settings.DB_CONNECTION_BUDGET = 17
    for module in ("config.connections", "config.rollout.guards"):
        monkeypatch.setattr(f"{module}.count_used", lambda: used)
    assert check_connections().holds == holds
    assert check_connections().says == f"{used} of 17 are open (bound: under 80 %)."
    assert bool(check_headroom()) != holds


def test_this_very_connection_is_not_counted(django_assert_num_queries):
    assert check_connections().says.startswith("0 of")


def test_beat_that_was_never_seen_is_not_alive():
    Heartbeat.objects.all().delete()
    assert not check_beat().holds


@pytest.mark.parametrize(("seconds", "holds"), [(30, True), (150, False)])
def test_beat_is_alive_when_it_was_seen_within_two_minutes(seconds, holds):
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": Now() - timedelta(seconds=seconds)})
    assert check_beat().holds == holds
    assert check_beat().says.endswith("ago (bound 0:02:00).")
