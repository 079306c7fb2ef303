"""Asking the stand-in over HTTP."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import urllib3

from config.local.providers.client import StandIn

INTEGRATIONS = {"gmail": "google-mail", "gdrive": "google-drive", "dropbox": "dropbox", "zoho_mail": "zoho-mail"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Nango's code of an error."""
        return self.json["error"]["code"]


Ask = Callable[..., Reply]


@pytest.fixture
def pool() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(retries=False, timeout=10) as pool:
        yield pool


@pytest.fixture
def ask(stand_in: StandIn, pool: urllib3.PoolManager) -> Ask:
    """ask(path, method=…, key=…, body=…, headers=…) with the secret key."""

    def ask(
        path: str, *, method: str = "GET", key: str = stand_in.secret_key, body: Any = None, headers: Any = None
    ) -> Reply:
        names = {"Authorization": f"Bearer {key}"} if key else {}
        reply = pool.request(
            method, stand_in.url + path, headers={**names, **(headers or {})}, json=body, redirect=False
        )
        return Reply(reply.status, {name.lower(): value for name, value in reply.headers.items()}, reply.data)

    return ask


@pytest.fixture
def mailbox(stand_in: StandIn) -> str:
    """Ada's Gmail account with five mails, m0 the oldest."""
    stand_in.add_account("gmail", "ada@post.example", [make_mail(number) for number in range(5)])
    return "ada@post.example"


@pytest.fixture
def connected(stand_in: StandIn, mailbox: str) -> str:
    """The id of a connection to `mailbox`."""
    return stand_in.connect("gmail", mailbox, tags={"end_user_id": "7"})


@pytest.fixture
def through(ask: Ask, connected: str) -> Ask:
    """through(path, headers=…): through the proxy to Ada's Gmail."""

    def through(path: str, *, headers: Any = None, **rest: Any) -> Reply:
        names = {"Provider-Config-Key": "google-mail", "Connection-Id": connected, **(headers or {})}
        return ask(f"/proxy/gmail/v1/users/me{path}", headers=names, **rest)

    return through


@pytest.fixture
def make_mails() -> Callable[[int], list[dict[str, Any]]]:
    return lambda count: [make_mail(number) for number in range(count)]


def make_mail(number: int) -> dict[str, Any]:
    """A mail at `number` minutes past eight."""
    return {
        "id": f"m{number}",
        "thread_id": "t1" if number < 2 else f"m{number}",
        "at": f"2026-03-01T{8 + number // 60:02}:{number % 60:02}:00+00:00",
        "from": ["Berta Böhm", "berta@post.example"],
        "to": [["Ada", "ada@post.example"]],
        "subject": f"Letter {number}",
        "text": f"Dear Ada,\nthis is letter {number}.",
        "message_id": f"<m{number}@post.example>",
    }
