"""Told: Nango says that something happened. It is a hint to look and no more, so what happened is asked of Nango itself.

A body carries no time and no id, so it may be sent again by anybody who saw it: the same body counts once a minute.
"""

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from integrations.errors import ConnectionProblem
from integrations.models import WebhookEvent
from integrations.nango import NangoClient, open_client
from integrations.services.connect import adopt_connection
from integrations.services.reconcile import look_at_connection
from memories.errors import TransientError
from memories.wakeups import send_wakeup

RENEWING = ("creation", "override")  # operations that end with new access
STALE = timedelta(days=1)  # the hourly look at everything has found it since
MANY = 100

RECORD = """
INSERT INTO integrations_webhookevent AS e (digest, kind, operation, integration, nango_id, times, received_at)
VALUES (%s, %s, %s, %s, %s, 1, now())
ON CONFLICT (digest) DO UPDATE
SET times = least(e.times + 1, 1000000000),
    received_at = CASE WHEN e.handled_at < now() - interval '1 minute' THEN now() ELSE e.received_at END,
    handled_at = CASE WHEN e.handled_at < now() - interval '1 minute' THEN NULL ELSE e.handled_at END
"""


def receive_webhook(body: bytes) -> None:
    """Keep what Nango tells, whose signature was verified, in one statement, and wake who looks into it."""
    said = _read(body)
    facts = [_clean(said.get(name), most=most) for name, most in FIELDS]
    with transaction.atomic():
        with database.cursor() as cursor:
            cursor.execute(RECORD, [hashlib.sha256(body).hexdigest(), *facts])
        transaction.on_commit(_wake, robust=True)


FIELDS = (("type", 20), ("operation", 20), ("providerConfigKey", 255), ("connectionId", 255))


def handle_webhooks() -> int:
    """Look into what Nango told; returns how many events. What cannot be asked now stays open, and TransientError is raised."""
    events = _take_events()
    if not events:
        return 0
    try:
        client = open_client()
        for event in _list_hints(events):
            _follow(client, event)
    except TransientError:
        WebhookEvent.objects.filter(pk__in=[event.pk for event in events]).update(handled_at=None)
        raise
    return len(events)


def _wake() -> None:
    send_wakeup("integrations.tasks.handle_webhooks")


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _clean(value: object, *, most: int) -> str:
    """Text that a row can hold; '' for whatever is no text."""
    text = value if isinstance(value, str) else ""
    return text.replace("\x00", "").encode(errors="ignore").decode()[:most]


def _take_events() -> list[WebhookEvent]:
    """Open events, marked as handled, which a worker that dies does not take back: the next look at everything makes up for it."""
    opened = WebhookEvent.objects.filter(handled_at__isnull=True)
    with transaction.atomic():
        events = list(opened.order_by("received_at", "pk").select_for_update(skip_locked=True)[:MANY])
        WebhookEvent.objects.filter(pk__in=[event.pk for event in events]).update(handled_at=timezone.now())
    return events


def _list_hints(events: list[WebhookEvent]) -> list[WebhookEvent]:
    """One event of each connection whose access changed, the latest; other kinds mean nothing to us."""
    fresh = timezone.now() - STALE
    hints = {
        (event.integration, event.nango_id): event
        for event in events
        if event.kind == "auth" and event.nango_id and event.received_at > fresh
    }
    return list(hints.values())


def _follow(client: NangoClient, event: WebhookEvent) -> None:
    provider = client.provider_of(event.integration)
    if provider is None:
        return
    renewed = event.operation in RENEWING
    try:
        adopted = renewed and adopt_connection(client, provider=provider, nango_id=event.nango_id)
    except ConnectionProblem:
        adopted = False
    if not adopted:
        look_at_connection(client, provider=provider, nango_id=event.nango_id, renewed=renewed)
