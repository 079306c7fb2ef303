"""Small lives with something planted in them, and their shuffled twins."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np

from graph.services.relate import relate
from memories.models import Memory
from tests.factories.graph import name_all, write

MONDAY = date(2024, 1, 1)
FRIENDS = ("Ana Silva", "Rui Costa", "Zita Alves", "Tomas Kowal", "Jo Lark")
WEEKS = 40
TODAY = MONDAY + timedelta(weeks=WEEKS)


def plan_life(*, seed: int = 0) -> list[tuple[date, tuple[str, ...]]]:
    """Choir every Monday, a knee the day after each long drive, and friends as it happens."""
    rng = np.random.default_rng(seed)
    days = [MONDAY + timedelta(days=n) for n in range(7 * WEEKS)]
    plan = [(day, ("#choir",)) for day in days[::7]]
    plan += [(day, (FRIENDS[rng.integers(len(FRIENDS))],)) for day in days if rng.random() < 0.7]
    drives = np.cumsum(rng.choice([5, 8, 13, 21, 34], size=40))  # irregular: what has a rhythm causes nothing
    for place in drives[drives < 7 * WEEKS - 2].tolist():
        plan += [(days[place], ("#long drive",)), (days[place + 1], ("#knee",))]
    return plan


def shuffle(plan: list[tuple[date, tuple[str, ...]]], *, seed: int) -> list[tuple[date, tuple[str, ...]]]:
    """The same days and the same names, dealt out anew."""
    order = np.random.default_rng(seed).permutation(len(plan))
    return [(plan[place][0], names) for place, (_, names) in zip(order, plan, strict=True)]


def live(user: Any, plan: list[tuple[date, tuple[str, ...]]]) -> list[Memory]:
    """Write and relate the memories of a plan."""
    rows = [
        write(user, *names, day=day, content=f"{name_all(names)[0]}. Page {n}.") for n, (day, names) in enumerate(plan)
    ]
    relate(user_id=user.pk, memory_ids=[row.pk for row in rows])
    Memory.objects.filter(user=user).update(stage="enriched")
    return rows


def noon(day: date) -> datetime:
    """A moment of that day, in Lisbon as well."""
    return datetime.combine(day, time(12), tzinfo=UTC)
