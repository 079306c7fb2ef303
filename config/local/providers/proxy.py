"""Stand-in: Nango's proxy in front of the four APIs, and the same APIs directly for the providers' own clients.

What reaches a provider and what comes back follows packages/server/lib/controllers/proxy/allProxy.ts of NangoHQ/nango.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, Literal
from urllib.parse import urlsplit

from config.local.providers import dropbox, gdrive, gmail, zoho_mail
from config.local.providers.answers import Refusal, error, planned_refusal
from config.local.providers.nango import INTEGRATIONS, Connection, Nango, logged
from config.local.providers.plan import BENDS, Fault
from config.local.providers.server import Request, Response, json_response
from config.local.providers.signals import deny, throttle
from config.local.providers.world import Account, read_items

APIS: Final[Mapping[str, Callable[[Account, Request], Response]]] = {
    "gmail": gmail.answer,
    "gdrive": gdrive.answer,
    "dropbox": dropbox.answer,
    "zoho_mail": zoho_mail.answer,
}
PATHS: Final = {
    "gmail": "gmail",
    "drive": "gdrive",
    "2": "dropbox",
    "api": "zoho_mail",
}  # first part of a path -> whose it is
CONTENT_HOSTS: Final = frozenset(["content.dropboxapi.com"])
PREFIX: Final = "nango-proxy-"
PASSED: Final = ("content-type", "x-request-id", "x-correlation-id", "mcp-session-id")
ATTACHED: Final = re.compile(r"(attachment|inline)(;|\s|$)", re.IGNORECASE)
HANG_SECONDS: Final = 120


def answer_proxy(nango: Nango, request: Request) -> Response:
    """ANY /proxy/{path}. Raises Refusal."""
    nango.check_key(request)
    headers = check_headers(request)
    if headers["provider-config-key"] not in INTEGRATIONS:
        raise Refusal(
            error(404, "unknown_provider_config", "Provider config not found for the given provider config key.")
        )
    connection = nango.find(headers["connection-id"], headers["provider-config-key"])
    if connection is None:
        raise Refusal(error(400, "server_error", "Failed to get connection"))
    inner = Request(
        request.method,
        request.path.removeprefix("/proxy"),
        request.params,
        forward(headers),
        request.body,
        host=read_host(headers),
    )
    with logged(connection, inner) as (fault, answer):
        answer.append(play(fault, connection=connection, request=inner))
    return answer[0]


def check_headers(request: Request) -> dict[str, str]:
    """Raises Refusal where one that Nango needs is missing or unsound."""
    headers = request.headers
    missing = [name for name in ("provider-config-key", "connection-id") if not headers.get(name)]
    wrong = [name for name in ("retries",) if not (headers.get(name) or "0").isdigit()]
    override = headers.get("base-url-override", "")
    if override and urlsplit(override).scheme not in ("http", "https"):
        wrong.append("base-url-override")
    if missing or wrong:
        errors = [{"code": "invalid_type", "message": "Invalid input", "path": [name]} for name in missing + wrong]
        raise Refusal(json_response({"error": {"code": "invalid_headers", "errors": errors}}, status=400))
    return headers


def forward(headers: Mapping[str, str]) -> dict[str, str]:
    """Only headers with the prefix reach the provider, without it."""
    return {name.removeprefix(PREFIX): value for name, value in headers.items() if name.startswith(PREFIX)}


def read_host(headers: Mapping[str, str]) -> Literal["api", "content"]:
    host = urlsplit(headers.get("base-url-override", "")).hostname
    return "content" if host in CONTENT_HOSTS else "api"


def play(fault: Fault | None, *, connection: Connection, request: Request) -> Response:
    """The answer to a call that meets `fault`, as Nango hands it on."""
    if refusal := planned_refusal(fault, request=request, proxied=True):
        return refusal
    if fault is None:
        return hand_on(ask(connection.account, request))
    match fault.kind:
        case "unreachable":
            return say_unreachable(request)
        case "hang" | "reset":
            time.sleep(float(fault.values.get("seconds", HANG_SECONDS)) if fault.kind == "hang" else 0)
            return Response(drop=True)
        case "status" | "denied" | "throttled":
            return hand_on(signal(fault, provider=connection.account.provider))
    return play_on_answer(fault, connection=connection, request=request)


def play_on_answer(fault: Fault, *, connection: Connection, request: Request) -> Response:
    """Faults with which the provider is asked all the same."""
    account, values = connection.account, fault.values
    if fault.kind == "slow":
        time.sleep(float(values.get("seconds", 1)))
    if fault.kind == "expire_cursor":
        with account.lock:
            account.expire_cursors()
    response = hand_on(ask(account, replace(request, bend=BENDS.get(fault.kind, ""))))
    match fault.kind:
        case "truncate" if values.get("clean"):
            response.body = response.body[: len(response.body) // 2]
        case "truncate":
            response.sent = len(response.body) // 2
        case "empty":
            response.body = b""
        case "arrive":
            arrive(account, fault)
        case "depart":
            depart(account, fault)
    return response


def arrive(account: Account, fault: Fault) -> None:
    """Put the items of the fault into the account, made-up ones where it has none."""
    number = account.seq  # no two arrivals have one path
    made = {
        "at": f"2026-11-01T08:{number % 60:02}:00+00:00",
        "subject": f"Arrived {number}",
        "text": f"This came in between, number {number}.",
    }
    if account.provider in ("gdrive", "dropbox"):
        made = {"path": f"/arrived-{number}.txt", "text": made["text"], "modified": made["at"]}
    with account.lock:
        for item in read_items(account, fault.values.get("items", [made])):
            account.put(item)


def depart(account: Account, fault: Fault) -> None:
    with account.lock:
        for item_id in fault.values.get("ids", []):
            if item_id in account.items:
                account.remove(item_id)


def ask(account: Account, request: Request) -> Response:
    """The provider's own answer."""
    with account.lock:
        return APIS[account.provider](account, request)


