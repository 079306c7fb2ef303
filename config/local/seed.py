"""Moves a made-up crowd in: users and their memories, through the product's own store, each once."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.hashers import make_password

from config.local.crowd import write_life
from memories.drafts import parse_draft
from memories.models import Lane, Memory, User
from memories.services.store import store_drafts

OPERATOR = "operator"
ORIGIN = "import:staging"


def seed_people(*, names: Sequence[str], notes: int, now: datetime) -> int:
    """Give each of `names` a user without a password and `notes` memories; who has them is left alone. Returns how many got some."""
    User.objects.bulk_create(
        [User(username=name, password=make_password(None)) for name in names], ignore_conflicts=True
    )
    users = User.objects.filter(username__in=names).order_by("username")
    settled = set(Memory.objects.filter(user__in=users, origin=ORIGIN).values_list("user_id", flat=True))
    newcomers = [user for user in users if user.pk not in settled]
    for user in newcomers:
        life = write_life(user.username, notes=notes, now=now)
        records = [{"content": note.content, "occurred_at": note.occurred_at.isoformat()} for note in life]
        drafts = [parse_draft(record, time_zone=user.zone, now=now) for record in records]
        store_drafts(user=user, drafts=drafts, origin=ORIGIN, lane=Lane.BULK)
    return len(newcomers)
