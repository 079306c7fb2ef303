"""Who the load's people are: sessions of the installation's made-up people, there for the length of a load alone."""

import secrets
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connections, transaction

from config.connections import read_plan
from memories.models import Session, User
from memories.sessions import SessionStore

BACKEND = "memories.sessions.SessionBackend"


class NobodyError(SystemExit):
    """The people are not there."""


class Visitors:
    """Logs people in for the length of a block, without their passwords. Raises NobodyError when some do not exist."""

    def __init__(self, *, names: Sequence[str], url: str) -> None:
        self.names = names
        self.url = url
        self.headers: list[dict[str, str]] = []
        self.database_url: str = settings.DATABASE_URL
        self._keys: list[str] = []

    @property
    def budget(self) -> dict[str, object]:
        """How many connections web and all together may hold, as the report's keyword arguments."""
        plan = read_plan()
        web = plan.web_processes * plan.per_web_process
        return {"budgets": {"lifegraph-web": web}, "together": settings.DB_CONNECTION_BUDGET}

    def __enter__(self) -> Self:
        users = list(User.objects.filter(username__in=self.names).order_by("username"))
        if absent := len(set(self.names)) - len(users):
            raise NobodyError(
                f"{absent} of {len(self.names)} people do not live here: `manage.py seed_people` makes them."
            )
        with transaction.atomic():
            self._keys = [open_session(user) for user in users]
        self.headers = [carry(key, url=self.url) for key in self._keys]
        connections.close_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        Session.objects.filter(session_key__in=self._keys).delete()
        connections.close_all()


def open_session(user: User) -> str:
    """Make a session of a person's; returns its key."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def carry(key: str, *, url: str) -> dict[str, str]:
    """The headers of a browser that is logged in: both cookies, the token that a form or script sends, and where it came from."""
    token = secrets.token_hex(16)
    cookies = f"{settings.SESSION_COOKIE_NAME}={key}; {settings.CSRF_COOKIE_NAME}={token}"
    return {"Cookie": cookies, "X-CSRFToken": token, "Referer": url}
