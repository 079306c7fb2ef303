"""Drill 24: a dump of a half-done world is restored into a new database beside an empty Redis; the sweeper finds what is to be done."""

import io
import os
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from config.local.postgres import find_programs
from tests.drills.client import call, make_token
from tests.drills.home import connect_owner
from tests.drills.measures import count, settle
from tests.drills.scene import Scene
from tests.drills.table import Outcome

TITLE = "dump of a half-done world, restored"
NEW, OLD = "lifegraph_restored", "lifegraph_before"
DONE = "SELECT count(*) FROM memories_memory WHERE stage = 'enriched'"


def run(scene: Scene) -> Outcome:
    outcome, commands = Outcome(), dict(scene.crew.commands)
    chunks = list(scene.world.take_turns())
    load(scene, chunks[: len(chunks) // 2])
    settle(seconds=scene.reference_seconds + 60)
    call_command("refresh_enriched_relationships", stdout=io.StringIO())
    scene.crew.dismiss("worker")
    load(scene, chunks[len(chunks) // 2 :])
    scene.crew.dismiss(*commands)
    done = count(DONE)
    outcome.require(0 < done < len(scene.world.keys), f"{done} were done at the dump")
    problems = dump_and_restore(scene.servers.home.path / "dump")
    exchange_databases()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushall()
    outcome.injected = f"{done} of {len(scene.world.keys)} done; new database, empty Redis"
    outcome.require(not problems, f"pg_restore: {problems[:300]}")
    for name, command in commands.items():
        scene.crew.add(name, command)
    outcome.require(scene.wait_until_alive(), "the processes do not start on the restored database")
    look_at_graphs(scene, outcome)
    scene.recover(outcome, bound=60.0)
    look_at_graphs(scene, outcome)
    return outcome


def load(scene: Scene, chunks: list[tuple[str, list[dict[str, object]]]]) -> None:
    from tests.drills.world import make_people, store_chunk

    people = make_people()
    for name, part in chunks:
        store_chunk(people[name], part)


def dump_and_restore(file: Path) -> str:
    """As docs/backup.md says; returns what pg_restore complained about."""
    connection.close()
    programs, url = find_programs(), urlsplit(os.environ["DATABASE_OWNER_URL"])
    environment = os.environ | {"PGPASSWORD": url.password or "", "LC_ALL": "C"}
    server = ["-h", str(url.hostname), "-p", str(url.port), "-U", str(url.username)]
    dump = [
        str(programs / "pg_dump"),
        *server,
        "--format=custom",
        "--extension=unaccent",
        f"--file={file}",
        "lifegraph",
    ]
    subprocess.run(dump, env=environment, check=True, capture_output=True)
    with connect_owner(database="postgres") as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {NEW} WITH (FORCE)")
        owner.execute(f"CREATE DATABASE {NEW}")
    restore = [str(programs / "pg_restore"), *server, "--exit-on-error", "--no-comments", f"--dbname={NEW}", str(file)]
    told = subprocess.run(restore, env=environment, check=False, capture_output=True, text=True)
    file.unlink()
    return told.stderr.strip() if told.returncode else ""


def exchange_databases() -> None:
    """The restored database takes the name of the old one."""
    connection.close()
    for _ in range(20):
        try:
            with connect_owner(database="postgres") as owner:
                owner.execute(f"DROP DATABASE IF EXISTS {OLD} WITH (FORCE)")
                owner.execute(f"ALTER DATABASE lifegraph RENAME TO {OLD}")
                owner.execute(f"ALTER DATABASE {NEW} RENAME TO lifegraph")
                owner.execute(f"DROP DATABASE {OLD} WITH (FORCE)")
            return
        except psycopg.Error:  # somebody is still leaving it
            time.sleep(0.5)
    raise RuntimeError("the databases could not be exchanged")


def look_at_graphs(scene: Scene, outcome: Outcome) -> None:
    """Every person's graph is served."""
    from tests.drills.world import NAMES

    for name in NAMES:
        answer = call(scene.url, "GET", "/api/v1/graph/", headers={"Authorization": f"Token {make_token(name)}"})
        outcome.require(answer.status == 200, f"the graph of {name} answers {answer.status}")
