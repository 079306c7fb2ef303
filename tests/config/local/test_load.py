import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from config.local.crowd import name_people
from config.local.load import MIX, drive

PEOPLE = [{"Cookie": f"sessionid={name}", "X-CSRFToken": "made-up"} for name in name_people(3)]


class Web(BaseHTTPRequestHandler):
    """A web that answers what the product would, and remembers what it was asked."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[tuple[str, str, str, str]]] = []
    notes: ClassVar[list[dict[str, Any]]] = []
    failing: ClassVar[str] = ""
    leaving: ClassVar[bool] = False

    def do_GET(self) -> None:
        known = self.headers.get("If-None-Match", "")
        self.asked.append(("GET", self.path, self.headers["Cookie"], known))
        if self.failing and self.failing in self.path:
            self.reply(503)
        elif self.path.endswith("/graph/?as=drawing"):
            self.reply(304 if known else 200, etag='W/"7"')
        else:
            self.reply(200, results=[{"id": 11}, {"id": 12}] if "relationships/?" in self.path else [])

    def do_POST(self) -> None:
        self.notes.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.asked.append(("POST", self.path, self.headers["Cookie"], self.headers["Idempotency-Key"]))
        self.reply(201, id=len(self.notes))

    def reply(self, status: int, *, etag: str = "", **answer: Any) -> None:
        body = b"" if status == 304 else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.leaving

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(Web, "asked", [])
    monkeypatch.setattr(Web, "notes", [])
    with ThreadingHTTPServer(("127.0.0.1", 0), Web) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_everybody_asks_with_their_own_session_and_everything_is_asked_for(web: str) -> None:
    report = drive(url=web, people=PEOPLE, seconds=0.6, think=0.002)
    assert {cookie for _, _, cookie, _ in Web.asked} == {person["Cookie"] for person in PEOPLE}
    assert {line.route for line in report.routes()} == {*MIX, "relationships", "all"}
    assert report.requests == len(Web.asked)
    assert report.errors == Counter()
    assert report.find_faults(budgets={}, together=20) == []


def test_notes_are_written_once_each_and_their_ids_are_kept(web: str) -> None:
    report = drive(url=web, people=PEOPLE, seconds=0.3, think=0.002, mix={"store": 1})
    assert len({note["content"] for note in Web.notes}) == len(Web.notes) > 0
    assert len({key for _, _, _, key in Web.asked}) == len(Web.notes)
    assert sorted(report.stored) == list(range(1, len(Web.notes) + 1))


def test_who_knows_the_whole_graph_asks_whether_it_is_the_same(web: str) -> None:
    report = drive(url=web, people=PEOPLE[:1], seconds=0.3, think=0.002, mix={"graph whole": 1})
    assert [known for _, _, _, known in Web.asked][:2] == ["", 'W/"7"']
    assert {answer.status for answer in report.answers} == {200, 304}


def test_why_is_asked_of_relationships_that_there_are(web: str) -> None:
    drive(url=web, people=PEOPLE[:1], seconds=0.2, think=0.002, mix={"why": 1})
    paths = {path.removeprefix("/api/v1/graph/relationships/") for _, path, _, _ in Web.asked}
    assert paths <= {"?limit=20", "11/why/", "12/why/"}
    assert "11/why/" in paths


def test_a_failing_route_is_told_by_its_status_and_the_others_are_not_blamed(
    web: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Web, "failing", "/dashboard/")
    report = drive(url=web, people=PEOPLE, seconds=0.3, think=0.002, mix={"dashboard": 1, "memories": 1})
    assert report.of("dashboard").errors["503"] == report.of("dashboard").requests > 0
    assert report.of("memories").errors == Counter()
    assert "requests failed" in report.find_faults(budgets={}, together=20)[0]


def test_a_web_that_is_not_there_is_a_fault_with_a_name() -> None:
    report = drive(url="http://127.0.0.1:1/", people=PEOPLE[:1], seconds=0.1, think=0.01)
    assert set(report.errors) == {"ConnectionRefusedError"}


def test_a_kept_connection_that_the_web_closed_is_made_anew_as_browsers_do(
    web: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Web, "leaving", True)
    report = drive(url=web, people=PEOPLE[:1], seconds=0.2, think=0.01)
    assert report.errors == Counter()
    assert report.reconnects == report.requests - 1 > 0


def test_a_load_ends_when_it_is_told_to(web: str) -> None:
    over = threading.Event()
    threading.Timer(0.1, over.set).start()
    assert drive(url=web, people=PEOPLE, seconds=60, think=0.01, over=over).seconds < 10
