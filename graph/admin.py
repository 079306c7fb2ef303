"""Operators' pages of this app: how fresh the view is, and which jobs are due."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from graph.models import Refresh, Work


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Refresh)
class RefreshAdmin(ReadOnlyAdmin):
    list_display = ("id", "started_at", "finished_at", "rows")


@admin.register(Work)
class WorkAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "kind", "attempts", "asked_at", "due_at", "lease_until", "failed_at")
