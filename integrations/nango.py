"""Arrive: the one client of Nango, and so the only code of this app that speaks to the outside.

It asks NANGO_BASE_URL and nobody else. What a reply means is decided in `integrations.verdicts`; only the types of
`integrations.errors` and those below leave this module. No body, parameter or key is logged or put into a message.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.conf import settings

from integrations.errors import ConnectionGone, ItemRefused, Misconfigured, ProviderUnavailable, Refused
from integrations.providers.base import Fetch, Reply, Request
from integrations.transport import (
    Answered,
    NoAnswer,
    Patience,
    TooLarge,
    Transport,
    Unsafe,
    check_headers,
    check_path,
)
from integrations.verdicts import Kind, judge, judge_nango, raise_verdict, read_json

FOR_A_PROVIDER: Final = Patience(connect=5, read=60, total=120)
FOR_A_PERSON: Final = Patience(connect=3, read=8, total=10)
HOSTS: Final[Mapping[tuple[str, str], str]] = {("dropbox", "content"): "https://content.dropboxapi.com"}
PAGE: Final = 100  # connections in a page of Nango's list
MAX_REPLY: Final = 5_000_000  # bytes of Nango's own replies
SESSION_LIFE: Final = timedelta(minutes=30)


class NotConfigured(Misconfigured):
    """This server has no key for Nango."""


class NangoAway(ProviderUnavailable):
    """Nango does not answer, or asks us to wait; the same call may work in a while."""


@dataclass(frozen=True, slots=True)
class Session:
    """A permission to connect: `token` and `connect_link` are for the person's browser and end at `expires_at`."""

    token: str
    connect_link: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NangoConnection:
    """A connection as Nango lists it. `broken` says that Nango could not renew its access. Its credentials are never kept."""

    nango_id: str
    integration_id: str
    tags: Mapping[str, str]
    broken: bool
    updated_at: datetime | None


