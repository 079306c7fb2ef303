"""Embedded Redis: the machine's own redis-server or valkey-server, else the one that set-up has put into `.venv`."""

import secrets
import shutil
import signal
import sys
from pathlib import Path

import redis

from config.local.home import Home, HomeError
from config.local.servers import Server

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
appendonly yes
save ""
maxmemory-policy noeviction
"""


def prepare_redis(home: Home) -> Server:
    """Return the server of the home's queue, with a new password. Raises HomeError when there is no binary."""
    folder = home.path / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    program = find_program()
    password = secrets.token_urlsafe(24)

    def command(port: int) -> list[str]:
        configuration = folder / "redis.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(CONFIGURATION.format(port=port, password=password))
        return [program, configuration.name]

    def urls(port: int) -> dict[str, str]:
        return {"REDIS_URL": f"redis://:{password}@127.0.0.1:{port}/0"}

    return Server(
        name="Redis",
        command=command,
        urls=urls,
        answers=lambda port: answers(urls(port)["REDIS_URL"]),
        folder=folder,
        log=home.log / "redis.log",
        stop_signal=signal.SIGTERM,
    )


def find_program() -> str:
    """Return the server's path."""
    installed = Path(sys.prefix) / "redis" / "redis-server"
    found = (
        shutil.which("redis-server")
        or shutil.which("valkey-server")
        or (str(installed) if installed.exists() else None)
    )
    if found is None:
        raise HomeError(
            "There is no redis-server: install Redis or Valkey, run `make up` again, or set REDIS_URL to a server of yours."
        )
    return found


def answers(url: str) -> bool:
    """Tell whether the server takes the password and has loaded its data."""
    with redis.Redis.from_url(url, socket_timeout=2) as client:
        try:
            client.ping()
        except redis.RedisError:
            return False
    return True
