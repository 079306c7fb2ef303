"""Two memories and how they belong together, and the view that joins what all layers say of them."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from graph.models.base import UserQuerySet, link, owner


class Relationship(models.Model):
    """Two memories, the earlier is the source, and how they belong together; the layers' rows that were chosen for it."""

    user = owner(implied=True)
    source_event = link("memories.Memory")
    target_event = link("memories.Memory")
    relationship_type = models.CharField(max_length=20)
    confidence_score = models.FloatField()
    detection_method = models.CharField(max_length=40)
    reasoning = models.CharField(max_length=500)
    evidence = models.JSONField(default=dict)
    source_entity_ids = ArrayField(models.BigIntegerField(), default=list)
    target_entity_ids = ArrayField(models.BigIntegerField(), default=list)
    temporal_pattern = link("graph.TemporalPattern", null=True)
    seasonal_pattern = link("graph.SeasonalPattern", null=True)
    pattern = link("graph.RelationshipPattern", null=True)
    cross_platform = link("graph.CrossPlatformRelationship", null=True)
    predicted_relationship = link("graph.PredictedRelationship", null=True)
    delta_log_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        db_table = "relationship_instances"
        constraints = (
            models.UniqueConstraint(
                fields=("user", "source_event", "target_event", "relationship_type"), name="relationship_key"
            ),
            models.UniqueConstraint(fields=("user", "id"), name="relationship_of_user"),
        )
        indexes = (
            models.Index(fields=("user", "target_event"), name="relationship_target"),
            models.Index(fields=("user", "temporal_pattern"), name="relationship_temporal"),
            models.Index(fields=("user", "seasonal_pattern"), name="relationship_seasonal"),
            models.Index(fields=("user", "pattern"), name="relationship_pattern"),
            models.Index(fields=("user", "cross_platform"), name="relationship_cross"),
            models.Index(fields=("user", "predicted_relationship"), name="relationship_predicted"),
        )

    def __str__(self) -> str:
        return f"{self.relationship_type} {self.source_event_id} -> {self.target_event_id}"


class EnrichedRelationship(models.Model):
    """A row of the materialized view: one live relationship with what all nine layers say of it."""

    id = models.BigIntegerField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, related_name="+")
    source_event = models.ForeignKey("memories.Memory", on_delete=models.DO_NOTHING, related_name="+")
    target_event = models.ForeignKey("memories.Memory", on_delete=models.DO_NOTHING, related_name="+")
    relationship_type = models.CharField(max_length=20)
    confidence_score = models.FloatField()
    detection_method = models.CharField(max_length=40)
    reasoning = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    causal_score = models.FloatField(null=True)
    causal_strength = models.FloatField(null=True)
    causal_direction = models.CharField(max_length=16, null=True)  # noqa: DJ001
    causal_basis = models.CharField(max_length=10, null=True)  # noqa: DJ001
    temporal_pattern_id = models.BigIntegerField(null=True)
    recurrence_score = models.FloatField(null=True)
    recurrence_frequency = models.CharField(max_length=120, null=True)  # noqa: DJ001
    last_occurrence = models.DateField(null=True)
    next_predicted_occurrence = models.DateField(null=True)
    seasonal_pattern_id = models.BigIntegerField(null=True)
    seasonal_strength = models.FloatField(null=True)
    seasonal_months = ArrayField(models.SmallIntegerField(), null=True)
    pattern_id = models.BigIntegerField(null=True)
    pattern_name = models.CharField(max_length=255, null=True)  # noqa: DJ001
    pattern_confidence = models.FloatField(null=True)
    cross_platform_id = models.BigIntegerField(null=True)
    platform_sources = ArrayField(models.CharField(max_length=32), null=True)
    predicted_relationship_id = models.BigIntegerField(null=True)
    prediction_confidence = models.FloatField(null=True)
    prediction_reason = models.CharField(max_length=255, null=True)  # noqa: DJ001
    root_cause_id = models.BigIntegerField(null=True)
    root_cause_analysis = models.TextField(null=True)  # noqa: DJ001
    delta_log_id = models.BigIntegerField(null=True)
    change_type = models.CharField(max_length=8, null=True)  # noqa: DJ001
    duplicate_transaction_id = models.BigIntegerField(null=True)
    is_duplicate = models.BooleanField(null=True)
    duplicate_confidence = models.FloatField(null=True)
    source_entity_ids = ArrayField(models.BigIntegerField())
    target_entity_ids = ArrayField(models.BigIntegerField())
    layers = models.SmallIntegerField()

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "view_enriched_relationships"

    def __str__(self) -> str:
        return f"{self.relationship_type} {self.source_event_id} -> {self.target_event_id}"
