"""Stand-in: Nango's management API: Connect sessions and connections, and what all of Nango's answers have in common.

Shapes follow Nango's published API (https://nango.dev/docs/reference/api) and the source of its server.
"""

import hmac
import secrets
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

from config.local.providers.answers import planned_refusal, refuse, refuse_body, write_moment
from config.local.providers.plan import Fault, Plan
from config.local.providers.server import Request, Response, json_response
from config.local.providers.webhooks import Webhooks
from config.local.providers.world import Account, World

INTEGRATIONS: Final = {"google-mail": "gmail", "google-drive": "gdrive", "dropbox": "dropbox", "zoho-mail": "zoho_mail"}
SESSION_MINUTES: Final = 30
MOST_LISTED: Final = 10_000
SESSION_FIELDS: Final = frozenset(
    [
        "tags",
        "end_user",
        "organization",
        "allowed_integrations",
        "integrations_config_defaults",
        "overrides",
        "webhook_url_override",
    ]
)
RECONNECT_FIELDS: Final = (SESSION_FIELDS - {"allowed_integrations"}) | {"connection_id", "integration_id"}


@dataclass(slots=True)
class Connection:
    """An account that somebody has connected."""

    number: int
    nango_id: str
    integration: str
    account: Account
    tags: dict[str, str]
    created: datetime
    updated: datetime
    plan: Plan = field(default_factory=Plan)


@dataclass(frozen=True, slots=True)
class Session:
    """A Connect session; `reconnect` is the connection it renews, None for a new one."""

    token: str
    tags: dict[str, str]
    integrations: tuple[str, ...]
    expires_at: datetime
    reconnect: Connection | None = None


class Nango:
    """All that a Nango server remembers; `lock` guards it, an account's own lock guards the account."""

    def __init__(self, *, secret_key: str, list_key: str, webhook_key: str) -> None:
        self.secret_key = secret_key
        self.list_key = list_key
        self.webhooks = Webhooks(key=webhook_key)
        self.url = ""
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        self.world = World()
        self.connections: dict[str, Connection] = {}
        self.sessions: dict[str, Session] = {}
        self.used: set[str] = set()  # ids, also of connections that are gone
        self.made = 0
        self.webhooks.reset()

    def connect(self, account: Account, *, tags: dict[str, str]) -> Connection:
        """A new connection. The first one of an account has the same id after every start; no id comes again before the next."""
        integration = next(name for name, slug in INTEGRATIONS.items() if slug == account.provider)
        with self.lock:
            names = (name_connection(account, number=number) for number in count())
            nango_id = next(name for name in names if name not in self.used and name not in self.connections)
            self.used.add(nango_id)
            self.made += 1
            now = datetime.now(UTC)
            connection = Connection(self.made, nango_id, integration, account, tags, created=now, updated=now)
            self.connections[nango_id] = connection
        return connection

    def open_session(self, session: Session) -> Response:
        with self.lock:
            self.sessions[session.token] = session
        link = f"{self.url}/connect?session_token={session.token}"
        data = {"token": session.token, "connect_link": link, "expires_at": write_moment(session.expires_at)}
        return json_response({"data": data}, status=201)

    def find(self, nango_id: str, integration: str) -> Connection | None:
        connection = self.connections.get(nango_id)
        return connection if connection and connection.integration == integration else None

    def check_key(self, request: Request, *, listing: bool = False) -> None:
        """Only a listing may use the key that can list and nothing else. Raises Refusal."""
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not key:
            raise refuse(
                401, "missing_auth_header", "Authentication failed. The request is missing the Authorization header."
            )
        if hmac.compare_digest(key.encode(), self.secret_key.encode()):
            return
        if not hmac.compare_digest(key.encode(), self.list_key.encode()):
            raise refuse(
                401,
                "unknown_user_account",
                "Authentication failed. The provided secret key does not match any account.",
            )
        if not listing:
            raise refuse(403, "forbidden", "This API key does not have the required scope.")

    def answer(self, request: Request) -> Response:
        """/connect/sessions, /connect/sessions/reconnect, /connections, /connections/{id}. Raises Refusal."""
        match (request.method, *request.parts):
            case ("POST", "connect", "sessions"):
                self.check_key(request)
                return self.open_session(self.read_session(request))
            case ("POST", "connect", "sessions", "reconnect"):
                self.check_key(request)
                return self.open_session(self.read_reconnect(request))
            case ("GET", "connections"):
                self.check_key(request, listing=True)
                return self.list_connections(request)
            case ("GET" | "DELETE", "connections", nango_id):
                self.check_key(request)
                return self.answer_connection(request, nango_id)
        raise refuse(404, "not_found", f"{request.method} {request.path} does not exist")

    def read_session(self, request: Request) -> Session:
        body = read_body(request, known=SESSION_FIELDS)
        allowed = body.get("allowed_integrations") or list(INTEGRATIONS)
        if not isinstance(allowed, list) or not set(allowed) <= set(INTEGRATIONS):
            raise refuse_body("allowed_integrations", "Integration does not exist")
        return make_session(read_tags(body), tuple(allowed))

    def read_reconnect(self, request: Request) -> Session:
        body = read_body(request, known=RECONNECT_FIELDS)
        connection = self.find(str(body.get("connection_id")), str(body.get("integration_id")))
        if connection is None:
            raise refuse(400, "unknown_connection", "No connection found for this connection_id and integration_id")
        tags = read_tags(body) if "tags" in body else connection.tags
        return make_session(tags, (connection.integration,), reconnect=connection)

    def list_connections(self, request: Request) -> Response:
        limit, page = read_count(request, "limit", usual=MOST_LISTED), read_count(request, "page", usual=0)
        wanted = {
            name[5:-1].lower(): value
            for name, value in request.params
            if name.startswith("tags[") and name.endswith("]")
        }
        if "endUserId" in dict(request.params):
            wanted["end_user_id"] = request.param("endUserId")
        only = request.param("connectionId")
        found = [
            describe(connection)
            for connection in list(self.connections.values())
            if wanted.items() <= connection.tags.items() and only in ("", connection.nango_id)
        ]
        return json_response({"connections": found[page * limit : (page + 1) * limit]})

    def answer_connection(self, request: Request, nango_id: str) -> Response:
        integration = request.param("provider_config_key")
        if not integration:
            raise refuse(400, "invalid_query_params", "provider_config_key is required")
        if integration not in INTEGRATIONS:
            raise refuse(400, "unknown_provider_config", "Provider config not found for the given provider config key")
        connection = self.find(nango_id, integration)
        if connection is None:
            raise refuse(404, "not_found", "Failed to find connection")
        with logged(connection, request) as (fault, answer):
            answer.append(planned_refusal(fault, request=request, proxied=False) or self.do(request, connection))
        return answer[0]

    def do(self, request: Request, connection: Connection) -> Response:
        if request.method == "GET":
            return json_response(describe_whole(connection))
        with self.lock:
            del self.connections[connection.nango_id]
        return json_response({"success": True})


