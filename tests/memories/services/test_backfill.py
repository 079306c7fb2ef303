"""Old memories are let in a few a day, fairly, once, and only while nothing speaks against it."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections
from django.db.models import F
from django.utils import timezone
from waffle.models import Switch

from memories.models import Lane, Memory
from memories.pipeline import advance, claim_rows, get_step
from memories.services.backfill import (
    SHARES,
    admit_memories,
    admit_share,
    check_latency,
    list_pauses,
    mark_old,
    preview_admission,
    read_by_person,
    read_progress,
)
from memories.services.store import edit_memory
from tests.config.switching import switched_off
from tests.factories import MemoryFactory, UserFactory, make_due, make_step, pass_on

FIRST = datetime(2020, 1, 1, 12, tzinfo=UTC)
SWITCH = "backfill_entities"


@pytest.fixture(autouse=True)
def room(settings):
    settings.BACKFILL_GUARDS = []


def make_old(user, count, **columns):
    """Old memories that wait, the oldest first."""
    columns = {"intake": "backfill", "lane": Lane.BACKFILL, "due_at": None, **columns}
    rows = [MemoryFactory.build(user=user, occurred_at=FIRST + timedelta(days=n), **columns) for n in range(count)]
    return Memory.objects.bulk_create(rows)


def pass_a_day():
    Memory.objects.filter(admitted_at__isnull=False).update(admitted_at=F("admitted_at") - timedelta(days=1))


def count_admitted():
    return Counter(Memory.objects.filter(admitted_at__isnull=False).values_list("user__username", flat=True))


def test_whoever_has_few_is_let_in_as_soon_as_whoever_has_thousands(db):
    for name, count in (("few", 3), ("many", 400), ("some", 40)):
        make_old(UserFactory(username=name), count)
    days = []
    for _ in range(4):
        admit_memories(limit=30, per_day=30)
        days.append(tuple(count_admitted()[name] for name in ("few", "many", "some")))
        pass_a_day()
    assert days == [(3, 14, 13), (3, 29, 28), (3, 47, 40), (3, 77, 40)]


def test_one_at_a_time_gives_the_same_turns_as_all_at_once(db):
    people = [UserFactory(username=name) for name in ("a", "b", "c")]
    for person, count in zip(people, (2, 9, 5), strict=True):
        make_old(person, count)
    preview = preview_admission(limit=10, per_day=100)
    for _ in range(10):
        admit_memories(limit=1, per_day=100)
    assert count_admitted() == preview == {"a": 2, "b": 4, "c": 4}


def test_whoever_was_served_longest_ago_goes_first_and_a_newcomer_before_them(db):
    people = [UserFactory(username=name) for name in ("a", "b")]
    for person in people:
        make_old(person, 5)
    admit_memories(limit=1)
    admit_memories(limit=1)
    make_old(UserFactory(username="new"), 5)
    admit_memories(limit=2)
    assert count_admitted() == {"a": 2, "b": 1, "new": 1}


def test_of_each_person_the_newest_goes_first_and_is_in_line_behind_what_is_new(user):
    rows = make_old(user, 3)
    assert admit_memories(limit=1) == 1
    newest = Memory.objects.get(pk=rows[-1].pk)
    assert newest.due_at <= timezone.now()
    assert (newest.lane, newest.intake, newest.stage) == (Lane.BACKFILL, "backfill", "stored")
    assert claim_rows(make_step(pass_on)).ids == [newest.pk]


def test_a_day_has_its_allowance_whatever_was_asked_for_and_the_next_day_its_own(user):
    make_old(user, 30)
    assert [admit_memories(limit=8, per_day=10) for _ in range(3)] == [8, 2, 0]
    pass_a_day()
    assert admit_memories(limit=100, per_day=10) == 10


def test_what_one_person_asks_for_counts_for_all(user, other_user):
    make_old(user, 5), make_old(other_user, 5)
    assert admit_memories(limit=3, user=user, per_day=4) == 3
    assert admit_memories(limit=9, per_day=4) == 1
    assert count_admitted() == {"ana": 3, other_user.username: 1}


@pytest.mark.django_db(transaction=True)
def test_two_at_once_never_let_in_more_than_the_allowance_and_nobody_twice():
    people = [UserFactory(), UserFactory()]
    for person in people:
        make_old(person, 50)
    barrier, admitted = Barrier(4, timeout=20), []

    def admit():
        barrier.wait()
        admitted.extend(admit_memories(limit=7, per_day=40) for _ in range(4))
        connections.close_all()

    threads = [Thread(target=admit) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sum(admitted) == Memory.objects.filter(admitted_at__isnull=False).count() == 40


def test_a_minutes_share_uses_the_allowance_up_within_six_hours_however_small_it_is(user):
    make_old(user, 60)
    assert [admit_share(per_day=2) for _ in range(3)] == [1, 1, 0]
    pass_a_day()
    assert admit_share(per_day=10 * SHARES) == 10


def test_while_the_switch_is_off_nobody_is_let_in_and_afterwards_everybody_goes_on(user):
    make_old(user, 3)
    admit_memories(limit=1)
    with switched_off(SWITCH):
        assert list_pauses() == [f"The switch {SWITCH} is off."]
        assert (admit_memories(limit=1), advance(get_step("stored"))) == (0, 0)
    assert (admit_memories(limit=2), advance(get_step("stored"))) == (2, 3)


def test_a_guard_that_speaks_pauses_it(user, settings, monkeypatch):
    make_old(user, 1)
    settings.BACKFILL_GUARDS = ["memories.services.backfill.check_latency"]
    monkeypatch.setattr("memories.services.backfill.check_latency", lambda: "Too late.")
    assert list_pauses() == ["Too late."]
    assert admit_memories(limit=1) == 0


def test_a_new_memory_that_waits_for_long_holds_the_old_ones_back(user):
    MemoryFactory(user=user, due_at=timezone.now() - timedelta(seconds=20))
    assert check_latency() == ""
    make_due()
    assert check_latency().startswith("A new memory has waited for ")


def test_new_memories_that_wait_for_a_switch_or_came_by_the_thousand_hold_nobody_back(user):
    for columns in ({"lane": Lane.BULK}, {"stage": "enriched"}, {"stage": "extracted"}):
        MemoryFactory(user=user, **columns)
    make_due()
    with switched_off("relate_memories"):
        assert check_latency() == ""
    Switch.objects.update(modified="2020-01-01T00:00Z")  # a step counts from when it was switched on
    assert check_latency()


def test_what_was_stored_before_a_day_and_not_read_yet_becomes_old(user, other_user):
    def store(day, **columns):
        return MemoryFactory(
            user=columns.pop("user", user), created_at=datetime(2026, 3, day, 23, 59, tzinfo=UTC), **columns
        )

    old, theirs = store(4), store(4, user=other_user)
    store(5), store(4, stage="enriched", entities=[]), store(4, stage="failed")
    store(4, lease_until=timezone.now()), store(4, entities=[])
    assert mark_old(before=date(2026, 3, 5), user=user) == 1
    assert mark_old(before=date(2026, 3, 5)) == 1
    assert mark_old(before=date(2026, 3, 5)) == 0
    marked = Memory.objects.filter(intake="backfill", lane=Lane.BACKFILL, due_at=None)
    assert {row.pk for row in marked} == {old.pk, theirs.pk}


def test_what_was_let_in_is_not_made_old_again(user):
    make_old(user, 1)
    admit_memories(limit=1)
    assert mark_old(before=timezone.now().date() + timedelta(days=2)) == 0


def test_an_edit_of_a_memory_that_waits_makes_it_live(user):
    (row,) = make_old(user, 1)
    edit_memory(memory=row, changes={"content": "Walked back."})
    row.refresh_from_db()
    assert (row.lane, row.intake, row.admitted_at) == (Lane.LIVE, "live", None)
    assert claim_rows(make_step(pass_on)).ids == [row.pk]
    assert read_progress(user=user).total == 0


def test_an_edit_of_one_that_was_let_in_goes_first_and_still_counts(user):
    (row,) = make_old(user, 1)
    admit_memories(limit=1)
    edit_memory(memory=row, changes={"content": "Walked back."})
    row.refresh_from_db()
    assert (row.lane, row.intake) == (Lane.LIVE, "backfill")
    assert (read_progress().total, read_progress().in_line, read_progress().admitted_today) == (1, 1, 1)


def test_progress_adds_up(user, other_user):
    make_old(user, 7), make_old(other_user, 2)
    MemoryFactory(user=user)
    admit_memories(limit=4, user=user, per_day=5)
    first, second, *_ = Memory.objects.filter(admitted_at__isnull=False)
    Memory.objects.filter(pk=first.pk).update(stage="enriched")
    Memory.objects.filter(pk=second.pk).update(stage="failed")
    whole = read_progress(per_day=5)
    assert (whole.total, whole.waiting, whole.in_line, whole.done, whole.failed) == (9, 5, 2, 1, 1)
    assert (whole.admitted_today, whole.left_today, whole.days_left) == (4, 1, 2)
    assert read_by_person() == {"ana": (3, 1, 7), other_user.username: (2, 0, 2)}


def test_how_long_one_person_waits_counts_the_turns_of_the_others(db):
    people = [UserFactory(username=name) for name in ("few", "many", "none")]
    make_old(people[0], 10), make_old(people[1], 95)
    days = [read_progress(user=person, per_day=10).days_left for person in people]
    assert days == [2, 11, 0]


def test_an_allowance_that_somebody_used_up_today_lets_nobody_else_in_before_tomorrow(user, other_user):
    make_old(user, 10), make_old(other_user, 10)
    assert read_progress(user=user, per_day=20).days_left == 1
    assert admit_memories(limit=10, user=other_user, per_day=10) == 10
    assert read_progress(user=user, per_day=10).days_left == read_progress(per_day=10).days_left == 2
    assert read_progress(user=user, per_day=15).days_left == 2
    assert read_progress(user=user, per_day=20).days_left == 1
