"""Demo person: drafts get their ids and become lines of the ndjson format."""

import random
from collections.abc import Sequence
from typing import Final

from config.local.demo.drafts import Draft
from config.local.demo.ids import IdMaker
from config.local.demo.people import ACCOUNTS, CAST, Person

__all__ = ["number_drafts", "record"]

MAILS: Final = ("gmail", "zoho_mail")
OTHER_NAME_ODDS: Final = 0.25


def number_drafts(drafts: Sequence[Draft], *, rng: random.Random) -> None:
    """Give every draft, oldest first, the ids its source would give it."""
    ids = IdMaker(rng=rng)
    for draft in drafts:
        draft.external_id = ids.external_id(draft.source, draft.when)
        draft.account_name = _header_name(draft, rng=rng)
        if draft.source in MAILS:
            domain = sender_address(draft).rpartition("@")[2]
            draft.message_id = ids.message_id(domain)
            draft.thread_id = _thread(draft, ids=ids)


def _thread(draft: Draft, *, ids: IdMaker) -> str:
    """A thread is named after its first mail at Gmail, by a number of its own at Zoho."""
    if draft.answers is not None:
        return draft.answers.thread_id
    if draft.source == "gmail":
        return draft.external_id
    return ids.external_id("zoho_mail", draft.when)


def _header_name(draft: Draft, *, rng: random.Random) -> str:
    """Name the sender or owner; programs know people under more names than one."""
    person = draft.author or CAST["me"]
    if draft.source != "note" and person.header_names and rng.random() < OTHER_NAME_ODDS:
        return rng.choice(person.header_names)
    return person.name


def record(draft: Draft) -> dict[str, object]:
    """Answer one line of the ndjson format, with `account`."""
    is_mail = draft.source in MAILS
    answered = draft.answers
    return {
        "content": draft.content,
        "external_id": draft.external_id,
        "occurred_at": draft.when.isoformat(),
        "source": draft.source,
        "account": ACCOUNTS[draft.source],
        "title": draft.title,
        "author": draft.account_name,
        "participants": _participants(draft) if is_mail else [],
        "thread_id": draft.thread_id,
        "reply_to": answered.external_id if answered else "",
        "message_id": draft.message_id,
        "in_reply_to": answered.message_id if answered else "",
        "metadata": _metadata(draft),
    }


def _participants(draft: Draft) -> list[dict[str, str]]:
    """The sender first, then the receivers, as the headers name them."""
    sender = {"name": draft.account_name, "address": sender_address(draft)}
    receivers = [{"name": person.name, "address": _address(person, source=draft.source)} for person in draft.to]
    return [sender, *receivers]


def sender_address(draft: Draft) -> str:
    """Answer the address a mail comes from."""
    return _address(draft.author or CAST["me"], source=draft.source)


def _address(person: Person, *, source: str) -> str:
    return ACCOUNTS[source] if person is CAST["me"] else person.address


def _metadata(draft: Draft) -> dict[str, object]:
    sent = draft.author is CAST["me"]
    if draft.source == "gmail":
        return {"labels": ["SENT"] if sent else ["INBOX", "CATEGORY_PERSONAL"]}
    if draft.source == "zoho_mail":
        return {"folder": "Sent" if sent else "Inbox"}
    if draft.source == "note":
        return {"notebook": "Diary"}
    return {
        **{key: value for key, value in draft.metadata.items() if key != "kind"},
        "size": len(draft.content.encode()),
    }
