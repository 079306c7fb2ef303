"""Everything that pages and endpoints of this app read."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from integrations.models import PROVIDERS, Connection, JobFailure, SyncRun


def list_providers() -> list[dict[str, Any]]:
    """The providers a person can connect; `configured` once this server knows Nango's key."""
    configured = bool(settings.NANGO_SECRET_KEY)
    return [{"slug": slug, "name": name, "configured": configured} for slug, name in PROVIDERS]


def list_connections(*, user: Any) -> "QuerySet[Connection]":
    rows: QuerySet[Connection] = Connection.objects.for_user(user)
    return rows


def list_runs(*, user: Any) -> "QuerySet[SyncRun]":
    rows: QuerySet[SyncRun] = SyncRun.objects.for_user(user).select_related("connection")
    return rows


def list_failures(*, user: Any) -> "QuerySet[JobFailure]":
    rows: QuerySet[JobFailure] = JobFailure.objects.for_user(user)
    return rows


def read_dashboard(*, user: Any, today: date) -> dict[str, Any]:
    """This app's part of the dashboard."""
    return {"failures": list_failures(user=user).filter(state="open").count()}
