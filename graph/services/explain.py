"""Served: why a line is drawn. Every layer answers, with a sentence and its evidence, or with the reason for its silence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.enrichment import LAYER_NAMES, LAYERS_BY_NAME
from graph.evidence import (
    cite_memories,
    list_live_memories,
    list_memories_on,
    list_relationships_of_tie,
    list_series_shared,
    list_spans,
    list_tie_memories,
    read_names,
)
from graph.models import (
    CausalRelationship,
    CrossPlatformRelationship,
    DuplicateTransaction,
    EventDelta,
    PredictedRelationship,
    Relationship,
    RelationshipPattern,
    RootCauseAnalysis,
    SeasonalPattern,
    Series,
    TemporalPattern,
    Tie,
)
from memories.flags import is_switch_on

SILENT = {
    "not_enough_data": "There are too few occurrences to say anything.",
    "not_significant": "What was found could well be chance.",
    "disabled": "This layer is switched off.",
}
NOTHING = {  # a layer that has no row of this line
    "causal": "Neither answers the other, no text gives a reason, and nothing they name usually follows the other.",
    "pattern": "They fit no pattern that keeps coming back.",
    "cross_platform": "No other platform tells of the same event.",
    "root_cause": "No chain of causes leads here.",
    "duplicate": "They are no copies of each other.",
    "temporal": "What they have in common has not occurred often enough to show a rhythm.",
    "seasonal": "What they have in common has not occurred often enough to show a season.",
    "prediction": "What they have in common has not occurred often enough to be expected again.",
    "change": "Nothing has been logged of it yet.",
}
OF_SERIES: dict[str, Any] = {
    "temporal": TemporalPattern,
    "seasonal": SeasonalPattern,
    "prediction": PredictedRelationship,
}
OF_RELATIONSHIP: dict[str, Any] = {
    "causal": CausalRelationship,
    "root_cause": RootCauseAnalysis,
    "duplicate": DuplicateTransaction,
}
CHOSEN: dict[str, tuple[Any, str]] = {  # a row that many relationships chose, and their column for it
    "temporal": (TemporalPattern, "temporal_pattern_id"),
    "seasonal": (SeasonalPattern, "seasonal_pattern_id"),
    "prediction": (PredictedRelationship, "predicted_relationship_id"),
    "pattern": (RelationshipPattern, "pattern_id"),
    "cross_platform": (CrossPlatformRelationship, "cross_platform_id"),
}
SHOWN_MEMORIES = 8
NO_VALUES = {
    "id",
    "user",
    "relationship",
    "series",
    "status",
    "evidence",
    "computed_at",
    "p_adjusted",
    "definition_hash",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What is asked about: relationships of which the first that has a value speaks, and series, the likeliest to speak first."""

    user_id: int
    relationships: Sequence[Relationship]
    series: Sequence[int]
    own_series: bool = False  # a tie speaks of its own series alone, a relationship of the one chosen for it


def explain_relationship(relationship: Relationship) -> dict[str, Any]:
    """The answer of `graph/relationships/{id}/why/`."""
    ends = (relationship.source_event, relationship.target_event)
    shared = sorted(set(relationship.source_entity_ids) & set(relationship.target_entity_ids))
    series = list_series_shared(user_id=relationship.user_id, entity_ids=shared)
    line = Line(user_id=relationship.user_id, relationships=[relationship], series=series)
    return {
        "edge": {
            "id": relationship.pk,
            "type": relationship.relationship_type,
            "source": ends[0].pk,
            "target": ends[1].pk,
            "confidence": round(relationship.confidence_score, 4),
            "detection_method": relationship.detection_method,
            "reasoning": relationship.reasoning,
            "evidence": relationship.evidence
            | {"spans": list_spans(user_id=line.user_id, memory_ids=[end.pk for end in ends], entity_ids=shared)},
        },
        "layers": explain_layers(line),
        "memories": cite_memories(ends),
    }


def explain_tie(tie: Tie) -> dict[str, Any]:
    """The answer of `graph/ties/{id}/why/`."""
    ids = list_relationships_of_tie(user_id=tie.user_id, a=tie.a_id, b=tie.b_id)
    found = Relationship.objects.in_bulk(ids)
    rows = Series.objects.filter(user_id=tie.user_id, entity_a_id=tie.a_id, entity_b_id=tie.b_id)
    line = Line(
        user_id=tie.user_id,
        relationships=[found[pk] for pk in ids if pk in found],
        series=list(rows.values_list("pk", flat=True)),
        own_series=True,
    )
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
        "layers": explain_layers(line),
        "memories": list_tie_memories(user_id=tie.user_id, a=tie.a_id, b=tie.b_id),
    }


def explain_layers(line: Line) -> dict[str, dict[str, Any]]:
    """All nine by name, in their order."""
    return {name: _explain(name, line) for name in LAYER_NAMES}


def _explain(name: str, line: Line) -> dict[str, Any]:
    if not is_switch_on(f"enrich_{name}"):
        return _silence("disabled")
    if name == "change":
        return _explain_change(line)
    row = _find_row(name, line)
    if row is None:
        return _silence("not_enough_data" if name in OF_SERIES else "not_significant", NOTHING[name])
    if row.status != "computed":
        return _silence(row.status, _reason(row))
    answer = _tell(name, row)
    if line.own_series and name in OF_RELATIONSHIP:  # a tie's sentence is about a pair of its memories
        answer["why"] = _introduce(answer["why"], label="Of two memories about them")
    return answer


