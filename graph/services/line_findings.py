"""Enriched: the layers that read lines (1, 5, 7 and 9). Between whole passes only the components of lines that changed are computed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from graph.enrichment import LAYERS_BY_NAME, World
from graph.models import CausalRelationship, CrossPlatformRelationship, DuplicateTransaction, RootCauseAnalysis
from graph.services.facts import fetch, read_edges, read_events
from graph.services.findings import make_row, replace_rows
from memories.flags import is_switch_on
from memories.models import User

TYPES = ("reply_to", "forward_of", "stated_cause", "precedes", "duplicate_of", "same_event")
OF_LINES: dict[str, Any] = {
    "causal": CausalRelationship,
    "root_cause": RootCauseAnalysis,
    "duplicate": DuplicateTransaction,
}
# Lines, and whether each was written since the last pass or has no finding. Who writes a line holds the person's lock and notes the
# time by the clock, not by the begin of a transaction that may have waited for the lock.
LINES = """
SELECT r.id, r.source_event_id, r.target_event_id,
       r.updated_at > p.passed_at
       OR r.relationship_type = 'duplicate_of' AND d.id IS NULL
       OR r.relationship_type = 'same_event' AND r.cross_platform_id IS NULL
       OR r.relationship_type NOT IN ('duplicate_of', 'same_event') AND (c.id IS NULL OR k.id IS NULL)
FROM relationship_instances r
JOIN graph_statistics p ON p.user_id = r.user_id
LEFT JOIN causal_relationships c ON c.user_id = r.user_id AND c.relationship_id = r.id
LEFT JOIN root_cause_analyses k ON k.user_id = r.user_id AND k.relationship_id = r.id
LEFT JOIN duplicate_transactions d ON d.user_id = r.user_id AND d.relationship_id = r.id
WHERE r.user_id = %(user)s AND r.relationship_type = ANY(%(types)s)
ORDER BY r.id
"""


def write_line_findings(user: User, *, world: World, everything: bool) -> tuple[set[int], set[int]]:
    """Write what the layers find of lines; returns the entities of those whose findings changed, and the memories of changed clusters."""
    lines = fetch(LINES, user=user.pk, types=list(TYPES))
    ids = {pk for pk, *_ in lines} if everything else find_components(lines)
    edges = read_edges(user.pk, types=TYPES, ids=None if everything else ids)
    events = read_events(user, memory_ids={end for edge in edges for end in (edge.source, edge.target)})
    world = replace(world, edges=edges, events=events)
    changed: set[int] = set()
    for name, model in OF_LINES.items():
        if is_switch_on(f"enrich_{name}"):
            rows = {(f.subject,): make_row(f, model=model) for f in LAYERS_BY_NAME[name].compute(world)}
            kept = model.objects.filter(user_id=user.pk)
            kept = kept if everything else kept.filter(relationship_id__in=ids)
            found = replace_rows(kept, key=("relationship_id",), rows=rows, user_id=user.pk, exact=everything)
            changed |= {pk for (pk,) in found}
    told = write_clusters(user, world=world, everything=everything)
    ends = {end for edge in edges if edge.id in changed for end in (edge.source, edge.target)} | told
    return {entity for end in ends if end in events for entity in events[end].entities}, told


def find_components(lines: Iterable[tuple[Any, ...]]) -> set[int]:
    """Lines that hang together with any that changed, over whatever memories."""
    rows = list(lines)
    at: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        for end in row[1:3]:
            at.setdefault(end, []).append(row)
    found: set[int] = set()
    waiting = [row for row in rows if row[3]]
    while waiting:
        pk, source, target, _ = waiting.pop()
        if pk not in found:
            found.add(pk)
            waiting += at[source] + at[target]
    return found


def write_clusters(user: User, *, world: World, everything: bool) -> set[int]:
    """Layer 5: one row an event that several memories tell of; returns the memories of clusters that changed."""
    if not is_switch_on("enrich_cross_platform"):
        return set()
    rows = {}
    for finding in LAYERS_BY_NAME["cross_platform"].compute(world):
        columns = make_row(finding, model=CrossPlatformRelationship)
        rows[(tuple(columns.pop("memory_ids") or ()),)] = columns
    kept = CrossPlatformRelationship.objects.filter(user_id=user.pk)
    kept = kept if everything else kept.filter(memory_ids__overlap=list(world.events))
    found: Iterable[tuple[Sequence[int]]] = replace_rows(
        kept, key=("memory_ids",), rows=rows, user_id=user.pk, exact=everything
    )
    return {memory for (memories,) in found for memory in memories}
