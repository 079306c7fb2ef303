"""Graph jobs: asked for often, done once, never lost while they run, and given up after five failures."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from graph.models import Work
from graph.services import work
from graph.services.work import ask_for, count_waiting_work, do_one, run_due_work, sweep_work
from memories.errors import WorkFailed


@pytest.fixture
def runs(monkeypatch):
    """Ids of the people whose layout was worked out, in place of the layout itself."""
    done = []
    monkeypatch.setattr("graph.services.layout.lay_out", lambda *, user_id: done.append(user_id))
    return done


@pytest.fixture
def breaks(monkeypatch):
    def fail(*, user_id):
        raise ZeroDivisionError

    monkeypatch.setattr("graph.services.layout.lay_out", fail)


def make_due(**columns):
    Work.objects.update(due_at=timezone.now() - timedelta(minutes=1), lease_until=None, **columns)


def test_requests_are_gathered_into_one_row_that_waits(user, other_user, runs):
    for _ in range(3):
        ask_for("layout", user_id=user.pk)
    ask_for("layout", user_id=other_user.pk)
    assert Work.objects.count() == count_waiting_work() == 2
    assert run_due_work() == 0
    make_due()
    assert run_due_work() == 2
    assert sorted(runs) == sorted([user.pk, other_user.pk])


def test_a_request_is_put_off_by_others_but_not_for_ever(user):
    ask_for("layout", user_id=user.pk)
    begun = timezone.now() - timedelta(seconds=work.LONGEST_SECONDS - 5)
    Work.objects.update(asked_at=begun)
    ask_for("layout", user_id=user.pk, gather=30)
    assert Work.objects.get().due_at == begun + timedelta(seconds=work.LONGEST_SECONDS)


def test_what_is_done_leaves_no_row(user, runs):
    ask_for("layout", user_id=user.pk)
    make_due()
    assert do_one() is True
    assert not Work.objects.exists()
    assert do_one() is False


def test_a_request_during_the_run_is_done_after_it(user, monkeypatch):
    monkeypatch.setattr("graph.services.layout.lay_out", lambda *, user_id: ask_for("layout", user_id=user_id))
    ask_for("layout", user_id=user.pk)
    make_due()
    assert do_one() is True
    row = Work.objects.get()
    assert (row.attempts, row.lease_until, row.failed_at) == (0, None, None)
    assert row.due_at > timezone.now() - timedelta(seconds=30)


def test_a_request_during_the_run_is_kept_however_long_the_burst_before_it(user, monkeypatch):
    monkeypatch.setattr("graph.services.layout.lay_out", lambda *, user_id: ask_for("layout", user_id=user_id))
    ask_for("layout", user_id=user.pk)
    begun = timezone.now() - timedelta(seconds=10 * work.LONGEST_SECONDS)
    Work.objects.update(asked_at=begun)
    ask_for("layout", user_id=user.pk)  # due when the longest wait was over
    assert do_one() is True
    assert Work.objects.count() == 1


def test_a_job_that_is_running_is_not_begun_again(user, runs):
    ask_for("layout", user_id=user.pk)
    make_due()
    Work.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    assert do_one() is False
    Work.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert do_one() is True


def test_a_failure_is_tried_again_later_and_after_five_it_is_given_up(user, breaks):
    ask_for("layout", user_id=user.pk)
    for attempt in range(1, 5):
        make_due()
        with pytest.raises(ZeroDivisionError):
            do_one()
        row = Work.objects.get()
        assert (row.attempts, row.lease_until, row.failed_at) == (attempt, None, None)
        assert row.due_at > timezone.now()
    make_due()
    with pytest.raises(WorkFailed) as failure:
        do_one()
    assert failure.value.units == (f"graph_work:{row.pk}",)
    assert Work.objects.get().failed_at is not None
    assert (do_one(), count_waiting_work()) == (False, 0)


def test_a_worker_whose_clock_is_an_hour_off_postpones_by_that_of_the_database(user, breaks, monkeypatch):
    ask_for("layout", user_id=user.pk)
    make_due()
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=1))
    with pytest.raises(ZeroDivisionError):
        do_one()
    assert now < Work.objects.get().due_at < now + timedelta(minutes=5)


def test_who_has_lost_the_lease_leaves_the_job_to_its_new_owner(user, monkeypatch):
    other = uuid4()

    def lose_the_lease(*, user_id):
        Work.objects.update(lease_token=other)
        raise ZeroDivisionError

    monkeypatch.setattr("graph.services.layout.lay_out", lose_the_lease)
    ask_for("layout", user_id=user.pk)
    make_due(attempts=4)
    with pytest.raises(ZeroDivisionError):
        do_one()
    row = Work.objects.get()
    assert (row.lease_token, row.failed_at) == (other, None)
    assert row.lease_until is not None


def test_a_job_that_killed_its_worker_each_time_is_given_up(user, runs):
    ask_for("layout", user_id=user.pk)
    make_due(attempts=5)
    with pytest.raises(WorkFailed):
        do_one()
    assert runs == []


def test_a_job_that_was_given_up_has_all_attempts_again_when_it_is_asked_for(user, breaks, monkeypatch):
    ask_for("layout", user_id=user.pk)
    make_due(attempts=4)
    with pytest.raises(WorkFailed):
        do_one()
    ask_for("layout", user_id=user.pk)
    monkeypatch.setattr("graph.services.layout.lay_out", lambda *, user_id: None)
    make_due()
    assert do_one() is True
    assert not Work.objects.exists()


def test_the_sweeper_wakes_for_overdue_jobs_alone(user, other_user, monkeypatch):
    sent = []
    monkeypatch.setattr(work, "send_wakeup", lambda task, **_: sent.append(task) or True)
    ask_for("layout", user_id=user.pk)
    assert sweep_work() == 0
    make_due()
    assert sweep_work() == 1
    assert sent == ["graph.tasks.do_graph_work"]
    make_due(failed_at=timezone.now())
    assert sweep_work() == 0


def test_asking_wakes_a_worker_only_when_the_transaction_has_committed(
    user, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(work, "send_wakeup", lambda task, countdown: sent.append((task, countdown)))
    with django_capture_on_commit_callbacks(execute=True):
        ask_for("layout", user_id=user.pk, gather=3)
        assert sent == []
    assert sent == [("graph.tasks.do_graph_work", 3.2)]


def test_of_an_error_that_is_not_ours_only_its_type_is_kept(user, monkeypatch):
    def fail(*, user_id):
        raise ValueError("Failing row contains (Anna Kowal)")

    monkeypatch.setattr("graph.services.layout.lay_out", fail)
    ask_for("layout", user_id=user.pk)
    make_due(attempts=4)
    with pytest.raises(WorkFailed, match=r"^ValueError$"):
        do_one()
