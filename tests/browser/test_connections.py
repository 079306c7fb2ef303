"""A person's way to an account and back: give access, look at what would come, import, be asked, disconnect."""

import pytest
from playwright.sync_api import expect

from integrations.models import Connection, RemoteItem, SyncRun
from integrations.services.connect import adopt_connections, finish_leaving
from integrations.services.decisions import start_sync
from integrations.services.preview import preview_connection
from integrations.services.sync import sync_connection
from integrations.services.undo import undo_run
from memories.models import Memory, User
from tests.factories.integrations import ConnectionFactory

PASSWORD = "a long walk by the river"
ADDRESS = "ana@example.org"


def make_mail(number):
    return {
        "at": f"2026-02-{number + 1:02}T09:00:00+00:00",
        "from": ["Ingrid Berg", "ingrid@example.org"],
        "to": [["Ana Lima", ADDRESS]],
        "subject": f"Letter {number}",
        "text": f"Dear Ana, the boat leaves at {number} from the harbour of Lisbon.",
        "message_id": f"<letter-{number}@example.org>",
    }


@pytest.fixture
def ana(transactional_db):
    return User.objects.create_user("ana", password=PASSWORD)


@pytest.fixture
def nango(stand_in, settings):
    """The stand-in with a mailbox of three letters, and this server set up for it."""
    settings.NANGO_BASE_URL, settings.NANGO_SECRET_KEY = stand_in.url, stand_in.secret_key
    settings.NANGO_LIST_KEY = stand_in.list_key
    settings.NANGO_REQUESTS_PER_MINUTE = 0
    stand_in.add_account("gmail", ADDRESS, [make_mail(number) for number in range(3)])
    return stand_in


@pytest.fixture
def gmail(nango, ana):
    """A connected account whose letters are memories."""
    nango_id = nango.connect("gmail", ADDRESS)
    row = ConnectionFactory(user=ana, provider="gmail", nango_id=nango_id, state="new", account="")
    preview_connection(connection_id=row.pk)
    sync(row)
    return row


def sync(connection):
    """What the workers do: a run from its beginning to its end."""
    run = start_sync(connection=connection)
    sync_connection(connection_id=connection.pk)
    return run


def come_in(page, log_in):
    page.goto("/connections/")
    log_in("ana", PASSWORD)


def test_an_account_is_connected_looked_at_and_imported(page, ana, nango, log_in):
    come_in(page, log_in)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Connect Gmail").click()
    opened.value.get_by_role("button", name="Allow").click()
    expect(opened.value.get_by_role("heading")).to_have_text("Connected")
    opened.value.close()
    expect(page.get_by_text("Waiting until you have given access to Gmail")).to_be_visible()
    adopt_connections()
    row = page.locator(".connection")
    expect(row).to_contain_text("Counting what an import would bring")
    preview_connection(connection_id=Connection.objects.get().pk)
    expect(row.locator(".preview")).to_have_text("3 mails, 1 person, less than a minute")
    assert not Memory.objects.exists()

    row.get_by_role("button", name="Import").click()
    expect(row.locator(".badge").first).to_have_text("syncing")
    sync_connection(connection_id=Connection.objects.get().pk)
    expect(row.locator(".badge").first).to_have_text("in sync")
    expect(row.locator(".pairs")).to_contain_text("3 new")
    expect(row.locator(".pairs").get_by_role("link", name="3")).to_be_visible()
    assert Memory.objects.filter(user=ana, source="gmail", account=ADDRESS).count() == 3


def test_whoever_does_not_want_the_import_stores_nothing(page, ana, nango, log_in):
    row = ConnectionFactory(user=ana, provider="gmail", nango_id=nango.connect("gmail", ADDRESS), state="new")
    preview_connection(connection_id=row.pk)
    come_in(page, log_in)
    page.get_by_role("button", name="Not now").click()
    expect(page.locator(".connection")).to_contain_text("being disconnected")
    finish_leaving()
    expect(page.locator(".connection")).to_have_count(0)
    assert not Memory.objects.exists()
    assert nango.connections() == []


