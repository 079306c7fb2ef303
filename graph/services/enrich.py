"""Enriched: each layer that is switched on says what it found of the relationships of these memories."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone

from graph.enrichment import LAYERS, Edge, Event, Finding, Layer, World
from graph.models import CausalRelationship, DuplicateTransaction, Relationship
from graph.services.locks import hold_claimed
from memories.flags import is_switch_on
from memories.models import Memory, User
from memories.pipeline import Claim, finish, list_owners

# Where the findings of a layer stand: one row a relationship.
TABLES: dict[str, Any] = {"causal": CausalRelationship, "duplicate": DuplicateTransaction}


def enrich_memories(claim: Claim) -> None:
    """Run the first pass of the layers over the relationships of claimed memories, a person at a time."""
    for user_id in list_owners(claim):
        with hold_claimed(claim, user_id=user_id) as kept:
            enrich(user_id=user_id, memory_ids=kept)
            finish(claim, gives="enriched", kept=kept)


def enrich(*, user_id: int, memory_ids: Sequence[int]) -> None:
    """Compute every layer that is on and write what it found."""
    world = read_world(user_id=user_id, memory_ids=memory_ids)
    for layer in LAYERS:
        if is_switch_on(f"enrich_{layer.name}"):
            write_findings(layer, user_id=user_id, world=world, findings=layer.compute(world))


def read_world(*, user_id: int, memory_ids: Sequence[int]) -> World:
    """The plain facts that the layers need about these memories' relationships."""
    user = User.objects.get(pk=user_id)
    ends = Q(source_event_id__in=memory_ids) | Q(target_event_id__in=memory_ids)
    rows = Relationship.objects.filter(ends, user_id=user_id).order_by("pk")
    edges = [
        Edge(id=pk, source=source, target=target, type=kind)
        for pk, source, target, kind in rows.values_list(
            "pk", "source_event_id", "target_event_id", "relationship_type"
        )
    ]
    named = {edge.source for edge in edges} | {edge.target for edge in edges}
    memories = Memory.objects.filter(user_id=user_id, pk__in=named)
    events = {
        pk: Event(id=pk, day=day, source=source, content_hash=content_hash)
        for pk, day, source, content_hash in memories.values_list("pk", "occurred_on", "source", "content_hash")
    }
    days = (
        Memory.objects.filter(user_id=user_id).order_by("occurred_on").values_list("occurred_on", flat=True).distinct()
    )
    return World(today=user.local_today(timezone.now()), active_days=tuple(days), events=events, edges=edges)


def write_findings(layer: Layer, *, user_id: int, world: World, findings: Sequence[Finding]) -> None:
    """Upsert a layer's rows for the world's relationships; rows it no longer stands by go."""
    table = TABLES[layer.name]
    subjects = [finding.subject for finding in findings]
    stale = table.objects.filter(user_id=user_id, relationship_id__in=[edge.id for edge in world.edges])
    stale.exclude(relationship_id__in=subjects).delete()
    if not findings:
        return
    now = timezone.now()
    table.objects.bulk_create(
        [
            table(
                user_id=user_id,
                relationship_id=finding.subject,
                status=finding.status,
                evidence=dict(finding.evidence),
                computed_at=now,
                **finding.values,
            )
            for finding in findings
        ],
        update_conflicts=True,
        unique_fields=["user", "relationship"],
        update_fields=["status", "evidence", "computed_at", *findings[0].values],
    )
