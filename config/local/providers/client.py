"""Stand-in: starts the process and steers it; what tests and the demo hold in their hands."""

import json
import os
import select
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from config.local.home import ROOT
from config.local.processes import die_with_parent, last_lines, stop_processes

START_SECONDS: Final = 20
STOP_SECONDS: Final = 2
SECRET_KEY: Final = "stand-in-secret-key"  # noqa: S105 - opens made-up data on loopback alone
LIST_KEY: Final = "stand-in-list-key"
WEBHOOK_KEY: Final = "stand-in-webhook-key"

Items = Iterable[Mapping[str, Any]]


class StandInError(Exception):
    """The stand-in did not start, or refused what it was told."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """A running stand-in. `url` is what NANGO_BASE_URL shall be; the official clients' API root is the same."""

    url: str
    secret_key: str = SECRET_KEY
    list_key: str = LIST_KEY
    webhook_key: str = WEBHOOK_KEY

    @classmethod
    @contextmanager
    def start(cls, log: Path, *, port: int = 0) -> Iterator[Self]:
        """A process of its own until the block ends; it never outlives the thread that started it. Raises StandInError."""
        process = launch(log, port=port)
        try:
            yield cls(url=f"http://127.0.0.1:{read_port(process, log=log)}")
        finally:
            stop_processes([process], seconds=STOP_SECONDS)
            if process.stdout:
                process.stdout.close()

    def reset(self) -> None:
        """Forget accounts, connections, plans, logs, sessions and the webhook's address."""
        self.control("reset")

    def configure(self, *, webhook_url: str) -> None:
        """Send webhooks to this address on loopback; "" sends none."""
        self.control("configure", webhook_url=webhook_url)

    def add_account(self, provider: str, address: str, items: Items = ()) -> list[str]:
        """Make an account with these items; returns their ids."""
        ids: list[str] = self.control("add_account", provider=provider, address=address, items=list(items))
        return ids

    def connect(self, provider: str, address: str, *, tags: Mapping[str, str] | None = None) -> str:
        """Connect an account as if a person had gone through Connect (no webhook); returns the connection's id at Nango."""
        nango_id: str = self.control("connect", provider=provider, address=address, tags=dict(tags or {}))
        return nango_id

    def put(self, provider: str, address: str, items: Items) -> list[str]:
        """Add items, or replace those whose id is there; returns their ids."""
        ids: list[str] = self.control("put", provider=provider, address=address, items=list(items))
        return ids

    def remove(self, provider: str, address: str, ids: Iterable[str]) -> None:
        """Take items away for good. An id that begins with "/" is a folder with all that lies in it."""
        self.control("remove", provider=provider, address=address, ids=list(ids))

    def trash(self, provider: str, address: str, ids: Iterable[str]) -> None:
        """Put items in the provider's trash (Dropbox: take them away)."""
        self.control("trash", provider=provider, address=address, ids=list(ids))

    def move(self, provider: str, address: str, moves: Mapping[str, str | list[str]]) -> None:
        """Move items: id -> new path (files), folder's name (Zoho) or labels (Gmail); "/old" -> "/new" moves a folder of files."""
        self.control("move", provider=provider, address=address, moves=dict(moves))

    def plan(self, nango_id: str, faults: Items) -> None:
        """Replace the faults of a connection and begin its log of calls anew."""
        self.control("plan", nango_id=nango_id, faults=list(faults))

    def calls(self, nango_id: str) -> list[dict[str, Any]]:
        """What was asked through a connection: {n, at, method, path, params, status, fault}; `at` is comparable with time.monotonic()."""
        calls: list[dict[str, Any]] = self.control("calls", nango_id=nango_id)
        return calls

    def truth(self, provider: str, address: str) -> dict[str, dict[str, str | None]]:
        """id -> {"title", "content"} of what must be a memory; None where only a reader of `raw`, `html` or `data_b64` can tell."""
        truth: dict[str, dict[str, str | None]] = self.control("truth", provider=provider, address=address)
        return truth

    def connections(self) -> list[dict[str, Any]]:
        """The connections there are: {nango_id, provider, address, tags}."""
        connections: list[dict[str, Any]] = self.control("connections")
        return connections

    def webhooks(self) -> list[dict[str, Any]]:
        """What was sent to the webhook's address: {body, headers, status}; status 0 where nobody answered."""
        webhooks: list[dict[str, Any]] = self.control("webhooks")
        return webhooks

    def tell(self, body: Mapping[str, Any]) -> None:
        """Send a webhook of any kind, signed."""
        self.control("tell", body=dict(body))

    def answer_session(self, token: str, *, allow: bool = True, address: str = "") -> str:
        """Press Allow or Refuse on the page of a Connect session, and return the page that comes. Raises StandInError."""
        form = {"session_token": token, "answer": "allow" if allow else "refuse", "address": address}
        return self.send("/connect", urllib.parse.urlencode(form).encode(), kind="application/x-www-form-urlencoded")

    def control(self, verb: str, **values: object) -> Any:
        """Ask the control API. Raises StandInError."""
        return json.loads(self.send(f"/_control/{verb}", json.dumps(values).encode(), kind="application/json"))

    def send(self, path: str, body: bytes, *, kind: str) -> str:
        request = urllib.request.Request(f"{self.url}{path}", data=body, headers={"Content-Type": kind})  # noqa: S310 - http to loopback
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as reply:
                return str(reply.read().decode())
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise StandInError(refusal.read().decode(errors="replace")) from None


def launch(log: Path, *, port: int) -> subprocess.Popen[bytes]:
    """Start the process in a group of its own; what it has to say goes to `log`."""
    with log.open("ab") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "config.local.providers", str(port)],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )


def read_port(process: subprocess.Popen[bytes], *, log: Path) -> int:
    """Wait for the port it says on its first line. Raises StandInError."""
    assert process.stdout is not None  # noqa: S101 - tells mypy of the pipe above
    ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if ready else b""
    if not line.strip().isdigit():
        raise StandInError(f"The stand-in did not start: {last_lines(log)}")
    return int(line)
