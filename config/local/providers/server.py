"""Stand-in: HTTP/1.1 over kept-alive connections, just as much as its clients speak, and quick.

`http.server` reads headers with the mail parser, which costs more than everything else in a call here; hence these few lines.
"""

import json
import socket
import socketserver
import struct
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, unquote

Bend = Literal["", "repeat_page", "reorder_page", "overlap_page"]
REASONS: Final = {status.value: status.phrase for status in HTTPStatus}
MAX_BODY: Final = 64_000_000


@dataclass(frozen=True, slots=True)
class Request:
    """A call as an API module sees it.

    `path` is as sent; `parts` are its segments, decoded. Names of `headers` are in lower case. `bend` is a fault that concerns the
    page this call asks for: give it to `plan.cut_page`. `host` is "content" when it was meant for Dropbox's second host.
    """

    method: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    bend: Bend = ""
    host: Literal["api", "content"] = "api"

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(unquote(part) for part in self.path.split("/") if part)

    def param(self, name: str, default: str = "") -> str:
        """The first value of a parameter."""
        return next((value for key, value in self.params if key == name), default)

    def param_list(self, name: str) -> list[str]:
        """All values of a parameter that may be repeated."""
        return [value for key, value in self.params if key == name]

    def json(self) -> Any:
        """The body as JSON, None where it is empty. Raises ValueError."""
        return json.loads(self.body) if self.body else None


@dataclass(slots=True)
class Response:
    """An answer. Names of `headers` are in lower case; content-length is added when it is sent.

    `streamed` sends it in chunks. `sent` bytes of the body leave before the connection is cut; with `drop` nothing leaves at all.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    streamed: bool = False
    sent: int | None = None
    drop: bool = False


Answer = Callable[[Request], Response]


def json_response(data: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer in JSON as the real services write it: UTF-8."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, {"content-type": "application/json; charset=UTF-8", **(headers or {})})


class Server(socketserver.ThreadingTCPServer):
    """Listens on loopback; one thread for each connection."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, *, port: int, answer: Answer) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.answer = answer
        self.port: int = self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no error; anything else is told in the log."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            traceback.print_exc()


class Handler(socketserver.StreamRequestHandler):
    """Reads calls and sends answers until one of the two sides has had enough."""

    server: Server
    connection: socket.socket
    disable_nagle_algorithm = True
    rbufsize = 65536

    def handle(self) -> None:
        while (request := self.read()) is not None:
            response = self.server.answer(request)
            if not self.send(request, response) or request.headers.get("connection", "").lower() == "close":
                return

    def read(self) -> Request | None:
        """The next call; None where there is none or it cannot be read."""
        line = self.rfile.readline(65536)
        if line.count(b" ") != 2:
            return None
        method, target, _version = line.decode("latin-1").split(" ")
        headers = self.read_headers()
        length = int(headers.get("content-length") or 0)
        if length > MAX_BODY or "transfer-encoding" in headers:
            return None
        if "expect" in headers:
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self.rfile.read(length) if length else b""
        path, _, query = target.partition("?")
        params = tuple(parse_qsl(query, keep_blank_values=True)) if query else ()
        return Request(method, path, params, headers, body)

    def read_headers(self) -> dict[str, str]:
        headers = {}
        while (line := self.rfile.readline(65536)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        return headers

    def send(self, request: Request, response: Response) -> bool:
        """Send the answer at once; false where the connection is over."""
        if response.drop:
            self.reset()
            return False
        body = b"" if request.method == "HEAD" else response.body
        part = body if response.sent is None else body[: response.sent]
        head = write_head(response, length=len(response.body))
        if response.streamed:
            part = write_chunks(part, ended=response.sent is None)
        self.connection.sendall(head + part)
        return response.sent is None

    def reset(self) -> None:
        """End the connection with RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def write_head(response: Response, *, length: int) -> bytes:
    reason = REASONS.get(response.status, "Unknown")
    size = "transfer-encoding: chunked" if response.streamed else f"content-length: {length}"
    lines = [
        f"HTTP/1.1 {response.status} {reason}",
        size,
        *(f"{name}: {value}" for name, value in response.headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def write_chunks(body: bytes, *, ended: bool) -> bytes:
    chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    return chunk + (b"0\r\n\r\n" if ended else b"")
