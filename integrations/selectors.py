"""Everything that pages and endpoints of this app read."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.shortcuts import get_object_or_404

from integrations.flags import list_running_providers
from integrations.models import PROVIDER_NAMES, Connection, JobFailure, RemoteItem, SyncRun
from integrations.providers import PROVIDERS
from memories.models import Memory

CONNECTION, ITEM = "connection:", "item:"  # how the unit of a failure begins
NEEDY = (Connection.State.NEEDS_REAUTH, Connection.State.HELD, Connection.State.GONE)


def list_providers() -> list[dict[str, Any]]:
    """The providers a person can connect; `configured` once this server knows Nango's key, `syncing` while operators let it sync,
    `unit` what an item is called.
    """
    configured, syncing = bool(settings.NANGO_SECRET_KEY), list_running_providers()
    return [
        {
            "slug": slug,
            "name": name,
            "configured": configured,
            "syncing": slug in syncing,
            "unit": PROVIDERS[slug].unit,
        }
        for slug, name in PROVIDER_NAMES
    ]


def get_connection(*, user: Any, pk: int) -> Connection:
    """The person's own connection. Raises Http404 for anybody else's."""
    row: Connection = get_object_or_404(Connection.objects.for_user(user), pk=pk)
    return row


def list_connections(*, user: Any) -> "QuerySet[Connection]":
    """The person's connections, each with the id of its latest run (`last_run_id`)."""
    runs = SyncRun.objects.filter(user_id=OuterRef("user_id"), connection_id=OuterRef("pk")).order_by("-id")
    rows: QuerySet[Connection] = Connection.objects.for_user(user).annotate(last_run_id=Subquery(runs.values("pk")[:1]))
    return rows


def fill_connections(rows: Sequence[Any], *, user: Any) -> Sequence[Any]:
    """Rows of `list_connections` with `memories`, `last_run` and `failures` (open ones) on them; the same few queries for any number."""
    runs = list_runs(user=user).filter(pk__in=[row.last_run_id for row in rows if row.last_run_id])
    last = {run.connection_id: run for run in runs}
    memories, failures = _count_memories(rows, user=user), _count_failures(rows, user=user)
    for row in rows:
        row.last_run = last.get(row.pk)
        row.memories = memories.get((row.provider, row.account), 0)
        row.failures = failures.get(f"{CONNECTION}{row.pk}", 0)
    return rows


def _count_memories(rows: Sequence[Connection], *, user: Any) -> dict[tuple[str, str], int]:
    """Memories by source and account; what was imported from files has no account and is nobody's."""
    accounts = {row.account for row in rows if row.account}
    found = Memory.objects.for_user(user).filter(source__in={row.provider for row in rows}, account__in=accounts)
    groups = found.order_by().values_list("source", "account").annotate(n=Count("pk"))
    return {(source, account): n for source, account, n in groups}


def _count_failures(rows: Sequence[Connection], *, user: Any) -> dict[str, int]:
    units = [f"{CONNECTION}{row.pk}" for row in rows]
    found = JobFailure.objects.for_user(user).filter(unit__in=units, state="open")
    return dict(found.values_list("unit").annotate(n=Count("pk")))


def get_run(*, user: Any, pk: int) -> SyncRun:
    """The person's own run with its connection. Raises Http404 for anybody else's."""
    row: SyncRun = get_object_or_404(SyncRun.objects.for_user(user).select_related("connection"), pk=pk)
    return row


def list_runs(*, user: Any) -> "QuerySet[SyncRun]":
    """The person's runs, each with `blocked`: whether another run of its connection is open."""
    others = SyncRun.objects.filter(connection_id=OuterRef("connection_id"), state__in=SyncRun.OPEN)
    blocked = Exists(others.exclude(pk=OuterRef("pk")))
    rows: QuerySet[SyncRun] = SyncRun.objects.for_user(user).select_related("connection").annotate(blocked=blocked)
    return rows


def list_failures(*, user: Any) -> "QuerySet[JobFailure]":
    rows: QuerySet[JobFailure] = JobFailure.objects.for_user(user)
    return rows


def fill_failures(rows: Sequence[Any], *, user: Any) -> Sequence[Any]:
    """Rows of `list_failures` with the `connection` they or their item concern on them, None where they concern none."""
    ids, items = _list_ids(rows, prefix=CONNECTION), _list_ids(rows, prefix=ITEM)
    found = {f"{CONNECTION}{row.pk}": row for row in Connection.objects.for_user(user).filter(pk__in=ids)}
    for item in RemoteItem.objects.for_user(user).filter(pk__in=items).select_related("connection"):
        found[f"{ITEM}{item.pk}"] = item.connection
    for row in rows:
        row.connection = found.get(row.unit)
    return rows


def _list_ids(rows: Sequence[JobFailure], *, prefix: str) -> list[int]:
    return [int(row.unit.removeprefix(prefix)) for row in rows if row.unit.startswith(prefix)]


def read_dashboard(*, user: Any, today: date) -> dict[str, Any]:
    """This app's part of the dashboard: what failed, and which connections wait for the person."""
    needy = Connection.objects.for_user(user).filter(state__in=NEEDY).order_by("pk")
    return {
        "failures": list_failures(user=user).filter(state="open").count(),
        "connections": list(needy.values("id", "provider", "account", "state")),
    }
