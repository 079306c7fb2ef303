"""What a person corrects on the graph page: a name, that two are one, that one is two, that something is not shown."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from memories.drafts import parse_draft
from memories.models import User
from memories.services.store import store_drafts

PASSWORD = "a long walk by the river"
TEXTS = ["Lunch with Ingrid Berg and Tomas Kowal.", "Rowed with Petra Novak and Tomas Kowal."] * 2


@pytest.fixture
def reader(page, transactional_db, log_in):
    user = User.objects.create_user("ana", password=PASSWORD)
    lines = [{"content": text, "occurred_at": f"2026-05-{day + 1:02}"} for day, text in enumerate(TEXTS)]
    now = datetime.now(tz=UTC)
    store_drafts(user=user, drafts=[parse_draft(line, time_zone=user.zone, now=now) for line in lines], origin="test")
    call_command("process_memories", until_done=True)
    page.goto("/graph/")
    log_in("ana", PASSWORD)
    expect(page.locator("#summary")).to_contain_text("3 names, 2 ties")
    page.get_by_role("combobox", name="Find").press_sequentially("ingrid")
    page.keyboard.press("Enter")
    page.get_by_text("Correct this").click()


def test_two_names_become_one_and_one_of_them_is_another_again(page, reader):
    page.get_by_label("Is the same as").fill("petra novak")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#summary")).to_contain_text("2 names, 1 tie")
    expect(page.locator(".aliases")).to_contain_text("Also")
    page.get_by_text("Correct this").click()
    page.get_by_role("button", name="Petra Novak is another").click()
    expect(page.locator("#summary")).to_contain_text("3 names, 2 ties")


def test_a_name_and_a_kind_are_corrected_and_a_name_that_is_not_there_is_said_so(page, reader):
    page.get_by_label("Is the same as").fill("Nobody")
    page.get_by_role("button", name="Join").click()
    expect(page.locator(".own-words")).to_contain_text("No name in your graph is “Nobody”.")
    page.get_by_label("Name", exact=True).fill("Ingrid Bergström")
    page.get_by_label("Kind", exact=True).select_option("organisation")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#panel-title")).to_have_text("Ingrid Bergström")
    expect(page.locator(".panel-kind")).to_contain_text("organisation")
    expect(page.locator(".aliases")).to_contain_text("Ingrid Berg")


def test_what_is_hidden_leaves_the_graph_and_can_be_shown_again(page, reader):
    page.get_by_role("button", name="Hide it from the graph").click()
    expect(page.locator("#summary")).to_contain_text("2 names, 1 tie")
    page.get_by_text("Correct this").click()
    page.get_by_role("button", name="Show it in the graph").click()
    expect(page.locator("#summary")).to_contain_text("3 names, 2 ties")
