"""Coming in and going out: log in, log out, and the page that makes the first user of an installation."""

from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth import login
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from memories.models import User

if TYPE_CHECKING:
    UserForm = BaseUserCreationForm[User]
else:
    UserForm = BaseUserCreationForm  # generic in the stubs alone

FIRST_USER_LOCK = 0x11FE06  # any number that no other advisory lock of the product uses
PASSWORD_BACKEND = "memories.sessions.SessionBackend"  # noqa: S105 -- a dotted path


def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Time zones grouped by region, as a select shows them; UTC stands alone on top."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    grouped = [
        (region, [(name, zone_label(name)) for name in zones])
        for region, zones in groupby(names, key=lambda name: name.partition("/")[0])
    ]
    return [("Everywhere", [("UTC", "UTC")]), *grouped]


def zone_label(name: str) -> str:
    return name.partition("/")[2].replace("_", " ").replace("/", ", ")


class FirstUserForm(UserForm):
    """Name, password twice and time zone of the person who owns the installation."""

    time_zone = forms.ChoiceField(
        choices=zone_choices, initial="UTC", help_text="Your days begin and end by this clock."
    )

    class Meta:
        model = User
        fields = ("username", "time_zone")

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 -- the parent's signature
        self.instance.is_staff = True
        self.instance.is_superuser = True
        return super().save(commit)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password1", "password2")
@never_cache
def first_user(request: HttpRequest) -> HttpResponse:
    """Make the first user; open only while nobody lives here, afterwards there is nothing at this address."""
    with transaction.atomic():
        if request.method == "POST":
            take_first_user_lock()
        if User.objects.exists():
            raise Http404
        form = FirstUserForm(request.POST or None)
        if not form.is_valid():
            return render(request, "registration/first_user.html", {"form": form})
        login(request, form.save(), backend=PASSWORD_BACKEND)
    return redirect("dashboard")


def take_first_user_lock() -> None:
    """Until this transaction ends nobody else makes a first user: two submissions, one user."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_USER_LOCK])


class EntryView(LoginView):
    """The login page; with nobody to log in it leads to the first-user page."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not User.objects.exists():
            return redirect("first-user")
        return super().get(request, *args, **kwargs)


class ExitView(LogoutView):
    """The way out: the browser is told to keep nothing of the person, neither files nor what our scripts stored."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)
        if request.method == "POST":
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


urlpatterns = [
    path("login/", EntryView.as_view(), name="login"),
    path("logout/", ExitView.as_view(), name="logout"),
    path("first-user/", first_user, name="first-user"),
]
