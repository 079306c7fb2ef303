"""The one process that owns a home's PostgreSQL and Redis: `python -m config.local.supervisor HOME DATABASE_URL REDIS_URL`.

The command returns when the servers answer; the supervisor itself goes on in a session of its own until nobody has used
the home for ten seconds. Killed, it takes both servers with it. A server that dies is started again on its port.
"""

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from config.local.home import ALREADY_RUNS, Home, HomeError
from config.local.postgres import prepare_postgres
from config.local.processes import last_lines, wait_for
from config.local.redis import prepare_redis
from config.local.servers import Server

LINGER_SECONDS = 10.0
LOOK_SECONDS = 0.25
RESTARTS = 5  # at most, within RESTART_WINDOW
RESTART_WINDOW = 60.0
PREPARE = {"DATABASE_URL": prepare_postgres, "REDIS_URL": prepare_redis}


class Supervisor:
    """The servers of a home from their start to their end."""

    def __init__(self, home: Home, *, names: list[str]) -> None:
        self.home = home
        self.names = names
        self.servers: list[Server] = []
        self.restarts: deque[float] = deque(maxlen=RESTARTS)
        self.linger = LINGER_SECONDS
        self.starting = home.lock("starting")
        self.lock = home.lock("supervisor")
        self.users = home.lock("users")

    def own(self) -> bool:
        """Take the home, false when another supervisor has it."""
        owned = wait_for(self.starting.take_alone, seconds=5) and wait_for(self.lock.take_alone, seconds=0.3)
        if owned:
            self.lock.write(str(os.getpid()))
        return owned

    def start(self) -> None:
        """Bring the servers up, then write their URLs. Raises HomeError."""
        self.home.env.unlink(missing_ok=True)
        self.home.reason.unlink(missing_ok=True)
        for name in self.names:
            server = PREPARE[name](self.home)
            self.servers.append(server)
            server.start()
        write_env(self.home.env, servers=self.servers)
        self.starting.release()

    def watch(self) -> None:
        """Return when nobody needs the servers any more. Raises HomeError when one keeps dying."""
        unused_since = time.monotonic()
        while True:
            for server in self.servers:
                if server.is_dead():
                    self.restart(server)
            if not self.users.take_alone():
                unused_since = time.monotonic()
            elif time.monotonic() - unused_since >= self.linger:
                return  # holding the lock: who joins now waits for our end
            else:
                self.users.release()
            time.sleep(LOOK_SECONDS)

    def restart(self, server: Server) -> None:
        now = time.monotonic()
        if len(self.restarts) == RESTARTS and now - self.restarts[0] < RESTART_WINDOW:
            raise HomeError(
                f"{server.name} died {RESTARTS + 1} times within {RESTART_WINDOW:.0f} seconds; see {server.log}."
            )
        self.restarts.append(now)
        if not server.start_again():
            time.sleep(LOOK_SECONDS)  # PostgreSQL waits for the children of the one that was killed

    def stop(self) -> None:
        """Stop the servers and give the home free."""
        self.home.env.unlink(missing_ok=True)
        for server in reversed(self.servers):
            server.stop()
        for lock in (self.starting, self.users, self.lock):
            lock.close()

    def hurry(self, _number: int, _frame: FrameType | None) -> None:
        """Asked to end by SIGTERM: at once when nobody uses the home, else with its last user."""
        self.linger = 0.0


def write_env(path: Path, *, servers: list[Server]) -> None:
    """Write the URLs at once and for the owner's eyes alone."""
    urls = {name: url for server in servers for name, url in server.urls(server.port).items()}
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_text("".join(f"{name}={url}\n" for name, url in urls.items()))
    part.replace(path)


def supervise(home: Home, *, names: list[str], report: Callable[[int, str], None]) -> None:
    """Run the servers from here to their end; `report` is told once, by a status and a sentence, whether they are up."""
    supervisor = Supervisor(home, names=names)
    signal.signal(signal.SIGTERM, supervisor.hurry)
    if not supervisor.own():
        report(ALREADY_RUNS, f"A supervisor already runs the servers of {home.path}.")
        return
    try:
        supervisor.start()
        report(0, "")
        supervisor.watch()
    except HomeError as error:
        home.reason.write_text(f"{error}\n")
        report(1, str(error))
    finally:
        supervisor.stop()


def main(arguments: list[str]) -> int:
    """Start a supervisor apart from this process and wait for its first word."""
    home = Home(Path(arguments[0]).resolve())
    home.make()
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(reading)
        detach(log=home.log / "supervisor.log")
        supervise(home, names=arguments[1:] or list(PREPARE), report=reporter(writing))
        return 0
    os.close(writing)
    with os.fdopen(reading) as pipe:
        status, _, sentence = pipe.read().partition(" ")
    if status != "0":
        sys.stderr.write(f"{sentence or last_lines(home.log / 'supervisor.log')}\n")
    return int(status or 1)


def detach(*, log: Path) -> None:
    """Leave the caller's session and its streams."""
    os.setsid()
    with log.open("ab") as output, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)


def reporter(pipe: int) -> Callable[[int, str], None]:
    """Return a function that writes its first word to the pipe, closes it, and ignores the rest."""
    words = [pipe]

    def report(status: int, sentence: str) -> None:
        if words:
            with os.fdopen(words.pop(), "w") as writing:
                writing.write(f"{status} {sentence}")

    return report


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except HomeError as refusal:
        sys.exit(str(refusal))
