"""One embedded server: started on a free port of this machine, asked until it answers, stopped by its own signal."""

import secrets
import signal
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.local.home import HomeError
from config.local.processes import die_with_parent, last_lines, wait_for

PORTS = range(20_000, 32_000)  # below the range the kernel gives to outgoing connections
PORT_TRIES = 5
ANSWER_SECONDS = 600  # a crash recovery of a large database takes its time
STOP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group a server runs as; None is our own."""

    uid: int | None = None
    gid: int | None = None

    @property
    def extra_groups(self) -> list[int] | None:
        return None if self.uid is None else []


OURS = Account()


@dataclass(slots=True)
class Server:
    """A child of the supervisor. `command` and `urls` are made for a port, `answers` asks whether it serves there."""

    name: str
    command: Callable[[int], list[str]]
    urls: Callable[[int], dict[str, str]]
    answers: Callable[[int], bool]
    folder: Path
    log: Path
    stop_signal: signal.Signals
    account: Account = OURS
    environment: dict[str, str] | None = None
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start on a free port. Raises HomeError with the end of the log."""
        for _ in range(PORT_TRIES):
            self.port = find_free_port()
            if self.start_again():
                return
            if is_free(self.port):
                break  # it was not the port
        raise HomeError(f"{self.name} did not start; the end of {self.log}:\n{last_lines(self.log)}")

    def start_again(self) -> bool:
        """Start on the port it had; false when it ended before it answered."""
        with self.log.open("ab") as log:
            self.process = process = subprocess.Popen(
                self.command(self.port),
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(self.stop_signal),
                user=self.account.uid,
                group=self.account.gid,
                extra_groups=self.account.extra_groups,
            )
        wait_for(lambda: process.poll() is not None or self.answers(self.port), seconds=ANSWER_SECONDS)
        return process.poll() is None

    def is_dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def find_free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    while not is_free(port := secrets.choice(PORTS)):
        pass
    return port


def is_free(port: int) -> bool:
    """Tell whether a server could listen on 127.0.0.1:`port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
