"""People and memories."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from memories.models import Memory, User


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person{n}")
    time_zone = "Europe/Lisbon"


class MemoryFactory(DjangoModelFactory):
    """A stored memory, as `store_drafts` would leave it, due for a minute."""

    class Meta:
        model = Memory

    user = factory.SubFactory(UserFactory)
    source = "note"
    external_id = factory.Sequence(lambda n: f"note-{n}")
    content = "Walked along the river."
    occurred_at = datetime(2024, 5, 3, 9, 0, tzinfo=UTC)
    occurred_on = factory.LazyAttribute(lambda row: row.occurred_at.astimezone(row.user.zone).date())
    content_hash = factory.LazyAttribute(lambda row: sha256(row.content.encode()).hexdigest())
    size = factory.LazyAttribute(lambda row: len(row.content))
    queued_at = factory.LazyFunction(lambda: timezone.now() - timedelta(minutes=1))
    due_at = factory.SelfAttribute("queued_at")
