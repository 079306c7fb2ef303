"""Stand-in: Zoho Mail's API as far as a reader needs it: accounts, folders, lists of mails, one mail.

Follows https://www.zoho.com/mail/help/api/ and what was recorded of the real one: everything in a list is text, `to` and
`subject` are HTML-escaped, ids of one mail are numbers above 2**53, `sentDateInGMT` is off by hours (`receivedTime` is right), and
pages are counted from the newest mail, so they shift with every mail that comes or goes.
"""

import hashlib
from collections.abc import Callable
from html import escape
from typing import Any, Final

from config.local.providers.mime import show_html, snippet, write_mime
from config.local.providers.server import Request, Response, json_response
from config.local.providers.world import Account, Mail, Name

SYSTEM_FOLDERS: Final = ("Inbox", "Drafts", "Templates", "Snoozed", "Sent", "Spam", "Trash", "Outbox", "Archive")
MOST: Final = 200
USUAL: Final = 10
OFF_BY: Final = 7 * 3_600_000  # milliseconds by which a recorded `sentDateInGMT` was off


def answer(account: Account, request: Request) -> Response:
    """GET /api/accounts…"""
    match (request.method, *request.parts):
        case ("GET", "api", "accounts"):
            return envelope([show_account(account)])
        case ("GET", "api", "accounts", number, *rest) if number == number_account(account):
            return answer_account(account, request, rest)
        case ("GET", "api", "accounts", *_):
            return refuse(404, "Invalid Input", "ACCOUNT_NOT_EXIST")
    return refuse(404, "Invalid Input", "URL_RULE_NOT_CONFIGURED")


def answer_account(account: Account, request: Request, parts: list[str]) -> Response:
    match parts:
        case []:
            return envelope(show_account(account))
        case ["folders"]:
            return envelope(show_folders(account))
        case ["messages", "view"]:
            return list_messages(account, request)
        case ["messages", message_id, "originalmessage"]:
            return show_one(account, message_id, lambda mail: {"content": write_mime(mail).decode("utf-8", "replace")})
        case ["folders", _, "messages", message_id, "content"]:
            return show_one(account, message_id, lambda mail: {"content": show_html(mail)})
    return refuse(404, "Invalid Input", "URL_RULE_NOT_CONFIGURED")


def show_account(account: Account) -> dict[str, Any]:
    """Numbers are numbers here, ids are text, and `emailAddress` is a list."""
    address = {"isAlias": False, "isPrimary": True, "mailId": account.address, "isConfirmed": True}
    number = number_account(account)
    return {
        "accountId": number,
        "accountName": "zohomail",
        "accountDisplayName": account.address,
        "displayName": account.address,
        "primaryEmailAddress": account.address,
        "incomingUserName": account.address,
        "mailboxAddress": account.address,
        "emailAddress": [address],
        "type": "ZOHO_ACCOUNT",
        "role": "member",
        "isDefaultAccount": True,
        "enabled": True,
        "status": False,
        "mailboxStatus": "enabled",
        "timeZone": "Europe/London",
        "zuid": 924194079,
        "usedStorage": 0,
        "allowedStorage": 5242880,
        "URI": f"https://mail.zoho.com/api/accounts/{number}",
    }


def show_folders(account: Account) -> list[dict[str, Any]]:
    """The nine that everybody has, and others a mail lies in; "Trash/Old" is a folder that was thrown away."""
    number = number_account(account)
    return [
        {
            "folderId": folder_id,
            "folderName": name.rpartition("/")[2],
            "folderType": top if (top := name.partition("/")[0]) in SYSTEM_FOLDERS else "Inbox",
            "path": f"/{name}",
            "isArchived": 0,
            "imapAccess": True,
            "folderIcon": "default",
            "VW": True,
            "HIDE": False,
            "URI": f"https://mail.zoho.com/api/accounts/{number}/folders/{folder_id}",
        }
        for name, folder_id in folders_of(account).items()
    ]


def folders_of(account: Account) -> dict[str, str]:
    """Name -> id."""

    def build() -> dict[str, str]:
        used = {mail.folder.strip("/") for mail in account.items.values()}
        names = [*SYSTEM_FOLDERS, *sorted(used.difference(SYSTEM_FOLDERS))]
        return {name: number_folder(account, name) for name in names}

    return account.keep("folders", build)


