"""The seed's way of answering `graph/`, kept as it was: one query for the relationships, one for each layer by `id IN (...)`, rows as
objects, merged in Python, serialized field by field. And the seed's own remedy: one query of the view, the rest as before.
"""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer

from graph.models import (
    CausalRelationship,
    CrossPlatformRelationship,
    DuplicateTransaction,
    EnrichedRelationship,
    Entity,
    EventDelta,
    PredictedRelationship,
    Relationship,
    RelationshipPattern,
    RootCauseAnalysis,
    SeasonalPattern,
    TemporalPattern,
)
from memories.api.base import PersonView

NODE_FIELDS = ("id", "kind", "name", "memories", "importance", "community", "x", "y", "first_seen", "last_seen")
EDGE_FIELDS = (
    "id", "user", "source_event", "target_event", "relationship_type", "confidence_score", "detection_method", "reasoning",
    "created_at", "updated_at", "causal_score", "causal_direction", "recurrence_score", "recurrence_frequency", "last_occurrence",
    "next_predicted_occurrence", "seasonal_strength", "seasonal_months", "pattern_name", "pattern_confidence", "platform_sources",
    "prediction_confidence", "prediction_reason", "root_cause_analysis", "change_type", "is_duplicate", "duplicate_confidence",
)  # fmt: skip
# Where each layer's rows are: found by the id of their relationship, or by their own id, which the relationship holds.
LAYERS = (
    (CausalRelationship, "relationship_id", "id", ("causal_score", "causal_direction")),
    (TemporalPattern, "id", "temporal_pattern_id",
     ("recurrence_score", "recurrence_frequency", "last_occurrence", "next_predicted_occurrence")),
    (SeasonalPattern, "id", "seasonal_pattern_id", ("seasonal_strength", "seasonal_months")),
    (RelationshipPattern, "id", "pattern_id", ("pattern_name", "pattern_confidence")),
    (CrossPlatformRelationship, "id", "cross_platform_id", ("platform_sources",)),
    (PredictedRelationship, "id", "predicted_relationship_id", ("prediction_confidence", "prediction_reason")),
    (RootCauseAnalysis, "relationship_id", "id", ("root_cause_analysis",)),
    (EventDelta, "id", "delta_log_id", ("change_type",)),
    (DuplicateTransaction, "relationship_id", "id", ("is_duplicate", "duplicate_confidence")),
)  # fmt: skip


class NodeSerializer(ModelSerializer):
    class Meta:
        model = Entity
        fields = NODE_FIELDS


class EdgeSerializer(ModelSerializer):
    class Meta:
        model = EnrichedRelationship
        fields = EDGE_FIELDS


class BeforeView(PersonView):
    """Ten queries by id, and one for the nodes."""

    def get(self, request: Request) -> Response:
        return Response(answer(user_id=self.person.pk, edges=read_by_ids(user_id=self.person.pk)))


class FixView(PersonView):
    """One query of the view, and one for the nodes."""

    def get(self, request: Request) -> Response:
        edges = EnrichedRelationship.objects.filter(user_id=self.person.pk).order_by("id")
        return Response(answer(user_id=self.person.pk, edges=edges))


class OneView(PersonView):
    """The least that a view of this product can do: who is asking, one statement, an answer."""

    def get(self, request: Request) -> HttpResponse:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            (one,) = cursor.fetchone()
        return HttpResponse(f"{one}", content_type="application/json")


def answer(*, user_id: int, edges: Iterable[Any]) -> dict[str, Any]:
    nodes = Entity.objects.shown().filter(user_id=user_id).order_by("id")
    return {"nodes": NodeSerializer(nodes, many=True).data, "edges": EdgeSerializer(edges, many=True).data}


def render_before(*, user_id: int) -> bytes:
    """What BeforeView sends, without the wire."""
    return bytes(JSONRenderer().render(answer(user_id=user_id, edges=read_by_ids(user_id=user_id))))


def read_by_ids(*, user_id: int) -> list[Any]:
    """Relationships with the fields of all layers set on them."""
    edges = list(Relationship.objects.filter(user_id=user_id).order_by("id"))
    for model, key, pointer, names in LAYERS:
        ids = {getattr(edge, pointer) for edge in edges} - {None}
        rows = {getattr(row, key): row for row in model.objects.filter(**{f"{key}__in": sorted(ids)})}
        for edge in edges:
            row = rows.get(getattr(edge, pointer))
            for name in names:
                setattr(edge, name, getattr(row, name, None))
    return edges
