"""Rows of the graph: what memories name, what ties them together, and what the nine layers found.

Every table carries `user_id` first in its indexes. Foreign keys between our own tables are (user_id, x_id) to (user_id, id) in
SQL (graph/sql/keys_v1.sql), so no row can join two people; the database cascades, Django does not.
"""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

KINDS = (("person", "person"), ("place", "place"), ("organisation", "organisation"), ("topic", "topic"))


def owner() -> Any:
    """The person a row belongs to; indexes name it first themselves."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")


def link(to: str, *, null: bool = False) -> Any:
    """A reference whose constraint is the composite one in SQL."""
    return models.ForeignKey(
        to, null=null, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )


class UserQuerySet(models.QuerySet[Any]):
    def for_user(self, user: Any) -> Self:
        return self.filter(user_id=user.pk)


class Leaf(models.Model):
    """An immutable leaf entity: one key of one kind, as texts name it. `canonical_id` is derived: the leaf that stands for its group."""

    user = owner()
    kind = models.CharField(max_length=12, choices=KINDS)
    key = models.CharField(max_length=255)
    canonical = link("graph.Leaf", null=True)
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        db_table = "normalized_entities"
        constraints = (
            models.UniqueConstraint(fields=("user", "kind", "key"), name="leaf_key"),
            models.UniqueConstraint(fields=("user", "id"), name="leaf_of_user"),
        )
        indexes = (models.Index(fields=("user", "canonical"), name="leaf_canonical"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class EntityQuerySet(UserQuerySet):
    def shown(self) -> Self:
        """Nodes of the graph: what somebody names; a topic needs three memories, fewer connect nothing."""
        return self.filter(SHOWN)


SHOWN = Q(hidden=False) & (Q(memories__gte=3) | (Q(memories__gte=1) & ~Q(kind="topic")))


class Entity(models.Model):
    """What a group of leaves is together: derived from mentions, automatic links and the person's events. Its id is its canonical leaf's."""

    id = models.BigIntegerField(primary_key=True)
    user = owner()
    kind = models.CharField(max_length=12, choices=KINDS)
    name = models.CharField(max_length=255)
    aliases = ArrayField(models.CharField(max_length=255), default=list)
    memories = models.PositiveIntegerField(default=0)
    first_seen = models.DateField(null=True)
    last_seen = models.DateField(null=True)
    hidden = models.BooleanField(default=False)
    teller = models.BooleanField(default=False)
    importance = models.FloatField(default=0.0)
    community = models.IntegerField(default=0)
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)

    objects: ClassVar[models.Manager[Any]] = EntityQuerySet.as_manager()

    class Meta:
        db_table = "graph_entities"
        verbose_name_plural = "entities"
        constraints = (models.UniqueConstraint(fields=("user", "id"), name="entity_of_user"),)
        indexes = (models.Index(fields=("user", "-importance", "id"), name="entity_importance"),)

    def __str__(self) -> str:
        return self.name


class EntityEvent(models.Model):
    """What the person said of entities, append-only; it wins over automatic links, and undo is one more event."""

    user = owner()
    action = models.CharField(
        max_length=11,
        choices=[(a, a) for a in ("merge", "split", "never_merge", "rename", "kind", "hide", "show")],
    )
    entity = link("graph.Leaf")
    other = link("graph.Leaf", null=True)
    value = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        db_table = "graph_entity_events"
        indexes = (models.Index(fields=("user", "id"), name="entity_event_order"),)

    def __str__(self) -> str:
        return f"{self.action} {self.entity_id}"


class Mention(models.Model):
    """A span of a memory's content that names a leaf entity; title, author and participants have no span. `address` is a mail header's."""

    user = owner()
    memory = link("memories.Memory")
    entity = link("graph.Leaf")
    occurred_on = models.DateField()
    field = models.CharField(max_length=12)
    text = models.CharField(max_length=255)
    address = models.CharField(max_length=320, blank=True, default="")
    start = models.IntegerField(null=True)
    end = models.IntegerField(null=True)

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        db_table = "entity_matches"
        indexes = (
            models.Index(fields=("user", "memory"), name="mention_memory"),
            models.Index(fields=("user", "entity", "occurred_on"), name="mention_entity"),
        )

    def __str__(self) -> str:
        return f"memory {self.memory_id} names {self.entity_id}"


class Tie(models.Model):
    """Two entities that some memory names together.

    `weight` adds 1/(n-1) for each such memory that names n entities (Newman 2001, collaboration networks), so a memory of
    two counts more than a list of thirty. `layers` is a bit mask: bit n-1 = layer n has a value for this tie.
    """

    user = owner()
    a = link("graph.Entity")
    b = link("graph.Entity")
    memories = models.PositiveIntegerField()
    weight = models.FloatField()
    first = models.DateField()
    last = models.DateField()
    layers = models.SmallIntegerField(default=0)

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        db_table = "entity_ties"
        constraints = (
            models.UniqueConstraint(fields=("user", "a", "b"), name="tie_pair"),
            models.UniqueConstraint(fields=("user", "id"), name="tie_of_user"),
            models.CheckConstraint(condition=Q(a__lt=F("b")), name="tie_in_order"),
        )
        indexes = (models.Index(fields=("user", "b"), name="tie_other_end"),)

    def __str__(self) -> str:
        return f"{self.a_id} - {self.b_id}"


class Series(models.Model):
    """The occurrence days of an entity, or of a tie when there are two: what recurs, has seasons, is predicted."""

    user = owner()
    entity_a = link("graph.Entity")
    entity_b = link("graph.Entity", null=True)
    days = models.PositiveIntegerField(default=0)
    first = models.DateField(null=True)
    last = models.DateField(null=True)
    dirty_at = models.DateTimeField(null=True, db_default=Now())

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        db_table = "graph_series"
        verbose_name_plural = "series"
        constraints = (
            models.UniqueConstraint(
                fields=("user", "entity_a", "entity_b"), name="series_key", nulls_distinct=False
            ),
            models.UniqueConstraint(fields=("user", "id"), name="series_of_user"),
        )
        indexes = (models.Index(fields=("user", "id"), name="series_dirty", condition=Q(dirty_at__isnull=False)),)

    def __str__(self) -> str:
        return f"series {self.entity_a_id}/{self.entity_b_id}"


class Finding(models.Model):
    """What every layer's row carries beside its value: the status, the numbers behind it and when it was computed."""

    user = owner()
    status = models.CharField(max_length=16, default="computed")
    evidence = models.JSONField(default=dict)
    computed_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk} ({self.status})"


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


