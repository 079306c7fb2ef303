"""System checks of the installation; those of the database run with `migrate` and `check --database default`."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS

from config.connections import read_limits, read_plan


@register(Tags.database)
def check_connections(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The processes fit into the budget, and the budget into what the server gives."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    return [*check_plan(), *check_budget()]


def check_plan() -> list[CheckMessage]:
    plan = read_plan()
    room = settings.DB_CONNECTION_BUDGET - settings.DB_CONNECTION_RESERVE
    if plan.total <= room:
        return []
    return [
        Error(
            f"The processes may open more connections than there are: {plan}, but DB_CONNECTION_BUDGET"
            f" {settings.DB_CONNECTION_BUDGET} - DB_CONNECTION_RESERVE {settings.DB_CONNECTION_RESERVE} = {room}.",
            hint="Lower DB_POOL_SIZE, WEB_PROCESSES, WORKER_CONCURRENCY, GRAPH_CONCURRENCY or SYNC_CONCURRENCY, or raise DB_CONNECTION_BUDGET.",
            id="lifegraph.E001",
        )
    ]


def check_budget() -> list[CheckMessage]:
    limits = read_limits()
    if not limits or limits[0].connections >= settings.DB_CONNECTION_BUDGET:
        return []
    return [
        Error(
            f"DB_CONNECTION_BUDGET is {settings.DB_CONNECTION_BUDGET}, but the server gives"
            f" {limits[0].connections} connections ({limits[0].set_by}).",
            hint=f"Set DB_CONNECTION_BUDGET to {limits[0].connections} or less, or raise that limit.",
            id="lifegraph.E002",
        )
    ]
