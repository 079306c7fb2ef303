"""The sweeper: a wake-up may be lost, doubled or late; rows that are overdue by a minute are woken again."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from memories.models import Memory
from memories.pipeline import list_steps
from memories.wakeups import send_wakeup

OVERDUE = timedelta(seconds=20)


def sweep() -> int:
    """Send one wake-up for every stage with overdue rows; returns how many were sent."""
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    overdue = Memory.objects.filter(free, due_at__lt=now - OVERDUE)
    stages = set(overdue.filter(stage__in=[step.takes for step in list_steps()]).values_list("stage", flat=True).distinct())
    return sum(send_wakeup("memories.tasks.advance_memories", args=[stage]) for stage in sorted(stages))
