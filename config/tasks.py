"""Celery tasks of the installation: load nothing, call one service."""

from celery import shared_task

from config.health import note_alive
from config.watch import watch as look


@shared_task
def note_beat() -> None:
    """Beat, broker and a worker are alive."""
    note_alive("beat")


@shared_task
def watch() -> int:
    """Look whether something is wrong, and tell who should know."""
    return look()
