"""Operators' pages of the installation: who flipped what; switches and flags, whose changes are signed by whoever is logged in."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from waffle.admin import FlagAdmin, SwitchAdmin
from waffle.models import Sample, Switch

from config.models import Alert, Flip
from config.rollout.signature import sign_flips
from memories.admin import ReadOnlyAdmin
from memories.models import Flag

WHERE = "in the admin"
admin.site.site_header = admin.site.site_title = "Life Graph"


class SignedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Whatever a request changes here is flipped by its user: one row, a list's action, or deleted."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._sign(super().changeform_view, request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._sign(super().changelist_view, request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._sign(super().delete_view, request, *args, **kwargs)

    def _sign(self, view: Callable[..., HttpResponse], request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with sign_flips(by=request.user.get_username(), reason=WHERE):
            return view(request, *args, **kwargs)


class SignedFlagAdmin(SignedAdmin, FlagAdmin):
    pass


class SignedSwitchAdmin(SignedAdmin, SwitchAdmin):
    pass


# Waffle's app and ours have put pages of their own there by now (they are imported above). Samples draw per request: not for us.
admin.site.unregister([Flag, Switch, Sample])
admin.site.register(Flag, SignedFlagAdmin)
admin.site.register(Switch, SignedSwitchAdmin)


@admin.register(Flip)
class FlipAdmin(ReadOnlyAdmin):
    """Every change of a switch or flag, whoever made it; the database writes it."""

    list_display = ("at", "flipped", "before", "after", "by", "reason")
    list_display_links = ("at",)
    list_filter = ("kind", "name")
    search_fields = ("name", "by", "reason")
    date_hierarchy = "at"
    show_full_result_count = False

    @admin.display(description="switch or flag", ordering="name")
    def flipped(self, flip: Flip) -> str:
        address = reverse("admin:config_flip_changelist")
        return format_html('<a href="{}?{}">{}</a>', address, urlencode({"name": flip.name}), flip.name)


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """What was found wrong, what still is first."""

    list_display = ("name", "detail", "began_at", "told_at", "ended_at")
    list_filter = ("name",)
    ordering = (F("ended_at").desc(nulls_first=True), "-id")
