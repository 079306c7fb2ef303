"""Sweeping: stages with overdue rows are woken, everybody else is left alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from memories.services import sweep as module
from memories.services.sweep import sweep
from tests.factories import MemoryFactory


@pytest.fixture
def woken(monkeypatch):
    stages = []
    monkeypatch.setattr(module, "wake_stage", lambda takes: stages.append(takes) or True)
    return stages


def ago(**parts):
    return timezone.now() - timedelta(**parts)


def test_each_stage_with_overdue_rows_is_woken_once(user, woken):
    for stage in ("stored", "stored", "related"):
        MemoryFactory(user=user, stage=stage, due_at=ago(minutes=2))
    assert sweep() == 2
    assert woken == ["related", "stored"]


def test_what_has_just_become_due_is_left_to_its_own_wake_up(user, woken):
    MemoryFactory(user=user, due_at=ago(seconds=2))
    MemoryFactory(user=user, due_at=ago(minutes=-5))
    assert sweep() == 0


def test_a_live_lease_is_respected_and_one_that_ran_out_is_not(user, woken):
    MemoryFactory(user=user, stage="stored", due_at=ago(hours=1), lease_until=ago(minutes=-3))
    MemoryFactory(user=user, stage="extracted", due_at=ago(hours=1), lease_until=ago(seconds=1))
    assert sweep() == 1
    assert woken == ["extracted"]


@pytest.mark.parametrize("stage", ["enriched", "failed"])
def test_who_has_arrived_or_failed_is_left_alone(user, woken, stage):
    MemoryFactory(user=user, stage=stage, due_at=ago(days=1))
    assert sweep() == 0


def test_a_broker_that_is_away_is_no_error(user, monkeypatch):
    MemoryFactory(user=user, due_at=ago(days=1))
    monkeypatch.setattr(module, "wake_stage", lambda _: False)
    assert sweep() == 0


def test_sweeping_is_one_query_however_much_is_overdue(user, woken, django_assert_num_queries):
    MemoryFactory.create_batch(20, user=user, due_at=ago(days=1))
    with django_assert_num_queries(1):
        sweep()