def _find_row(name: str, line: Line) -> Any:
    """The row that speaks; of several silent ones the one that came nearest to speaking."""
    if name in OF_RELATIONSHIP:
        rows = OF_RELATIONSHIP[name].objects.filter(
            user_id=line.user_id, relationship_id__in=[r.pk for r in line.relationships]
        )
        return rows.filter(status="computed").order_by("pk").first() or rows.order_by("pk").first()
    if name not in OF_SERIES or not line.own_series:
        model, column = CHOSEN[name]
        chosen = [pk for row in line.relationships if (pk := getattr(row, column)) is not None]
        found = model.objects.filter(user_id=line.user_id, pk__in=chosen).order_by("pk").first()
        if found is not None or name not in OF_SERIES:
            return found
    rows = OF_SERIES[name].objects.filter(user_id=line.user_id, series_id__in=line.series)
    if not line.own_series:
        return rows.exclude(status="computed").order_by("-status", "pk").first()
    order = ("-kind", "horizon") if name == "prediction" else ("pk",)
    shown = rows.filter(kind="next") | rows.filter(horizon=30) if name == "prediction" else rows
    return shown.filter(status="computed").order_by(*order).first() or rows.order_by("-status", "pk").first()


def _reason(row: Any) -> str | None:
    """Why a row is silent, where its layer noted more than the status says."""
    reason = row.evidence.get("reason")
    return f"{str(reason).capitalize().rstrip('.')}." if reason else None


def _tell(name: str, row: Any) -> dict[str, Any]:
    value = read_values(row)
    names = read_names(user_id=row.user_id, entity_ids=_list_entities(row))
    said = LAYERS_BY_NAME[name].explain(values=value, evidence=row.evidence, names=names)
    return {
        "status": "computed",
        "value": value,
        "why": _introduce(said, label=_label(row, names=names)),
        "evidence": row.evidence | {"p_adj": getattr(row, "p_adjusted", row.evidence.get("p_adj"))},
        "memories": _list_evidence(row),
        "computed_at": row.computed_at,
    }


def read_values(row: Any) -> dict[str, Any]:
    """What the layer says, without what every row carries beside it."""
    return {field.name: getattr(row, field.name) for field in row._meta.fields if field.name not in NO_VALUES}


def _list_entities(row: Any) -> list[int]:
    """Entities that a row or its evidence is about."""
    about = [row.series.entity_a_id, row.series.entity_b_id] if hasattr(row, "series") else []
    noted: list[Any] = [*row.evidence.get("entities", ()), row.evidence.get("cause"), row.evidence.get("effect")]
    steps = [entity for step in row.evidence.get("steps", ()) for entity in (step.get("cause"), step.get("effect"))]
    items = [item.removeprefix("entity:") for item in getattr(row, "definition", ()) if item.startswith("entity:")]
    return [int(entity) for entity in (*about, *noted, *steps, *items) if entity is not None]


def _label(row: Any, *, names: Mapping[int, str]) -> str:
    """Of what a series' finding speaks."""
    if not hasattr(row, "series"):
        return ""
    ends = [entity for entity in (row.series.entity_a_id, row.series.entity_b_id) if entity is not None]
    return " and ".join(names.get(entity, "?") for entity in ends)


def _introduce(sentence: str, *, label: str) -> str:
    """A sentence after what it is about."""
    return f"{label}: {sentence[0].lower()}{sentence[1:]}" if label else sentence


def _list_evidence(row: Any) -> list[int]:
    """The memories that a row rests on, those that are still there."""
    if hasattr(row, "series"):
        entities = [pk for pk in (row.series.entity_a_id, row.series.entity_b_id) if pk is not None]
        days = row.evidence.get("days") or (row.series.occurrences or [])[-SHOWN_MEMORIES:]
        return list_memories_on(user_id=row.user_id, entity_ids=entities, days=days)
    return list_live_memories(user_id=row.user_id, memory_ids=row.evidence.get("memories", ()))


def _explain_change(line: Line) -> dict[str, Any]:
    ids = [row.pk for row in line.relationships]
    rows = EventDelta.objects.filter(user_id=line.user_id, relationship_id__in=ids)
    last = rows.order_by("-pk").first()
    if last is None:
        return _silence("not_enough_data", NOTHING["change"])
    shown = "created" if last.change_type == "created" and last.layer == "base" else "modified"
    evidence = {
        "changes": rows.count(),
        "layer": last.layer,
        "before": last.before,
        "after": last.after,
        "cause": last.cause,
    }
    value = {"change_type": shown}
    on = {"on": last.created_at.date().isoformat()}
    return {
        "status": "computed",
        "value": value,
        "why": LAYERS_BY_NAME["change"].explain(values=value, evidence=evidence | on, names={}),
        "evidence": evidence,
        "memories": [],
        "computed_at": last.created_at,
    }


def _silence(status: str, reason: str | None = None) -> dict[str, Any]:
    silent: Mapping[str, Any] = {"value": None, "evidence": None, "memories": [], "computed_at": None}
    return {"status": status, "why": reason or SILENT[status]} | dict(silent)