def list_messages(account: Account, request: Request) -> Response:
    """`start` counts from 1. While a page is bent, rows come a second time as if as many mails had just arrived."""
    start, limit = request.param("start") or "1", request.param("limit") or str(USUAL)
    if not (start.isdigit() and limit.isdigit() and 1 <= int(limit) <= MOST):
        return refuse(400, "Invalid Input", "INVALID_PARAMETER")
    folder_id = request.param("folderId") or folders_of(account)["Inbox"]
    if folder_id not in folders_of(account).values():
        return refuse(404, "Invalid Input", "FOLDER_NOT_EXIST")
    first, size, ascending = max(1, int(start)) - 1, int(limit), request.param("sortorder") == "true"
    ids = account.keep(f"folder {folder_id} {ascending}", lambda: sort_folder(account, folder_id, ascending=ascending))
    account.shift = bend_shift(account, request, first=first, size=size)
    page = (ids[: account.shift] + ids)[first : first + size]
    if request.bend == "reorder_page":
        page.reverse()
    return envelope([show_row(account, account.items[item_id]) for item_id in page])


def bend_shift(account: Account, request: Request, *, first: int, size: int) -> int:
    """The whole page again, or half of it; a listing that begins anew is straight again."""
    match request.bend:
        case "repeat_page":
            return size
        case "overlap_page":
            return (size + 1) // 2
    return account.shift if first else 0


def sort_folder(account: Account, folder_id: str, *, ascending: bool) -> list[str]:
    name = next(name for name, number in folders_of(account).items() if number == folder_id)
    inside = (mail for mail in account.items.values() if mail.folder.strip("/") == name)
    return [mail.id for mail in sorted(inside, key=lambda mail: (mail.at, mail.id), reverse=not ascending)]


def show_row(account: Account, mail: Mail) -> dict[str, Any]:
    """A mail as it stands in a list: nearly everything is text; `threadId` is absent where a mail is in no thread."""
    received = int(mail.at.timestamp() * 1000)
    row: dict[str, Any] = {
        "summary": snippet(mail),
        "sentDateInGMT": str(received // 1000 * 1000 + OFF_BY),
        "calendarType": 0,
        "subject": escape(mail.subject),
        "messageId": mail.id,
        "flagid": "flag_not_set",
        "status2": "0",
        "priority": "3",
        "hasInline": "false",
        "toAddress": ",".join(show_name(name) for name in mail.to) or "Not Provided",
        "folderId": folders_of(account)[mail.folder.strip("/")],
        "ccAddress": "Not Provided",
        "hasAttachment": "0",
        "size": str(len(mail.text.encode())),
        "sender": escape(mail.sender[0] or mail.sender[1]),
        "receivedTime": str(received),
        "fromAddress": escape(mail.sender[1]),
        "status": "0",
    }
    if mail.thread_id != mail.id or mail.id in account.keep("threads", lambda: find_threads(account)):
        row |= {"threadId": mail.thread_id, "threadCount": "0"}
    return row


def find_threads(account: Account) -> set[str]:
    """Threads that a mail is in which did not begin them."""
    return {mail.thread_id for mail in account.items.values() if mail.thread_id != mail.id}


def show_one(account: Account, message_id: str, show: Callable[[Mail], dict[str, str]]) -> Response:
    """The id comes back as a number that JSON readers with doubles cannot hold."""
    mail = account.items.get(message_id)
    if mail is None:
        return refuse(404, "Invalid Input", "MESSAGE_NOT_EXIST")
    return envelope({"messageId": int(mail.id) if mail.id.isdigit() else mail.id, **show(mail)})


def show_name(name: Name) -> str:
    shown, address = name
    return escape(f'"{shown}"<{address}>' if shown else f"<{address}>")


def number_account(account: Account) -> str:
    """19 digits, the same for an address after every start."""
    digits = int(hashlib.sha256(account.address.encode()).hexdigest()[:10], 16) % 10**6
    return f"4845{digits:06}000008002"


def number_folder(account: Account, name: str) -> str:
    """19 digits; those of the nine follow the account's own number."""
    own = (
        SYSTEM_FOLDERS.index(name)
        if name in SYSTEM_FOLDERS
        else int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % 10**8
    )
    return f"{number_account(account)[:10]}{8008 + own:09}"


def envelope(data: object) -> Response:
    return json_response({"status": {"code": 200, "description": "success"}, "data": data})


def refuse(status: int, description: str, code: str) -> Response:
    return json_response(
        {"status": {"code": status, "description": description}, "data": {"errorCode": code}}, status=status
    )
