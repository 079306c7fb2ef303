"""Celery tasks of this app: load nothing, call one service."""

from celery import shared_task

from integrations.failures import record_missed, resolve_settled


@shared_task(name="integrations.tasks.record_failures")
def record_failures() -> int:
    """Find failed memories that no signal has recorded, and failures that are none any more."""
    resolve_settled()
    return record_missed()
