"""The demo person's accounts: what the product reads out of them is the life that was put in."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from config.local.demo import generate_life
from config.local.providers.life import deal_out
from config.local.providers.proxy import APIS
from config.local.providers.server import Request
from config.local.providers.world import Account, read_items
from integrations.providers import PROVIDERS
from integrations.providers.base import Entry, ReadContext, Reply
from memories.drafts import parse_draft

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
EQUAL = (
    "source",
    "account",
    "external_id",
    "title",
    "content",
    "participants",
    "occurred_at",
    "thread_id",
    "message_id",
    "in_reply_to",
)


@pytest.fixture(scope="module")
def life():
    return generate_life(memories=120, end=date(2026, 11, 22))


@pytest.fixture(scope="module")
def accounts(life):
    return {slug: make_account(slug, address, items) for (slug, address), items in deal_out(life.records).items()}


def make_account(slug, address, items):
    account = Account(provider=slug, address=address)
    for item in read_items(account, items):
        account.put(item)
    return account


def fetch_from(account):
    """What Nango would do: nothing but carry the call to the provider."""

    def fetch(request):
        body = b"" if request.json is None else json.dumps(request.json).encode()
        asked = Request(request.method, request.path, request.params, dict(request.headers), body, host=request.host)
        with account.lock:
            response = APIS[account.provider](account, asked)
        assert response.status == 200, response.body
        return Reply(response.body, response.headers)

    return fetch


def read_all(account):
    """Every memory the product reads out of an account, by its id."""
    provider, fetch = PROVIDERS[account.provider], fetch_from(account)
    context = ReadContext(account=provider.read_account(fetch=fetch), time_zone=LONDON, now=NOW)
    cursor, done, entries = provider.begin(fetch=fetch), False, {}
    while not done:
        page = provider.read_page(cursor, fetch=fetch)
        entries |= {change.remote_id: change for change in page.changes if isinstance(change, Entry)}
        cursor, done = page.cursor, page.done
    return {entry.remote_id: provider.read_item(entry, fetch=fetch, context=context) for entry in entries.values()}


def read_record(record):
    return replace(parse_draft(record, time_zone=LONDON, now=NOW), account=record["account"])


@pytest.mark.parametrize("slug", ["gmail", "zoho_mail", "gdrive", "dropbox"])
def test_what_is_read_back_is_what_was_told(life, accounts, slug):
    told = {record["external_id"]: read_record(record) for record in life.records if record["source"] == slug}
    read = read_all(accounts[slug])
    assert set(read) == set(told)
    for external_id, draft in read.items():
        assert said(draft) == said(told[external_id])
        # Dropbox does not say whose a file is
        assert draft.author == ("" if slug == "dropbox" else told[external_id].author)


def said(draft):
    return {name: getattr(draft, name) for name in EQUAL}


def test_two_files_of_one_name_lie_apart():
    record = {
        "source": "dropbox", "account": "a@b.example", "external_id": "id:1", "title": "Log", "author": "A", "content": "x",
        "occurred_at": "2026-11-22T08:00:00+00:00", "metadata": {"path": "/Cello/log.txt", "mime_type": "text/plain"},
    }  # fmt: skip
    again = [record | {"external_id": f"id:{number}"} for number in range(4)]
    [items] = deal_out(again).values()
    assert [item["path"] for item in items] == [
        "/Cello/Log.txt",
        "/Cello/2026/Log.txt",
        "/Cello/2026-11-22/Log.txt",
        "/Cello/2026-11-22T08.00.00+00.00/Log.txt",
    ]


def test_notes_are_at_no_provider(life):
    assert {slug for slug, _ in deal_out(life.records)} == {"gmail", "zoho_mail", "gdrive", "dropbox"}


def test_the_same_life_is_dealt_out_alike(life):
    again = generate_life(memories=120, end=date(2026, 11, 22))
    assert deal_out(again.records) == deal_out(life.records)