@contextmanager
def logged(connection: Connection, request: Request) -> Iterator[tuple[Fault | None, list[Response]]]:
    """Count a call of a connection, hand out the fault it meets, and log it with the answer that is put into the list."""
    at, answer = time.monotonic(), list[Response]()
    number, fault = connection.plan.next_fault(request.path)
    try:
        yield fault, answer
    finally:
        status = answer[0].status if answer and not answer[0].drop else 0
        connection.plan.log(number, at=at, request=request, status=status, fault=fault)


def read_count(request: Request, name: str, *, usual: int) -> int:
    """Raises Refusal."""
    text = request.param(name) or str(usual)
    if not text.isdigit():
        raise refuse(400, "invalid_query_params", f"{name} is no number")
    return int(text)


def read_body(request: Request, *, known: frozenset[str]) -> dict[str, Any]:
    try:
        body = request.json() or {}
    except ValueError:
        raise refuse(400, "invalid_body", "The body is not JSON") from None
    if not isinstance(body, dict):
        raise refuse_body("", "Invalid input: expected object")
    for name in sorted(set(body) - known):
        raise refuse_body(name, f'Unrecognized key: "{name}"')
    return body


def read_tags(body: dict[str, Any]) -> dict[str, str]:
    """Tags with their names in lower case: 10 at most, values of 255 characters at most. Raises Refusal."""
    tags = body.get("tags") or {}
    if not isinstance(tags, dict) or len(tags) > 10:
        raise refuse_body("tags", "At most 10 tags are allowed")
    for value in tags.values():
        if not isinstance(value, str) or not 0 < len(value) <= 255:
            raise refuse_body("tags", "Tag values are strings of 1 to 255 characters")
    return {str(name).lower(): value for name, value in tags.items()}


def make_session(
    tags: dict[str, str], integrations: tuple[str, ...], *, reconnect: Connection | None = None
) -> Session:
    token = f"nango_connect_session_{secrets.token_hex(32)}"
    return Session(token, tags, integrations, datetime.now(UTC) + timedelta(minutes=SESSION_MINUTES), reconnect)


def name_connection(account: Account, *, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{account.provider}/{account.address}/{number}"))


def describe(connection: Connection) -> dict[str, Any]:
    """A connection as it stands in a list."""
    return {
        "id": connection.number,
        "connection_id": connection.nango_id,
        "provider": connection.integration,
        "provider_config_key": connection.integration,
        "created": write_moment(connection.created),
        "metadata": None,
        "tags": connection.tags,
        "errors": [],
        "end_user": None,
    }


def describe_whole(connection: Connection) -> dict[str, Any]:
    """A connection as it is shown alone; its token is good for the stand-in's own APIs alone."""
    rest = {name: value for name, value in describe(connection).items() if name != "created"}
    zone = {"extension": "com"} if connection.integration == "zoho-mail" else {}
    expires = write_moment(datetime.now(UTC) + timedelta(hours=1))
    token = {"access_token": connection.account.address, "expires_at": expires}
    return {
        **rest,
        "connection_config": zone,
        "created_at": write_moment(connection.created),
        "updated_at": write_moment(connection.updated),
        "last_fetched_at": write_moment(datetime.now(UTC)),
        "credentials": {"type": "OAUTH2", **token, "raw": token},
    }
