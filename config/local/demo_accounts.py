"""Demo: the made-up person connects the accounts, the way everybody does: a session, "Allow" on its page, the go-ahead."""

import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from config.local.demo.people import ACCOUNTS
from config.local.home import Home
from config.local.life_plan import LifePlan
from config.local.providers.client import StandIn, StandInError
from integrations.errors import ConnectionProblem
from integrations.models import Connection, SyncRun
from integrations.services.connect import adopt_connections, open_session
from integrations.services.decisions import retry_connections, start_sync
from memories.errors import TransientError

ADOPT_SECONDS = 10
LOOK_SECONDS = 0.1
ENDED_BADLY = (SyncRun.State.FAILED, SyncRun.State.HELD, SyncRun.State.STOPPED)


class DemoError(Exception):
    """An account of the demo could not be connected or read; the message is for the person."""


def connect_accounts(*, user: Any, home: Home, plan: LifePlan) -> None:
    """Connect each account that the demo has not connected before and let its first sync begin. Raises DemoError.

    One that the person disconnected since stays so; one that could not be reached, as after `make up` on this home, is tried now.
    """
    mine = Connection.objects.for_user(user)
    wanted = {name: address for name, address in ACCOUNTS.items() if address and name not in plan.connected}
    for provider in sorted(wanted.keys() - set(mine.values_list("provider", flat=True))):
        allow(user=user, provider=provider, address=wanted[provider])
    wait_until_adopted(mine, providers=set(wanted))
    for connection in mine.filter(provider__in=wanted):
        if connection.state == Connection.State.NEW:
            start_sync(connection=connection)
        plan = plan.note_connected(home, connection.provider)
    retry_connections(ids=list(mine.exclude(error="").values_list("pk", flat=True)))


def allow(*, user: Any, provider: str, address: str) -> None:
    """Open a session and press "Allow" on the page it leads to. Raises DemoError."""
    try:
        session = open_session(user=user, provider=provider)
        StandIn(url=settings.NANGO_BASE_URL).answer_session(session.token, address=address)
    except (TransientError, ConnectionProblem, StandInError, OSError) as error:
        raise DemoError(f"The stand-in did not let {provider} be connected: {error}") from error


def wait_until_adopted(mine: Any, *, providers: set[str]) -> None:
    """Wait for what the webhooks set off; where it does not come, look oneself, as the schedule would. Raises DemoError."""
    deadline = time.monotonic() + ADOPT_SECONDS
    while providers - set(mine.values_list("provider", flat=True)):
        if time.monotonic() > deadline:
            adopt_connections()
            break
        time.sleep(LOOK_SECONDS)
    if absent := providers - set(mine.values_list("provider", flat=True)):
        raise DemoError(f"Nothing came of connecting {', '.join(sorted(absent))}; the logs of web and sync say why.")


def count_items() -> dict[str, int]:
    """How many memories each provider's account holds."""
    stand_in = StandIn(url=settings.NANGO_BASE_URL)
    return {provider: len(stand_in.truth(provider, address)) for provider, address in ACCOUNTS.items() if address}


def count_unread(*, user: Any, items: Mapping[str, int]) -> int:
    """How many of `items` the syncs that go on have still to read, at least one while one goes on. Raises DemoError."""
    runs = SyncRun.objects.for_user(user).select_related("connection")
    for run in runs.filter(state__in=ENDED_BADLY, connection__synced_at__isnull=True):
        raise DemoError(f"{run.connection.provider} could not be read: {run.error or run.state}")
    going = runs.filter(state__in=SyncRun.OPEN)
    return sum(_count_unread(run, total=items[run.connection.provider]) for run in going)


def _count_unread(run: SyncRun, *, total: int) -> int:
    done = run.created + run.updated + run.unchanged + run.skipped
    return max(1, total - done) if run.kind == "first" else 1