def test_a_disconnected_account_takes_its_memories_along_when_asked(page, gmail, nango, log_in):
    come_in(page, log_in)
    page.get_by_role("button", name="Disconnect").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Stay connected")).to_be_focused()
    dialog.get_by_label("Erase them").check()
    dialog.get_by_role("button", name="Disconnect and erase 3 memories").click()
    expect(page.locator(".connection")).to_contain_text("being disconnected")
    finish_leaving()
    expect(page.locator(".connection")).to_have_count(0)
    assert not Memory.objects.exists()
    assert nango.connections() == []


def test_a_dialog_that_is_left_by_escape_changes_nothing(page, gmail, log_in):
    come_in(page, log_in)
    button = page.get_by_role("button", name="Disconnect")
    button.click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
    assert Connection.objects.get().state == "active"


def test_a_run_is_undone_after_it_was_said_what_that_does(page, gmail, log_in):
    come_in(page, log_in)
    page.get_by_text("All runs").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("dialog")).to_contain_text("3 memories that it brought are taken out again.")
    page.get_by_role("dialog").get_by_role("button", name="Undo the run").click()
    expect(page.locator(".run .badge")).to_have_text("being undone")
    undo_run(run_id=SyncRun.objects.get().pk)
    expect(page.locator(".run .badge")).to_have_text("undone")
    assert not Memory.objects.exists()


def test_a_held_run_deletes_nothing_when_its_person_says_so(page, gmail, log_in):
    held = {"held_for": "deletions", "would_delete": 2, "would_delete_of": 3, "error": "would delete 2 of 3 memories"}
    run = SyncRun.objects.create(user=gmail.user, connection=gmail, state="held", **held)
    RemoteItem.objects.filter(pk__in=RemoteItem.objects.values("pk")[:2]).update(gone_in=run.pk)
    Connection.objects.update(state="held")
    page.goto("/")
    log_in("ana", PASSWORD)
    page.get_by_role("link", name="See what to do").click()
    row = page.locator(".connection")
    expect(row).to_contain_text("would delete 2 of 3 memories")
    expect(row.get_by_role("heading")).to_be_focused()
    row.get_by_role("button", name="Keep my memories").click()
    expect(row.locator(".badge").first).to_have_text("in sync")
    assert Memory.objects.count() == 3
    assert RemoteItem.objects.filter(state="kept").count() == 2


def test_access_is_given_again(page, gmail, nango, log_in):
    Connection.objects.update(state="needs_reauth")
    come_in(page, log_in)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Reconnect").click()
    opened.value.get_by_role("button", name="Allow").click()
    expect(opened.value.get_by_role("heading")).to_have_text("Connected")
    adopt_connections()
    expect(page.locator(".connection .badge").first).to_have_text("in sync")
    assert Connection.objects.get().pk == gmail.pk


def test_an_address_that_is_neither_encrypted_nor_on_this_machine_is_not_opened(page, ana, nango, log_in):
    answer = '{"token": "t", "connect_link": "http://nango.example.org/t", "expires_at": "2030-01-01T00:00:00Z"}'
    page.route("**/connections/session/", lambda route: route.fulfill(status=201, body=answer))
    come_in(page, log_in)
    page.get_by_role("button", name="Connect Gmail").click()
    expect(page.get_by_role("alert")).to_contain_text("it is not opened")
    assert len(page.context.pages) == 1


def test_without_a_key_for_nango_the_page_says_what_is_missing(page, ana, settings, log_in):
    settings.NANGO_SECRET_KEY = ""
    come_in(page, log_in)
    expect(page.locator("#providers")).to_contain_text("Nango is not configured on this server")
    expect(page.get_by_role("button", name="Connect Gmail")).to_have_count(0)
