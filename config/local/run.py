"""What `make up`, `make demo` and `make staging` run: servers, migrations, web, workers and beat, until Ctrl-C stops all of them.

`python -m config.local.run up | demo | staging | stop`. The terminal shows a few lines; the rest is in the home's `log`.
"""

import contextlib
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TextIO

import psycopg

from config.local.assets import are_collected, remember_collected
from config.local.home import (
    ROOT,
    Home,
    HomeError,
    find_home,
    is_joined,
    join_home,
    leave_home,
    read_settings_file,
)
from config.local.locks import FileLock
from config.local.processes import (
    die_with_parent,
    last_lines,
    put_logs_aside,
    read_procfile,
    stop_processes,
)
from config.local.servers import is_free
from config.local.staging import Staging, choose_staging
from config.local.stand_in import DemoStandIn

READY_SECONDS = 180
STOP_SECONDS = 10
LOOK_SECONDS = 0.5
METRICS = "metrics"  # the folder that all processes of one run count in
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MANAGE = [sys.executable, str(ROOT / "manage.py")]


class StopError(Exception):
    """Somebody asked us to stop: Ctrl-C, SIGTERM, the terminal closed, or `make` is gone."""


class Run:
    """One run of web, worker and beat in the foreground."""

    def __init__(self, home: Home, *, port: int, staging: bool = False) -> None:
        self.home = home
        self.port = port
        self.url = f"{'https' if staging else 'http'}://127.0.0.1:{port}/"
        self.staging = Staging.prepare(home, url=self.url) if staging else None
        self.embedded = False
        self.stand_in: DemoStandIn | None = None
        self.started: dict[str, subprocess.Popen[bytes]] = {}
        self.parent = os.getppid() if "MAKELEVEL" in os.environ else None

    def begin(self, *, demo: bool) -> None:
        """Bring everything up in order and say the ready line. Raises HomeError, StopError."""
        put_logs_aside(self.home.log)
        forget_metrics(self.home)
        if demo or self.staging:
            self.start_stand_in()
        say("Starting PostgreSQL and Redis ...")
        join_home()
        self.embedded = is_joined(self.home)
        if self.staging:
            self.staging.write_env(self.environment())
        say("Preparing the database ...")
        self.manage("migrate", "--noinput", "-v0")
        if not are_collected():
            self.manage("collectstatic", "--noinput", "-v0")
            remember_collected()
        say(f"Starting web, worker and beat (their logs: {self.home.log}) ...")
        self.start()
        self.settle(demo=demo)
        say(f"Life Graph is ready: {self.url}")
        for line in self.staging.tell() if self.staging else ():
            say(line)

    def settle(self, *, demo: bool) -> None:
        """Let move in who lives here. Raises HomeError."""
        if demo:
            self.manage("load_demo", "--url", self.url, quiet=False)
        elif self.staging:
            self.manage("seed_people", "--url", self.url, "--card", str(self.staging.card), quiet=False)
        elif has_no_user():
            say("Nobody lives here yet: the first page makes the first user.")

    def start_stand_in(self) -> None:
        """Start what stands in for Nango and the providers; it gets ready while the servers start. Raises HomeError."""
        self.stand_in = DemoStandIn.plan(self.home)
        trusted = {"SSL_CERT_FILE": str(self.staging.certificate.authority)} if self.staging else {}
        log = self.home.log / "providers.log"
        self.started["providers"] = self.launch(self.stand_in.command, output=log, **trusted)

    def start(self) -> None:
        """Start the Procfile's processes and wait until the web answers. Raises HomeError."""
        if self.stand_in:
            self.wait_for("providers", answers=self.stand_in.listens)
        for name, command in read_procfile(ROOT / "Procfile"):
            log = self.home.log / f"{name}.log"
            self.started[name] = self.launch(["/bin/sh", "-c", f"exec {command}"], output=log)
        self.wait_for("web", answers=self.is_alive)

    def is_alive(self) -> bool:
        """Whether the web answers."""
        context = ssl.create_default_context(cafile=self.staging.certificate.authority) if self.staging else None
        try:
            with urllib.request.urlopen(f"{self.url}health/live", timeout=2, context=context) as response:  # noqa: S310 - to ourselves
                return bool(response.status == 200)
        except OSError:
            return False

    def wait_for(self, name: str, *, answers: Callable[[], bool]) -> None:
        """Wait until a process answers. Raises HomeError."""
        deadline = time.monotonic() + READY_SECONDS
        while not answers():
            self.check()
            if time.monotonic() > deadline:
                raise HomeError(f"The {name} process does not answer; see {self.home.log / f'{name}.log'}.")
            time.sleep(LOOK_SECONDS / 5)

    def stay(self) -> None:
        """Look after everything until somebody stops us. Raises HomeError when a part of it ends by itself."""
        while True:
            self.check()
            time.sleep(LOOK_SECONDS)

    def check(self) -> None:
        """Raise HomeError when a process or the servers are gone, StopError when `make` is."""
        for name, process in self.started.items():
            if process.poll() is not None:
                raise HomeError(
                    f"{name} ended by itself; the end of its log:\n{last_lines(self.home.log / f'{name}.log')}"
                )
        if self.embedded and not self.home.is_supervised():
            reason = (
                self.home.reason.read_text().strip() if self.home.reason.exists() else "their supervisor was killed"
            )
            raise HomeError(f"PostgreSQL and Redis are gone: {reason}")
        if self.parent is not None and os.getppid() != self.parent:
            raise StopError

    def manage(self, *arguments: str, quiet: bool = True) -> None:
        """Run a manage.py command to its end. Raises HomeError."""
        log = self.home.log / "manage.log"
        command = self.launch([*MANAGE, *arguments], output=log if quiet else None)
        try:
            while command.poll() is None:
                self.check()
                time.sleep(LOOK_SECONDS / 10)
        finally:
            stop_processes([command], seconds=STOP_SECONDS)
        if command.returncode:
            raise HomeError(f"`manage.py {arguments[0]}` failed.\n{last_lines(log) if quiet else ''}")

    def launch(self, command: list[str], *, output: Path | None, **extra: str) -> subprocess.Popen[bytes]:
        """Start a process in a group of its own, which Ctrl-C does not reach; it never outlives us."""
        with (output or Path(os.devnull)).open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=ROOT,
                env={**self.environment(), **extra},
                stdin=subprocess.DEVNULL,
                stdout=log if output else None,
                stderr=log if output else None,
                process_group=0,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        nango = self.stand_in.environment(self.home, web=self.url) if self.stand_in else {}
        ours = {
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            "PROMETHEUS_MULTIPROC_DIR": str(self.home.run / METRICS),
        }
        staging = self.staging.environment() if self.staging else {}
        return {**os.environ, **staging, **nango, **ours, "PATH": path}

    def stop(self) -> bool:
        """Stop our processes, then the servers; false when others still use those."""
        stop_processes(list(self.started.values()), seconds=STOP_SECONDS)
        return leave_home(self.home)


