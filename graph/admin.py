"""Operators' pages of this app: how fresh the view is, when the layers were computed, and which jobs are due."""

from django.contrib import admin

from graph.models import Refresh, Statistics, Work
from memories.admin import ReadOnlyAdmin


@admin.register(Refresh)
class RefreshAdmin(ReadOnlyAdmin):
    list_display = ("id", "started_at", "finished_at", "rows")


@admin.register(Work)
class WorkAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "kind", "attempts", "asked_at", "due_at", "lease_until", "failed_at")


@admin.register(Statistics)
class StatisticsAdmin(ReadOnlyAdmin):
    """When each person's last whole pass over the layers was."""

    list_display = ("user", "as_of", "memories", "passed_at")
    exclude = ("sketch", "hazard", "rules")
