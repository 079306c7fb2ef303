"""The sweeper: a wake-up may be lost, doubled or late; rows that are overdue are woken again."""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from memories.models import Memory
from memories.pipeline import list_steps
from memories.wakeups import wake_stage

OVERDUE = timedelta(seconds=20)


def sweep() -> int:
    """Send one wake-up for every stage with overdue rows; returns how many were sent."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    overdue = Memory.objects.filter(free, due_at__lt=Now() - OVERDUE)
    stages = set(
        overdue.filter(stage__in=[step.takes for step in list_steps()]).values_list("stage", flat=True).distinct()
    )
    return sum(wake_stage(stage) for stage in sorted(stages))
