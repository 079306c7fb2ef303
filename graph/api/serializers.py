"""Shapes of the graph's rows in JSON."""

from typing import Any

from rest_framework import serializers

from graph.models import KINDS, EnrichedRelationship, Entity


class EntitySerializer(serializers.ModelSerializer[Entity]):
    class Meta:
        model = Entity
        fields = ("id", "name", "kind", "aliases", "memories", "importance", "community", "first_seen", "last_seen")


class EntityNameSerializer(serializers.Serializer[Any]):
    """One of the names that an entity goes by; `id` is what a split asks for."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    name = serializers.CharField()
    memories = serializers.IntegerField()


class EntityDetailSerializer(EntitySerializer):
    """For the schema: an entity with its names; `merged_into` where another's id was asked for."""

    hidden = serializers.BooleanField()
    names = EntityNameSerializer(many=True)
    merged_into = serializers.IntegerField(required=False)

    class Meta(EntitySerializer.Meta):
        fields: Any = (*EntitySerializer.Meta.fields, "hidden", "names", "merged_into")


class EntityChangeSerializer(serializers.Serializer[Any]):
    """What a person may say of an entity; an empty name or kind takes back what they said before."""

    name = serializers.CharField(max_length=255, allow_blank=True, required=False)
    kind = serializers.ChoiceField(choices=KINDS, allow_blank=True, required=False)
    hidden = serializers.BooleanField(required=False)

    def validate(self, attrs: Any) -> Any:
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({name: ["This cannot be changed."] for name in unknown})
        if not attrs:
            raise serializers.ValidationError({"detail": "Say name, kind or hidden."})
        return attrs


class MergeSerializer(serializers.Serializer[Any]):
    """`other` becomes one with the entity of the address."""

    other = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class SplitSerializer(serializers.Serializer[Any]):
    """The id of one of the entity's `names`."""

    leaf = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class EnrichedRelationshipSerializer(serializers.ModelSerializer[EnrichedRelationship]):
    """Every column of the view."""

    user_id: Any = serializers.IntegerField()
    source_event_id: Any = serializers.IntegerField()
    target_event_id: Any = serializers.IntegerField()

    class Meta:
        model = EnrichedRelationship
        exclude = ("user", "source_event", "target_event")
