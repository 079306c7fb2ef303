"""A small life with something for most layers: a rhythm, a precedence, copies, an event told on three platforms."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from graph.services.enrich import enrich
from graph.services.relate import relate
from memories.models import Memory
from tests.factories.graph import write

MONDAY = date(2024, 1, 1)
SOURCES = ("note", "gmail", "dropbox")
TOLD = (
    "Paid Rui for the boiler, £181.7{} as agreed, order AB-9924{}",
    "Dear customer, your order AB-9924{1} is confirmed. Total £181.7{0}. Rui Costa Heating",
    "invoice AB-9924{1} boiler Rui Costa Heating £181.7{0}.pdf",
)


def begin_life(user: Any) -> None:
    """Choir every Monday, a knee after each long drive, copies, and an event told twice."""
    rows = [write(user, "#choir", "Ana Silva", day=MONDAY + timedelta(days=7 * n)) for n in range(16)]
    for n in range(9):
        day = MONDAY + timedelta(days=23 * n + n % 3 * 2)
        rows.append(write(user, "#long drive", "@Porto", day=day))
        rows.append(write(user, "#knee", day=day + timedelta(days=1)))
    for n in range(3):
        for source, text in zip(SOURCES, TOLD, strict=True):
            rows.append(
                write(user, "Rui Costa", content=text.format(n, n), source=source, day=MONDAY + timedelta(days=40 * n))
            )
    carry_on(rows)


def carry_on(rows: Sequence[Memory]) -> None:
    """Relate and enrich memories of one person in one batch."""
    relate(user_id=rows[0].user_id, memory_ids=[row.pk for row in rows])
    enrich(user_id=rows[0].user_id, memory_ids=[row.pk for row in rows])
    Memory.objects.filter(pk__in=[row.pk for row in rows]).update(stage="enriched")
