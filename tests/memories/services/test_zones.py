"""Days follow the person's time zone."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError

from memories.models import Lane, Memory
from memories.services.zones import change_time_zone
from tests.factories import MemoryFactory

LATE = datetime(2024, 5, 3, 22, 30, tzinfo=UTC)  # 23:30 in Lisbon, 07:30 of the next day in Tokyo


def test_what_has_a_time_falls_on_the_day_of_the_new_clock(user):
    memory = MemoryFactory(user=user, occurred_at=LATE)
    assert memory.occurred_on == date(2024, 5, 3)
    change_time_zone(user=user, name="Asia/Tokyo")
    memory.refresh_from_db()
    assert (memory.occurred_at, memory.occurred_on) == (LATE, date(2024, 5, 4))


def test_what_has_only_a_day_keeps_it(user):
    midnight = datetime(2024, 5, 2, 23, 0, tzinfo=UTC)  # of 3 May in Lisbon
    memory = MemoryFactory(user=user, occurred_at=midnight, occurred_precision="day")
    change_time_zone(user=user, name="Asia/Tokyo")
    memory.refresh_from_db()
    assert memory.occurred_on == date(2024, 5, 3)
    assert memory.occurred_at == datetime(2024, 5, 2, 15, 0, tzinfo=UTC)


def test_what_was_in_the_graph_is_related_anew_and_nobody_elses_moves(user, other_user):
    MemoryFactory(user=user, stage="enriched")
    MemoryFactory(user=user, stage="stored")
    theirs = MemoryFactory(user=other_user, stage="enriched")
    change_time_zone(user=user, name="Asia/Tokyo")
    assert sorted(Memory.objects.for_user(user).values_list("stage", flat=True)) == ["extracted", "stored"]
    theirs.refresh_from_db()
    assert (theirs.stage, theirs.revision) == ("enriched", 1)


def test_what_is_related_anew_stands_behind_what_is_new_and_what_waits_stays_out_of_the_line(user):
    MemoryFactory(user=user, stage="enriched")
    MemoryFactory(user=user, stage="stored")
    MemoryFactory(user=user, intake="backfill", lane=Lane.BACKFILL, due_at=None)
    change_time_zone(user=user, name="Asia/Tokyo")
    assert [(row.stage, row.lane, row.due_at is None) for row in Memory.objects.order_by("pk")] == [
        ("extracted", Lane.BULK, False),
        ("stored", Lane.LIVE, False),
        ("stored", Lane.BACKFILL, True),
    ]


def test_a_zone_that_does_not_exist_changes_nothing(user):
    with pytest.raises(ValidationError, match="Atlantis"):
        change_time_zone(user=user, name="Sea/Atlantis")
    user.refresh_from_db()
    assert user.time_zone == "Europe/Lisbon"
