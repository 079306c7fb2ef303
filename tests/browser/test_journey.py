"""A person's way through the pages: from the login to the reason behind a tie."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from memories.drafts import parse_draft
from memories.models import Memory, User
from memories.services.store import store_drafts

PASSWORD = "a long walk by the river"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXTS = (
    "Lunch with Ingrid Berg and Tomas Kowal in Lisbon.",
    "Ingrid Berg showed Tomas Kowal the harbour of Lisbon.",
    "Rowed with Ingrid Berg before work.",
    "Tomas Kowal wrote to Ingrid Berg about the boat.",
    "Dinner with Petra Novak and Tomas Kowal in Porto.",
    "Petra Novak moved from Porto to Lisbon.",
)


@pytest.fixture
def ana(transactional_db):
    user = User.objects.create_user("ana", password=PASSWORD)
    lines = [{"content": text, "occurred_at": f"2026-02-{day:02}"} for day, text in enumerate(TEXTS, start=3)]
    drafts = [parse_draft(line, time_zone=user.zone, now=NOW) for line in lines]
    store_drafts(user=user, drafts=drafts, origin="test")
    return user


def run_pipeline():
    call_command("process_memories", until_done=True)
    call_command("refresh_enriched_relationships")


def test_from_the_login_to_the_reason_of_a_tie(page, ana, log_in):
    page.goto("/graph/")
    log_in("ana", PASSWORD)
    page.get_by_role("link", name="Today").click()
    page.get_by_label("A memory").fill("Coffee with Ingrid Berg at the station of Porto.")
    page.get_by_role("button", name="Remember").click()
    expect(page.locator("#fresh")).to_contain_text("Coffee with Ingrid Berg")
    run_pipeline()
    expect(page.locator("#fresh [aria-current=step]")).to_have_text("In the graph")
    expect(page.locator("#fresh .chip").first).to_be_visible()

    page.get_by_role("link", name="Graph", exact=True).click()
    expect(page.locator("#canvas canvas").first).to_be_visible()
    expect(page.locator("#summary")).to_contain_text("ties")
    page.get_by_role("combobox", name="Find").press_sequentially("ingrid")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_have_text("Ingrid Berg")
    expect(page.locator("#panel .memory").first).to_contain_text("Coffee with")
    expect(page.locator("#panel .memory mark").first).to_have_text("Ingrid Berg")

    page.get_by_role("button", name="Why the tie to Tomas Kowal").click()
    expect(page.locator("#panel .facts")).to_contain_text("Named together in 3 memories")
    expect(page.locator("#panel .memory")).to_have_count(3)
    expect(page.locator("#panel details summary").last).to_contain_text("nothing to say")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()


def test_the_first_memory_takes_the_place_of_the_invitation_to_write_one(page, transactional_db, log_in):
    User.objects.create_user("bea", password=PASSWORD)
    page.goto("/")
    log_in("bea", PASSWORD)
    expect(page.locator("#overview")).to_contain_text("Nothing remembered yet")
    page.get_by_label("A memory").fill("Tea with Petra Novak in Porto.")
    page.get_by_role("button", name="Remember").click()
    expect(page.locator("#overview")).not_to_contain_text("Nothing remembered yet")
    expect(page.locator("#overview")).to_contain_text("Memories")


def test_a_click_on_the_node_in_the_middle_opens_it(page, ana, log_in):
    run_pipeline()
    page.emulate_media(reduced_motion="reduce")  # the camera jumps instead of flying
    page.goto("/graph/")
    log_in("ana", PASSWORD)
    page.get_by_role("combobox", name="Find").press_sequentially("ingrid")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_have_text("Ingrid Berg")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    page.wait_for_timeout(300)  # the drawing grows into the room of the panel
    page.locator("#canvas").click()
    expect(page.locator("#panel-title")).to_have_text("Ingrid Berg")


def test_the_table_says_what_the_drawing_shows(page, ana, log_in):
    run_pipeline()
    page.goto("/graph/")
    log_in("ana", PASSWORD)
    page.get_by_role("button", name="Table").click()
    page.get_by_role("button", name="Memories", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Memories")
    page.get_by_role("button", name="Ingrid Berg").click()
    expect(page.locator("#panel-title")).to_have_text("Ingrid Berg")


def test_a_link_to_an_entity_opens_it(page, ana, log_in):
    run_pipeline()
    page.goto("/")
    log_in("ana", PASSWORD)
    page.locator("#top").get_by_role("link", name="Ingrid Berg").click()
    expect(page.locator("#panel-title")).to_have_text("Ingrid Berg")


def test_a_memory_is_changed_and_then_deleted(page, ana, log_in):
    memory = Memory.objects.get(content=TEXTS[2])
    page.goto(f"/memories/{memory.pk}/")
    log_in("ana", PASSWORD)
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Text").fill("Rowed alone.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".memory-text")).to_have_text("Rowed alone.")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Memories", exact=True)).to_be_visible()
    assert not Memory.objects.filter(pk=memory.pk).exists()


def test_markup_in_a_memory_stays_text(page, ana, log_in):
    page.goto("/")
    log_in("ana", PASSWORD)
    page.get_by_label("A memory").fill("<img src=x onerror=alert(1)> & <b>Ingrid Berg</b>")
    page.get_by_role("button", name="Remember").click()
    expect(page.locator("#fresh h3")).to_have_text("<img src=x onerror=alert(1)> & <b>Ingrid Berg</b>")
    assert page.locator("main img, main b").count() == 0


def test_the_first_person_comes_in_with_the_zone_of_the_browser(page, transactional_db):
    page.goto("/")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Lisbon")
    page.get_by_label("Username").fill("ana")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Create the first user").click()
    expect(page.get_by_role("heading", name="Nothing remembered yet")).to_be_visible()
    page.get_by_role("link", name="Graph", exact=True).click()
    expect(page.get_by_role("heading", name="No memories yet")).to_be_visible()
