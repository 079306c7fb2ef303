"""Coming in and going out: log in, log out, and the page that makes the first user of an installation."""

from itertools import groupby
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth import login
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path
from django.views.generic import FormView

from memories.models import User

FIRST_USER_LOCK = 0x11FE06  # any number that no other advisory lock of the product uses
PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 -- a dotted path


def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Time zones grouped by region, as a select shows them; UTC stands alone on top."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/", "right/")))
    regions = groupby(names, key=lambda name: name.partition("/")[0])
    grouped = [(region, [(name, zone_label(name)) for name in zones]) for region, zones in regions]
    return [("Everywhere", [("UTC", "UTC")]), *grouped]


def zone_label(name: str) -> str:
    return name.partition("/")[2].replace("_", " ").replace("/", ", ")


class FirstUserForm(BaseUserCreationForm[User]):
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


class FirstUserView(FormView[FirstUserForm]):
    """Open only while nobody lives here; afterwards there is nothing at this address."""

    template_name = "registration/first_user.html"
    form_class = FirstUserForm
    success_url = "/"

    @transaction.atomic
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            take_first_user_lock()
        if User.objects.exists():
            raise Http404
        return self.answered(super().dispatch(request, *args, **kwargs))

    def answered(self, response: Any) -> HttpResponse:
        """Rendered while the lock is held, for a template response would render after it."""
        return response.render() if hasattr(response, "render") else response

    def form_valid(self, form: FirstUserForm) -> HttpResponse:
        login(self.request, form.save(), backend=PASSWORD_BACKEND)
        return super().form_valid(form)


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


urlpatterns = [
    path("login/", EntryView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("first-user/", FirstUserView.as_view(), name="first-user"),
]
