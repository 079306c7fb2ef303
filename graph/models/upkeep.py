"""How the view and each person's graph are kept fresh: log, refreshes, versions, bodies, jobs."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from graph.models.base import owner


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
    """A view of a person's whole graph as the JSON text of one version, so that reading it again costs one row.

    It counts only while its tag is the person's current version, so it is never stale; erasing a memory removes it.
    """

    user = owner()
    view = models.CharField(max_length=8)
    tag = models.CharField(max_length=80)
    body = models.TextField()

    class Meta:
        db_table = "graph_bodies"
        verbose_name_plural = "bodies"
        constraints = (models.UniqueConstraint(fields=("user", "view"), name="body_of_view"),)

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
