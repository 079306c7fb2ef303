"""How the view and each person's graph are kept fresh: the log of changes, refreshes, bodies, layouts, jobs."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Now

from graph.models.base import TransactionId, link, owner


class DirtyRow(models.Model):
    """The append-only dirty log, written by triggers alone: what changed of a person's graph, and in which transaction.

    Each row is of one view, so that what happens in the other costs its readers nothing. Kinds: of entities, tie, node (what an
    entity shows), shown (one began or ceased to be shown); of memories, relationship and memory; of either, layout, truncate and
    forgotten (older rows are gone). Ids and no text. `source_id` and `target_id` are the ends of a tie or relationship, so that an
    edge which is gone can still be named.
    """

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    view = models.CharField(max_length=8)
    kind = models.CharField(max_length=12)
    object_id = models.BigIntegerField(null=True)
    source_id = models.BigIntegerField(null=True)
    target_id = models.BigIntegerField(null=True)
    xid = TransactionId(db_default=Func(function="pg_current_xact_id"))
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "graph_dirty_log"
        indexes = (
            models.Index(fields=("user_id", "view", "xid"), name="dirty_since"),
            BrinIndex(fields=("at",), name="dirty_at", autosummarize=True),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class Refresh(models.Model):
    """One refresh of the view that went through: the view holds what `snapshot` sees, in the life of the database that `home` names."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    rows = models.BigIntegerField()
    snapshot = models.TextField(default="")
    home = models.CharField(max_length=16, default="")

    class Meta:
        db_table = "graph_refreshes"
        verbose_name_plural = "refreshes"

    def __str__(self) -> str:
        return f"{self.rows} rows at {self.finished_at:%Y-%m-%d %H:%M}"


class Body(models.Model):
    """A person's graph in one of the shapes that are kept: JSON packed by zstd, and the version in which it was made.

    It is served only while the dirty log has no row that its version does not see, so it is never stale.
    """

    user = owner()
    shape = models.CharField(max_length=80)
    version = models.TextField()
    packed = models.BinaryField()

    class Meta:
        db_table = "graph_bodies"
        verbose_name_plural = "bodies"
        constraints = (models.UniqueConstraint(fields=("user", "shape"), name="body_of_shape"),)

    def __str__(self) -> str:
        return f"{self.shape} {self.version}"


class Layout(models.Model):
    """What the last layout of a view of a person's graph found of the whole. `largest`: nodes in the largest component."""

    user = owner()
    view = models.CharField(max_length=8)
    components = models.PositiveIntegerField()
    largest = models.PositiveIntegerField()
    communities = models.PositiveIntegerField()
    computed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "graph_layouts"
        constraints = (models.UniqueConstraint(fields=("user", "view"), name="layout_of_view"),)

    def __str__(self) -> str:
        return f"{self.view}: {self.components} components"


class MemoryPlace(models.Model):
    """Where a memory is drawn among memories, and what that graph says of it; an entity carries its own place."""

    user = owner(implied=True)
    memory = link("memories.Memory")
    importance = models.FloatField()
    community = models.IntegerField()
    x = models.FloatField()
    y = models.FloatField()

    class Meta:
        db_table = "graph_memory_places"
        constraints = (models.UniqueConstraint(fields=("user", "memory"), name="place_of_memory"),)

    def __str__(self) -> str:
        return f"memory {self.memory_id} at {self.x:.2f}, {self.y:.2f}"


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