class Relationship(models.Model):
    """Two memories, the earlier is the source, and how they belong together; the layers' rows that were chosen for it."""

    user = owner()
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


class RelationshipFinding(Finding):
    """A layer's row that belongs to one relationship."""

    relationship = link("graph.Relationship")

    class Meta:
        abstract = True


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


class DirtyRow(models.Model):
    """The append-only dirty log, written by triggers alone; a refresh removes exactly the rows its snapshot saw."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    object_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "graph_dirty_log"
        indexes = (models.Index(fields=("user_id", "kind", "object_id"), name="dirty_of_user"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class Refresh(models.Model):
    """One refresh of the view that went through."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    rows = models.BigIntegerField()

    class Meta:
        db_table = "graph_refreshes"
        verbose_name_plural = "refreshes"

    def __str__(self) -> str:
        return f"{self.rows} rows at {self.finished_at:%Y-%m-%d %H:%M}"


class Epoch(models.Model):
    """Per person: the last refresh that took in changes of theirs. Part of the graph's version."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    refresh_id = models.BigIntegerField(default=0)

    class Meta:
        db_table = "graph_epochs"

    def __str__(self) -> str:
        return str(self.refresh_id)


class Body(models.Model):
    """A person's whole graph as the JSON text of one version, so that reading it again costs one row.

    It counts only while its tag is the person's current version, so it is never stale; erasing a memory removes it.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    tag = models.CharField(max_length=80)
    body = models.TextField()

    class Meta:
        db_table = "graph_bodies"
        verbose_name_plural = "bodies"

    def __str__(self) -> str:
        return self.tag


class Work(models.Model):
    """A graph job of one person that is due: layout, layers. One row per (user, kind, slot) however often it is asked for."""

    user = owner()
    kind = models.CharField(max_length=12)
    slot = models.CharField(max_length=20, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "graph_work"
        verbose_name_plural = "work"
        constraints = (models.UniqueConstraint(fields=("user", "kind", "slot"), name="work_key"),)
        indexes = (models.Index(fields=("due_at",), name="work_due", condition=Q(failed_at__isnull=True)),)

    def __str__(self) -> str:
        return f"{self.kind} {self.slot}"


