"""The web process: slow readers hold neither a connection nor a seat, whatever they read."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse

from config.handler import Handler
from config.local.processes import die_with_parent, last_lines, stop_processes, wait_for
from config.local.servers import find_free_port

ROOT = Path(__file__).parents[2]
NAME = "lifegraph-live-test"
SLOW_READERS = 24


def database_url():
    """The test database's URL, as the environment gives it to a process."""
    found = connection.settings_dict
    return f"postgresql://{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


@pytest.fixture(scope="module")
def server(django_db_setup, tmp_path_factory):
    """The URL of one web process with a pool of one connection."""
    port = find_free_port()
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.config.live.settings",
        "DATABASE_URL": database_url(),
        "DB_POOL_SIZE": "1",
        "DB_APPLICATION_NAME": NAME,
    }
    options = ["--interface", "wsgi", "--port", str(port), "--blocking-threads", "32", "--no-ws"]
    command = [sys.executable, "-m", "granian", *options, "config.wsgi:application"]
    log = tmp_path_factory.mktemp("live") / "web.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: process.poll() is not None or read(f"{url}/small", patience=5) == b"1", seconds=60)
        assert process.poll() is None, last_lines(log)
        yield url
    finally:
        stop_processes([process], seconds=5)


def read(url, *, patience):
    try:
        with urllib.request.urlopen(url, timeout=patience) as answer:
            return answer.read()
    except (urllib.error.URLError, ConnectionError):
        return None


def send(url, *, head="", body=b""):
    """A client who has sent this much of a request and takes hardly anything of the answer."""
    host, _, path = url.removeprefix("http://").partition("/")
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(30)
    client.connect((host.partition(":")[0], int(host.partition(":")[2])))
    method = "POST" if head else "GET"
    client.sendall(f"{method} /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode() + body)
    return client


def begin_to_read(url):
    """A reader who has seen that the answer comes."""
    reader = send(url)
    assert reader.recv(12) == b"HTTP/1.1 200"
    return reader


def assert_nobody_is_delayed(server):
    begun = time.monotonic()
    assert [read(f"{server}/small", patience=10) for _ in range(20)] == [b"1"] * 20
    assert time.monotonic() - begun < 1
    assert read(f"{server}/pool", patience=10) == b"1"
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM pg_stat_activity WHERE application_name = %s GROUP BY 1", [NAME])
        assert cursor.fetchall() == [("idle", 1)]


@pytest.mark.parametrize("path", ["whole", "streamed"])
def test_slow_readers_hold_no_connection_and_delay_nobody(server, path, db):
    with ExitStack() as readers:
        for _ in range(SLOW_READERS):
            readers.enter_context(begin_to_read(f"{server}/{path}"))
        assert_nobody_is_delayed(server)


@pytest.mark.parametrize("size", [1000, 9_000_000])
def test_slow_senders_hold_no_connection_and_delay_nobody(server, db, size):
    with ExitStack() as senders:
        for _ in range(SLOW_READERS):
            senders.enter_context(send(f"{server}/sent", head=f"Content-Length: {size}\r\n", body=b"x" * 10))
        assert_nobody_is_delayed(server)
        last = senders.enter_context(send(f"{server}/sent", head="Content-Length: 4\r\n", body=b"last"))
        assert last.recv(4096).endswith(b"\r\n\r\n4")


def test_what_is_too_large_is_refused_unread(server):
    with send(f"{server}/sent", head="Content-Length: 99000000000\r\n", body=b"x" * 10) as sender:
        assert sender.recv(4096).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("path", ["whole", "streamed"])
def test_who_reads_to_the_end_has_all_of_it(server, path):
    assert len(read(f"{server}/{path}", patience=30)) == 3 * 1024 * 1024


def handle(response):
    """What the handler gives the server for this answer, and how many seats are free then."""
    handler = Handler()
    handler.application = lambda environ, start_response: response
    answer = handler({}, None)
    return answer, handler.seats.free


def test_an_answer_leaves_whole_and_finished_with(settings, db):
    settings.WEB_SEATS = 3
    response = HttpResponse(b"one ")
    response.write(b"two")
    assert handle(response) == ([b"one two"], 3)
    assert response.closed


def test_a_stream_leaves_as_it_is_and_gives_its_seat_back(settings, db):
    settings.WEB_SEATS = 3
    response = StreamingHttpResponse([b"one", b"two"])
    assert handle(response) == (response, 3)
    assert not response.closed
    assert list(response) == [b"one", b"two"]


def test_an_answer_that_fails_gives_its_seat_back(settings):
    handler = Handler()

    def fail(environ, start_response):
        raise LookupError

    handler.application = fail
    with pytest.raises(LookupError):
        handler({}, None)
    assert handler.seats.free == settings.WEB_SEATS