def hand_on(response: Response) -> Response:
    """What Nango passes on: errors with all their headers; of a good answer a few, unless it streams."""
    response.headers.pop("transfer-encoding", None)
    if response.status >= 400 or response.streamed or ATTACHED.match(response.headers.get("content-disposition", "")):
        kept = {name: value for name, value in response.headers.items() if not name.startswith("x-ratelimit-")}
    else:
        kept = {name: response.headers[name] for name in PASSED if name in response.headers}
    response.headers = kept
    return response


def signal(fault: Fault, *, provider: str) -> Response:
    """What the provider says instead of an answer."""
    match fault.kind:
        case "denied":
            return deny(provider)
        case "throttled":
            return throttle(provider, seconds=int(fault.values.get("seconds", 1)))
    return write_status(fault.values)


def write_status(values: Mapping[str, object]) -> Response:
    """An answer as the plan words it: `body` is text or JSON."""
    body, headers = values.get("body", ""), values.get("headers", {})
    named = {str(name).lower(): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {}
    status = int(str(values.get("status", 500)))
    if isinstance(body, str):
        return Response(status, body.encode(), {"content-type": "text/plain; charset=utf-8", **named})
    return json_response(body, status=status, headers=named)


def say_unreachable(request: Request) -> Response:
    """Nango could not reach the provider."""
    told = {
        "message": "connect ECONNREFUSED",
        "code": "ECONNREFUSED",
        "status": None,
        "url": request.path,
        "method": request.method.lower(),
    }
    return json_response(told, status=500)


def answer_directly(nango: Nango, request: Request) -> Response:
    """The provider's API without Nango: the token is the account's address."""
    provider = PATHS.get(request.parts[0] if request.parts else "")
    if provider is None:
        return error(404, "not_found", "Nothing is here")
    token = request.headers.get("authorization", "").rpartition(" ")[2]
    account = nango.world.accounts.get((provider, token))
    return ask(account, request) if account else deny(provider)
