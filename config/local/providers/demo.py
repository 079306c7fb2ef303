"""Stand-in of the demo: `python -m config.local.providers.demo PORT` serves the made-up person's mailboxes and drives.

It reads its keys and where to tell of connections from the environment, as the product does. The life is dealt out anew at every
start, in the same order, so cursors of an earlier run are still good; who is connected is kept in the home.
"""

import json
import os
import signal
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from config.local.home import Home, find_home
from config.local.life_plan import LifePlan
from config.local.providers.__main__ import answer
from config.local.providers.life import deal_out
from config.local.providers.nango import INTEGRATIONS, Connection, Nango
from config.local.providers.server import Request, Response, Server
from config.local.providers.world import Account, World, read_items


class KeptNango(Nango):
    """A Nango that knows its connections again after a restart."""

    def __init__(self, *, secret_key: str, webhook_key: str, path: Path) -> None:
        super().__init__(secret_key=secret_key, list_key=secret_key, webhook_key=webhook_key)
        self.path = path

    def connect(self, account: Account, *, tags: dict[str, str]) -> Connection:
        connection = super().connect(account, tags=tags)
        self.save()
        return connection

    def do(self, request: Request, connection: Connection) -> Response:
        response = super().do(request, connection)
        if request.method == "DELETE":
            self.save()
        return response

    def save(self) -> None:
        with self.lock:
            rows = [describe(connection) for connection in self.connections.values()]
            part = self.path.with_suffix(".part")
            part.touch(mode=0o600)
            part.write_text(json.dumps(rows))
            part.replace(self.path)

    def load(self) -> None:
        """Take up the connections of the last run whose accounts are still there."""
        rows = json.loads(self.path.read_text()) if self.path.is_file() else []
        for number, row in enumerate(rows, 1):
            account = self.world.accounts.get((INTEGRATIONS[row["integration"]], row["address"]))
            if account:
                born = datetime.fromisoformat(row["created"])
                self.connections[row["nango_id"]] = Connection(
                    number, row["nango_id"], row["integration"], account, row["tags"], created=born, updated=born
                )
        self.made = len(rows)


def describe(connection: Connection) -> dict[str, Any]:
    return {
        "nango_id": connection.nango_id,
        "integration": connection.integration,
        "address": connection.account.address,
        "tags": connection.tags,
        "created": connection.created.isoformat(),
    }


def fill(world: World, plan: LifePlan) -> None:
    """Put the life's mails and files into the accounts, oldest first."""
    for (provider, address), items in deal_out(plan.tell().records).items():
        account = world.add(provider, address)
        for item in read_items(account, items):
            account.put(item)


def open_nango(home: Home, *, secret_key: str, webhook_key: str, webhook_url: str) -> KeptNango:
    """The demo's Nango, its accounts filled and connected as they were. Raises HomeError."""
    path = home.path / "demo-connections.json"
    nango = KeptNango(secret_key=secret_key, webhook_key=webhook_key, path=path)
    fill(nango.world, LifePlan.find(home))
    nango.load()
    nango.webhooks.configure(webhook_url)
    return nango


def serve(port: int) -> None:
    """Answer until SIGTERM or Ctrl-C."""
    told = os.environ
    nango = open_nango(
        find_home(),
        secret_key=told["NANGO_SECRET_KEY"],
        webhook_key=told["NANGO_WEBHOOK_KEY"],
        webhook_url=told["STAND_IN_WEBHOOK_URL"],
    )
    with Server(port=port, answer=partial(answer, nango)) as server:
        nango.url = f"http://127.0.0.1:{server.port}"
        Thread(target=server.serve_forever, daemon=True).start()
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})  # before any thread: all inherit it
    serve(int(sys.argv[1]))
