"""What the layers found: a row a series, a row a relationship, or a row that many relationships chose."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from graph.models.base import Finding, RelationshipFinding, UserQuerySet, link, owner


class TemporalPattern(Finding):
    """Layer 2: how a series recurs. One row a series."""

    series = link("graph.Series")
    recurrence_score = models.FloatField(null=True)
    recurrence_frequency = models.CharField(max_length=120, null=True)  # noqa: DJ001 -- NULL is a value: not found
    label = models.CharField(max_length=120, null=True)  # noqa: DJ001
    last_occurrence = models.DateField(null=True)
    next_predicted_occurrence = models.DateField(null=True)
    confidence = models.FloatField(null=True)
    p_adjusted = models.FloatField(null=True)

    class Meta:
        db_table = "temporal_patterns"
        constraints = (
            models.UniqueConstraint(fields=("user", "series"), name="temporal_series"),
            models.UniqueConstraint(fields=("user", "id"), name="temporal_of_user"),
        )


class SeasonalPattern(Finding):
    """Layer 3: the months of a series. One row a series."""

    series = link("graph.Series")
    seasonal_strength = models.FloatField(null=True)
    seasonal_months = ArrayField(models.SmallIntegerField(), null=True)
    p_adjusted = models.FloatField(null=True)

    class Meta:
        db_table = "seasonal_patterns"
        constraints = (
            models.UniqueConstraint(fields=("user", "series"), name="seasonal_series"),
            models.UniqueConstraint(fields=("user", "id"), name="seasonal_of_user"),
        )


class PredictedRelationship(Finding):
    """Layer 6: what is expected of a series within a horizon, scored when the horizon has passed."""

    series = link("graph.Series")
    kind = models.CharField(max_length=12)
    horizon = models.SmallIntegerField()
    prediction_confidence = models.FloatField(null=True)
    prediction_reason = models.CharField(max_length=255, null=True)  # noqa: DJ001
    expected_on = models.DateField(null=True)
    outcome = models.CharField(max_length=6, null=True)  # noqa: DJ001

    class Meta:
        db_table = "predicted_relationships"
        constraints = (
            models.UniqueConstraint(fields=("user", "series", "kind", "horizon"), name="prediction_key"),
            models.UniqueConstraint(fields=("user", "id"), name="prediction_of_user"),
        )


class RelationshipPattern(Finding):
    """Layer 4: a template or a sequence that relationships match."""

    kind = models.CharField(max_length=8)
    definition = models.JSONField(default=dict)
    definition_hash = models.CharField(max_length=64)
    pattern_name = models.CharField(max_length=255, null=True)  # noqa: DJ001
    pattern_confidence = models.FloatField(null=True)

    class Meta:
        db_table = "relationship_patterns"
        constraints = (
            models.UniqueConstraint(fields=("user", "kind", "definition_hash"), name="pattern_key"),
            models.UniqueConstraint(fields=("user", "id"), name="pattern_of_user"),
        )


class CrossPlatformRelationship(Finding):
    """Layer 5: one real-world event told on several platforms."""

    memory_ids = ArrayField(models.BigIntegerField())
    platform_sources = ArrayField(models.CharField(max_length=32), null=True)
    confidence = models.FloatField(null=True)

    class Meta:
        db_table = "cross_platform_relationships"
        constraints = (models.UniqueConstraint(fields=("user", "id"), name="cross_platform_of_user"),)


class CausalRelationship(RelationshipFinding):
    """Layer 1."""

    causal_score = models.FloatField(null=True)
    causal_strength = models.FloatField(null=True)
    causal_direction = models.CharField(max_length=16, null=True)  # noqa: DJ001
    causal_basis = models.CharField(max_length=10, null=True)  # noqa: DJ001

    class Meta:
        db_table = "causal_relationships"
        constraints = (
            models.UniqueConstraint(fields=("user", "relationship"), name="causal_relationship"),
            models.UniqueConstraint(fields=("user", "id"), name="causal_of_user"),
        )


class RootCauseAnalysis(RelationshipFinding):
    """Layer 7."""

    root_cause_analysis = models.TextField(null=True)  # noqa: DJ001
    chain = models.JSONField(default=list)
    confidence = models.FloatField(null=True)

    class Meta:
        db_table = "root_cause_analyses"
        constraints = (
            models.UniqueConstraint(fields=("user", "relationship"), name="root_cause_relationship"),
            models.UniqueConstraint(fields=("user", "id"), name="root_cause_of_user"),
        )


class DuplicateTransaction(RelationshipFinding):
    """Layer 9."""

    is_duplicate = models.BooleanField(null=True)
    duplicate_confidence = models.FloatField(null=True)

    class Meta:
        db_table = "duplicate_transactions"
        constraints = (
            models.UniqueConstraint(fields=("user", "relationship"), name="duplicate_relationship"),
            models.UniqueConstraint(fields=("user", "id"), name="duplicate_of_user"),
        )


class EventDelta(models.Model):
    """Layer 8, append-only: what changed about a relationship. Numbers and ids, never text; it outlives the relationship."""

    user = owner()
    relationship_id = models.BigIntegerField()
    layer = models.CharField(max_length=14)
    change_type = models.CharField(max_length=8)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    cause = models.CharField(max_length=40)
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        db_table = "event_delta_logs"
        constraints = (models.UniqueConstraint(fields=("user", "id"), name="delta_of_user"),)
        indexes = (models.Index(fields=("user", "relationship_id", "id"), name="delta_of_relationship"),)

    def __str__(self) -> str:
        return f"{self.change_type} {self.relationship_id}"
