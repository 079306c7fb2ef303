"""Operators' pages of this app: what failed for good, why, and what to do about it."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from integrations.failures import retry_failures
from integrations.models import Connection, JobFailure, SyncRun
from memories.admin import KeptAdmin


@admin.register(JobFailure)
class JobFailureAdmin(KeptAdmin):
    """Read-only but for two actions, which are POSTs that need the right to change failures."""

    list_select_related = ("user",)
    list_display = ("unit", "stage", "kind", "state", "runs", "user", "first_seen", "last_seen")
    list_filter = ("state", "kind", "stage")
    search_fields = ("unit", "error")
    actions = ("retry", "resolve")
    readonly_fields = (
        "user", "unit", "stage", "kind", "state", "runs", "first_due", "first_seen", "last_seen", "error", "traceback",
    )  # fmt: skip

    @admin.action(description="Try again", permissions=["change"])
    def retry(self, request: HttpRequest, queryset: "QuerySet[JobFailure]") -> None:
        count = retry_failures(list(queryset))
        messages.success(request, f"{count} are in line again.")

    @admin.action(description="Mark as resolved", permissions=["change"])
    def resolve(self, request: HttpRequest, queryset: "QuerySet[JobFailure]") -> None:
        count = queryset.update(state="resolved")
        messages.success(request, f"{count} failures are resolved.")


@admin.register(Connection)
class ConnectionAdmin(KeptAdmin):
    list_select_related = ("user",)
    list_display = ("id", "user", "provider", "account", "state", "created_at")
    list_filter = ("provider", "state")
    readonly_fields = ("user", "provider", "nango_id", "account", "state", "created_at")


@admin.register(SyncRun)
class SyncRunAdmin(KeptAdmin):
    list_select_related = ("user", "connection")
    list_display = ("id", "user", "connection", "state", "created", "updated", "deleted", "skipped", "started_at")
    list_filter = ("state",)
    readonly_fields = tuple(field.name for field in SyncRun._meta.fields)
