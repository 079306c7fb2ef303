"""Stand-in: the mails and files of a made-up life, as the accounts at the four providers hold them.

What is read back from the stand-in is the memory that the record tells of. Two things a provider says otherwise: a file's name is
its memory's title, and two files of one name in one folder lie apart, by year and if need be by day, for Dropbox knows no others.
"""

import base64
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from config.local.providers.papers import DOCX, PDF, XLSX, make_paper

Item = dict[str, Any]
Record = Mapping[str, Any]

PROVIDERS: Final = ("gmail", "zoho_mail", "gdrive", "dropbox")
PAPERS: Final = (DOCX, XLSX, PDF)


def deal_out(records: Iterable[Record]) -> dict[tuple[str, str], list[Item]]:
    """The items of each account, keyed by provider and address, in the order of `records`; notes are at no provider."""
    accounts: dict[tuple[str, str], list[Item]] = {}
    taken: set[tuple[str, str]] = set()
    for record in records:
        source, account = str(record["source"]), str(record["account"])
        if source in PROVIDERS:
            item = _make_file(record, taken=taken) if source in ("gdrive", "dropbox") else _make_mail(record)
            accounts.setdefault((source, account), []).append(item)
    return accounts


def _make_mail(record: Record) -> Item:
    sender, *receivers = [[who["name"], who["address"]] for who in record["participants"]]
    item = {
        "id": record["external_id"],
        "thread_id": record["thread_id"],
        "at": record["occurred_at"],
        "from": sender,
        "to": receivers,
        "subject": record["title"],
        "text": record["content"],
        "message_id": record["message_id"],
        "in_reply_to": record["in_reply_to"],
    }
    return item | {key: record["metadata"][key] for key in ("labels", "folder") if key in record["metadata"]}


def _make_file(record: Record, *, taken: set[tuple[str, str]]) -> Item:
    mime_type, text, owner = record["metadata"]["mime_type"], record["content"], record["author"]
    item = {
        "id": record["external_id"],
        "path": _find_place(record, taken=taken),
        "mime_type": mime_type,
        "created": record["occurred_at"],
        "modified": record["occurred_at"],
        "owner": [owner, record["account"]],
        "text": text,
    }
    if mime_type in PAPERS:
        item["data_b64"] = base64.b64encode(make_paper(text, mime_type=mime_type, author=owner)).decode()
    return item


def _find_place(record: Record, *, taken: set[tuple[str, str]]) -> str:
    """A path that no other file of the same provider has; letters' case does not tell two apart."""
    path = PurePosixPath(record["metadata"]["path"])
    name = record["title"].replace("/", "-") + path.suffix if _has_ending(record) else record["title"].replace("/", "-")
    when = record["occurred_at"]
    for folder in (path.parent, path.parent / when[:4], path.parent / when[:10], path.parent / when.replace(":", ".")):
        place = str(folder / name)
        if (record["source"], place.lower()) not in taken:
            break
    taken.add((record["source"], place.lower()))
    return place


def _has_ending(record: Record) -> bool:
    return not str(record["metadata"]["mime_type"]).startswith("application/vnd.google-apps.")
