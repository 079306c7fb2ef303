"""Served: how a request passes through the web process. Its answer leaves only when nothing is held for it any more.

Four rules, for 24 slow readers must not cost the others a second:
- What is sent is taken in, if large into a temporary file, before anything is held for it: who sends slowly waits alone.
- A request is worked on while it has one of as many *seats* as the pool has connections. The server's threads are more than the
  seats; who waits for a seat waits before anything is done, so that no thread disturbs those who work, and who waits longest is next.
- An answer is whole before it leaves: request and connection are finished with, the seat is free, and the server keeps the bytes
  (each slow reader costs the size of its answer, nothing else).
- A streaming answer leaves without a connection and without a seat; what is slow to read it holds one of the spare threads. A stream
  may therefore not read the database: an export is written to a temporary file first and streamed from there. One that does so all
  the same takes a connection from the pool and keeps it until its reader is done.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections

from config.counts import SEAT_SECONDS, count_request
from config.outages import FULL_BODY
from config.requests import BEGAN
from config.seats import Seats
from memories.outages import FULL, find_outage

NEEDS_NO_SEAT = ("/health/", "/metrics", "/static/")  # they must answer while everybody waits
NOTICEABLE = 0.001  # seconds
TOO_LARGE = b'{"detail": "This is larger than the server takes at once."}'
PIECE = 2**16


class Handler:
    """Django's WSGI application with seats."""

    def __init__(self) -> None:
        self.application: Any = WSGIHandler()
        self.seats = Seats(settings.WEB_SEATS)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            if not take_in_body(environ):
                return refuse(environ, start_response, status=413, body=TOO_LARGE)
        except OSError as error:
            if find_outage(error) is not FULL:
                raise
            return refuse(environ, start_response, status=507, body=FULL_BODY, wait=FULL.wait)
        environ[BEGAN] = perf_counter()
        with nullcontext() if environ.get("PATH_INFO", "").startswith(NEEDS_NO_SEAT) else self.take_seat():
            response: Any = self.application(environ, start_response)
            if isinstance(environ.get("wsgi.input"), SpooledTemporaryFile):
                environ["wsgi.input"].close()
            if not getattr(response, "streaming", True):
                body = response.content
                response.close()  # ends the request: the connection is back in the pool
                return [body]
            close_old_connections()
        streamed: Iterable[bytes] = response
        return streamed

    @contextmanager
    def take_seat(self) -> Iterator[None]:
        """Hold a seat, and count what was waited for it."""
        began = perf_counter()
        with self.seats:
            waited = perf_counter() - began
            if waited > NOTICEABLE:
                SEAT_SECONDS.inc(waited)
            yield


def refuse(environ: dict[str, Any], start_response: Any, *, status: int, body: bytes, wait: int = 0) -> list[bytes]:
    """An answer to a request that does not reach Django, counted as the others are."""
    headers = [("Content-Type", "application/json")] + [("Retry-After", str(wait))] * bool(wait)
    count_request(route="none", method=environ.get("REQUEST_METHOD", ""), status=status, seconds=0.0)
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [body]


def take_in_body(environ: dict[str, Any]) -> bool:
    """Read a request's body now, a large one into a temporary file; False if it is larger than UPLOAD_MAX_SIZE and left unread."""
    given = environ.get("CONTENT_LENGTH") or "0"
    length = int(given) if given.isdecimal() else 0
    if not 0 < length <= settings.UPLOAD_MAX_SIZE:
        return length == 0
    body: Any = SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE)  # noqa: SIM115 -- goes with the request
    while length > 0 and (piece := environ["wsgi.input"].read(min(length, PIECE))):
        body.write(piece)
        length -= len(piece)
    body.seek(0)
    environ["wsgi.input"] = body
    return True
