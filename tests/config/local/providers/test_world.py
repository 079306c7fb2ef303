"""What the world remembers of its changes, and how it is steered."""

import re
from email import message_from_bytes, policy

import pytest

from config.local.providers.mime import write_mime
from config.local.providers.world import Account, read_items


def make(provider, *rows):
    account = Account(provider=provider, address="ada@post.example")
    for item in read_items(account, rows):
        account.put(item)
    return account


def test_every_change_is_in_the_journal_once():
    account = make("gmail", {"id": "a"}, {"id": "b"})
    start = account.seq
    account.put(account.items["a"])
    account.remove("b")
    assert [(entry.id, entry.before is None, entry.after is None) for entry in account.since(start)] == [
        ("a", False, False),
        ("b", False, True),
    ]
    assert [entry.id for entry in account.since(0)] == ["a", "b", "a", "b"]


def test_a_revision_changes_with_the_content_alone():
    account = make("gdrive", {"id": "f", "path": "/a.txt", "text": "one"})
    first = account.items["f"]
    account.put(read_items(account, [{"id": "f", "path": "/b.txt", "text": "one"}])[0])
    moved = account.items["f"]
    account.put(read_items(account, [{"id": "f", "path": "/b.txt", "text": "two"}])[0])
    assert moved.revision == first.revision < moved.version
    assert account.items["f"].revision == account.items["f"].version


@pytest.mark.parametrize(
    ("provider", "shape"),
    [("gmail", r"[0-9a-f]{16}"), ("zoho_mail", r"\d{19}"), ("gdrive", r"[\w-]{33}"), ("dropbox", r"id:\w{22}")],
)
def test_made_ids_have_their_providers_shape_and_come_again(provider, shape):
    first, again = make(provider, {}, {}), make(provider, {}, {})
    assert list(first.items) == list(again.items)
    assert all(re.fullmatch(shape, item_id) for item_id in first.items)


def test_what_is_kept_is_made_anew_after_a_change():
    account = make("gmail", {"id": "a"})
    assert account.keep("count", lambda: len(account.items)) == 1
    account.put(read_items(account, [{"id": "b"}])[0])
    assert account.keep("count", lambda: len(account.items)) == 2


def test_a_folder_is_moved_and_removed_with_what_lies_in_it(stand_in):
    stand_in.add_account(
        "gdrive",
        "ada",
        [{"id": "f", "path": "/old/a.txt", "text": "A"}, {"id": "g", "path": "/older.txt", "text": "B"}],
    )
    stand_in.move("gdrive", "ada", {"/old": "/new"})
    stand_in.move("gdrive", "ada", {"g": "/new/b.md"})
    assert {item["title"] for item in stand_in.truth("gdrive", "ada").values()} == {"a.txt", "b.md"}
    stand_in.remove("gdrive", "ada", ["/new"])
    assert stand_in.truth("gdrive", "ada") == {}


@pytest.mark.parametrize("provider", ["gmail", "zoho_mail", "gdrive", "dropbox"])
def test_what_is_in_the_trash_is_no_memory(stand_in, provider):
    stand_in.add_account(provider, "ada", [{"id": "a", "path": "/a.txt"}, {"id": "b", "path": "/b.txt"}])
    stand_in.trash(provider, "ada", ["a"])
    assert list(stand_in.truth(provider, "ada")) == ["b"]


def test_a_mail_is_written_with_letters_of_every_kind():
    long = "Grüße aus Ærø, " * 20
    account = make(
        "gmail",
        {
            "id": "a",
            "subject": long,
            "text": long,
            "html": f"<p>{long}</p>",
            "from": ['Jürgen "J" Weiß', "j@post.example"],
        },
    )
    raw = write_mime(account.items["a"])
    mail = message_from_bytes(raw, policy=policy.default)
    assert (mail["subject"].strip(), mail["from"].addresses[0].display_name) == (long.strip(), 'Jürgen "J" Weiß')
    assert mail.get_body(("plain",)).get_content().rstrip("\n") == long
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_raw_overrides_all():
    assert (
        write_mime(make("gmail", {"id": "a", "raw": "Subject: \xfc\r\n\r\nbody"}).items["a"])
        == b"Subject: \xfc\r\n\r\nbody"
    )
