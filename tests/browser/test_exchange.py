"""A person brings a file in and takes everything out, in the browser."""

import json

import pytest
from playwright.sync_api import expect

from memories.models import Memory, User
from tests.factories import MemoryFactory

PASSWORD = "a long walk by the river"
LINES = b'{"content": "Rain.", "external_id": "1"}\n{"content": "Sun.", "occurred_at": "<b>soon</b>"}\n'


@pytest.fixture
def opened(page, transactional_db, log_in):
    """The page of memories of somebody who has one."""
    MemoryFactory(user=User.objects.create_user("ana", password=PASSWORD), content="Snow.")
    page.goto("/memories/")
    log_in("ana", PASSWORD)
    expect(page.locator("#results .memory")).to_have_count(1)
    page.get_by_text("Bring in a file").click()
    return page


def choose(page, body, name="diary.ndjson"):
    page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": "", "buffer": body})


def test_a_file_is_looked_at_then_brought_in_and_each_reason_is_shown_as_text(opened):
    choose(opened, LINES)
    opened.get_by_role("button", name="Only look").click()
    expect(opened.locator("#import-report")).to_contain_text("Nothing was stored. It would bring: 1 memory new")
    assert Memory.objects.count() == 1
    opened.get_by_role("button", name="Import").click()
    expect(opened.locator("#import-report")).to_contain_text("Brought in: 1 memory new")
    expect(opened.locator(".skips li")).to_contain_text("line 2: occurred_at: '<b>soon</b>' is no date")
    opened.get_by_role("link", name="Show my memories").click()
    expect(opened.locator("#results .memory")).to_have_count(2)


def test_what_is_wrong_with_a_file_stands_beside_it(opened, watch):
    opened.get_by_role("button", name="Import").click()
    expect(opened.locator("[data-errors=file] li")).to_have_text("Choose a file first.")
    choose(opened, b"%PDF", "a.pdf")
    opened.get_by_role("button", name="Import").click()
    expect(opened.locator("[data-errors=file] li")).to_contain_text("No importer can read a.pdf")
    watch.forgive("400")


def test_everything_is_taken_out_as_a_file(opened):
    with opened.expect_download() as coming:
        opened.get_by_role("link", name="Export everything").click()
    assert coming.value.suggested_filename.endswith(".ndjson")
    (line,) = coming.value.path().read_text().splitlines()
    assert json.loads(line)["content"] == "Snow."
