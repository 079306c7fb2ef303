"""The product's web processes as the Procfile starts them, on a port of their own, and people who are logged in."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.home import HOME
from benchmarks.reading.client import Request, send_at_once
from config.local.home import ROOT
from config.local.processes import read_procfile, stop_processes

READY_SECONDS = 60
GREETINGS = 40  # so many at once that each process gets some, and has imported what it serves with; nobody is logged in
APPLICATION = "lifegraph-web"


@contextmanager
def serve(**extra: str) -> Iterator[int]:
    """Fresh web processes for the length of a block; gives their port. Raises RuntimeError when they do not answer."""
    port = find_port()
    command = dict(read_procfile(ROOT / "Procfile"))["web"]
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "DJANGO_SETTINGS_MODULE": "benchmarks.reading.settings",
        "PORT": str(port),
        "LOG_LEVEL": "ERROR",
        **extra,
    }
    with (HOME / "log" / "web.log").open("ab") as log:
        web = subprocess.Popen(  # noqa: S603 -- our own Procfile
            ["/bin/sh", "-c", f"exec {command}"], cwd=ROOT, env=environment, process_group=0, stdout=log, stderr=log
        )
    try:
        wait_until_ready(port)
        send_at_once(port, requests=[Request("bench/one/")] * GREETINGS, patience=READY_SECONDS)
        yield port
    finally:
        stop_processes([web], seconds=10)


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The web processes do not answer.")


def log_in(user_ids: Sequence[int]) -> dict[int, Mapping[str, str]]:
    """Headers with a session's cookie for each person."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from memories.models import User
    from memories.sessions import SessionStore

    headers = {}
    for user in User.objects.filter(pk__in=user_ids):
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "memories.sessions.SessionBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        headers[user.pk] = {"Cookie": f"sessionid={session.session_key}"}
    return headers


def give_token(user_id: int) -> Mapping[str, str]:
    """Headers with a token of the API."""
    from knox.models import AuthToken

    from memories.models import User

    return {"Authorization": f"Token {AuthToken.objects.create(User.objects.get(pk=user_id))[1]}"}
