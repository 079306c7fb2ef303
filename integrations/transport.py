"""Arrive: one HTTP call with a limit of time and of size, and what may stand in its path and headers.

No redirect is followed, nothing is repeated, no proxy is taken from the environment, TLS is verified.
"""

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final
from urllib.parse import unquote_to_bytes

import urllib3
from urllib3.exceptions import HTTPError

logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings quote addresses, and ours name what a person has

PIECE: Final = 64 * 1024
MAX_ERROR: Final = 64 * 1024  # of a reply that is no success, more is not looked at
PATH: Final = re.compile(r"(?:/(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+)+")
HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]+")
HEADER_VALUE: Final = re.compile(r"[\x20-\x7e]*")
FORBIDDEN: Final = re.compile(rb"[\x00-\x1f\x7f/\\]")  # in a part of a path, once it is decoded


class NoAnswer(Exception):
    """There was no whole answer: refused, timed out, cut, broken. The message names the type of the error alone."""


class TooLarge(Exception):
    """The answer is longer than the caller wants."""


class Unsafe(ValueError):
    """A path or a header that would not arrive as what it is."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for connecting, for each silence while the reply comes, and for the whole call."""

    connect: float
    read: float
    total: float


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole reply; names of headers are in lower case. What is no success is cut at 64 KiB."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Connections to one host, kept open and shared by threads."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._pool = urllib3.PoolManager(
            num_pools=1,
            maxsize=8,
            retries=False,
            cert_reqs="CERT_REQUIRED",
            timeout=urllib3.Timeout(connect=5, read=60),
        )

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None, patience: Patience, limit: int
    ) -> Answered:
        """One call. `path` is encoded, with its query. Raises NoAnswer and TooLarge (more than `limit` bytes of a success)."""
        deadline = time.monotonic() + patience.total
        try:
            response = self._pool.request(
                method,
                self._base + path,
                body=body,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=patience.connect, read=patience.read),
            )
            try:
                return _read(response, deadline=deadline, limit=limit)
            finally:
                response.close()  # a reply that was read to its end has given its connection back by now
        except (HTTPError, HTTPException, OSError) as error:
            raise NoAnswer(type(error).__name__) from None  # its message may quote the address


def _read(response: urllib3.BaseHTTPResponse, *, deadline: float, limit: int) -> Answered:
    good = 200 <= response.status < 300
    headers = {name.lower(): value for name, value in response.headers.items()}
    if good and _declared(headers) > limit:
        raise TooLarge
    body = bytearray()
    while piece := response.read1(PIECE):  # what is there, however little: the clock is looked at after each
        body += piece
        if len(body) > limit and good:
            raise TooLarge
        if len(body) > MAX_ERROR and not good:
            break
        if time.monotonic() > deadline:
            raise NoAnswer("too slow")
    return Answered(response.status, headers, bytes(body))


def _declared(headers: Mapping[str, str]) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and len(length) < 20 else 0


def check_path(path: str) -> None:
    """Refuse a path that a server could read as another one: dots, empty parts, an encoded slash, anything that is not encoded."""
    if not PATH.fullmatch(path):
        raise Unsafe("path")
    for part in path[1:].split("/"):
        plain = unquote_to_bytes(part)
        if plain in (b".", b"..") or FORBIDDEN.search(plain):
            raise Unsafe("path")


def check_headers(headers: Mapping[str, str]) -> None:
    """Refuse a header that would end early, or that is not printable ASCII."""
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            raise Unsafe("header")
