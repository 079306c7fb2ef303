"""Eyes for the processes of a home."""

import os
from pathlib import Path

import redis

from config.local.home import Home
from config.local.processes import wait_for


def supervisor_pid(home: Home) -> int:
    return int((home.run / "supervisor.lock").read_text())


def postgres_pid(home: Home) -> int:
    return int((home.path / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def redis_pid() -> int:
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        return int(client.info("server")["process_id"])


def all_end(*pids: int) -> bool:
    """Wait until none of them runs any more."""
    return wait_for(lambda: not any(map(is_alive, pids)), seconds=10)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
