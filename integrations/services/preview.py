"""Before a first import: what it would bring, counted in a few calls, nothing stored."""

import time
from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from integrations.errors import ConnectionGone, ConnectionProblem, NeedsReauth, Refused
from integrations.flags import list_running_providers
from integrations.models import Connection
from integrations.nango import open_client
from integrations.providers import PROVIDERS
from integrations.providers.base import Fetch, Reply, Request
from integrations.services.account import Replaced, identify_account
from integrations.services.sync import THREADS
from memories.errors import TransientError
from memories.wakeups import send_wakeup

AGAIN = timedelta(minutes=10)  # later than a preview takes


def wake_previews() -> int:
    """Wake the previews that are due; returns how many."""
    due = list(_list_due().values_list("pk", flat=True)[:100])
    for pk in due:
        send_wakeup("integrations.tasks.preview_connection", args=[pk])
    return len(due)


def preview_connection(*, connection_id: int) -> None:
    """Fill in `Connection.preview` of a new connection, once. Raises TransientError."""
    claimed = _list_due().filter(pk=connection_id)
    if not claimed.update(next_at=Now() + AGAIN):
        return
    connection: Connection = Connection.objects.select_related("user").get(pk=connection_id)
    try:
        counted = _count(connection)
    except TransientError as told:
        _write(connection, error=f"It could not be counted what there is: {told}."[:500])
        raise
    except (ConnectionProblem, Refused) as told:
        _write(connection, error=str(told)[:500], **_find_state(told))
    except Replaced:
        return
    else:
        _write(connection, preview=counted, error="")


def _list_due() -> QuerySet[Connection]:
    rows: QuerySet[Connection] = Connection.objects.filter(
        Q(next_at__isnull=True) | Q(next_at__lte=Now()),
        state=Connection.State.NEW,
        preview__isnull=True,
        provider__in=list_running_providers(),
    )
    return rows


def _count(connection: Connection) -> dict[str, object]:
    provider = PROVIDERS[connection.provider]
    meter = Meter(open_client().fetcher(provider=provider.slug, nango_id=connection.nango_id))
    identify_account(connection, provider=provider, fetch=meter.fetch)
    found = provider.preview(fetch=meter.fetch)
    return {
        "items": found.items,
        "people": found.people,
        "exact": found.exact,
        "unit": provider.unit,
        "seconds": meter.estimate_seconds(found.requests),
    }


def _find_state(told: Exception) -> dict[str, str]:
    match told:
        case NeedsReauth():
            return {"state": Connection.State.NEEDS_REAUTH}
        case ConnectionGone():
            return {"state": Connection.State.GONE}
        case _:
            return {}


def _write(connection: Connection, **changes: object) -> None:
    Connection.objects.filter(pk=connection.pk, state=Connection.State.NEW).update(**changes)


class Meter:
    """Times the calls it passes on."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._calls = 0
        self._seconds = 0.0

    def fetch(self, request: Request) -> Reply:
        began = time.monotonic()
        try:
            return self._fetch(request)
        finally:
            self._calls += 1
            self._seconds += time.monotonic() - began

    def estimate_seconds(self, requests: int) -> int:
        """How long so many calls take: as quick as these were, and no more a minute than Nango lets through."""
        at_this_pace = requests * self._seconds / max(1, self._calls) / THREADS
        limit = settings.NANGO_REQUESTS_PER_MINUTE
        return round(max(at_this_pace, requests * 60 / limit if limit else 0.0, 1.0))
