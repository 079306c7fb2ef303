"""Shapes of the graph's rows in JSON."""

from typing import Any

from rest_framework import serializers

from graph.models import EnrichedRelationship, Entity


class EntitySerializer(serializers.ModelSerializer[Entity]):
    class Meta:
        model = Entity
        fields = ("id", "name", "kind", "aliases", "memories", "importance", "community", "first_seen", "last_seen")


class EnrichedRelationshipSerializer(serializers.ModelSerializer[EnrichedRelationship]):
    """Every column of the view."""

    user_id: Any = serializers.IntegerField()
    source_event_id: Any = serializers.IntegerField()
    target_event_id: Any = serializers.IntegerField()

    class Meta:
        model = EnrichedRelationship
        exclude = ("user", "source_event", "target_event")
