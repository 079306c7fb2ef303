"""Calls over HTTP as a reverse proxy would pass them on."""

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT = 30.0
PATH = "/api/v1/memories/"


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is 0 where none came."""

    status: int
    seconds: float
    body: bytes = b""


def call(url: str, method: str, path: str, *, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
    """One request on a connection of its own."""
    begun = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)
    sent = {"X-Forwarded-Proto": "https", "Content-Type": "application/json"} | dict(headers or {})
    try:
        connection.request(method, path, body=None if body is None else json.dumps(body), headers=sent)
        response = connection.getresponse()
        return Answer(status=response.status, body=response.read(), seconds=time.monotonic() - begun)
    except (OSError, http.client.HTTPException):
        return Answer(status=0, seconds=time.monotonic() - begun)
    finally:
        connection.close()


def post_memory(url: str, *, token: str, record: Mapping[str, object]) -> Answer:
    """Store a memory, once however often it is asked."""
    key = f"{record['source']}/{record['external_id']}"
    return call(url, "POST", PATH, body=record, headers={"Authorization": f"Token {token}", "Idempotency-Key": key})


def make_token(username: str) -> str:
    from knox.models import AuthToken

    from tests.drills.world import make_people

    return str(AuthToken.objects.create(user=make_people()[username])[1])


def is_up(url: str) -> bool:
    return call(url, "GET", "/health/live").status == 200
