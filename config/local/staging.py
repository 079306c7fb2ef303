"""Staging on one machine: production's settings and https, a database as small as a small hosted plan, secrets of its own.

What stands in its home beside the servers' data: `limits.json`, `secrets.json`, `certificate/`, `staging.env` (the environment of its
commands) and `staging.json` (the operator's name and password); all for the owner's eyes alone.
"""

import json
import os
import secrets
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from config.local.certificate import Certificate
from config.local.home import EXPORTS, ROOT, Home
from config.local.postgres import Limits, limit_connections
from config.local.processes import write_closed

PLAN = Limits(of_server=20, of_role=20)
PORT = 8443
SECRETS = ("SECRET_KEY", "METRICS_TOKEN")
# What may be chosen from outside; commands have to count with the same.
CHOICES = (
    "DB_POOL_SIZE", "DB_CONNECTION_BUDGET", "DB_CONNECTION_RESERVE", "WEB_PROCESSES", "WORKER_CONCURRENCY", "GRAPH_CONCURRENCY",
    "SYNC_CONCURRENCY", "BACKFILL_PER_DAY", "EXTRACTION_ENGINE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Staging:
    """What makes a run staging."""

    home: Home
    url: str
    certificate: Certificate
    kept: Mapping[str, str]

    @classmethod
    def prepare(cls, home: Home, *, url: str) -> Self:
        """Make what is missing in the home. Raises HomeError when it is the home of something else."""
        limit_connections(home, PLAN)
        return cls(home, url, Certificate.find(home.path / "certificate"), read_secrets(home.path / "secrets.json"))

    @property
    def env(self) -> Path:
        return self.home.path / "staging.env"

    @property
    def card(self) -> Path:
        return self.home.path / "staging.json"

    def settings(self) -> dict[str, str]:
        """What production asks of the environment, but for the servers' URLs and what leads to Nango."""
        return {
            "DJANGO_SETTINGS_MODULE": "config.settings.staging",
            "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
            "CSRF_TRUSTED_ORIGINS": "",
            "SECURE_HSTS_SECONDS": "0",  # a browser would hold every other page of this machine to https, for a year
            "TRUSTED_PROXIES": "0",
            **self.kept,
        }

    def environment(self) -> dict[str, str]:
        """For the processes: the settings, and for the web server its certificate (granian's own variables)."""
        return {
            **self.settings(),
            "GRANIAN_SSL_CERTIFICATE": str(self.certificate.chain),
            "GRANIAN_SSL_KEYFILE": str(self.certificate.key),
        }

    def write_env(self, environment: Mapping[str, str]) -> None:
        """Write down what a command needs, out of the processes' environment, so that a shell can read it."""
        servers = [export for exports in EXPORTS.values() for export in exports]
        nango = [name for name in environment if name.startswith("NANGO_")]
        names = [
            *self.settings(),
            *servers,
            *nango,
            *(name for name in CHOICES if name in environment),
            "LIFEGRAPH_HOME",
        ]
        told = {name: environment[name] for name in names}
        told |= {"STAGING_URL": self.url, "STAGING_CERTIFICATE": str(self.certificate.authority)}
        write_closed(self.env, "".join(f"{name}={shlex.quote(value)}\n" for name, value in sorted(told.items())))

    def tell(self) -> Iterator[str]:
        """What to do next, in lines."""
        env = shlex.quote(shorten(self.env))
        yield "Phases begin off, as on a production that was just deployed. In another terminal:"
        yield f"  ( set -a; . {env}; .venv/bin/python manage.py rollout status )"
        yield "  make staging-load"
        yield f"The operator's name and password: {shorten(self.card)}"


def read_secrets(path: Path) -> dict[str, str]:
    """The secrets of a home, made at random the first time."""
    if not path.exists():
        write_closed(path, json.dumps({name: secrets.token_urlsafe(48) for name in SECRETS}))
    found: dict[str, str] = json.loads(path.read_text())
    return found


def choose_staging() -> None:
    """Let this process be about staging: a home and a port of its own, and never the servers that the environment may name."""
    for exports in EXPORTS.values():
        for export in exports:
            os.environ.pop(export, None)
    os.environ["LIFEGRAPH_HOME"] = os.environ.get("LIFEGRAPH_HOME") or str(ROOT / ".lifegraph" / "staging")
    os.environ["PORT"] = os.environ.get("PORT") or str(PORT)


def shorten(path: Path) -> str:
    """As somebody in the checkout would write it; a path is relative to where they are if it is below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
