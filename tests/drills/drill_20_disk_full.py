"""Drill 20: the disk under PostgreSQL is full while people write, then the one for uploads; both get room again."""

import contextlib
import http.client
import json
import os
import secrets
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings

from config.local.home import ROOT, Home
from config.local.postgres import prepare_postgres
from config.local.servers import Server, find_free_port
from tests.drills.client import Answer, call, is_up, post_memory
from tests.drills.crew import Crew
from tests.drills.measures import NATURAL_KEYS, WAITING, wait_until
from tests.drills.scene import Scene
from tests.drills.table import Outcome

TITLE = "disks full: PostgreSQL's and that of uploads"
DISK, UPLOADS = "384m", "24m"  # after a crash PostgreSQL wants 16 MB for its log at once
NAME = "ada"
FULL_SECONDS = 10.0
PACE_SECONDS = 0.25
BEFORE, AFTER = 5, 5  # memories that are written while there is room
LINES, LETTERS = 60, 250  # of a memory: nothing in it can be made shorter
UPLOAD_PARTS = 7  # of 900,000 letters: three copies of it fit, and no more
WARM = 6  # uploads until every web process has chosen its folder
DONE = {201, 503, 507}
BOUND = 120.0
KEYS = "SELECT external_id FROM memories_memory"
LOG_IN = """
from django.test import Client
from memories.models import User
visitor = Client()
visitor.force_login(User.objects.get())
print(visitor.session.session_key)
"""
PROCESSES = ("web", "worker", "graph", "beat")


@dataclass(slots=True)
class Site:
    """An installation of its own on disks that can be filled."""

    server: Server
    url: str
    token: str
    session: str
    disk: Path
    uploads: Path

    def read(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.server.urls(self.server.port)["DATABASE_OWNER_URL"], connect_timeout=5) as owner:
            return owner.execute(statement).fetchall()

    def count(self, statement: str) -> int:
        return int(str(self.read(statement)[0][0]))

    def write(self, number: int) -> Answer:
        return post_memory(self.url, token=self.token, record=make_record(number))

    def look(self) -> int:
        """The status of a page, for somebody who is logged in."""
        headers = {"Accept": "text/html", "Cookie": f"{settings.SESSION_COOKIE_NAME}={self.session}"}
        return call(self.url, "GET", "/memories/", headers=headers).status

    def is_back(self) -> bool:
        """Whether PostgreSQL answers; one that died of it is started again, as the supervisor does."""
        if self.server.is_dead():
            self.server.start_again()
        with contextlib.suppress(psycopg.Error):
            return self.count("SELECT 1") == 1
        return False

    def is_calm(self) -> bool:
        """Whether nothing waits."""
        return not any(self.count(statement) for statement in WAITING.values())


def run(scene: Scene) -> Outcome:
    if os.geteuid() != 0:
        return Outcome(needs="root")
    folder = scene.servers.home.path / "full"
    with contextlib.ExitStack() as stack:
        try:
            disk = stack.enter_context(mounted(folder / "disk", size=DISK))
            uploads = stack.enter_context(mounted(folder / "uploads", size=UPLOADS))
        except PermissionError:
            return Outcome(needs="root that may mount a tmpfs")
        site = stack.enter_context(open_site(scene, disk=disk, uploads=uploads))
        outcome = Outcome()
        fill_the_database(site, outcome)
        if not outcome.wrong:
            fill_the_uploads(site, outcome)
            measure(site, outcome)
    return outcome


def fill_the_database(site: Site, outcome: Outcome) -> None:
    """Write, fill the disk, go on writing, make room, write again whatever was refused."""
    answers = {number: site.write(number) for number in range(BEFORE)}
    outcome.require(all(answer.status == 201 for answer in answers.values()), "nothing could be written at first")
    outcome.require(site.look() == 200, "the page of somebody logged in was not there at first")
    number, begun = BEFORE, time.monotonic()
    with filled(site.disk):
        while time.monotonic() - begun < FULL_SECONDS:
            answers[number] = site.write(number)
            number += 1
            time.sleep(PACE_SECONDS)
        page = site.look()
    made_room = time.monotonic()
    outcome.require(page in (200, 503, 507), f"a page answered {page}")
    if wait_until(site.is_back, seconds=60) is None:
        outcome.wrong.append("PostgreSQL did not come back when there was room")
        return
    judge_answers(site, outcome, answers)
    for again in [*(n for n, answer in answers.items() if answer.status != 201), *range(number, number + AFTER)]:
        done = wait_until(lambda again=again: site.write(again).status == 201, seconds=60)
        if done is None:
            outcome.wrong.append(f"memory {again} could not be written when there was room")
            return
    outcome.bound = BOUND
    waiting = wait_until(site.is_calm, seconds=BOUND)
    outcome.recovery = None if waiting is None else time.monotonic() - made_room
    keys = Counter(key for (key,) in site.read(KEYS))
    outcome.lost = len({f"full-{n}" for n in range(number + AFTER)} - set(keys))
    statuses = Counter(answer.status for answer in answers.values())
    outcome.note = "while full: " + ", ".join(f"{times} x {status}" for status, times in sorted(statuses.items()))
    outcome.injected = f"{site.disk.name} of {DISK} full for {FULL_SECONDS:.0f} s"


