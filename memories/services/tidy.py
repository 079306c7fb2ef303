"""What has had its time goes: sessions that ran out, and idempotency keys that nobody will repeat."""

from datetime import timedelta

from django.utils import timezone

from memories.models import IdempotencyKey, Session

KEYS_LAST = timedelta(days=7)


def tidy() -> int:
    """Returns how many rows went."""
    now = timezone.now()
    keys, _ = IdempotencyKey.objects.filter(created_at__lt=now - KEYS_LAST).delete()
    sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
    return keys + sessions
