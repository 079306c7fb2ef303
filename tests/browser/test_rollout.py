"""The rollout in the admin, in a browser: words and buttons, nothing that its own rules forbid."""

import pytest
from playwright.sync_api import expect

from config.models import Flip
from config.rollout.phases import PHASES
from config.rollout.turn import roll_back
from config.switches import make_switches
from tests.factories import UserFactory

PASSWORD = "correct horse battery"


@pytest.fixture
def operator(page, transactional_db, log_in):
    make_switches()
    roll_back(PHASES, by="the test")
    user = UserFactory(username="olga", is_staff=True, is_superuser=True)
    user.set_password(PASSWORD)
    user.save()
    page.goto("/admin/")
    log_in("olga", PASSWORD)
    page.get_by_role("link", name="Rollout", exact=True).click()
    return page


def test_an_operator_advances_by_force_and_rolls_everything_back(operator):
    backfill = operator.get_by_role("form", name="Turn backfill")
    backfill.get_by_role("button", name="Advance").click()
    expect(operator.get_by_text("Phase 2 backfill stays as it is: beat:")).to_be_visible()
    backfill.get_by_label("Reason").fill("a first try")
    backfill.get_by_label("although 1 of these does not hold").check()
    backfill.get_by_role("button", name="Advance").click()
    expect(operator.get_by_text("Phase 2 backfill is on. Flipped: backfill_entities.")).to_be_visible()
    expect(operator.locator("#backfill .state")).to_have_text("on")
    operator.get_by_role("button", name="Roll everything back").click()
    expect(operator.get_by_text("Every phase is off. Flipped: backfill_entities.")).to_be_visible()
    assert list(Flip.objects.values_list("after", "by")[:2]) == [("off", "olga"), ("on", "olga")]


def test_a_share_of_people_is_given_in_the_form(operator):
    serve = operator.get_by_role("form", name="Turn serve")
    serve.get_by_label("Percent of people").fill("12.5")
    serve.get_by_label("although").check()
    serve.get_by_role("button", name="Advance").click()
    expect(operator.locator("#serve .detail")).to_have_text("Partly: 12.5 % of people.")
    operator.get_by_role("link", name="serve_precomputed_graph").first.click()
    expect(operator.get_by_role("cell", name="12.5 %")).to_be_visible()


def test_on_a_narrow_screen_nothing_is_cut_off(operator):
    operator.set_viewport_size({"width": 390, "height": 800})
    operator.reload()
    assert operator.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
