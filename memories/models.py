"""Rows of this app: the person, their memories, and what keeps a memory from being lost or doubled."""

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Self, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.indexes import GinIndex
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string
from waffle.models import AbstractUserFlag


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is a zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValidationError("%(name)s is not a time zone.", params={"name": name}) from None


class User(AbstractUser):
    """A person; days are counted in their own time zone."""

    id = models.BigAutoField(primary_key=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def local_today(self, now: datetime) -> Any:
        return now.astimezone(self.zone).date()


class Session(AbstractBaseSession):
    """A session that points at its person (memories/sessions.py), so that both are read by one join."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE)

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_string(f"{settings.SESSION_ENGINE}.SessionStore")


class Flag(AbstractUserFlag):
    """A flag for what a person sees; `percent` is a stable share of users, never a draw per request."""

    def is_active_for_user(self, user: AbstractBaseUser) -> bool | None:
        if self.everyone is not None:
            return self.everyone
        decided = super().is_active_for_user(user)
        if decided is not None or self.percent is None or user.pk is None:
            return decided
        digest = hashlib.sha256(f"{self.name}:{user.pk}".encode()).digest()
        return Decimal(int.from_bytes(digest[:4], "big")) * 100 / 2**32 < self.percent

    def is_active(self, request: Any, read_only: bool = False) -> bool | None:  # noqa: FBT001, FBT002 -- waffle's own signature
        """As the parent, without its random draw for `percent`."""
        percent, self.percent = self.percent, None
        try:
            decided = super().is_active(request, read_only)
        finally:
            self.percent = percent
        return decided or bool(self.is_active_for_user(request.user))


class Stage(models.TextChoices):
    STORED = "stored"
    EXTRACTED = "extracted"
    RELATED = "related"
    ENRICHED = "enriched"
    FAILED = "failed"


class Lane(models.IntegerChoices):
    """Who is worked on first: what somebody just wrote or received, then what came by the thousand, then the backfill."""

    LIVE = 0
    BULK = 1
    BACKFILL = 2


class Intake(models.TextChoices):
    """Whether a memory came to be read at once or was there before anything was read."""

    LIVE = "live"
    BACKFILL = "backfill"


class MemoryQuerySet(models.QuerySet["Memory"]):
    def for_user(self, user: User) -> Self:
        return self.filter(user_id=user.pk)

    def naming(self, entity: str) -> Self:
        """Memories that name an entity, given by its id or by its key."""
        part = {"entity_id": int(entity)} if entity.isdecimal() and len(entity) < 19 else {"key": entity}
        return self.filter(entities__contains=[part])

    def matching(self, words: str) -> Self:
        """Full-text search; words are those of websearch_to_tsquery."""
        matches = "memory_words(title, content) @@ websearch_to_tsquery('english', life_unaccent(%s))"
        found: Any = self.extra(where=[matches], params=[words])  # noqa: S610 -- the words are a parameter
        return cast("Self", found)


class Memory(models.Model):
    """One thing a person wrote, received or kept.

    `stage` and the lease columns say where it is on its journey; a worker owns the row while `lease_until` is ahead and
    `lease_token` is its own. `revision` grows with every edit, so that work on an older text is thrown away. Without `due_at` it is
    not in line yet: an old memory that the backfill has not let in.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False)
    source = models.CharField(max_length=32)
    account = models.CharField(max_length=255, blank=True, default="")
    external_id = models.CharField(max_length=255)
    title = models.CharField(max_length=500, blank=True, default="")
    content = models.TextField()
    author = models.CharField(max_length=255, blank=True, default="")
    participants = models.JSONField(default=list)
    occurred_at = models.DateTimeField()
    occurred_on = models.DateField()
    occurred_precision = models.CharField(max_length=5, default="time")
    thread_id = models.CharField(max_length=998, blank=True, default="")
    reply_to = models.CharField(max_length=998, blank=True, default="")
    message_id = models.CharField(max_length=998, blank=True, default="")
    in_reply_to = models.CharField(max_length=998, blank=True, default="")
    metadata = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    origin = models.CharField(max_length=80, blank=True, default="")
    intake = models.CharField(max_length=8, choices=Intake.choices, default=Intake.LIVE)
    lane = models.SmallIntegerField(choices=Lane.choices, default=Lane.LIVE, db_default=Lane.LIVE)
    admitted_at = models.DateTimeField(null=True)  # when the backfill let it in

    entities = models.JSONField(null=True)
    engine = models.CharField(max_length=80, blank=True, default="")

    stage = models.CharField(max_length=9, choices=Stage.choices, default=Stage.STORED)
    failed_stage = models.CharField(max_length=9, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True, db_default=Now())
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Any]] = MemoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "memories"
        ordering = ("-occurred_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("user", "source", "account", "external_id"), name="memory_key"),
            models.UniqueConstraint(fields=("user", "id"), name="memory_of_user"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="memory_stage_known"),
        )
        indexes = (
            GinIndex(fields=["entities"], name="idx_memories_entities", opclasses=["jsonb_path_ops"]),
            models.Index(fields=("user", "-occurred_at", "-id"), name="memory_latest"),
            models.Index(
                fields=("user", "-occurred_at"), name="memory_with_entities", condition=Q(entities__isnull=False)
            ),
            models.Index(fields=("user", "occurred_on"), name="memory_days"),
            # For workers of the release before this one, which do not know lanes; the next release drops it.
            models.Index(fields=("stage", "due_at"), name="memory_due", condition=~Q(stage__in=("enriched", "failed"))),
            models.Index(
                fields=("stage", "lane", "due_at"),
                name="memory_in_line",
                condition=~Q(stage__in=("enriched", "failed")),
            ),
            models.Index(
                fields=("user", "-occurred_at", "-id"), name="memory_not_admitted", condition=Q(due_at__isnull=True)
            ),
            models.Index(fields=("admitted_at",), name="memory_admitted", condition=Q(admitted_at__isnull=False)),
            models.Index(
                fields=("user", "admitted_at"), name="memory_admitted_of", condition=Q(admitted_at__isnull=False)
            ),
            models.Index(fields=("user", "thread_id"), name="memory_thread", condition=~Q(thread_id="")),
            models.Index(fields=("user", "message_id"), name="memory_message", condition=~Q(message_id="")),
            models.Index(fields=("user", "reply_to"), name="memory_reply", condition=~Q(reply_to="")),
            models.Index(fields=("user", "in_reply_to"), name="memory_answer", condition=~Q(in_reply_to="")),
            models.Index(fields=("user", "content_hash"), name="memory_content"),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"


class Tombstone(models.Model):
    """The key of a memory its person erased, so that no sync or import brings it back unasked."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False)
    source = models.CharField(max_length=32)
    account = models.CharField(max_length=255, blank=True, default="")
    external_id = models.CharField(max_length=255)
    erased_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "source", "account", "external_id"), name="tombstone_key"),
        )

    def __str__(self) -> str:
        return f"{self.source} (erased)"


class KnownName(models.Model):
    """A name that extraction may trust in this person's texts: from mail headers, seen often, or set by the person."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=12)
    basis = models.CharField(max_length=9, default="header")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "key"), name="known_name_key"),)

    def __str__(self) -> str:
        return f"{self.kind} ({self.basis})"


class IdempotencyKey(models.Model):
    """An answered POST with `Idempotency-Key`: the same key and body give the same answer, another body 409."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    memory = models.ForeignKey(Memory, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "key"), name="idempotency_key"),)

    def __str__(self) -> str:
        return self.key
