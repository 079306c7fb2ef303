from datetime import UTC, datetime

import pytest

from config.local.seed import ORIGIN, seed_people
from memories.models import Lane, Memory, User

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_everybody_gets_a_life_once() -> None:
    assert seed_people(names=["person-001", "person-002"], notes=5, now=NOW) == 2
    assert seed_people(names=["person-001", "person-002", "person-003"], notes=5, now=NOW) == 1
    counts = [Memory.objects.for_user(user).filter(origin=ORIGIN).count() for user in User.objects.order_by("username")]
    assert counts == [5, 5, 5]


def test_a_fifth_waits_for_the_backfill_and_the_rest_is_in_line() -> None:
    seed_people(names=["person-001"], notes=10, now=NOW)
    old = Memory.objects.filter(intake="backfill")
    assert old.filter(due_at__isnull=True, lane=Lane.BACKFILL).count() == old.count() == 2
    assert Memory.objects.filter(intake="live", lane=Lane.BULK, due_at__isnull=False).count() == 8


def test_nobody_can_log_in_with_a_password() -> None:
    seed_people(names=["person-001"], notes=1, now=NOW)
    assert not User.objects.get(username="person-001").has_usable_password()
