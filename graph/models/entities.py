"""What memories name: leaves, entities, mentions, ties, series, and what the person said of them."""

from typing import Any, ClassVar, Self, cast

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from graph.models.base import UserQuerySet, link, owner

KINDS = (("person", "person"), ("place", "place"), ("organisation", "organisation"), ("topic", "topic"))
# Nodes of the graph: what somebody names; a topic needs three memories, fewer connect nothing.
SHOWN = Q(hidden=False) & (Q(memories__gte=3) | (Q(memories__gte=1) & ~Q(kind="topic")))


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
        """Nodes of the graph."""
        return self.filter(shown=True)


class Entity(models.Model):
    """What a group of leaves is together: derived from mentions, automatic links and the person's events. Its id is its canonical leaf's."""

    id = models.BigIntegerField(primary_key=True)
    user = owner(implied=True)
    kind = models.CharField(max_length=12, choices=KINDS)
    name = models.CharField(max_length=255)
    aliases = ArrayField(models.CharField(max_length=255), default=list)
    memories = models.PositiveIntegerField(default=0)
    first_seen = models.DateField(null=True)
    last_seen = models.DateField(null=True)
    hidden = models.BooleanField(default=False)
    shown = models.GeneratedField(expression=cast("Any", SHOWN), output_field=models.BooleanField(), db_persist=True)
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

    user = owner(implied=True)
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


class Sighting(models.Model):
    """A memory whose text holds the words of a topic, though extraction did not keep it among the memory's key phrases.

    It counts for the days of the topic's series, and makes no tie and no relationship.
    """

    user = owner(implied=True)
    memory = link("memories.Memory")
    entity = link("graph.Leaf")
    occurred_on = models.DateField()

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        db_table = "graph_sightings"
        indexes = (
            models.Index(fields=("user", "memory"), name="sighting_memory"),
            models.Index(fields=("user", "entity", "occurred_on"), name="sighting_entity"),
        )

    def __str__(self) -> str:
        return f"memory {self.memory_id} holds the words of {self.entity_id}"


class Tie(models.Model):
    """Two entities that some memory names together.

    `weight` adds 1/(n-1) for each such memory that names n entities (Newman 2001, collaboration networks), so a memory of
    two counts more than a list of thirty. `layers` is a bit mask: bit n-1 = layer n has a value for this tie.
    """

    user = owner(implied=True)
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
    """The occurrence days of an entity, or of a tie when there are two: what recurs, has seasons, is predicted.

    `occurrences` are those days, rising, as days since 1970-01-01 (NULL: not counted yet). A pair that is only
    expected to meet has none.
    """

    user = owner(implied=True)
    entity_a = link("graph.Entity")
    entity_b = link("graph.Entity", null=True)
    days = models.PositiveIntegerField(default=0)
    first = models.DateField(null=True)
    last = models.DateField(null=True)
    occurrences = ArrayField(models.IntegerField(), null=True)
    dirty_at = models.DateTimeField(null=True, db_default=Now())

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        db_table = "graph_series"
        verbose_name_plural = "series"
        constraints = (
            models.UniqueConstraint(fields=("user", "entity_a", "entity_b"), name="series_key", nulls_distinct=False),
            models.UniqueConstraint(fields=("user", "id"), name="series_of_user"),
        )
        indexes = (models.Index(fields=("user", "id"), name="series_dirty", condition=Q(dirty_at__isnull=False)),)

    def __str__(self) -> str:
        return f"series {self.entity_a_id}/{self.entity_b_id}"
