"""Stand-in: the shapes of Nango's own answers, its limit's headers, and what it answers to the faults that are its own."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from config.local.providers.plan import Fault
from config.local.providers.server import Request, Response, json_response

PER_MINUTE: Final = 1_000_000  # what is said of Nango's own limit; only the fault `nango_limit` enforces one
FAILED: Final = "Failed to get connection credentials"
EXHAUSTED: Final = "The refresh limit has been reached for this connection."
COOLING: Final = (424, "connection_refresh_backoff", "Refreshing this connection failed a moment ago; try again later")
NOT_RENEWED: Final = (
    400,
    "server_error",
    f"{FAILED}: 'The external API returned an error when trying to refresh the access token. Please try again later.'",
)
NO_INTEGRATION: Final = "Provider config not found for the given provider config key."
CAPPED: Final = (402, "plan_limit", "Your plan limits have been reached. Please upgrade your plan.")
Words = tuple[int, str, str]  # status, code, message
IN_PROXY: Final[Mapping[str, Words]] = {
    "refresh_backoff": COOLING,
    "refresh_exhausted": (424, "server_error", f"{FAILED}: '{EXHAUSTED}'"),
    "refresh_failed": NOT_RENEWED,
    "connection_unknown": (400, "server_error", "Failed to get connection"),
    "integration_unknown": (404, "unknown_provider_config", NO_INTEGRATION),
    "plan_limit": CAPPED,
}
IN_MANAGEMENT: Final[Mapping[str, Words]] = {  # GET and DELETE /connections/{id}
    "refresh_backoff": COOLING,
    "refresh_exhausted": (424, "invalid_credentials", EXHAUSTED),
    "refresh_failed": NOT_RENEWED,
    "connection_unknown": (404, "not_found", "Failed to find connection"),
    "integration_unknown": (400, "unknown_provider_config", NO_INTEGRATION),
    "plan_limit": CAPPED,
}


class Refusal(Exception):
    """Nango's own answer to a call it will not do."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def planned_refusal(fault: Fault | None, *, request: Request, proxied: bool) -> Response | None:
    """What Nango itself answers to a fault of its own; None for faults that are not its own."""
    if fault is None:
        return None
    if fault.kind == "nango_limit":
        return refuse_by_limit(request, seconds=float(fault.values.get("seconds", 1)), proxied=proxied)
    words = (IN_PROXY if proxied else IN_MANAGEMENT).get(fault.kind)
    return error(*words) if words else None


def refuse_by_limit(request: Request, *, seconds: float, proxied: bool) -> Response:
    path = f"/proxy{request.path}" if proxied else request.path
    body = {"error": {"code": "too_many_request", "method": request.method, "path": path}}
    headers = {**limit_headers(remaining=0, seconds=seconds), "retry-after": str(max(1, round(seconds)))}
    return json_response(body, status=429, headers=headers)


def write_moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def error(status: int, code: str, message: str) -> Response:
    return json_response({"error": {"code": code, "message": message}}, status=status)


def refuse(status: int, code: str, message: str) -> Refusal:
    return Refusal(error(status, code, message))


def refuse_body(name: str, message: str) -> Refusal:
    errors = [{"code": "custom", "message": message, "path": [name] if name else []}]
    return Refusal(json_response({"error": {"code": "invalid_body", "errors": errors}}, status=400))


def limit_headers(*, remaining: int = PER_MINUTE - 1, seconds: float = 60) -> dict[str, str]:
    """Nango's own limit, on every answer; `reset` is a Unix time in seconds."""
    return {
        "x-ratelimit-limit": str(PER_MINUTE),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": str(int(time.time() + seconds) + 1),
    }
