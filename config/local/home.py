"""The home of one installation's local data, and how a process joins the servers that run in it.

Three kernel locks, which a killed process loses at once, say everything. `supervisor.lock` is held by the supervisor
as long as it lives; `starting.lock` until its servers answer and `run/env` holds their URLs; each user of the servers
shares `users.lock`, and the supervisor takes it alone before it stops them, so that nobody joins a home that is closing.
"""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import environ

from config.local.locks import FileLock
from config.local.processes import last_lines, wait_for

ROOT = Path(__file__).resolve().parents[2]
EXPORTS = {"DATABASE_URL": ("DATABASE_URL", "DATABASE_OWNER_URL"), "REDIS_URL": ("REDIS_URL",)}
ALREADY_RUNS = 3  # exit status of a supervisor that finds another one
CLOSING_SECONDS = 90


class HomeError(Exception):
    """The servers of a home cannot be had; the message is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of all local data: `run` (locks, URLs), `log`, `postgres`, `redis`."""

    path: Path

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def log(self) -> Path:
        return self.path / "log"

    @property
    def env(self) -> Path:
        """URLs of the servers, written when all of them answer."""
        return self.run / "env"

    @property
    def limits(self) -> Path:
        """How many connections the server gives, where it is not as many as usual."""
        return self.path / "limits.json"

    @property
    def reason(self) -> Path:
        """Why the supervisor gave up, where it did."""
        return self.run / "reason"

    def lock(self, name: str) -> FileLock:
        return FileLock(self.run / f"{name}.lock")

    def make(self) -> None:
        """Create the folders, closed to other users. Raises HomeError where they cannot be."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            for folder in (self.path, self.run, self.log):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise HomeError(f"The home {self.path} cannot be used: {error.strerror}.") from error
        if not os.access(self.run, os.W_OK):
            raise HomeError(
                f"The home {self.path} belongs to another user: set LIFEGRAPH_HOME to a folder of your own."
            )

    def running_urls(self) -> dict[str, str] | None:
        """Return what `run/env` holds, None while no supervisor has its servers up."""
        starting = self.lock("starting")
        try:
            up = starting.share() and self.is_supervised() and self.env.exists()
            return read_urls(self.env) if up else None
        finally:
            starting.close()

    def is_supervised(self) -> bool:
        return not self._is_free("supervisor")

    def has_users(self) -> bool:
        return not self._is_free("users")

    def _is_free(self, name: str) -> bool:
        lock = self.lock(name)
        try:
            # Nobody but a supervisor takes its lock, so the test must not hold it alone for a moment.
            return lock.share() if name == "supervisor" else lock.take_alone()
        finally:
            lock.close()


_used: dict[Path, FileLock] = {}  # open for the life of this process


def find_home() -> Home:
    """Return the home that LIFEGRAPH_HOME names, else `.lifegraph` beside the code."""
    return Home(Path(os.environ.get("LIFEGRAPH_HOME") or ROOT / ".lifegraph").resolve())


def join_home() -> Home:
    """Export the URLs that are unset, starting the servers behind them; they stay up as long as this process.

    Raises HomeError when a server cannot be had.
    """
    home = find_home()
    home.make()
    os.environ["LIFEGRAPH_HOME"] = str(home.path)
    missing = [name for name in EXPORTS if not os.environ.get(name)]
    if missing:
        _use(home)
        urls = _start_servers(home, missing=missing)
        os.environ.update({export: urls[export] for name in missing for export in EXPORTS[name]})
    return home


def is_joined(home: Home) -> bool:
    """Tell whether this process uses the home's servers, not others that the environment names."""
    return home.path in _used


def leave_home(home: Home) -> bool:
    """Stop using the home and stop its servers at once; false when somebody else keeps them up."""
    if users := _used.pop(home.path, None):
        users.close()
    # The supervisor, too, takes the users' lock for a moment when it looks whether it is still needed.
    if not wait_for(lambda: not (home.is_supervised() and home.has_users()), seconds=1):
        return False
    if not home.is_supervised():
        return True
    os.kill(int((home.run / "supervisor.lock").read_text()), signal.SIGTERM)
    return wait_for(lambda: not home.is_supervised(), seconds=CLOSING_SECONDS)


def read_settings_file() -> None:
    """Take from `.env` what the environment does not say, as local settings do, but before servers are started."""
    if (file := ROOT / ".env").is_file():
        environ.Env.read_env(file)


def read_urls(path: Path) -> dict[str, str]:
    """Return the `NAME=value` lines of a file."""
    lines = (line.partition("=") for line in path.read_text().splitlines())
    return {name: value for name, equals, value in lines if equals}


def _use(home: Home) -> None:
    if home.path in _used:
        return
    users = home.lock("users")
    if not wait_for(users.share, seconds=CLOSING_SECONDS):
        raise HomeError(f"The servers of {home.path} are being stopped and do not end; see {home.log}.")
    _used[home.path] = users


def _start_servers(home: Home, *, missing: list[str]) -> dict[str, str]:
    while (urls := home.running_urls()) is None:
        command = [sys.executable, "-m", "config.local.supervisor", str(home.path), *missing]
        launch = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if launch.returncode not in (0, ALREADY_RUNS):
            raise HomeError(
                launch.stderr.strip()
                or f"The servers of {home.path} did not start.\n{last_lines(home.log / 'supervisor.log')}"
            )
    if absent := [name for name in missing if name not in urls]:
        raise HomeError(
            f"The servers of {home.path} were started without {' and '.join(absent)}: end what uses them first."
        )
    return urls