def run(*, demo: bool = False, staging: bool = False) -> int:
    """Start everything, stay, stop everything; return the exit status. Raises HomeError when it may not start at all."""
    home = find_home()
    home.make()
    current = Run(home, port=read_port(), staging=staging)
    lock = take_web(current)
    status = 0
    try:
        current.begin(demo=demo)
        current.stay()
    except StopError:
        say("Stopping ...")
    except HomeError as error:
        say(str(error), to=sys.stderr)
        status = 1
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    alone = current.stop()
    lock.close()
    say(
        "Life Graph has stopped."
        if alone
        else "Life Graph has stopped; PostgreSQL and Redis stay up for another user of this home."
    )
    return status


def take_web(current: Run) -> FileLock:
    """Claim the home and the port for this run. Raises HomeError."""
    lock = current.home.lock("web")
    refusal = ""
    if not lock.take_alone():
        address = lock.path.read_text()
        refusal = f"Life Graph already runs on {current.home.path}, at {address}: another needs its own LIFEGRAPH_HOME and PORT."
    elif not is_free(current.port):
        refusal = f"Port {current.port} is taken: choose another one, for example PORT={current.port + 1} make {'staging' if current.staging else 'up'}."
    if refusal:
        lock.close()
        raise HomeError(refusal)
    lock.write(current.url)
    return lock


def read_port() -> int:
    """Return PORT, 8000 by default. Raises HomeError."""
    given = os.environ.get("PORT") or "8000"
    if not (given.isdecimal() and 0 < int(given) < 65536):
        raise HomeError(f"PORT is {given!r}, not the number of a port.")
    return int(given)


def forget_metrics(home: Home) -> None:
    """What the last run's processes counted is nobody's any more; all of this run's count in this folder."""
    shutil.rmtree(home.run / METRICS, ignore_errors=True)
    (home.run / METRICS).mkdir(mode=0o700)


def has_no_user() -> bool:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT NOT EXISTS (SELECT FROM memories_user)").fetchone()
    return row == (True,)


def stop_when_asked() -> None:
    """Turn Ctrl-C, SIGTERM and a closed terminal into StopError; `nohup` keeps its meaning."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise StopError

    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)


def say(sentence: str, *, to: TextIO = sys.stdout) -> None:
    with contextlib.suppress(OSError):  # the terminal may be closed
        to.write(f"{sentence}\n")
        to.flush()


def main(verb: str) -> int:
    if verb == "stop":
        return 0 if leave_home(find_home()) else 1
    stop_when_asked()
    if verb == "staging":
        choose_staging()
    else:
        read_settings_file()
    try:
        return run(demo=verb == "demo", staging=verb == "staging")
    except HomeError as refusal:
        say(str(refusal), to=sys.stderr)
        return 1
    except StopError:
        return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
