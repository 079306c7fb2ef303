"""Rows of this app: accounts at providers, their runs, and work that failed for good."""

from datetime import timedelta
from typing import Any, ClassVar, Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils import timezone

from memories.models import Memory

PROVIDER_NAMES = (("gmail", "Gmail"), ("dropbox", "Dropbox"), ("gdrive", "Google Drive"), ("zoho_mail", "Zoho Mail"))


class UserQuerySet(models.QuerySet[Any]):
    def for_user(self, user: Any) -> Self:
        return self.filter(user_id=user.pk)


class Connection(models.Model):
    """An account at a provider, reached through Nango. Its tokens stay there.

    `cursor` is where the next page begins, in the provider's own terms; it is written with the rows of the page before it.
    `sweep` numbers the full listings: an item whose `seen` is older was not shown by the last one.
    """

    class State(models.TextChoices):
        NEW = "new", "waits for your go-ahead"
        ACTIVE = "active", "is in sync"
        NEEDS_REAUTH = "needs_reauth", "needs access again"
        HELD = "held", "waits for your decision"
        PAUSED = "paused", "is paused"
        GONE = "gone", "was removed at Nango"
        LEAVING = "leaving", "is being disconnected"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False)
    provider = models.CharField(max_length=12, choices=PROVIDER_NAMES)
    nango_id = models.CharField(max_length=255)
    account = models.CharField(max_length=255, blank=True, default="")
    state = models.CharField(max_length=12, choices=State.choices, default=State.NEW)
    error = models.CharField(max_length=500, blank=True, default="")
    cursor = models.JSONField(null=True)
    sweep = models.PositiveIntegerField(default=0)
    preview = models.JSONField(null=True)
    next_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True)
    swept_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    auth_failed_since = models.DateTimeField(null=True)
    erase_memories = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "provider", "nango_id"), name="connection_key"),
            models.UniqueConstraint(fields=("user", "id"), name="connection_of_user"),
            models.UniqueConstraint(
                "user",
                "provider",
                Lower("account"),
                name="connection_account",
                condition=~Q(account="") & ~Q(state="leaving"),
            ),
        )
        indexes = (models.Index(fields=("next_at",), name="connection_due", condition=Q(state="active")),)

    def __str__(self) -> str:
        return f"{self.provider} {self.account}"

    @property
    def account_memories(self) -> "models.QuerySet[Memory]":
        """The memories of this account, whichever connection brought them."""
        rows: models.QuerySet[Memory] = Memory.objects.filter(
            user_id=self.user_id, source=self.provider, account=self.account
        )
        return rows


