"""Drills 7 and 8: wake-ups that never left, and wake-ups that came twenty times."""

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from graph.models import Mention, Relationship, Work
from graph.services import work as graph_work
from graph.tasks import do_graph_work
from integrations.models import JobFailure
from integrations.services.decisions import start_sync
from integrations.services.sync import sync_connection
from memories import pipeline, tasks
from memories.models import Memory
from memories.pipeline import LEASE_SECONDS
from memories.services import sweep as sweeper
from memories.services.sweep import sweep
from memories.tasks import advance_memories
from tests.drills.dying import DIED
from tests.factories import MemoryFactory
from tests.factories.snapshot import take_snapshot

MANY = 20
STAGES = ("stored", "extracted", "related")
TEXTS = ["Lunch with Tomas Kowal in Lisbon.", "Tomas Kowal wrote from Lisbon.", "Ana Lima met Tomas Kowal in Lisbon."]


@pytest.fixture
def woken(monkeypatch):
    """Stages that somebody was woken for; nobody comes by himself."""
    stages = []
    for module in (tasks, sweeper):
        monkeypatch.setattr(module, "wake_stage", lambda takes: stages.append(takes) or True)
    return stages


def at_once(job, *, times=MANY):
    """Run a job so many times side by side, each on a connection of its own; returns what each said."""
    start = Barrier(times)

    def run(_):
        try:
            start.wait(20)
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def make_overdue():
    """A minute passes."""
    Memory.objects.update(due_at=F("due_at") - timedelta(minutes=1))


@pytest.fixture
def runs(monkeypatch):
    """How often each memory was claimed for each stage."""
    counted, claim_rows = Counter(), pipeline.claim_rows

    def claim_and_count(step, **options):
        claim = claim_rows(step, **options)
        counted.update((step.takes, pk) for pk in (claim.ids if claim else []))
        return claim

    monkeypatch.setattr(pipeline, "claim_rows", claim_and_count)
    return counted


def work_off(stages):
    """Whoever was woken works, and whoever that wakes, each once."""
    while stages:
        advance_memories(stages.pop(0))


def die_after_storing(username):
    """Post a memory in a process that dies between commit and wake-up; returns how the process ended."""
    name = connection.settings_dict["NAME"]
    urls = {
        key: urlsplit(getattr(settings, key))._replace(path=f"/{name}").geturl()
        for key in ("DATABASE_URL", "DATABASE_OWNER_URL")
        if getattr(settings, key)
    }
    command = [sys.executable, "-m", "tests.drills.dying", username]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=os.environ | urls, timeout=60, check=False).returncode


@pytest.mark.django_db(transaction=True)
def test_what_was_stored_by_a_process_that_died_before_it_woke_anybody_is_swept_up_once(user, woken, runs):
    assert die_after_storing(user.username) == DIED
    assert list(Memory.objects.values_list("stage", "attempts")) == [("stored", 0)]
    assert sweep() == 0  # its own wake-up might still be on its way
    make_overdue()
    assert (sweep(), woken) == (1, ["stored"])
    work_off(woken)
    make_overdue()
    assert sweep() == 0
    work_off(["stored"])
    pk = Memory.objects.get(stage="enriched").pk
    assert runs == {(stage, pk): 1 for stage in STAGES}
    assert sorted(Mention.objects.values_list("entity__key", flat=True)) == ["lisbon", "tomas kowal"]


@pytest.mark.django_db(transaction=True)
def test_a_wake_up_that_comes_twenty_times_at_once_is_one_run(user, other_user, woken, runs):
    for text in TEXTS:
        MemoryFactory(user=user, content=text)
    at_once(lambda: advance_memories("stored"))
    work_off(woken)
    assert runs == {(stage, pk): 1 for stage in STAGES for pk in Memory.objects.values_list("pk", flat=True)}
    assert set(Memory.objects.values_list("stage", "attempts")) == {("enriched", 0)}
    for text in TEXTS:
        MemoryFactory(user=other_user, content=text)
    work_off(["stored"])
    assert count_all(user) == count_all(other_user)
    assert not JobFailure.objects.exists()


def count_all(user):
    """Rows by part of the graph; a person's ids are not another's."""
    mentions = Mention.objects.filter(user=user).count()
    relationships = Relationship.objects.filter(user=user).count()
    return {part: len(rows) for part, rows in take_snapshot(user).items()} | {"mentions": mentions, "r": relationships}


@pytest.mark.django_db(transaction=True)
def test_twenty_wake_ups_for_one_graph_job_do_it_once(user, monkeypatch):
    runs = []
    monkeypatch.setitem(graph_work.KINDS, "layout", f"{__name__}.lay_out")
    monkeypatch.setattr(sys.modules[__name__], "lay_out", lambda *, user_id: runs.append(user_id), raising=False)
    Work.objects.create(user=user, kind="layout", asked_at=timezone.now(), due_at=timezone.now())
    assert sum(at_once(do_graph_work)) == 1
    assert (runs, Work.objects.count()) == ([user.pk], 0)


@pytest.mark.django_db(transaction=True)
def test_twenty_wake_ups_for_one_sync_read_and_store_everything_once(gmail, shelf):
    shelf.fill(25)
    run = start_sync(connection=gmail)
    at_once(lambda: sync_connection(connection_id=gmail.pk))
    run.refresh_from_db()
    assert (run.state, run.created, run.unchanged, Memory.objects.count()) == ("done", 25, 0, 25)
    assert sorted(shelf.read) == sorted(shelf.items)


@pytest.mark.django_db(transaction=True)
def test_a_wake_up_for_what_a_worker_still_holds_takes_nothing_from_it(user, woken):
    held = timezone.now() + timedelta(seconds=LEASE_SECONDS)
    MemoryFactory(user=user, attempts=1, lease_until=held)
    assert sum(at_once(lambda: advance_memories("stored"))) == 0
    assert Memory.objects.values_list("attempts", "stage").get() == (1, "stored")