def judge_answers(site: Site, outcome: Outcome, answers: dict[int, Answer]) -> None:
    """Each answer is of JSON, and its memory is there or not as it says; after a 503 nobody knows until it is asked again."""
    odd = Counter(answer.status for answer in answers.values() if answer.status not in DONE)
    outcome.require(not odd, f"answers while full: {dict(odd)}")
    outcome.require(any(answer.status in (503, 507) for answer in answers.values()), "the disk was never full")
    for answer in answers.values():
        outcome.require("detail" in read_json(answer) or answer.status not in (503, 507), "an answer is no JSON")
    keys = {str(key) for (key,) in site.read(KEYS)}
    kept = [n for n, answer in answers.items() if answer.status == 507 and f"full-{n}" in keys]
    missing = [n for n, answer in answers.items() if answer.status == 201 and f"full-{n}" not in keys]
    outcome.require(not kept, f"{len(kept)} memories are there though they were refused")
    outcome.require(not missing, f"{len(missing)} acknowledged memories are gone")


def fill_the_uploads(site: Site, outcome: Outcome) -> None:
    """The folder of temporary files is full: an upload is refused, everything else goes on."""
    warm = [upload(site).status for _ in range(WARM)]
    outcome.require(set(warm) == {200}, f"uploads while there is room: {warm}")
    with filled(site.uploads):
        full = [upload(site) for _ in range(4)]
        beside = site.write(100_000).status
    again = upload(site).status
    outcome.require({answer.status for answer in full} == {507}, f"uploads: {[answer.status for answer in full]}")
    outcome.require(all("detail" in read_json(answer) for answer in full), "a refused upload is answered without JSON")
    outcome.require((beside, again) == (201, 200), f"a memory beside it {beside}, an upload afterwards {again}")
    left = [path.name for path in site.uploads.rglob("*") if path.is_file()]
    outcome.require(not left, f"left behind: {left[:3]}")
    outcome.injected += f", uploads of {UPLOADS} full"


def measure(site: Site, outcome: Outcome) -> None:
    outcome.require(wait_until(site.is_calm, seconds=BOUND) is not None, "what was written at last still waits")
    doubled = 0
    for table, key in NATURAL_KEYS.items():
        doubled += site.count(f"SELECT count(*) FROM (SELECT 1 FROM {table} GROUP BY {key} HAVING count(*) > 1) x")
    outcome.doubled, outcome.found = doubled, site.count("SELECT count(*) FROM integrations_jobfailure")
    outcome.stuck = sum(site.count(statement) for statement in WAITING.values())


# --- The disks and what stands on them ----------------------------------------


@contextmanager
def mounted(folder: Path, *, size: str) -> Iterator[Path]:
    """A small disk for the length of a block. Raises PermissionError where it may not be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise PermissionError("mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """No byte is left on a disk for the length of a block."""
    filler = disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(65_536))
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def open_site(scene: Scene, *, disk: Path, uploads: Path) -> Iterator[Site]:
    """PostgreSQL on `disk`, a web with its temporary files on `uploads`, a worker, beat; one person."""
    home = Home(disk / "home")
    home.make()
    server = prepare_postgres(home)
    server.start()
    port = find_free_port()
    environment = scene.crew.environment | server.urls(server.port)
    environment |= {"PORT": str(port), "TMPDIR": str(uploads), "LIFEGRAPH_HOME": str(home.path)}
    environment["REDIS_URL"] = f"{environment['REDIS_URL'].rpartition('/')[0]}/5"
    crew = Crew(log=make_logs(scene), environment=environment)
    try:
        manage(environment, "migrate", "--verbosity", "0")
        manage(environment | {"LIFEGRAPH_PASSWORD": secrets.token_hex(12)}, "create_user", NAME)
        token = manage(environment, "create_token", NAME).split()[-1]
        session = manage(environment, "shell", "-c", LOG_IN).split()[-1]
        crew.start()
        crew.dismiss("sync")
        site = Site(server, f"http://127.0.0.1:{port}", token, session, disk=disk, uploads=uploads)
        if wait_until(lambda: is_up(site.url), seconds=120) is None:
            raise RuntimeError("the web on the small disk did not start")
        yield site
    finally:
        crew.stop()
        server.stop()


def make_logs(scene: Scene) -> Path:
    """Not on the disk that is filled."""
    folder = scene.log_folder / "full"
    folder.mkdir(exist_ok=True)
    return folder


def manage(environment: dict[str, str], *arguments: str) -> str:
    command = [environment["PATH"].split(os.pathsep)[0] + "/python", "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=180)
    if done.returncode:
        raise RuntimeError(f"{arguments[0]}: {done.stderr.strip()[-300:]}")
    return done.stdout


def make_record(number: int) -> dict[str, object]:
    lines = [f"Tomas Kowal wrote {number}.", *(secrets.token_hex(LETTERS // 2) for _ in range(LINES))]
    return {"content": "\n".join(lines), "source": "note", "external_id": f"full-{number}", "occurred_at": "2026-05-01"}


def upload(site: Site) -> Answer:
    """A file of some megabytes, for its preview alone."""
    text = ("word " * 180_000).strip()
    body = "\n".join(json.dumps({"content": f"{n} {text}", "occurred_at": "2026-05-01"}) for n in range(UPLOAD_PARTS))
    wire = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=60)
    headers = {
        "Authorization": f"Token {site.token}",
        "X-Forwarded-Proto": "https",
        "Content-Type": "application/x-ndjson",
    }
    begun = time.monotonic()
    try:
        wire.request("POST", "/api/v1/memories/import/?dry_run=true", body=body.encode(), headers=headers)
        response = wire.getresponse()
        return Answer(response.status, time.monotonic() - begun, response.read())
    except (OSError, http.client.HTTPException):
        return Answer(0, time.monotonic() - begun)
    finally:
        wire.close()


def read_json(answer: Answer) -> dict[str, object]:
    with contextlib.suppress(ValueError):
        found = json.loads(answer.body)
        return found if isinstance(found, dict) else {}
    return {}
