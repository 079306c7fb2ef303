"""Related: memories whose texts hold a topic's words, so that a topic's days do not depend on which key phrases a memory kept."""

from collections.abc import Collection
from typing import Any

from django.db import connection

from graph.models import Leaf, Sighting
from graph.services.series import renew_series
from graph.sql import read_sql
from memories.extraction.observances import SPELLINGS

LEAST_MEMORIES = 3  # a topic of fewer is no node of the graph either
# Feasts and weather are noticed in every memory by extraction, which knows the feast of Lent from what somebody lent.
NOTICED = sorted({spelling.key for spelling in SPELLINGS})


def renew_sightings(*, user_id: int, memory_ids: Collection[int] | None = None) -> None:
    """Look for the person's topics in these memories (None: in all) and bring the series of what was seen up to date."""
    rows = Sighting.objects.filter(user_id=user_id)
    if memory_ids is not None:
        rows = rows.filter(memory_id__in=list(memory_ids))
    before = read_sighted(user_id=user_id, memory_ids=memory_ids)
    rows.delete()
    parameters: dict[str, Any] = {"user": user_id, "least": LEAST_MEMORIES, "noticed": NOTICED}
    with connection.cursor() as cursor:
        # An index look-up for each topic is what is wanted here, whatever the statistics of new tables say.
        cursor.execute("SET LOCAL enable_nestloop = on")
        cursor.execute("SET LOCAL enable_seqscan = off")
        if memory_ids is None:
            cursor.execute(read_sql("sightings_of_all_v1.sql"), parameters)
        else:
            cursor.execute(read_sql("sightings_v1.sql"), parameters | {"memories": list(memory_ids)})
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute("SET LOCAL enable_seqscan = on")
    renew_series(user_id=user_id, entity_ids=before | read_sighted(user_id=user_id, memory_ids=memory_ids))


def read_sighted(*, user_id: int, memory_ids: Collection[int] | None) -> set[int]:
    """Canonical entities whose words these memories (None: any) hold."""
    rows = Sighting.objects.filter(user_id=user_id)
    if memory_ids is not None:
        rows = rows.filter(memory_id__in=list(memory_ids))
    leaves = Leaf.objects.filter(user_id=user_id, pk__in=rows.values("entity_id"), canonical_id__isnull=False)
    return set(leaves.values_list("canonical_id", flat=True))
