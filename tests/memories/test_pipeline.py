"""Claims, leases and attempts: what happens to memories when workers work, break, die or meet."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from waffle.testutils import override_switch

from memories import pipeline
from memories.errors import TransientError, WorkBroke, WorkFailed
from memories.models import Lane, Memory
from memories.pipeline import (
    MAX_ATTEMPTS,
    NEAR,
    Claim,
    advance,
    choose_delay,
    claim_rows,
    count_waiting,
    finish,
    get_step,
    list_steps,
    lock_claimed,
)
from memories.services.erase import erase_memories
from memories.services.store import edit_memory
from tests.factories import MemoryFactory, make_due, make_step, pass_on

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class BreaksOn:
    """Work that breaks whenever one memory is among the claimed."""

    def __init__(self, memory: Memory, error: Exception) -> None:
        self.pk, self.error, self.runs = memory.pk, error, []

    def __call__(self, claim: Claim) -> None:
        self.runs.append(claim.ids)
        if self.pk in claim.ids:
            raise self.error
        pass_on(claim)


def run_out(step, *, rounds=20):
    """Advance until nothing is due, letting time pass after each round; returns what failed for good."""
    failed = []
    for _ in range(rounds):
        try:
            if not advance(step):
                break
        except (TransientError, WorkBroke):
            make_due()
        except WorkFailed as error:
            failed += error.units
            make_due()
    return failed


def test_a_batch_of_due_memories_is_carried_to_the_next_stage(user):
    rows = MemoryFactory.create_batch(3, user=user)
    assert advance(make_step(pass_on)) == 3
    stages = Memory.objects.filter(pk__in=[row.pk for row in rows])
    assert set(stages.values_list("stage", "attempts", "lease_until", "lease_token")) == {("extracted", 0, None, None)}


def test_a_claim_takes_no_more_rows_than_the_step_says_the_longest_due_first(user):
    newer = MemoryFactory(user=user)
    older = [MemoryFactory(user=user, due_at=LONG_AGO) for _ in range(2)]
    claim = claim_rows(make_step(pass_on, rows=2))
    assert claim.ids == [row.pk for row in older]
    assert claim_rows(make_step(pass_on, rows=2)).ids == [newer.pk]


def test_what_is_not_due_yet_or_stands_elsewhere_is_left_alone(user):
    MemoryFactory(user=user, due_at=timezone.now() + timedelta(hours=1))
    for stage in ("extracted", "enriched", "failed"):
        MemoryFactory(user=user, stage=stage)
    assert claim_rows(make_step(pass_on)) is None


def test_one_persons_work_can_be_done_alone(user, other_user):
    mine, _ = MemoryFactory(user=user), MemoryFactory(user=other_user)
    assert claim_rows(make_step(pass_on), user=user).ids == [mine.pk]
    assert count_waiting(user=other_user) == {"stored": 1}


def test_long_texts_make_small_batches(user, monkeypatch):
    monkeypatch.setattr(pipeline, "MAX_BATCH_CHARACTERS", 100)
    sizes = [40, 60, 1, 500, 1]
    rows = [MemoryFactory(user=user, size=size, due_at=LONG_AGO) for size in sizes]
    claims = [claim_rows(make_step(pass_on)).ids for _ in range(4)]
    assert claims == [[rows[0].pk, rows[1].pk], [rows[2].pk], [rows[3].pk], [rows[4].pk]]


def test_the_attempt_and_the_lease_are_written_before_the_work(user):
    MemoryFactory(user=user)
    seen = []

    def look(claim):
        seen.extend(Memory.objects.values_list("attempts", "lease_token", "lease_until"))

    advance(make_step(look))
    [(attempts, token, until)] = seen
    assert attempts == 1
    assert token is not None
    assert timedelta(seconds=60) < until - timezone.now() < timedelta(minutes=10)


@pytest.mark.django_db(transaction=True)
def test_the_attempt_is_committed_before_the_work(user):
    memory = MemoryFactory(user=user)
    seen = []

    def look_from_another_connection(claim):
        thread = Thread(
            target=lambda: (seen.append(Memory.objects.get(pk=memory.pk).attempts), connections.close_all())
        )
        thread.start()
        thread.join()

    advance(make_step(look_from_another_connection))
    assert seen == [1]


def test_a_leased_memory_is_nobody_elses(user):
    MemoryFactory(user=user)
    assert claim_rows(make_step(pass_on)) is not None
    assert claim_rows(make_step(pass_on)) is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_never_hold_the_same_memory(user):
    MemoryFactory.create_batch(40, user=user)
    barrier, claimed = Barrier(2, timeout=20), []

    def work():
        barrier.wait()
        while claim := claim_rows(make_step(pass_on, rows=5)):
            claimed.extend(claim.ids)
        connections.close_all()

    threads = [Thread(target=work) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(claimed) == sorted(Memory.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_rows_that_another_worker_is_claiming_are_passed_by_without_waiting(user):
    first, second = MemoryFactory(user=user, due_at=LONG_AGO), MemoryFactory(user=user)
    found = []

    def claim():
        found.append(claim_rows(make_step(pass_on)).ids)
        connections.close_all()

    with transaction.atomic():
        Memory.objects.select_for_update().get(pk=first.pk)
        thread = Thread(target=claim)
        thread.start()
        thread.join(timeout=10)
    assert found == [[second.pk]]


def test_a_memory_whose_lease_ran_out_is_claimed_alone(user):
    left_behind = MemoryFactory(user=user, attempts=1, lease_until=LONG_AGO)
    fresh = MemoryFactory.create_batch(2, user=user)
    step = make_step(pass_on)
    first, second = claim_rows(step), claim_rows(step)
    assert (first.ids, first.alone) == ([left_behind.pk], True)
    assert (second.ids, second.alone) == ([row.pk for row in fresh], False)


def test_one_poison_memory_fails_after_five_runs_of_its_own_and_its_neighbours_arrive(user):
    neighbours = MemoryFactory.create_batch(4, user=user)
    poison = MemoryFactory(user=user)
    work = BreaksOn(poison, ValueError("broken"))
    failed = run_out(make_step(work))
    poison.refresh_from_db()
    assert failed == [f"memory:{poison.pk}"]
    assert (poison.stage, poison.failed_stage, poison.attempts) == ("failed", "extracted", MAX_ATTEMPTS)
    assert work.runs.count([poison.pk]) == MAX_ATTEMPTS == 5
    assert {Memory.objects.get(pk=row.pk).stage for row in neighbours} == {"extracted"}


def test_a_batch_that_breaks_costs_its_rows_no_attempt_and_forgives_no_earlier_one(user):
    rows = [MemoryFactory(user=user, attempts=attempts) for attempts in (0, 3)]
    with pytest.raises(WorkBroke, match="ValueError"):
        advance(make_step(BreaksOn(rows[0], ValueError())))
    assert [Memory.objects.get(pk=row.pk).attempts for row in rows] == [0, 3]


def test_a_memory_that_kills_its_worker_each_time_fails_at_the_sixth_claim(user):
    memory = MemoryFactory(user=user)
    step = make_step(pass_on)
    for _ in range(MAX_ATTEMPTS):
        assert claim_rows(step).ids == [memory.pk]
        make_due(lease_until=LONG_AGO)
    with pytest.raises(WorkFailed, match="died") as failure:
        claim_rows(step)
    memory.refresh_from_db()
    assert failure.value.units == (f"memory:{memory.pk}",)
    assert (memory.stage, memory.failed_stage, memory.attempts) == ("failed", "extracted", 5)


def test_the_reason_of_a_failure_never_quotes_the_error_which_may_quote_the_text(user):
    memory = MemoryFactory(user=user, attempts=4)
    with pytest.raises(WorkFailed) as failure:
        advance(make_step(BreaksOn(memory, ValueError(memory.content))))
    assert str(failure.value) == "ValueError"


def test_a_passing_error_puts_the_memories_off_by_the_delay_that_it_then_names(user):
    memory = MemoryFactory(user=user)
    with pytest.raises(TransientError) as passing:
        advance(make_step(BreaksOn(memory, TransientError("busy"))))
    memory.refresh_from_db()
    ahead = (memory.due_at - timezone.now()).total_seconds()
    assert 15 <= passing.value.delay <= 30
    assert passing.value.delay - 5 < ahead <= passing.value.delay
    assert (memory.stage, memory.attempts, memory.lease_until, memory.lease_token) == ("stored", 1, None, None)


def test_a_passing_error_may_say_itself_when_to_come_back(user):
    memory = MemoryFactory(user=user)
    with pytest.raises(TransientError):
        advance(make_step(BreaksOn(memory, TransientError("come later", delay=3600))))
    assert Memory.objects.get().due_at > timezone.now() + timedelta(minutes=59)


def test_a_passing_error_that_does_not_pass_fails_after_five_runs(user):
    memory = MemoryFactory(user=user)
    work = BreaksOn(memory, TransientError("busy"))
    assert run_out(make_step(work)) == [f"memory:{memory.pk}"]
    assert len(work.runs) == 5


@pytest.mark.parametrize(
    ("attempts", "least", "most"), [(1, 15, 30), (2, 30, 60), (3, 60, 120), (4, 120, 240), (12, 300, 600)]
)
def test_the_delay_is_half_fixed_half_drawn_and_doubles_up_to_ten_minutes(attempts, least, most):
    delays = [choose_delay(attempts) for _ in range(200)]
    assert least <= min(delays) < max(delays) <= most
    assert max(delays) - min(delays) > (most - least) / 2


def test_what_was_edited_during_the_work_is_done_again(user):
    memory = MemoryFactory(user=user)

    def edit_meanwhile(claim):
        edit_memory(memory=memory, changes={"content": "Walked back."})
        assert lock_claimed(claim) == []
        assert finish(claim, gives="extracted") == 0

    advance(make_step(edit_meanwhile))
    memory.refresh_from_db()
    assert (memory.stage, memory.revision, memory.attempts, memory.lease_token) == ("stored", 2, 0, None)
    assert claim_rows(make_step(pass_on)).revisions == {memory.pk: 2}


def test_an_edit_during_work_that_breaks_is_not_charged_with_it(user):
    memory = MemoryFactory(user=user, attempts=4)

    def edit_and_break(claim):
        edit_memory(memory=memory, changes={"content": "Walked back."})
        raise ValueError

    with pytest.raises(WorkBroke):
        advance(make_step(edit_and_break))
    memory.refresh_from_db()
    assert (memory.stage, memory.attempts, memory.lease_until) == ("stored", 0, None)


def test_what_was_erased_during_the_work_stays_erased(user):
    gone, kept = MemoryFactory.create_batch(2, user=user)

    def erase_meanwhile(claim):
        erase_memories(user=user, memory_ids=[gone.pk])
        assert finish(claim, gives="extracted") == 1

    advance(make_step(erase_meanwhile))
    assert list(Memory.objects.values_list("pk", "stage")) == [(kept.pk, "extracted")]


def test_a_worker_that_lost_its_lease_to_another_changes_nothing(user):
    memory = MemoryFactory(user=user)
    slow = claim_rows(make_step(pass_on))
    make_due(lease_until=LONG_AGO)
    quick = claim_rows(make_step(pass_on))
    assert finish(slow, gives="extracted") == 0
    assert finish(quick, gives="extracted") == 1
    assert Memory.objects.get(pk=memory.pk).stage == "extracted"


@pytest.mark.parametrize("step", list_steps(), ids=lambda step: step.switch)
def test_a_switch_that_is_off_stops_its_step_and_nothing_is_stuck_when_it_comes_back(user, step):
    MemoryFactory(user=user, stage=step.takes, entities=[])
    with override_switch(step.switch, active=False):
        assert advance(step) == 0
    assert Memory.objects.get().attempts == 0
    with override_switch(step.switch, active=True):
        assert advance(step) == 1
    assert Memory.objects.get().stage == step.gives


def test_the_steps_lead_from_stored_to_enriched_without_a_gap():
    steps = list_steps()
    assert [step.takes for step in steps] == ["stored", "extracted", "related"]
    assert [step.gives for step in steps] == ["extracted", "related", "enriched"]


def test_claiming_reads_the_index_of_the_line_lane_by_lane_not_the_whole_table(user):
    MemoryFactory.create_batch(5, user=user, lane=Lane.BACKFILL)
    with CaptureQueriesContext(connection) as captured:
        claim_rows(make_step(pass_on))
    selects = [query["sql"] for query in captured if "SKIP LOCKED" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plans = [cursor.execute(f"EXPLAIN {select}").fetchall() for select in selects]
    assert len(plans) == 4
    assert all("memory_in_line" in str(plan) for plan in plans)


def test_a_new_memory_is_claimed_before_a_thousand_that_were_due_before_it(user, other_user):
    Memory.objects.bulk_create(
        MemoryFactory.build(user=other_user, lane=lane, due_at=LONG_AGO)
        for lane in (Lane.BULK, Lane.BACKFILL)
        for _ in range(500)
    )
    new = MemoryFactory(user=user)
    assert claim_rows(make_step(pass_on)).ids == [new.pk]


def test_a_batch_holds_one_lane_and_the_lower_one_goes_first(user):
    rows = {lane: MemoryFactory(user=user, lane=lane) for lane in reversed(Lane)}
    claims = [claim_rows(make_step(pass_on)).ids for _ in Lane]
    assert claims == [[rows[lane].pk] for lane in Lane]


def test_what_came_by_the_thousand_goes_in_small_batches(user, monkeypatch):
    [MemoryFactory(user=user, lane=Lane.BULK, size=10) for _ in range(5)]
    step = make_step(pass_on, crowd=2)
    assert len(claim_rows(step).ids) == 2
    monkeypatch.setattr(pipeline, "MAX_CROWD_CHARACTERS", 15)
    assert len(claim_rows(step).ids) == 1


def test_a_batch_of_what_came_by_the_thousand_is_one_persons_whoever_is_due_first(user, other_user):
    people = [other_user, user, other_user, user]
    rows = [
        MemoryFactory(user=person, lane=Lane.BULK, due_at=LONG_AGO + timedelta(hours=hour))
        for hour, person in enumerate(people)
    ]
    claims = [claim_rows(make_step(pass_on)).ids for _ in range(2)]
    assert claims == [[rows[0].pk, rows[2].pk], [rows[1].pk, rows[3].pk]]


def test_for_the_rest_of_a_persons_batch_no_more_than_the_first_few_hundred_of_the_lane_are_read(user, other_user):
    rows = [MemoryFactory(user=user, lane=Lane.BULK, due_at=LONG_AGO + timedelta(hours=hour)) for hour in (0, 1, 3)]
    between = [
        MemoryFactory.build(user=other_user, lane=Lane.BULK, due_at=LONG_AGO + timedelta(hours=2)) for _ in range(NEAR)
    ]
    Memory.objects.bulk_create(between)
    assert claim_rows(make_step(pass_on)).ids == [row.pk for row in rows[:2]]
    assert claim_rows(make_step(pass_on), user=user).ids == [rows[2].pk]


def test_an_abandoned_row_of_a_higher_lane_does_not_hold_up_a_new_memory(user):
    MemoryFactory(user=user, lane=Lane.BULK, attempts=1, lease_until=LONG_AGO, due_at=LONG_AGO)
    new = MemoryFactory(user=user)
    assert claim_rows(make_step(pass_on)).ids == [new.pk]


def test_what_is_not_in_line_is_neither_claimed_nor_counted(user):
    MemoryFactory(user=user, lane=Lane.BACKFILL, intake="backfill", due_at=None)
    assert claim_rows(make_step(pass_on)) is None
    assert count_waiting(user=user) == {}


@pytest.mark.parametrize(
    ("lane", "switch"),
    [
        (Lane.LIVE, "extract_new_memories"),
        (Lane.BULK, "extract_new_memories"),
        (Lane.BACKFILL, "backfill_entities"),
    ],
)
def test_new_and_old_memories_have_each_their_own_switch_at_the_first_stage(user, lane, switch):
    MemoryFactory(user=user, lane=lane)
    step = get_step("stored")
    with override_switch(switch, active=False):
        assert advance(step) == 0
    for other in {"extract_new_memories", "backfill_entities"} - {switch}:
        with override_switch(other, active=False):
            assert advance(step) == 1


def test_the_later_stages_know_no_other_switch_for_old_memories(user):
    MemoryFactory(user=user, stage="extracted", entities=[], lane=Lane.BACKFILL)
    with override_switch("backfill_entities", active=False):
        assert advance(get_step("extracted")) == 1


def test_ctrl_c_gives_the_rows_back_as_they_were(user):
    memory = MemoryFactory(user=user, attempts=1)
    with pytest.raises(KeyboardInterrupt):
        advance(make_step(BreaksOn(memory, KeyboardInterrupt())))
    memory.refresh_from_db()
    assert (memory.stage, memory.attempts, memory.lease_until, memory.lease_token) == ("stored", 1, None, None)
