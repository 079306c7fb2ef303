"""Operators' pages of this app: how fresh the view is, when the layers were computed, and which jobs are due."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from graph.models import Refresh, Statistics, Work
from graph.services.refresh import Lag, read_lag
from memories.admin import ReadOnlyAdmin


@admin.register(Refresh)
class RefreshAdmin(ReadOnlyAdmin):
    """Every refresh, and on top how far the view is behind now."""

    list_display = ("id", "started_at", "finished_at", "took", "rows")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"subtitle": describe_lag(read_lag()), **(extra_context or {})})

    @admin.display(description="took")
    def took(self, refresh: Refresh) -> timedelta:
        return refresh.finished_at - refresh.started_at


def describe_lag(lag: Lag) -> str:
    """Say in a sentence how old the view is and what it has not taken in."""
    rows = f"{lag.dirty} row{'' if lag.dirty == 1 else 's'} of the log"
    if lag.seconds is None:
        return f"The view was never refreshed; {rows} wait for it."
    return f"The last refresh began {timedelta(seconds=round(lag.seconds))} ago; {rows} came since."


@admin.register(Work)
class WorkAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "kind", "attempts", "asked_at", "due_at", "lease_until", "failed_at")


@admin.register(Statistics)
class StatisticsAdmin(ReadOnlyAdmin):
    """When each person's last whole pass over the layers was."""

    list_display = ("user", "as_of", "memories", "passed_at")
    exclude = ("sketch", "hazard", "rules")