class NangoClient:
    """Nango's management and proxy API. Safe to share between threads, not between processes."""

    def __init__(
        self, base_url: str, key: str, *, integration_ids: Mapping[str, str], list_key: str | None = None
    ) -> None:
        self._transport = Transport(base_url)
        self._key, self._list_key = key, list_key or key
        self._integration_ids = dict(integration_ids)

    def fetcher(self, *, provider: str, nango_id: str) -> Fetch:
        """The function a provider asks with."""
        return partial(self.proxy, provider=provider, nango_id=nango_id)

    def proxy(self, request: Request, *, provider: str, nango_id: str) -> Reply:
        """One call to a provider. Raises the types of `integrations.errors`."""
        try:
            path, headers = self._address(request, provider=provider, nango_id=nango_id)
        except ValueError:  # Unsafe, or half of a surrogate pair
            raise _refuse(request, "it has a name that cannot be asked for") from None
        try:
            answered = self._transport.ask(
                request.method,
                path,
                headers=headers,
                body=_encode(request.json),
                patience=FOR_A_PROVIDER,
                limit=request.limit,
            )
        except NoAnswer as error:
            raise ProviderUnavailable(f"there was no whole answer ({error})") from None
        except TooLarge:
            raise _refuse(request, f"it is larger than {request.limit // 1_000_000} MB") from None
        _raise_for(answered, request=request, provider=provider)
        return Reply(body=answered.body, headers=answered.headers)

    def create_session(self, *, provider: str, tags: Mapping[str, str]) -> Session:
        """Let a person connect a new account; `tags` (keys in lower case) come back on the connection."""
        body = {"tags": dict(tags), "allowed_integrations": [self._integration_ids[provider]]}
        return _read_session(self._ask("POST", "/connect/sessions", body=body))

    def create_reconnect_session(self, *, provider: str, nango_id: str, tags: Mapping[str, str]) -> Session:
        """Let a person give access again to an account; the connection keeps its id."""
        body = {"connection_id": nango_id, "integration_id": self._integration_ids[provider], "tags": dict(tags)}
        return _read_session(self._ask("POST", "/connect/sessions/reconnect", body=body))

    def read_connection(self, *, provider: str, nango_id: str) -> NangoConnection:
        """The connection as it is now. Nango renews its access if that is due.

        Raises:
            ConnectionGone: Nango does not know it.
            NeedsReauth, AuthSuspect: its access could not be renewed.
        """
        said = self._ask("GET", self._connection_path(provider=provider, nango_id=nango_id))
        found = _read_connection(said)
        if found is None:
            raise NangoAway("Nango's reply makes no sense")
        return found

    def list_connections(self, *, end_user_id: str | None = None) -> Iterator[NangoConnection]:
        """All connections, or those with this tag, each once.

        Nango may give fewer a page than we ask for, so the end is an empty page, or two that say nothing new.
        """
        seen: set[tuple[str, str]] = set()
        stale = page = 0
        while stale < 2:
            rows = self._list_page(page, end_user_id=end_user_id)
            if not rows:
                return
            news = {(row.integration_id, row.nango_id): row for row in rows}
            fresh = [row for key, row in news.items() if key not in seen]
            yield from fresh
            seen |= news.keys()
            page, stale = page + 1, 0 if fresh else stale + 1

    def delete_connection(self, *, provider: str, nango_id: str) -> None:
        """Have Nango forget a connection and its tokens; one it does not know is forgotten already."""
        try:
            self._ask("DELETE", self._connection_path(provider=provider, nango_id=nango_id))
        except ConnectionGone:
            return

    def provider_of(self, integration_id: str) -> str | None:
        """The provider an integration of Nango stands for."""
        return next((slug for slug, known in self._integration_ids.items() if known == integration_id), None)

    def _address(self, request: Request, *, provider: str, nango_id: str) -> tuple[str, dict[str, str]]:
        check_path(request.path)
        headers = {f"nango-proxy-{name}": value for name, value in request.headers}
        headers |= self._headers(self._key, body=request.json) | {
            "Provider-Config-Key": self._integration_ids[provider],
            "Connection-Id": nango_id,
            "Retries": "0",
        }
        if request.host != "api":
            headers["Base-Url-Override"] = _find_host(provider, request.host)
        check_headers(headers)
        query = urlencode(request.params, quote_via=quote)
        return f"/proxy{request.path}{'?' if query else ''}{query}", headers

    def _connection_path(self, *, provider: str, nango_id: str) -> str:
        path = f"/connections/{quote(nango_id, safe='')}"
        try:
            check_path(path)
        except Unsafe:
            raise ConnectionGone("no connection can have this id") from None
        return f"{path}?{urlencode({'provider_config_key': self._integration_ids[provider]})}"

    def _list_page(self, page: int, *, end_user_id: str | None) -> list[NangoConnection]:
        query = {"limit": str(PAGE), "page": str(page)} | ({"tags[end_user_id]": end_user_id} if end_user_id else {})
        said = self._ask("GET", f"/connections?{urlencode(query)}", key=self._list_key)
        rows = said.get("connections")
        if not isinstance(rows, list):
            raise NangoAway("Nango's reply makes no sense")
        return [found for row in rows if (found := _read_connection(row))]

    def _ask(
        self, method: str, path: str, *, body: Mapping[str, object] | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """One call of Nango's own API, answered with a JSON object."""
        headers = self._headers(key or self._key, body=body)
        try:
            answered = self._transport.ask(
                method, path, headers=headers, body=_encode(body), patience=FOR_A_PERSON, limit=MAX_REPLY
            )
        except (NoAnswer, TooLarge) as error:
            raise NangoAway(f"Nango does not answer ({str(error) or 'too much'})") from None
        return _read_object(answered)

    @staticmethod
    def _headers(key: str, *, body: Mapping[str, object] | None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        return headers if body is None else headers | {"Content-Type": "application/json"}


def open_client() -> NangoClient:
    """The client this server's settings describe, one a process. Raises NotConfigured."""
    if not settings.NANGO_SECRET_KEY:
        raise NotConfigured("This server has no key for Nango (NANGO_SECRET_KEY).")
    return _open(
        os.getpid(),
        settings.NANGO_BASE_URL,
        settings.NANGO_SECRET_KEY,
        getattr(settings, "NANGO_LIST_KEY", ""),
        tuple(settings.NANGO_INTEGRATION_IDS.items()),
    )


@lru_cache(maxsize=4)
def _open(pid: int, base_url: str, key: str, list_key: str, ids: tuple[tuple[str, str], ...]) -> NangoClient:
    """`pid` is there because a forked process must not speak through its parent's sockets."""
    return NangoClient(base_url, key, integration_ids=dict(ids), list_key=list_key)


def _encode(body: Mapping[str, object] | None) -> bytes | None:
    return None if body is None else json.dumps(body).encode()


def _find_host(provider: str, host: str) -> str:
    if (provider, host) not in HOSTS:
        raise Unsafe("host")
    return HOSTS[provider, host]


def _refuse(request: Request, reason: str) -> Exception:
    return ItemRefused(reason) if request.purpose == "item" else Refused(reason)


def _raise_for(answered: Answered, *, request: Request, provider: str) -> None:
    verdict = judge(
        provider=provider,
        purpose=request.purpose,
        status=answered.status,
        headers=answered.headers,
        body=answered.body,
        now=datetime.now(UTC),
        file=_asks_for_file(request),
    )
    raise_verdict(verdict)


def _asks_for_file(request: Request) -> bool:
    """Whether the reply is a file's own bytes: from Dropbox's second host, or a download or an export of Drive."""
    return request.host == "content" or ("alt", "media") in request.params or request.path.endswith("/export")


def _read_object(answered: Answered) -> dict[str, Any]:
    verdict = judge_nango(answered.status, headers=answered.headers, body=answered.body, now=datetime.now(UTC))
    if verdict.kind in (Kind.UNAVAILABLE, Kind.RATE_LIMITED):
        raise NangoAway(verdict.reason, delay=verdict.delay)
    raise_verdict(verdict)
    said = read_json(answered.body)
    if not isinstance(said, dict):
        raise NangoAway("Nango's reply was cut or broken")
    return said


def _read_session(said: dict[str, Any]) -> Session:
    data = said.get("data")
    token = data.get("token") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(token, str):
        raise NangoAway("Nango's reply makes no sense")
    link = str(data.get("connect_link") or "")
    return Session(
        token=token,
        connect_link=link if link.startswith(("https://", "http://")) else "",
        expires_at=_read_moment(data.get("expires_at")) or datetime.now(UTC) + SESSION_LIFE,
    )


def _read_connection(row: object) -> NangoConnection | None:
    if not isinstance(row, dict) or not isinstance(row.get("connection_id"), str):
        return None
    tags, errors = row.get("tags"), row["errors"] if isinstance(row.get("errors"), list) else []
    return NangoConnection(
        nango_id=row["connection_id"],
        integration_id=str(row.get("provider_config_key", "")),
        tags={str(name): str(value) for name, value in tags.items()} if isinstance(tags, dict) else {},
        broken=any(isinstance(error, dict) and error.get("type") == "auth" for error in errors),
        updated_at=_read_moment(row.get("updated_at")),
    )


def _read_moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
