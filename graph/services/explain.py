"""Served: why a line is drawn. Every layer answers, with a sentence and its evidence, or with the reason for its silence."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.enrichment import LAYER_NAMES, LAYERS, Layer
from graph.models import EventDelta, Relationship, Tie
from graph.selectors import cite_memories, list_relationships_of_tie, list_tie_memories
from graph.services.enrich import TABLES
from memories.flags import is_switch_on

SILENT = {
    "not_enough_data": "There are too few occurrences to say anything.",
    "not_significant": "What was found could well be chance.",
    "disabled": "This layer is not computed here.",
}
VERBS = {"created": "drawn", "modified": "changed", "deleted": "removed"}


def explain_relationship(relationship: Relationship) -> dict[str, Any]:
    """The answer of `graph/relationships/{id}/why/`."""
    ends = (relationship.source_event, relationship.target_event)
    return {
        "edge": {
            "id": relationship.pk,
            "type": relationship.relationship_type,
            "source": ends[0].pk,
            "target": ends[1].pk,
            "confidence": round(relationship.confidence_score, 4),
            "detection_method": relationship.detection_method,
            "reasoning": relationship.reasoning,
            "evidence": relationship.evidence,
        },
        "layers": explain_layers(user_id=relationship.user_id, relationship_ids=[relationship.pk]),
        "memories": cite_memories(ends),
    }


def explain_tie(tie: Tie) -> dict[str, Any]:
    """The answer of `graph/ties/{id}/why/`."""
    ids = list_relationships_of_tie(user_id=tie.user_id, a=tie.a_id, b=tie.b_id)
    return {
        "edge": {
            "id": tie.pk,
            "source": {"id": tie.a.pk, "name": tie.a.name, "kind": tie.a.kind},
            "target": {"id": tie.b.pk, "name": tie.b.name, "kind": tie.b.kind},
            "memories": tie.memories,
            "weight": round(tie.weight, 4),
            "first": tie.first,
            "last": tie.last,
        },
        "layers": explain_layers(user_id=tie.user_id, relationship_ids=ids),
        "memories": list_tie_memories(user_id=tie.user_id, a=tie.a_id, b=tie.b_id),
    }


def explain_layers(*, user_id: int, relationship_ids: Sequence[int]) -> dict[str, dict[str, Any]]:
    """All nine by name; of several relationships the first that has a value speaks."""
    layers = {layer.name: layer for layer in LAYERS}
    answers = {name: _silence("disabled") for name in LAYER_NAMES}
    for name, layer in layers.items():
        answers[name] = _explain(layer, user_id=user_id, relationship_ids=relationship_ids)
    answers["change"] = _explain_change(user_id=user_id, relationship_ids=relationship_ids)
    return answers


def _explain(layer: Layer, *, user_id: int, relationship_ids: Sequence[int]) -> dict[str, Any]:
    if not is_switch_on(f"enrich_{layer.name}"):
        return _silence("disabled")
    rows = TABLES[layer.name].objects.filter(user_id=user_id, relationship_id__in=relationship_ids)
    row = rows.filter(status="computed").order_by("pk").first() or rows.order_by("pk").first()
    if row is None:
        return _silence("not_enough_data")
    if row.status != "computed":
        return _silence(row.status)
    shared = {field.name for field in Relationship._meta.fields} | {"relationship", "status", "computed_at"}
    value = {field.name: getattr(row, field.name) for field in row._meta.fields if field.name not in shared}
    return {
        "status": "computed",
        "value": value,
        "why": layer.explain(values=value, evidence=row.evidence),
        "evidence": row.evidence,
        "memories": row.evidence.get("memories", []),
        "computed_at": row.computed_at,
    }


def _explain_change(*, user_id: int, relationship_ids: Sequence[int]) -> dict[str, Any]:
    if not is_switch_on("enrich_change"):
        return _silence("disabled")
    rows = EventDelta.objects.filter(user_id=user_id, relationship_id__in=relationship_ids)
    last = rows.order_by("-pk").first()
    if last is None:
        return _silence("not_enough_data")
    count = rows.count()
    times = "once" if count == 1 else f"{count} times"
    return {
        "status": "computed",
        "value": {"change_type": last.change_type},
        "why": f"Last {VERBS[last.change_type]} on {last.created_at:%-d %B %Y}; it has changed {times} in all.",
        "evidence": {"changes": count, "before": last.before, "after": last.after, "cause": last.cause},
        "memories": [],
        "computed_at": last.created_at,
    }


def _silence(status: str) -> dict[str, Any]:
    silent: Mapping[str, Any] = {"value": None, "evidence": None, "memories": [], "computed_at": None}
    return {"status": status, "why": SILENT[status]} | dict(silent)
