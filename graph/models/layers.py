"""What the layers found: a row a series, a row a relationship, or a row that many relationships chose."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
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
    """Layer 8, append-only, written by triggers alone (graph/sql/deltas_v1.sql): what changed in a row of a layer.

    Numbers and ids, never text; it outlives the row. Replaying a row's deltas gives what it holds now. Layer `base` is the
    relationship itself; `row_id` is the row of a finding, whose `relationship_id` is set where it belongs to one relationship.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    relationship_id = models.BigIntegerField(null=True)
    row_id = models.BigIntegerField(null=True)
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
        indexes = (
            models.Index(fields=("user", "relationship_id", "id"), name="delta_of_relationship"),
            models.Index(fields=("user", "layer", "row_id", "id"), name="delta_of_row"),
        )

    def __str__(self) -> str:
        return f"{self.change_type} {self.layer} {self.row_id}"


class PredictionScore(models.Model):
    """The ledger of predictions: what was promised on which day, and, once it came due, whether it came true."""

    user = owner()
    series = link("graph.Series")
    kind = models.CharField(max_length=12)
    horizon = models.SmallIntegerField()
    made_on = models.DateField()
    due_on = models.DateField()
    confidence = models.FloatField()
    outcome = models.CharField(max_length=6, null=True)  # noqa: DJ001 -- NULL: not due yet

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        db_table = "graph_prediction_scores"
        constraints = (
            models.UniqueConstraint(fields=("user", "series", "kind", "horizon", "made_on"), name="score_key"),
            models.UniqueConstraint(fields=("user", "id"), name="score_of_user"),
        )
        indexes = (models.Index(fields=("user", "due_on"), name="score_due", condition=Q(outcome__isnull=True)),)

    def __str__(self) -> str:
        return f"{self.kind} by {self.due_on}: {self.outcome or 'open'}"


class Signature(models.Model):
    """What a memory is looked up by when its copies and its other tellings are sought: hashes of its text, no text."""

    user = owner(implied=True)
    memory = link("memories.Memory")
    hash = models.BigIntegerField()

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        db_table = "graph_signatures"
        indexes = (
            models.Index(fields=("user", "hash"), name="signature_hash"),
            models.Index(fields=("user", "memory"), name="signature_memory"),
        )

    def __str__(self) -> str:
        return f"{self.memory_id}: {self.hash}"


class Statistics(models.Model):
    """A person's epoch: what the last whole pass over their layers counted, frozen until the next one, which `outdated` asks for."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    as_of = models.DateField()
    memories = models.PositiveIntegerField()
    sketch = models.BinaryField(default=b"")
    hazard = models.JSONField(null=True)
    rules = models.JSONField(default=list)
    outdated = models.BooleanField(default=False)
    passed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "graph_statistics"
        verbose_name_plural = "statistics"

    def __str__(self) -> str:
        return f"{self.memories} memories as of {self.as_of}"


class Suspicion(models.Model):
    """Something about memories that a person should look at, and why. A list of reasons, not a score."""

    user = owner()
    kind = models.CharField(max_length=20)
    memory_ids = ArrayField(models.BigIntegerField())
    evidence = models.JSONField(default=dict)
    found_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        db_table = "graph_suspicions"
        constraints = (
            models.UniqueConstraint(fields=("user", "kind", "memory_ids"), name="suspicion_key"),
            models.UniqueConstraint(fields=("user", "id"), name="suspicion_of_user"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.memory_ids}"
