"""What the nine layers say, on the pages: reasons with their evidence, ties by layer, the rhythm of a name, what is expected."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from memories.drafts import parse_draft
from memories.models import User
from memories.services.store import store_drafts

PASSWORD = "a long walk by the river"
NOW = datetime.now(tz=UTC)
WEEKS = 10
WEEKLY = "Rowed with Ingrid Berg and Tomas Kowal."
NOW_AND_THEN = "Petra Novak came over from Lisbon."
QUIET = "Rain, bread and an early night."


@pytest.fixture
def rower(page, transactional_db, log_in):
    """Writes every day and rows with the same two every week, the last time six days ago; another tie has no rhythm."""
    user = User.objects.create_user("ana", password=PASSWORD)
    said = {ago: WEEKLY if ago % 7 == 6 else QUIET for ago in range(7 * WEEKS)}
    said |= dict.fromkeys((1, 10, 12), NOW_AND_THEN)
    lines = [{"content": text, "occurred_at": str(NOW.date() - timedelta(days=ago))} for ago, text in said.items()]
    store_drafts(user=user, drafts=[parse_draft(line, time_zone=user.zone, now=NOW) for line in lines], origin="test")
    call_command("process_memories", until_done=True)
    call_command("refresh_enriched_relationships")
    page.goto("/graph/")
    log_in("ana", PASSWORD)
    expect(page.locator("#controls")).to_be_visible()


def open_entity(page, name):
    page.get_by_role("combobox", name="Find").press_sequentially(name)
    page.keyboard.press("Enter")


def test_a_layer_that_speaks_says_a_sentence_and_opens_its_evidence(page, rower):
    open_entity(page, "ingrid")
    page.get_by_role("button", name="Why the tie to Tomas Kowal").click()
    layer = page.locator("[data-layer=temporal]")
    expect(layer).to_contain_text("Ingrid Berg and Tomas Kowal")
    expect(layer.locator(".layer-head")).to_contain_text("% strong")
    layer.get_by_text(f"Shown by {WEEKS} memories").click()
    expect(layer.locator(".memory mark").first).to_have_text("Ingrid Berg")
    layer.get_by_text("The numbers").click()
    expect(layer.locator("dl")).to_contain_text("adjusted p")
    page.get_by_text("Silent, with nothing to say").click()
    expect(page.locator(".silent li").first).to_be_visible()


def test_ties_of_one_layer_hide_the_others(page, rower):
    expect(page.locator("#summary")).to_contain_text("4 names, 2 ties")
    page.get_by_label("Only ties with").select_option("temporal")
    expect(page.locator("#summary")).to_have_text("2 of 4 names, 1 tie with a rhythm")
    page.get_by_role("button", name="Table").click()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_a_name_that_comes_back_shows_its_rhythm_and_is_expected_on_the_first_page(page, rower):
    open_entity(page, "ingrid")
    expect(page.locator(".rhythm")).to_contain_text("next on")
    expect(page.locator(".rhythm")).to_contain_text("Seen again within 30 days")
    page.get_by_role("link", name="Today").click()
    expect(page.locator("#expected")).to_contain_text("Ingrid Berg")
    expect(page.locator("#expected .figure").first).to_contain_text("% likely")
