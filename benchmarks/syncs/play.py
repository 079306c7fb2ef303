"""A sync played to its end as the workers would, with the long waits passed over and the short ones waited."""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from benchmarks.syncs.accounts import ADDRESS, Item
from config.local.providers.client import StandIn
from integrations.models import Connection, SyncRun
from integrations.services.decisions import start_sync
from integrations.services.sync import sync_connection
from memories.errors import TransientError, WorkFailed
from memories.models import Memory

SHORT = 2.5  # seconds; so long a wait is really waited
TURNS = 500  # of workers until we say that it never ends


class Killed(BaseException):
    """The worker dies; no except clause of the product sees it."""


@dataclass(slots=True)
class Played:
    """What it took: turns of a worker, waits in seconds, failures for good, and the run's counts."""

    turns: int = 0
    waits: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def point_at(stand_in: StandIn) -> None:
    """Let the product speak to the stand-in."""
    settings.NANGO_BASE_URL = stand_in.url
    settings.NANGO_SECRET_KEY = stand_in.secret_key
    settings.NANGO_LIST_KEY = stand_in.list_key


def connect(stand_in: StandIn, provider: str, *, user: Any, items: list[Item]) -> tuple[Connection, list[str]]:
    """An account with these items, connected; returns the connection and the items' ids."""
    ids = stand_in.add_account(provider, ADDRESS, items)
    nango_id = stand_in.connect(provider, ADDRESS)
    row: Connection = Connection.objects.create(user=user, provider=provider, nango_id=nango_id, state="active")
    return row, ids


def play_sync(connection: Connection) -> Played:
    """One run to its end, with as many turns and waits as it takes; access that is gone is given again at once."""
    played = Played()
    Connection.objects.filter(pk=connection.pk).update(
        swept_at=None
    )  # where only a sweep finds what was deleted, one is due
    start_sync(connection=connection)
    while played.turns < TURNS:
        played.turns += 1
        _take_turn(connection, played)
        run = _read_run(connection)
        if run.state == "done":
            for name in ("created", "updated", "unchanged", "deleted", "skipped"):
                played.counts[name] = getattr(run, name)
            return played
        if run.state in ("failed", "stopped"):
            _give_access(connection)
            start_sync(connection=connection)
        elif run.state == "held":
            raise AssertionError(f"held: {run.error}")
        else:
            _wait(run, played)
    raise AssertionError(f"not done after {TURNS} turns: {run.state}, {run.error}")


def _take_turn(connection: Connection, played: Played) -> None:
    try:
        sync_connection(connection_id=connection.pk)
    except TransientError:
        pass
    except WorkFailed as failed:
        played.failures.append(str(failed))
    except Killed:
        SyncRun.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now() - timedelta(seconds=1))


def _give_access(connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(state="active", next_at=None)


def _wait(run: SyncRun, played: Played) -> None:
    seconds = (run.due_at - timezone.now()).total_seconds()
    if seconds <= 0:
        return
    played.waits.append(seconds)
    if seconds <= SHORT:
        time.sleep(seconds)
    else:
        SyncRun.objects.filter(pk=run.pk).update(due_at=timezone.now() - timedelta(seconds=1))


def _read_run(connection: Connection) -> SyncRun:
    run: SyncRun = SyncRun.objects.filter(connection_id=connection.pk).latest("id")
    return run


def compare(stand_in: StandIn, connection: Connection) -> list[str]:
    """Where memories differ from the truth, in words; nothing when they are the same."""
    truth = stand_in.truth(connection.provider, ADDRESS)
    rows = Memory.objects.filter(user_id=connection.user_id, source=connection.provider)
    held = [(remote_id, content) for remote_id, content in rows.values_list("external_id", "content")]
    found = dict(held)
    return [
        *(f"lost {remote_id}" for remote_id in truth.keys() - found.keys()),
        *(f"not deleted {remote_id}" for remote_id in found.keys() - truth.keys()),
        *(
            f"doubled {remote_id}"
            for remote_id, times in Counter(remote_id for remote_id, _ in held).items()
            if times > 1
        ),
        *(
            f"differs {remote_id}"
            for remote_id in truth.keys() & found.keys()
            if _differs(truth[remote_id], found[remote_id])
        ),
    ]


def _differs(truth: dict[str, str | None], content: str) -> bool:
    return truth["content"] is not None and truth["content"].rstrip() != content.rstrip()


def list_broken_waits(stand_in: StandIn, connection: Connection, *, seconds: float) -> list[float]:
    """Waits after a 429 that were shorter than we were told, in the stand-in's own log of calls."""
    calls = stand_in.calls(connection.nango_id)
    told = [call["at"] for call in calls if call["status"] == 429]
    under_way = 0.5  # calls that other threads had begun before the 429 arrived
    return [
        call["at"] - at
        for at in told
        for call in calls
        if under_way < call["at"] - at < seconds and call["status"] != 429
    ]
