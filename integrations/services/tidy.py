"""What has had its time goes: changes that can no longer be undone, runs that did nothing, messages of Nango, old sessions."""

from datetime import timedelta

from django.utils import timezone

from integrations.models import ConnectSession, SyncChange, SyncRun, WebhookEvent

MESSAGES_LAST = timedelta(days=30)
IDLE_RUNS_LAST = timedelta(days=7)


def tidy() -> int:
    """Returns how many rows went."""
    now = timezone.now()
    idle = SyncRun.objects.filter(
        created=0, updated=0, deleted=0, skipped=0, state="done", created_at__lt=now - IDLE_RUNS_LAST
    )
    rows = (
        SyncChange.objects.filter(created_at__lt=now - SyncRun.UNDO_LASTS),
        idle,
        WebhookEvent.objects.filter(handled_at__lt=now - MESSAGES_LAST),
        ConnectSession.objects.filter(expires_at__lt=now - MESSAGES_LAST),
    )
    return sum(some.delete()[0] for some in rows)
