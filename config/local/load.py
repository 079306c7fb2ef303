"""Load: many people at once at a web that runs, each with a session and a kept connection of their own, thinking between requests.

`python -m config.local.load --url https://127.0.0.1:8443 --people 200 --seconds 60` in the environment of that installation (its
DATABASE_URL, its settings). Exit status 1 when a request failed or more connections were held than the budget allows.
"""

import argparse
import http.client
import json
import os
import random
import secrets
import ssl
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import django
from django.utils.module_loading import import_string

from config.local.crowd import name_people, write_notes
from config.local.load_report import Answer, LoadReport, write_table
from config.local.load_watch import APPLICATION, Watch

API = "/api/v1/"
PATIENCE_SECONDS = 60.0
THINK_SECONDS = 5.0
WORDS = ("garden", "station", "letter", "dinner", "river", "train", "bill", "plans")
DROPPED = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)
# What people do, and how often of a hundred times: read much, look around, write now and then.
MIX: Mapping[str, int] = {
    "graph slice": 25, "graph whole": 10, "dashboard": 15, "memories": 20, "search": 10, "store": 10, "why": 10,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    headers: Mapping[str, str]


class Line:
    """A kept connection to the web. A request on one that the server has closed meanwhile goes again on a new one, as browsers do."""

    def __init__(self, url: str, *, context: ssl.SSLContext) -> None:
        self.address = urlsplit(url)
        self.context = context
        self.reconnects = 0
        self._wire: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, *, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        """Raises OSError or http.client.HTTPException when there is no whole answer in time."""
        kept = self._wire is not None
        try:
            return self._ask(method, path, body=body, headers=headers)
        except DROPPED:
            self.close()
            if not kept:
                raise
            self.reconnects += 1
            return self._ask(method, path, body=body, headers=headers)

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._wire = None

    def _ask(self, method: str, path: str, *, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        wire = self._wire = self._wire or self._connect()
        wire.request(method, path, body=body, headers=dict(headers))
        response = wire.getresponse()
        return Reply(response.status, response.read(), {name.lower(): value for name, value in response.getheaders()})

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self.address.hostname or "127.0.0.1", self.address.port
        if self.address.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=PATIENCE_SECONDS)
        return http.client.HTTPSConnection(host, port, timeout=PATIENCE_SECONDS, context=self.context)


@dataclass(slots=True)
class Visitor:
    """One person: what they ask next, what they know, and what they met. `headers` say who they are."""

    line: Line
    headers: Mapping[str, str]
    fate: random.Random
    mix: Mapping[str, int]
    begun: float
    version: str = ""
    relationships: list[int] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    stored: list[int] = field(default_factory=list)

    def visit(self, *, think: float, over: threading.Event) -> None:
        """Think, ask, and so on until it is over."""
        while not over.wait(self.fate.expovariate(1 / think) if think else 0):
            action = self.fate.choices(list(self.mix), weights=list(self.mix.values()))[0]
            ACTIONS[action](self)
        self.line.close()

    def ask(self, route: str, path: str, *, note: Mapping[str, str] | None = None, **headers: str) -> Reply | None:
        """Read, or write `note`, and keep what came; None where no answer did. Headers are given with _ for -."""
        named = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        method, body = ("GET", None) if note is None else ("POST", json.dumps(note).encode())
        at = time.monotonic()
        try:
            reply = self.line.ask(method, API + path, body=body, headers=named)
        except (OSError, http.client.HTTPException) as error:
            self.line.close()
            self.note(route, at=at, problem=type(error).__name__)
            return None
        self.note(route, at=at, status=reply.status)
        return reply

    def note(self, route: str, *, at: float, status: int = 0, problem: str = "") -> None:
        self.answers.append(Answer(route, at - self.begun, time.monotonic() - at, status, problem))


def read_slice(visitor: Visitor) -> None:
    """The page's first drawing."""
    visitor.ask("graph slice", "graph/?as=drawing&limit=150&edges=300", Accept_Encoding="zstd")


def read_whole(visitor: Visitor) -> None:
    """The whole graph, unless it is the one that is known."""
    path, version = "graph/?as=drawing", visitor.version
    if version:
        reply = visitor.ask("graph whole", path, Accept_Encoding="zstd", If_None_Match=version)
    else:
        reply = visitor.ask("graph whole", path, Accept_Encoding="zstd")
    if reply is not None and reply.status == 200:
        visitor.version = reply.headers.get("etag", "")


def read_dashboard(visitor: Visitor) -> None:
    visitor.ask("dashboard", "dashboard/")


def read_memories(visitor: Visitor) -> None:
    visitor.ask("memories", "memories/?limit=50")


def search(visitor: Visitor) -> None:
    visitor.ask("search", f"search/?q={quote(visitor.fate.choice(WORDS))}&limit=20")


def store(visitor: Visitor) -> None:
    """Write a note that nobody wrote before."""
    key = secrets.token_hex(8)
    note = {"content": f"{next(write_notes(key))} ({key})", "source": "note"}
    reply = visitor.ask("store", "memories/", note=note, Content_Type="application/json", Idempotency_Key=key)
    if reply is not None and reply.status == 201:
        visitor.stored.append(json.loads(reply.body)["id"])


def ask_why(visitor: Visitor) -> None:
    """Why two memories are related; which there are is asked first, and again when one is gone."""
    if visitor.relationships:
        path = f"graph/relationships/{visitor.fate.choice(visitor.relationships)}/why/"
        reply = visitor.ask("why", path)
        if reply is not None and reply.status == 404:
            visitor.relationships = []
        return
    reply = visitor.ask("relationships", "graph/relationships/?limit=20")
    if reply is not None and reply.status == 200:
        visitor.relationships = [row["id"] for row in json.loads(reply.body)["results"]]


ACTIONS: Mapping[str, Callable[[Visitor], None]] = {
    "graph slice": read_slice, "graph whole": read_whole, "dashboard": read_dashboard, "memories": read_memories,
    "search": search, "store": store, "why": ask_why,
}  # fmt: skip


def drive(
    *,
    url: str,
    people: Sequence[Mapping[str, str]],
    seconds: float,
    mix: Mapping[str, int] = MIX,
    think: float = THINK_SECONDS,
    database_url: str = "",
    certificate: str = "",
    over: threading.Event | None = None,
) -> LoadReport:
    """Let `people` (each one's headers: a cookie or a token) use the web for `seconds`, or until `over` is set.

    `think` is the mean of the seconds between an answer and the next request (exponential; 0: none). The server's connections are
    watched through `database_url`, not at all if it is ''. `certificate` is a file with the authority that signed the web's; ''
    trusts whoever answers on this machine.
    """
    over, context, begun = over or threading.Event(), make_context(certificate), time.monotonic()
    visitors = [
        Visitor(Line(url, context=context), headers, random.Random(f"visitor {number}"), mix, begun)  # noqa: S311
        for number, headers in enumerate(people)
    ]
    threads = [
        threading.Thread(target=visitor.visit, kwargs={"think": think, "over": over}, daemon=True)
        for visitor in visitors
    ]
    with Watch(database_url) as watch:
        for thread in threads:
            thread.start()
        over.wait(seconds)
        over.set()
        for thread in threads:
            thread.join()
    return LoadReport(
        people=len(visitors),
        seconds=time.monotonic() - begun,
        answers=sorted((it for visitor in visitors for it in visitor.answers), key=lambda answer: answer.at),
        stored=[pk for visitor in visitors for pk in visitor.stored],
        held=watch.held,
        reconnects=sum(visitor.line.reconnects for visitor in visitors),
    )


def make_context(certificate: str) -> ssl.SSLContext:
    """Who is trusted: the authority in the file, or without one whoever answers."""
    context = ssl.create_default_context(cafile=certificate or None)
    if not certificate:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def read_arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m config.local.load", description="Many people at a running web.")
    parser.add_argument("--url", default=os.environ.get("STAGING_URL", "http://127.0.0.1:8000/"))
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument(
        "--think", type=float, default=THINK_SECONDS, help="mean seconds between two requests of a person"
    )
    parser.add_argument("--certificate", default=os.environ.get("STAGING_CERTIFICATE", ""))
    return parser.parse_args(given)


def main(given: Sequence[str]) -> int:
    """Log the people in, let them loose, say what was met."""
    os.environ["DB_APPLICATION_NAME"] = APPLICATION
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    django.setup()
    # By path, for their modules import models, which needs the line above.
    visitors: Any = import_string("config.local.load_people.Visitors")
    asked = read_arguments(given)
    with visitors(names=name_people(asked.people), url=asked.url) as people:
        report = drive(
            url=asked.url,
            people=people.headers,
            seconds=asked.seconds,
            think=asked.think,
            database_url=people.database_url,
            certificate=asked.certificate,
        )
    budget = people.budget
    sys.stdout.writelines(f"{line}\n" for line in write_table(report, **budget))
    faults = report.find_faults(**budget)
    sys.stdout.writelines(f"FAULT: {fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
