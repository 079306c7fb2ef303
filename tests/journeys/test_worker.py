"""A memory's journey through a real worker and beat: quick when all is well, and never lost when it is not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection

from config.local.processes import die_with_parent, last_lines, stop_processes, wait_for
from graph.models import Entity, Mention, Work
from integrations.models import JobFailure
from memories.models import Memory
from tests.factories import MemoryFactory
from tests.journeys.mishaps import HOLD, POISON

PATH = "/api/v1/memories/"
LUNCH = "Lunch with Tomas Kowal in Lisbon."
COMMANDS = {
    "worker": [
        "worker",
        "--queues",
        "celery,ticks,graph",
        "--pool",
        "prefork",
        "--concurrency",
        "2",
        "--without-mingle",
        "--without-gossip",
    ],
    "beat": ["beat", "--max-interval", "1"],
}
PATIENCE = 60  # seconds; a busy machine takes its time


class Crew:
    """A worker and a beat on the tests' own database and broker."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.hold, self.processes = folder, folder / "hold", []

    def start(self) -> None:
        for name, arguments in COMMANDS.items():
            with (self.folder / f"{name}.log").open("ab") as log:
                command = [sys.executable, "-m", "celery", "-A", "config", *arguments]
                command += ["--schedule", str(self.folder / "schedule")] if name == "beat" else []
                self.processes.append(
                    subprocess.Popen(
                        command,
                        cwd=settings.BASE_DIR,
                        env=self.environment(),
                        stdout=log,
                        stderr=log,
                        process_group=0,
                        preexec_fn=die_with_parent(signal.SIGTERM),
                    )
                )

    def environment(self) -> dict[str, str]:
        """Ours, with the test database in the place of the usual one."""
        name = connection.settings_dict["NAME"]
        urls = {
            key: urlsplit(getattr(settings, key))._replace(path=f"/{name}").geturl()
            for key in ("DATABASE_URL", "DATABASE_OWNER_URL")
            if getattr(settings, key)
        }
        return os.environ | urls | {"DJANGO_SETTINGS_MODULE": "tests.journeys.settings", HOLD: str(self.hold)}

    def stop(self) -> None:
        stop_processes(self.processes, seconds=10)
        self.processes.clear()

    def wait(self, condition) -> None:
        """Wait until something is so; where it never comes to be, say what the worker said."""
        assert wait_for(condition, seconds=PATIENCE), last_lines(self.folder / "worker.log", count=40)

    @contextmanager
    def holding_up(self) -> Iterator[None]:
        """Keep whoever works on "Hold." at it."""
        self.hold.touch()
        try:
            yield
        finally:
            self.hold.unlink()


@pytest.fixture(scope="module")
def crew(django_db_setup, tmp_path_factory) -> Iterator[Crew]:
    crew = Crew(tmp_path_factory.mktemp("crew"))
    crew.start()
    yield crew
    crew.stop()


@pytest.fixture
def nobody_waits(transactional_db, crew):
    """Before the tables are emptied, nobody works on them any more."""
    yield
    wait_for(lambda: not Work.objects.exists(), seconds=5)


@contextmanager
def queue():
    with current_app.connection_for_write() as broker:
        yield broker.default_channel.client


def post(api, content):
    answer = api.post(PATH, {"content": content}, format="json")
    assert answer.status_code == 201
    return answer.json()["id"]


def let_leases_run_out():
    Memory.objects.filter(lease_until__isnull=False).update(lease_until="2020-01-01T00:00Z")


def has_arrived(*ids, stage="enriched"):
    return lambda: set(Memory.objects.filter(pk__in=ids).values_list("stage", flat=True)) == {stage}


def test_what_is_posted_goes_through_all_stages_and_onto_the_map(api, crew, nobody_waits):
    ids = [post(api, LUNCH), post(api, "Tomas Kowal wrote from Lisbon.")]
    crew.wait(has_arrived(*ids))
    assert Entity.objects.get(name="Tomas Kowal").memories == 2
    crew.wait(lambda: not Work.objects.exists())
    assert not Entity.objects.filter(x__isnull=True).exists()
    assert api.get("/api/v1/graph/").json()["nodes"]["memories"] == [2, 2]


def test_a_worker_killed_at_its_work_loses_and_doubles_nothing(api, crew, nobody_waits):
    with crew.holding_up():
        held = post(api, "Hold.")
        crew.wait(lambda: crew.hold.read_text())
        other = post(api, LUNCH)
        assert Memory.objects.values_list("attempts", "stage").get(pk=held) == (1, "stored")
        pid = int(crew.hold.read_text())
    os.kill(pid, signal.SIGKILL)
    crew.wait(has_arrived(other))
    assert has_arrived(held, stage="stored")()
    let_leases_run_out()
    crew.wait(has_arrived(held))
    assert Memory.objects.get(pk=held).attempts == 0
    assert Mention.objects.filter(memory_id=other).count() == 2
    assert not JobFailure.objects.exists()


def test_a_memory_that_kills_its_worker_each_time_ends_as_one_failure_and_harms_nobody(api, user, crew, nobody_waits):
    poison = MemoryFactory(user=user, content=POISON, attempts=4)  # it has killed four already
    other = post(api, LUNCH)
    crew.wait(lambda: Memory.objects.get(pk=poison.pk).attempts == 5)
    let_leases_run_out()
    crew.wait(has_arrived(poison.pk, stage="failed"))
    crew.wait(has_arrived(other))
    crew.wait(JobFailure.objects.exists)
    row = JobFailure.objects.get()
    assert (row.unit, row.kind, row.stage, row.runs) == (f"memory:{poison.pk}", "lost", "extracted", 5)


def test_what_was_queued_when_redis_lost_everything_is_found_in_the_rows(api, crew, nobody_waits):
    crew.stop()
    ids = [post(api, f"{LUNCH} {n}") for n in range(3)]
    with queue() as client:
        assert client.llen("celery") > 0
        client.flushdb()
        assert client.llen("celery") == 0
    crew.start()
    crew.wait(has_arrived(*ids))
