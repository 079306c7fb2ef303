"""What `make demo` has in place of Nango and four providers: a process on loopback, and the settings that lead to it."""

import json
import secrets
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from config.local.home import Home
from config.local.life_plan import LifePlan
from config.local.servers import find_free_port

MODULE = "config.local.providers.demo"


@dataclass(frozen=True, slots=True)
class DemoStandIn:
    """Where it listens and with which keys. They are kept in the home: what was signed before a restart is good after it."""

    port: int
    secret_key: str
    webhook_key: str

    @classmethod
    def plan(cls, home: Home) -> Self:
        """On a free port, with the home's keys; its life is planned too. Raises HomeError."""
        LifePlan.find(home)
        secret_key, webhook_key = read_keys(home.path / "demo-keys.json")
        return cls(port=find_free_port(), secret_key=secret_key, webhook_key=webhook_key)

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", MODULE, str(self.port)]

    def environment(self, home: Home, *, web: str) -> dict[str, str]:
        """For the stand-in and for all that shall ask it; `web` is the address of the page, which it tells of connections."""
        return {
            "LIFEGRAPH_HOME": str(home.path),
            "NANGO_BASE_URL": f"http://127.0.0.1:{self.port}",
            "NANGO_SECRET_KEY": self.secret_key,
            "NANGO_LIST_KEY": "",
            "NANGO_WEBHOOK_KEY": self.webhook_key,
            "NANGO_REQUESTS_PER_MINUTE": "0",
            "NANGO_GMAIL_INTEGRATION_ID": "google-mail",
            "NANGO_DROPBOX_INTEGRATION_ID": "dropbox",
            "NANGO_GOOGLE_DRIVE_INTEGRATION_ID": "google-drive",
            "NANGO_ZOHO_MAIL_INTEGRATION_ID": "zoho-mail",
            "STAND_IN_WEBHOOK_URL": f"{web}webhooks/nango/",
        }

    def listens(self) -> bool:
        with socket.socket() as asked:
            asked.settimeout(1)
            return asked.connect_ex(("127.0.0.1", self.port)) == 0


def read_keys(file: Path) -> tuple[str, str]:
    """The key of the API and that of webhooks, made at random the first time."""
    if not file.is_file():
        part = file.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(json.dumps({"secret": secrets.token_hex(24), "webhook": secrets.token_hex(24)}))
        part.replace(file)
    kept = json.loads(file.read_text())
    return kept["secret"], kept["webhook"]
