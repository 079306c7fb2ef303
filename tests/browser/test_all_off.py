"""The same ways through the pages with nothing switched on: a person's memories do not depend on any phase."""

import pytest
from playwright.sync_api import expect

from config.rollout.phases import PHASES
from config.rollout.turn import roll_back
from memories.flags import forget_flags
from memories.models import Memory, User
from tests.browser.test_exchange import (
    opened,  # noqa: F401 - a fixture
    test_a_file_is_looked_at_then_brought_in_and_each_reason_is_shown_as_text,
    test_everything_is_taken_out_as_a_file,
)
from tests.browser.test_journey import (
    PASSWORD,
    ana,  # noqa: F401 - a fixture
    test_a_memory_is_changed_and_then_deleted,
    test_markup_in_a_memory_stays_text,
    test_the_first_memory_takes_the_place_of_the_invitation_to_write_one,
)

__all__ = [
    "test_a_file_is_looked_at_then_brought_in_and_each_reason_is_shown_as_text",
    "test_a_memory_is_changed_and_then_deleted",
    "test_everything_is_taken_out_as_a_file",
    "test_markup_in_a_memory_stays_text",
    "test_the_first_memory_takes_the_place_of_the_invitation_to_write_one",
]


@pytest.fixture(autouse=True)
def all_off(transactional_db):
    roll_back(PHASES, by="test")
    forget_flags()
    yield
    assert not Memory.objects.exclude(stage="stored").exists()


def test_every_page_opens_for_somebody_whose_memories_nobody_works_on(page, log_in):
    User.objects.create_user("bea", password=PASSWORD)
    page.goto("/graph/")
    log_in("bea", PASSWORD)
    for name in ("Today", "Narrative", "Graph", "Memories", "Connections"):
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.locator("h1").first).to_be_attached()
