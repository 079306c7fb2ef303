"""Operators' pages of this app: accounts at providers, their runs, what failed for good, why, and what to do about it.

Rows are looked at and never edited; what can be done is an action, a POST that needs the right to change such rows. No page shows a
memory's text or where a provider's token stands.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from integrations.errors import Conflict
from integrations.failures import retry_failures
from integrations.models import Connection, JobFailure, SyncRun
from integrations.services.decisions import ask_undo, pause_connection, start_sync
from memories.admin import ReadOnlyAdmin

ROWS = {"memory": "memories_memory", "connection": "integrations_connection"}  # of units that have a page of their own


class WatchedAdmin(ReadOnlyAdmin):
    """Rows to look at, with actions for who has the right to change them."""

    show_full_result_count = False

    def has_act_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}"))

    def act(self, request: HttpRequest, *, rows: Iterable[Any], work: Callable[[Any], object], done: str) -> None:
        """Do something to each row; say for how many, and why not for the others."""
        count = 0
        for row in rows:
            try:
                work(row)
            except Conflict as told:
                messages.warning(request, f"{row}: {told}")
            else:
                count += 1
        if count:
            messages.success(request, f"{count} {done}.")


class StageFilter(admin.AllValuesFieldListFilter):
    """A failure's stage; for accounts and their items it is the provider."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "stage or provider"


@admin.register(JobFailure)
class JobFailureAdmin(WatchedAdmin):
    """Work that failed for good, with the open ones counted by provider and kind on top."""

    list_select_related = ("user",)
    list_display = ("unit", "where", "kind", "state", "runs", "user", "last_seen", "reason")
    list_filter = ("state", "kind", ("stage", StageFilter))
    search_fields = ("unit", "error", "user__username")
    ordering = ("-last_seen",)
    actions = ("retry", "resolve")
    fields = (
        "user", "unit", "row", "where", "kind", "state", "runs", "first_due", "first_seen", "last_seen", "error", "trace",
    )  # fmt: skip
    readonly_fields = fields

    class Media:
        css = {"all": ("integrations/admin.css",)}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        counts = count_open() if request.method == "GET" and self.has_view_permission(request) else []
        return super().changelist_view(request, {"counts": counts, **(extra_context or {})})

    @admin.display(description="stage or provider", ordering="stage")
    def where(self, failure: JobFailure) -> str:
        return failure.stage

    @admin.display(description="error")
    def reason(self, failure: JobFailure) -> str:
        return f"{failure.error[:80]}…" if len(failure.error) > 80 else failure.error

    @admin.display(description="the row itself")
    def row(self, failure: JobFailure) -> str:
        table, _, pk = failure.unit.partition(":")
        if table not in ROWS:
            return "-"
        return format_html('<a href="{}">{}</a>', reverse(f"admin:{ROWS[table]}_change", args=[pk]), failure.unit)

    @admin.display(description="traceback")
    def trace(self, failure: JobFailure) -> str:
        if not failure.traceback:
            return "-"
        return format_html(
            '<details class="trace"><summary>Where it broke</summary><pre>{}</pre></details>', failure.traceback
        )

    @admin.action(description="Try again", permissions=["act"])
    def retry(self, request: HttpRequest, queryset: "QuerySet[JobFailure]") -> None:
        count = retry_failures(list(queryset))
        messages.success(request, f"{count} are in line again.")

    @admin.action(description="Mark as resolved", permissions=["act"])
    def resolve(self, request: HttpRequest, queryset: "QuerySet[JobFailure]") -> None:
        count = queryset.update(state="resolved")
        messages.success(request, f"{count} failures are resolved.")


def count_open() -> list[dict[str, Any]]:
    """Open failures by stage (or provider) and kind, each with the address of its list; one query."""
    groups = JobFailure.objects.filter(state="open").order_by("stage", "kind").values_list("stage", "kind")
    kinds = dict(JobFailure.KINDS)
    return [
        {
            "stage": stage,
            "kind": kinds.get(kind, kind),
            "count": count,
            "query": urlencode({"stage": stage, "kind__exact": kind, "state__exact": "open"}),
        }
        for stage, kind, count in groups.annotate(n=Count("pk"))
    ]


