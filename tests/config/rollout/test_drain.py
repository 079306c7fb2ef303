"""A phase that is rolled back drains by itself, a person sees what there was before it, and nothing is stuck when it comes back."""

import pytest
from rest_framework.test import APIClient

from config.rollout.phases import PHASES, find_phase
from config.rollout.turn import advance_phase, read_status, roll_back
from memories.flags import forget_flags
from memories.models import Memory
from memories.pipeline import advance, claim_rows, finish, get_step, list_steps
from tests.factories import MemoryFactory

PATHS = ("memories/", "search/?q=river", "dashboard/", "narrative/", "graph/", "graph/?view=memories")
PAGES = ("/", "/memories/", "/graph/", "/narrative/", "/connections/")
TEXT = "Ana Lima met Rui Sousa by the river in Lisbon."


def switch_off():
    roll_back(PHASES, by="the test")
    forget_flags()


def switch_on():
    for phase in PHASES:
        advance_phase(phase, by="the test", force=True)
    forget_flags()


def work():
    """Carry everything as far as switches let it."""
    while sum(advance(step) for step in list_steps()):
        pass


def stages():
    return set(Memory.objects.values_list("stage", flat=True))


@pytest.fixture
def known(db, user):
    """Memories that were extracted while the phases were on; all is rolled back since."""
    switch_on()
    MemoryFactory.create_batch(2, user=user, content=TEXT)
    advance(get_step("stored"))
    switch_off()


def test_with_all_rolled_back_every_read_still_answers(known, user, api):
    for path in PATHS:
        answer = api.get(f"/api/v1/{path}")
        assert (path, answer.status_code) == (path, 200)
        assert b"isbon" in answer.content


def test_with_all_rolled_back_every_page_still_opens(known, user, client):
    client.force_login(user)
    assert {path: client.get(path).status_code for path in PAGES} == dict.fromkeys(PAGES, 200)


def test_with_all_rolled_back_a_memory_is_stored_changed_and_erased(known, user):
    api = APIClient()
    api.force_authenticate(user)
    made = api.post("/api/v1/memories/", {"content": "Soup with Ana Lima."}, format="json")
    assert made.status_code == 201
    address = f"/api/v1/memories/{made.json()['id']}/"
    assert api.patch(address, {"content": "Soup."}, format="json").status_code == 200
    assert api.delete(address).status_code == 204


def test_what_a_worker_has_in_hand_ends_and_the_rest_waits(db, user):
    switch_on()
    MemoryFactory.create_batch(3, user=user, content=TEXT)
    step = get_step("stored")
    claim = claim_rows(step)
    switch_off()
    assert finish(claim, gives=step.gives) == 3
    work()
    assert stages() == {"extracted"}


def test_what_waited_goes_on_when_the_phase_comes_back(known, user):
    MemoryFactory.create_batch(3, user=user, content=TEXT)
    work()
    assert stages() == {"stored", "extracted"}
    switch_on()
    work()
    assert stages() == {"enriched"}
    assert set(Memory.objects.values_list("attempts", "failed_stage")) == {(0, "")}


def test_what_waited_behind_a_switch_refuses_no_phase(known, user):
    MemoryFactory.create_batch(3, user=user)
    Memory.objects.update(due_at="2026-01-01T00:00Z")
    status = {entry.phase.name: entry for entry in read_status()}
    assert "backlog" not in [guard.name for guard in status[find_phase("3").name].broken]
