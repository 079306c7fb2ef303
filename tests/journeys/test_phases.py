"""The rollout as people live through it: with everything off, phase by phase, off again under way, and on again."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from config.health import note_alive
from config.models import Flip
from config.rollout.phases import PHASES, find_phase
from config.rollout.turn import Refused, advance_phase, read_status, roll_back
from graph.models import Entity, Work
from graph.services.refresh import refresh_stale, refresh_view
from graph.services.work import run_due_work
from integrations.models import JobFailure
from memories.flags import forget_flags
from memories.models import Memory, User
from memories.services.backfill import admit_memories, mark_old, read_progress
from tests.factories.journey import run_pipeline

PASSWORD = "a long walk by the river"
PAGES = ("/", "/narrative/", "/graph/", "/memories/", "/connections/")
READS = (
    "memories/",
    "dashboard/",
    "narrative/",
    "search/?q=lunch",
    "graph/",
    "graph/?view=memories",
    "graph/stats/",
    "graph/entities/",
)
TEXTS = (
    "Lunch with Tomas Kowal in Lisbon.",
    "Lunch: Tomas Kowal wrote from Lisbon.",
    "Lunch, and Ana Lima met Tomas Kowal.",
)


@pytest.fixture
def client(transactional_db):
    """Somebody who has logged in by the page, on an installation where nothing is switched on."""
    roll_back(PHASES, by="test", reason="a new installation")
    forget_flags()
    User.objects.create_user("ana", password=PASSWORD)
    client = Client(enforce_csrf_checks=False)
    answer = client.post("/accounts/login/", {"username": "ana", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    return client


def write(client, *texts):
    for text in texts:
        answer = client.post("/api/v1/memories/", {"content": text}, content_type="application/json")
        assert answer.status_code == 201


def bring_in(client, count=3):
    """Import a file by the page's own way."""
    lines = [
        {"content": f"Old lunch {n} with Rosa Brandt.", "occurred_at": "2020-05-01", "external_id": f"old-{n}"}
        for n in range(count)
    ]
    file = SimpleUploadedFile("old.ndjson", "\n".join(map(json.dumps, lines)).encode())
    assert client.post("/api/v1/memories/import/", {"file": file}).status_code == 200


def look_around(client):
    """Every page and every read answers."""
    for path in (*PAGES, *(f"/api/v1/{path}" for path in READS)):
        assert client.get(path).status_code == 200, path


def export(client):
    lines = client.get("/api/v1/memories/export/").getvalue().splitlines()
    return sorted(row["content"] for row in map(json.loads, lines) if row["record"] == "memory")


def let_time_pass():
    Memory.objects.filter(due_at__isnull=False).update(due_at=timezone.now() - timedelta(minutes=1))
    Work.objects.update(due_at=timezone.now() - timedelta(minutes=1))


def work():
    """What the workers do with whatever is due."""
    let_time_pass()
    run_pipeline()
    let_time_pass()
    run_due_work()
    refresh_stale()
    forget_flags()


def read_stages():
    return sorted(set(Memory.objects.values_list("stage", flat=True)))


def read_labels(client):
    return client.get("/api/v1/graph/").json()["nodes"]["label"]


def turn_on(number):
    note_alive("beat")
    advance_phase(find_phase(number), by="test")
    forget_flags()


def turn_off(*numbers):
    roll_back([find_phase(number) for number in numbers], by="test", reason="drill")
    forget_flags()


def test_with_everything_off_a_person_lives_as_before_and_nothing_is_worked_on(client):
    write(client, *TEXTS)
    bring_in(client)
    work()
    look_around(client)
    assert (read_stages(), Work.objects.count(), Entity.objects.count()) == (["stored"], 0, 0)
    assert set(Memory.objects.values_list("attempts", flat=True)) == {0}
    found = client.get("/api/v1/search/?q=lunch").json()["results"]
    assert len(found) == len(export(client)) == 6
    pk = Memory.objects.earliest("pk").pk
    changed = client.patch(f"/api/v1/memories/{pk}/", {"content": "Soup."}, content_type="application/json")
    assert (changed.status_code, client.delete(f"/api/v1/memories/{pk}/").status_code) == (200, 204)
    assert len(export(client)) == 5


def test_the_phases_come_on_one_by_one_and_whatever_waited_is_worked_off(client):
    bring_in(client)
    assert mark_old(before=timezone.localdate() + timedelta(days=1)) == 3
    write(client, *TEXTS)
    turn_on("1")
    turn_on("2")
    assert admit_memories(limit=100) == 3
    work()
    assert read_stages() == ["extracted", "stored"]  # the old ones went a step, the new ones wait for phase 3
    look_around(client)
    assert read_labels(client) == ["Rosa Brandt"]  # the small graph
    assert Entity.objects.count() == 0
    turn_on("3")
    work()
    assert (read_stages(), Entity.objects.filter(name="Tomas Kowal").exists(), read_progress().done) == (
        ["enriched"],
        True,
        3,
    )
    refresh_view()
    look_around(client)
    small = set(read_labels(client))
    turn_on("4")
    look_around(client)
    assert {"Tomas Kowal", "Rosa Brandt", "Lisbon"} <= set(read_labels(client)) <= small | {"Lisbon"}
    assert {status.state.word for status in read_status() if status.phase.number} == {"on"}
    assert not JobFailure.objects.exists()


def test_off_in_the_middle_and_on_again_leaves_nothing_behind(client):
    for number in "1234":
        advance_phase(find_phase(number), by="test", force=True)
    forget_flags()
    write(client, *TEXTS[:2])
    work()
    whole = read_labels(client)
    turn_off("4", "3", "2")
    write(client, TEXTS[2])
    work()
    look_around(client)
    assert (read_stages(), sorted(read_labels(client))) == (["enriched", "stored"], sorted(whole))
    assert (Work.objects.count(), set(Memory.objects.values_list("attempts", flat=True))) == (0, {0})
    for number in "34":
        advance_phase(find_phase(number), by="test", force=True)
    forget_flags()
    work()
    assert (read_stages(), set(read_labels(client))) == (["enriched"], {*whole, "Ana Lima"})
    assert not JobFailure.objects.exists()


def test_a_phase_out_of_turn_is_refused_and_every_flip_is_on_record(client):
    with pytest.raises(Refused) as refused:
        turn_on("4")
    assert "order" in {guard.name for guard in refused.value.guards}
    before = Flip.objects.count()
    turn_on("2")
    turn_off("2")
    assert list(Flip.objects.order_by("pk").values_list("name", "by")[before:]) == [("backfill_entities", "test")] * 2