@admin.register(Connection)
class ConnectionAdmin(WatchedAdmin):
    """Accounts at providers: how they stand, when they are synced next, since when they fail."""

    list_select_related = ("user",)
    list_display = (
        "id", "user", "provider", "account", "state", "runs", "failing_since", "synced_at", "next_at",
    )  # fmt: skip
    list_filter = ("provider", "state", ("failing_since", admin.EmptyFieldListFilter))
    search_fields = ("account", "user__username", "=nango_id")
    ordering = ("-id",)
    actions = ("sync_now", "pause")
    fields = (
        "user", "provider", "account", "nango_id", "state", "error", "cursor_words", "preview", "sweep", "next_at",
        "synced_at", "swept_at", "failing_since", "auth_failed_since", "erase_memories", "created_at", "runs", "failures",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description="cursor")
    def cursor_words(self, connection: Connection) -> str:
        if connection.cursor is None:
            return "not set"
        return f"set, phase {connection.cursor.get('phase', 'unknown')}"

    @admin.display(description="runs")
    def runs(self, connection: Connection) -> str:
        return link_list("syncrun", "Its runs", connection__id__exact=connection.pk)

    @admin.display(description="failures")
    def failures(self, connection: Connection) -> str:
        return link_list("jobfailure", "Its failures", unit=f"connection:{connection.pk}")

    @admin.action(description="Sync now", permissions=["act"])
    def sync_now(self, request: HttpRequest, queryset: "QuerySet[Connection]") -> None:
        self.act(request, rows=queryset, work=sync_again, done="will be synced")

    @admin.action(description="Pause", permissions=["act"])
    def pause(self, request: HttpRequest, queryset: "QuerySet[Connection]") -> None:
        self.act(request, rows=queryset, work=lambda row: pause_connection(connection=row), done="paused")


def sync_again(connection: Connection) -> None:
    """Sync now; the go-ahead for a first import is its person's alone. Raises Conflict."""
    if connection.state == Connection.State.NEW:
        raise Conflict("its person has not agreed to the first import yet.")
    start_sync(connection=connection)


@admin.register(SyncRun)
class SyncRunAdmin(WatchedAdmin):
    """Runs, with what each did and what it waits for."""

    list_select_related = ("user", "connection")
    list_display = (
        "id", "connection", "kind", "state", "created", "updated", "deleted", "skipped", "attempts", "user", "started_at",
        "ended_at",
    )  # fmt: skip
    list_filter = ("state", "kind", "connection__provider")
    search_fields = ("=connection__account", "user__username", "error")
    ordering = ("-id",)
    actions = ("undo",)
    fields = (
        "user", "its_connection", "kind", "state", "created", "updated", "unchanged", "deleted", "skipped", "pages",
        "attempts", "error", "failure", "due_at", "lease_until", "waiting_since", "held_for", "allowed_deletions", "arrivals_allowed", "created_at", "started_at",
        "ended_at", "failures",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description="connection")
    def its_connection(self, run: SyncRun) -> str:
        address = reverse("admin:integrations_connection_change", args=[run.connection_id])
        return format_html('<a href="{}">{}</a>', address, run.connection)

    @admin.display(description="failures")
    def failures(self, run: SyncRun) -> str:
        return link_list("jobfailure", "Failures of its connection", unit=f"connection:{run.connection_id}")

    @admin.action(description="Undo", permissions=["act"])
    def undo(self, request: HttpRequest, queryset: "QuerySet[SyncRun]") -> None:
        rows = queryset.select_related("connection")
        self.act(request, rows=rows, work=lambda row: ask_undo(run=row), done="will be undone")


def link_list(model: str, words: str, **query: str | int) -> str:
    """A link to a list of this app, narrowed down."""
    address = reverse(f"admin:integrations_{model}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(query), words)
