"""Operators' pages of this app. Texts of memories are not shown: an operator needs the state, not the life."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from waffle.admin import FlagAdmin

from memories.models import Flag, Memory, User
from memories.services.zones import change_time_zone

admin.site.register(Flag, FlagAdmin)


class KeptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that nobody makes or deletes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(KeptAdmin):
    """Rows to look at."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    fieldsets = (*(UserAdmin.fieldsets or ()), ("Life Graph", {"fields": ("time_zone",)}))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """`manage.py erase_user` does it: what a person connected has to be given back first."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 -- Django's signature
        super().save_model(request, obj, form, change)
        if change and "time_zone" in form.changed_data:
            change_time_zone(user=obj, name=obj.time_zone)


@admin.register(Memory)
class MemoryAdmin(ReadOnlyAdmin):
    """Where memories stand on their journey; read-only."""

    list_select_related = ("user",)
    list_display = ("id", "user", "source", "stage", "lane", "failed_stage", "attempts", "due_at", "occurred_on")
    list_filter = ("stage", "lane", "failed_stage", "source", "intake")
    fields = (
        "user", "source", "account", "external_id", "occurred_on", "origin", "intake", "lane", "admitted_at", "engine", "size",
        "stage", "failed_stage", "attempts", "queued_at", "due_at", "lease_until", "revision", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = fields
    show_full_result_count = False
