"""Rows of this app: accounts at providers, their runs, and work that failed for good."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

PROVIDERS = (("gmail", "Gmail"), ("dropbox", "Dropbox"), ("gdrive", "Google Drive"), ("zoho_mail", "Zoho Mail"))


class UserQuerySet(models.QuerySet[Any]):
    def for_user(self, user: Any) -> Self:
        return self.filter(user_id=user.pk)


class Connection(models.Model):
    """An account at a provider, reached through Nango. Its tokens stay there."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False)
    provider = models.CharField(max_length=12, choices=PROVIDERS)
    nango_id = models.CharField(max_length=255)
    account = models.CharField(max_length=255, blank=True, default="")
    state = models.CharField(max_length=12, default="active")
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "provider", "nango_id"), name="connection_key"),
            models.UniqueConstraint(fields=("user", "id"), name="connection_of_user"),
        )

    def __str__(self) -> str:
        return f"{self.provider} {self.account}"


class SyncRun(models.Model):
    """One sync of a connection, with what it did."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    state = models.CharField(max_length=12, default="queued")
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "id"), name="run_of_user"),)
        indexes = (models.Index(fields=("user", "connection", "-id"), name="run_latest"),)

    def __str__(self) -> str:
        return f"run {self.pk} ({self.state})"


class JobFailure(models.Model):
    """A unit of work that used up its attempts, once per unit and first due time. It never holds a memory's text."""

    KINDS = (
        ("transient-exhausted", "gave up after retries"),
        ("auth", "access was withdrawn"),
        ("permanent", "cannot work"),
        ("lost", "the worker died"),
    )
    STATES = (("open", "open"), ("retried", "retried"), ("resolved", "resolved"))

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, db_index=False)
    unit = models.CharField(max_length=80)
    first_due = models.DateTimeField()
    stage = models.CharField(max_length=20, blank=True, default="")
    kind = models.CharField(max_length=20, choices=KINDS)
    state = models.CharField(max_length=8, choices=STATES, default="open")
    runs = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True, default="")
    traceback = models.TextField(blank=True, default="")
    first_seen = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("unit", "first_due"), name="failure_unit"),)
        indexes = (models.Index(fields=("user", "-last_seen"), name="failure_latest"),)

    def __str__(self) -> str:
        return f"{self.unit} ({self.kind})"
