"""Accounts to sync from: made-up mails and files in the stand-in's shape, and what happens to them between two syncs."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from config.local.providers.client import StandIn

ADDRESS: Final = "ana@postbox.example"
PROVIDERS: Final = ("gmail", "zoho_mail", "gdrive", "dropbox")
BEGIN: Final = datetime(2022, 1, 1, 8, tzinfo=UTC)
TEXT: Final = "Number {number}. We met Rosa Brandt at the harbour and talked about the boat until it was dark."

Item = dict[str, Any]


def make_items(provider: str, *, count: int, start: int = 0) -> list[Item]:
    """Items number `start` to `start + count`, an hour apart; their ids are the stand-in's own."""
    make = make_mail if provider in ("gmail", "zoho_mail") else make_file
    return [make(provider, number) for number in range(start, start + count)]


def make_mail(provider: str, number: int) -> Item:
    """Every fifth has only an HTML body."""
    text = TEXT.format(number=number)
    body = {"html": f"<p>{text}</p>"} if number % 5 == 4 else {"text": text}
    return {
        "at": (BEGIN + timedelta(hours=number)).isoformat(),
        "from": [f"Writer {number % 40}", f"writer{number % 40}@post.example"],
        "to": [["Ana Ribeiro", ADDRESS]],
        "subject": f"Letter {number}",
        "message_id": f"<{number}@post.example>",
        **body,
    } | ({"folder": ("Inbox", "Sent", "Work")[number % 3]} if provider == "zoho_mail" else {})


def make_file(provider: str, number: int) -> Item:
    """In twelve folders; every third one at Drive is a Google document."""
    is_document = provider == "gdrive" and number % 3 == 0
    return {
        "path": f"/Folder {number % 12}/Paper {number}" + ("" if is_document else ".txt"),
        "mime_type": "application/vnd.google-apps.document" if is_document else "text/plain",
        "modified": (BEGIN + timedelta(hours=number)).isoformat(),
        "owner": ["Ana Ribeiro", ADDRESS],
        "text": TEXT.format(number=number),
    }


def live_on(stand_in: StandIn, provider: str, *, ids: list[str], count: int) -> None:
    """What happens until the next sync: things arrive, change, move, and few enough go that nobody has to be asked."""
    stand_in.put(provider, ADDRESS, make_items(provider, count=max(3, count // 20), start=count))
    few = max(1, min(9, count // 12))
    stand_in.remove(provider, ADDRESS, ids[:few])
    stand_in.trash(provider, ADDRESS, ids[few : 2 * few])
    moved = ids[2 * few : 3 * few]
    match provider:
        case "zoho_mail":
            stand_in.move(provider, ADDRESS, dict.fromkeys(moved, "Kept"))
        case "gmail":
            stand_in.move(provider, ADDRESS, {each: ["Label_7"] for each in moved})
        case _:
            stand_in.move(provider, ADDRESS, {each: f"/Moved/Paper {n} again.txt" for n, each in enumerate(moved)})
            rewrite(stand_in, provider, ids=ids[3 * few : 4 * few])


def rewrite(stand_in: StandIn, provider: str, *, ids: list[str]) -> None:
    """Files get another text."""
    rows = [
        {
            **make_file(provider, number),
            "id": each,
            "text": f"Rewritten {number}. The boat is sold.",
            "mime_type": "text/plain",
        }
        for number, each in enumerate(ids)
    ]
    stand_in.put(provider, ADDRESS, rows)
