"""Sessions that know whose they are: a request finds its session and its person by one statement instead of two.

Django reads the session, then the user (https://docs.djangoproject.com/en/5.2/topics/http/sessions/, "Extending database-backed
session engines"). Here the session's row points at its person and both are read by one join.
"""

from contextvars import ContextVar
from typing import Any

from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from memories.models import Session
from memories.owned import read_owned

ALIVE = "t.session_key = %s AND t.expire_date > %s"

# The person who came with the session that is being asked about; set for the length of one `get_user` alone.
_JOINED: ContextVar[Any] = ContextVar("joined person", default=None)


class SessionStore(DatabaseStore):
    """Django's database sessions in a table that carries the person's id."""

    person: Any = None

    @classmethod
    def get_model_class(cls) -> Any:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        return row

    def _get_session_from_db(self) -> Any:
        found = read_owned(Session, where=ALIVE, values=[self.session_key, timezone.now()])
        if not found:
            self._session_key: str | None = None
            return None
        self.person = found[0].user
        return found[0]


class SessionBackend(ModelBackend):
    """Django's backend, which takes the person who came with the session if it is the one asked for."""

    def get_user(self, user_id: int) -> Any:
        person = _JOINED.get()
        if person is None or str(person.pk) != str(user_id):
            return super().get_user(user_id)
        return person if self.user_can_authenticate(person) else None


class SessionMiddleware(AuthenticationMiddleware):
    """Sets request.user, lazily, as Django's does."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: find_person(request))  # type: ignore[assignment]


def find_person(request: HttpRequest) -> Any:
    """Who is logged in; everything that `get_user` checks (backend, session hash) is checked as ever."""
    request.session.get(SESSION_KEY)  # loads the session, and its person with it
    token = _JOINED.set(getattr(request.session, "person", None))
    try:
        return get_user(request)
    finally:
        _JOINED.reset(token)