class SyncRun(models.Model):
    """One sync of a connection, with what it did; the row is the work, a message only wakes a worker for it.

    A worker owns the row while `lease_until` is ahead and `lease_token` is its own. `attempts` are failures since the last page.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        WAITING = "waiting"  # for the provider or for the next attempt
        HELD = "held"  # for the person's decision
        DONE = "done"
        FAILED = "failed"
        STOPPED = "stopped"  # by the person, or because access is missing
        UNDOING = "undoing"
        UNDONE = "undone"

    OPEN = (State.QUEUED, State.RUNNING, State.WAITING, State.HELD, State.UNDOING)
    UNDOABLE = (State.DONE, State.FAILED, State.STOPPED, State.HELD)
    UNDO_LASTS = timedelta(days=30)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    kind = models.CharField(max_length=8, default="changes")  # first, changes, resync, sweep
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    waiting_since = models.DateTimeField(null=True)
    held_for = models.CharField(max_length=9, blank=True, default="")  # deletions, arrivals
    would_delete = models.PositiveIntegerField(null=True)
    would_delete_of = models.PositiveIntegerField(null=True)
    allowed_deletions = models.PositiveIntegerField(default=0)
    arrivals_allowed = models.BooleanField(default=False)
    error = models.CharField(max_length=500, blank=True, default="")
    failure = models.CharField(
        max_length=20, blank=True, default=""
    )  # one of JobFailure.KINDS, where the error does not tell it
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "id"), name="run_of_user"),
            models.UniqueConstraint(
                fields=("connection",),
                name="run_one_open",
                condition=Q(state__in=("queued", "running", "waiting", "held", "undoing")),
            ),
        )
        indexes = (
            models.Index(fields=("user", "connection", "-id"), name="run_latest"),
            models.Index(
                fields=("due_at",),
                name="run_due",
                condition=Q(state__in=("queued", "running", "waiting", "undoing")),
            ),
        )

    def __str__(self) -> str:
        return f"run {self.pk} ({self.state})"

    @property
    def origin(self) -> str:
        """What the memories this run wrote carry as their origin."""
        return f"run:{self.pk}"


class RemoteItem(models.Model):
    """What we know of one item at a provider: the version we hold, where it lies, and when a full listing last showed it.

    `gone_in` is the run that found it missing; nothing is deleted before that run ends, so that a move (a deletion and an
    arrival, in any order) deletes nothing and a run that would delete too much can be held.
    """

    class State(models.TextChoices):
        STORED = "stored"
        SKIPPED = "skipped"  # it cannot become a memory; `reason` says why
        KEPT = "kept"  # missing at the provider, and the person wants to keep its memory
        UNDONE = "undone"  # there at the provider, and the person does not want it
        FAILED = "failed"  # it could not be read though the rest could; it is tried again at `retry_at`
        ERASED = "erased"  # its person erased the memory, so nothing else is kept of it here

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    remote_id = models.CharField(max_length=255)
    version = models.CharField(max_length=255, blank=True, default="")
    path = models.TextField(blank=True, default="")
    state = models.CharField(max_length=8, choices=State.choices, default=State.STORED)
    reason = models.CharField(max_length=255, blank=True, default="")
    seen = models.PositiveIntegerField(default=0)
    gone_in = models.BigIntegerField(null=True)
    details = models.JSONField(null=True)  # the entry of a failed item, to read it again
    failed_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("connection", "remote_id"), name="remote_item_key"),)
        indexes = (
            models.Index(
                "connection",
                OpClass("path", name="text_pattern_ops"),
                name="remote_item_path",
                condition=~Q(path=""),
            ),
            models.Index(fields=("user", "remote_id"), name="remote_item_of_user"),
            models.Index(fields=("connection", "id"), name="remote_item_gone", condition=Q(gone_in__isnull=False)),
            models.Index(fields=("connection", "retry_at"), name="remote_item_retry", condition=Q(state="failed")),
        )

    def __str__(self) -> str:
        return f"{self.remote_id} ({self.state})"


class SyncChange(models.Model):
    """What a run did to one memory, kept 30 days so that the run can be undone.

    `before` is the memory as it was, None if it is new; `revision` is the memory's own afterwards: with another one
    somebody wrote it since.
    """

    ACTIONS = (("created", "created"), ("updated", "updated"), ("deleted", "deleted"))

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False)
    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    remote_id = models.CharField(max_length=255)
    action = models.CharField(max_length=7, choices=ACTIONS)
    before = models.JSONField(null=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("run", "id"), name="change_of_run"),
            models.Index(fields=("user", "remote_id"), name="change_of_item"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.remote_id}"


class ConnectSession(models.Model):
    """A permission to connect an account that we asked Nango for; a connection is taken in only if it names one that is open."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False)
    provider = models.CharField(max_length=12, choices=PROVIDER_NAMES)
    key = models.UUIDField(unique=True, default=uuid4)
    connection = models.ForeignKey(Connection, null=True, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("expires_at",), name="session_open", condition=Q(used_at__isnull=True)),)

    def __str__(self) -> str:
        return f"{self.provider} ({self.created_at})"


class WebhookEvent(models.Model):
    """Something Nango told us, once per body; only a hint to look, so no part of it is believed."""

    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=20)
    operation = models.CharField(max_length=20, blank=True, default="")
    integration = models.CharField(max_length=255, blank=True, default="")
    nango_id = models.CharField(max_length=255, blank=True, default="")
    times = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        indexes = (models.Index(fields=("received_at",), name="webhook_open", condition=Q(handled_at__isnull=True)),)

    def __str__(self) -> str:
        return f"{self.kind} {self.operation}"


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
