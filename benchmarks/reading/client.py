"""The client: kept connections and plain sockets of the standard library, so that as little as possible of its own time is measured."""

import selectors
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

API = "/api/v1/"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for; `path` is under /api/v1/."""

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def encode(self) -> bytes:
        """As bytes for a socket of its own."""
        lines = [f"GET {API}{self.path} HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in self.headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


@dataclass(frozen=True, slots=True)
class Reply:
    """How long it took until the last byte was there, in seconds, and what came."""

    seconds: float
    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(slots=True)
class Flight:
    """One of many requests at once: what has come so far on a socket of its own."""

    wire: socket.socket
    received: bytearray = field(default_factory=bytearray)
    whole: int | None = None
    seconds: float | None = None

    def take(self, data: bytes) -> bool:
        """Whether this was the last of it."""
        self.received += data
        if self.whole is None and (end := self.received.find(b"\r\n\r\n")) >= 0:
            self.whole = end + 4 + read_length(bytes(self.received[:end]))
        return not data or (self.whole is not None and len(self.received) >= self.whole)

    @property
    def status(self) -> int:
        """0 where the connection ended before an answer."""
        if self.whole is None or len(self.received) < self.whole:
            return 0
        return int(self.received[9:12])


def read_headers(head: bytes) -> dict[str, str]:
    """Of a response, names in small letters."""
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def read_length(head: bytes) -> int:
    """Bytes of the body that a response's head announces; 0 where it says nothing."""
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return int(value)
    return 0


class Client:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self.wire = socket.create_connection(("127.0.0.1", port), timeout=300)
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, request: Request) -> Reply:
        asked, flight = request.encode(), Flight(self.wire)
        begun = time.perf_counter()
        self.wire.sendall(asked)
        while not flight.take(self.wire.recv(262_144)):
            pass
        seconds = time.perf_counter() - begun
        head, _, body = bytes(flight.received).partition(b"\r\n\r\n")
        return Reply(seconds, flight.status, body, read_headers(head))

    def close(self) -> None:
        self.wire.close()


def send_at_once(port: int, *, requests: Sequence[Request], patience: float) -> list[Flight]:
    """Every request on a connection of its own, all sent before any answer is read. `seconds` None: no answer in time."""
    flights = [Flight(socket.create_connection(("127.0.0.1", port))) for _ in requests]
    begun = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for flight, request in zip(flights, requests, strict=True):
            flight.wire.sendall(request.encode())
            selector.register(flight.wire, selectors.EVENT_READ, flight)
        waiting = len(flights)
        while waiting and time.perf_counter() - begun < patience:
            for key, _ in selector.select(timeout=1):
                if key.data.take(key.fileobj.recv(262_144)):
                    key.data.seconds = time.perf_counter() - begun
                    selector.unregister(key.fileobj)
                    waiting -= 1
    for flight in flights:
        flight.wire.close()
    return flights
