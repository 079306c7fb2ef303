"""Enriched: the first pass over new memories: what their texts say of each other, and which findings speak for their relationships.

What needs the person's whole life (series, rules, patterns) is the job `layers`, which gathers a burst of memories.
"""

from collections.abc import Sequence

from graph.services.choose import (
    choose_clusters,
    choose_patterns,
    choose_series,
    list_patterns,
    list_relationships_at,
    match_patterns,
)
from graph.services.detect import detect_lines, read_statistics, write_signatures
from graph.services.facts import fetch, read_events, read_tellings
from graph.services.locks import hold_claimed
from graph.services.relate import BUSY_SECONDS, is_busy
from graph.services.work import GATHER_SECONDS, ask_for
from memories.flags import is_switch_on
from memories.models import User
from memories.pipeline import Claim, finish, list_owners

ENDS = """
SELECT source_event_id FROM relationship_instances WHERE user_id = %(user)s AND id = ANY(%(relationships)s)
UNION SELECT target_event_id FROM relationship_instances WHERE user_id = %(user)s AND id = ANY(%(relationships)s)
"""


def enrich_memories(claim: Claim) -> None:
    """Enrich claimed memories, each person's in one short transaction under that person's lock."""
    for user_id in list_owners(claim):
        with hold_claimed(claim, user_id=user_id, cause="enrich") as kept:
            enrich(user_id=user_id, memory_ids=kept)
            finish(claim, gives="enriched", kept=kept)
            ask_for("layers", user_id=user_id, gather=BUSY_SECONDS if is_busy(user_id=user_id) else GATHER_SECONDS)


def enrich(*, user_id: int, memory_ids: Sequence[int]) -> None:
    """Draw the lines that the texts of these memories give, and let the findings that stand speak for their relationships."""
    user = User.objects.get(pk=user_id)
    write_signatures(user, tellings=read_tellings(user, memory_ids=memory_ids))
    detect_lines(user, memory_ids=memory_ids, statistics=read_statistics(user_id))
    ids = list_relationships_at(user_id, memory_ids=memory_ids)
    choose_series(user_id, relationship_ids=ids)
    if is_switch_on("enrich_cross_platform"):
        choose_clusters(user_id, relationship_ids=ids)
    if is_switch_on("enrich_pattern"):
        ends = [pk for (pk,) in fetch(ENDS, user=user_id, relationships=ids)]
        fits = match_patterns(read_events(user, memory_ids=ends).values(), patterns=list_patterns(user_id))
        choose_patterns(user_id, fits=fits, relationship_ids=ids)
