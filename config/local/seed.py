"""Moves a made-up crowd in: users and their memories, through the product's own store, each once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from config.local.crowd import write_life
from memories.drafts import parse_draft
from memories.models import Lane, Memory, User
from memories.services.backfill import mark_old
from memories.services.store import store_drafts

OPERATOR = "operator"
ORIGIN = "import:staging"
RECENT = timedelta(days=366)


def seed_people(*, names: Sequence[str], notes: int, now: datetime) -> int:
    """Give each of `names` a user without a password and `notes` memories; who has them is left alone. Returns how many got some."""
    User.objects.bulk_create(
        [User(username=name, password=make_password(None)) for name in names], ignore_conflicts=True
    )
    users = User.objects.filter(username__in=names).order_by("username")
    settled = set(Memory.objects.filter(user__in=users, origin=ORIGIN).values_list("user_id", flat=True))
    newcomers = [user for user in users if user.pk not in settled]
    for user in newcomers:
        settle(user, notes=notes, now=now)
    return len(newcomers)


def settle(user: User, *, notes: int, now: datetime) -> None:
    """Store one life. What is years old is marked as having been there before anything was read, so that there is something to backfill."""
    life = write_life(user.username, notes=notes, now=now)
    records = [{"content": note.content, "occurred_at": note.occurred_at.isoformat()} for note in life]
    drafts = [parse_draft(record, time_zone=user.zone, now=now) for record in records]
    old = [draft for draft in drafts if draft.occurred_at < now - RECENT]
    with transaction.atomic():
        store_drafts(user=user, drafts=old, origin=ORIGIN, lane=Lane.BULK)
        mark_old(before=(timezone.now() + timedelta(days=1)).date(), user=user)
        store_drafts(user=user, drafts=drafts[len(old) :], origin=ORIGIN, lane=Lane.BULK)
