"""What has had its time goes, and only that."""

from datetime import timedelta

from django.utils import timezone

from memories.models import IdempotencyKey, Session
from memories.services.tidy import tidy


def test_old_keys_and_sessions_go_and_young_ones_stay(user):
    now = timezone.now()
    for name, age in (("old", 8), ("young", 1)):
        IdempotencyKey.objects.create(user=user, key=name, body_hash="x", created_at=now - timedelta(days=age))
        Session.objects.create(session_key=name, session_data="", expire_date=now + timedelta(days=2 - age))
    Session.objects.filter(session_key="old").update(expire_date=now - timedelta(seconds=1))
    assert tidy() == 2
    assert IdempotencyKey.objects.get().key == "young"
    assert Session.objects.get().session_key == "young"
