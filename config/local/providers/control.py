"""Stand-in: how tests and the demo steer it: POST /_control/{verb} with JSON, answered with JSON."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from config.local.providers.nango import Nango
from config.local.providers.plan import read_faults
from config.local.providers.server import Request, Response, json_response
from config.local.providers.world import Account, File, Item, Mail, read_items

Values = Mapping[str, Any]


def answer_control(nango: Nango, request: Request) -> Response:
    """Do what the verb says; 400 with a sentence where that is not possible.

    JSON is asked for, because a page of another origin cannot send it without asking first.
    """
    verb = VERBS.get(request.parts[1] if len(request.parts) == 2 else "")
    if verb is None or request.method != "POST":
        return json_response({"error": "no such verb"}, status=404)
    if request.headers.get("content-type") != "application/json":
        return json_response({"error": "only application/json is understood"}, status=415)
    try:
        return json_response(verb(nango, request.json() or {}))
    except (KeyError, ValueError, TypeError) as problem:
        return json_response({"error": f"{type(problem).__name__}: {problem}"}, status=400)


def reset(nango: Nango, _values: Values) -> None:
    nango.reset()


def configure(nango: Nango, values: Values) -> None:
    nango.webhooks.configure(str(values["webhook_url"]))


def add_account(nango: Nango, values: Values) -> list[str]:
    with nango.lock:
        nango.world.add(str(values["provider"]), str(values["address"]))
    return put(nango, values)


def put(nango: Nango, values: Values) -> list[str]:
    account = find(nango, values)
    with account.lock:
        items = read_items(account, values["items"])
        for item in items:
            account.put(item)
    return [item.id for item in items]


def remove(nango: Nango, values: Values) -> None:
    account = find(nango, values)
    with account.lock:
        for name in values["ids"]:
            for item in lying(account, name):
                account.remove(item.id, folder=name if name.startswith("/") else "")


def trash(nango: Nango, values: Values) -> None:
    account = find(nango, values)
    with account.lock:
        for item_id in values["ids"]:
            throw(account, account.items[item_id])


def throw(account: Account, item: Item) -> None:
    if account.provider == "dropbox":
        account.remove(item.id)
    elif isinstance(item, File):
        account.put(replace(item, trashed=True))
    elif account.provider == "gmail":
        account.put(replace(item, labels=(item.labels | {"TRASH"}) - {"INBOX"}))
    else:
        account.put(replace(item, folder="Trash"))


def move(nango: Nango, values: Values) -> None:
    account = find(nango, values)
    with account.lock:
        for name, place in values["moves"].items():
            for item in lying(account, name):
                account.put(placed(account, item, old=name, new=place), folder=name if name.startswith("/") else "")


def placed(account: Account, item: Item, *, old: str, new: Any) -> Item:
    if isinstance(item, File):
        return replace(item, path=new + item.path[len(old) :] if old.startswith("/") else new)
    if account.provider == "gmail":
        return replace(item, labels=frozenset(new))
    return replace(item, folder=str(new))


def lying(account: Account, name: str) -> list[Any]:
    """The item of this id, or all that lies in this folder. Raises KeyError."""
    if not name.startswith("/"):
        return [account.items[name]]
    inside = (item for item in account.items.values() if not isinstance(item, Mail))
    return [item for item in inside if item.path == name or item.path.startswith(f"{name}/")]


def connect(nango: Nango, values: Values) -> str:
    tags = {str(key).lower(): str(value) for key, value in values["tags"].items()}
    return nango.connect(find(nango, values), tags=tags).nango_id


def plan(nango: Nango, values: Values) -> None:
    nango.connections[values["nango_id"]].plan.begin(read_faults(values["faults"]))


def calls(nango: Nango, values: Values) -> list[dict[str, Any]]:
    return nango.connections[values["nango_id"]].plan.dump()


def truth(nango: Nango, values: Values) -> dict[str, dict[str, str | None]]:
    account = find(nango, values)
    with account.lock:
        return account.truth()


def connections(nango: Nango, _values: Values) -> list[dict[str, Any]]:
    return [
        {"nango_id": one.nango_id, "provider": one.account.provider, "address": one.account.address, "tags": one.tags}
        for one in list(nango.connections.values())
    ]


def webhooks(nango: Nango, _values: Values) -> list[dict[str, Any]]:
    return list(nango.webhooks.sent)


def tell(nango: Nango, values: Values) -> None:
    nango.webhooks.tell(dict(values["body"]))


def find(nango: Nango, values: Values) -> Account:
    """Raises KeyError."""
    return nango.world.find(str(values["provider"]), str(values["address"]))


VERBS: Final[Mapping[str, Callable[[Nango, Values], Any]]] = {
    verb.__name__: verb
    for verb in (
        reset,
        configure,
        add_account,
        put,
        remove,
        trash,
        move,
        connect,
        plan,
        calls,
        truth,
        connections,
        webhooks,
        tell,
    )
}
