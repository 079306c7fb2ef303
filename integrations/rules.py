"""Arrive: what the words and statuses of Nango and of the four providers mean, as tables. Pure data.

Sources: Nango's server (proxy and refresh), Google's discovery documents and error guides, the Dropbox SDK's unions, Zoho Mail's
list of codes. A reason is in plain words and quotes nothing of a reply, which may hold a person's text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

Purpose = Literal["account", "list", "changes", "item"]  # of a request, as in `providers.base`


class Kind(Enum):
    """What a reply can mean; each but FINE is a type of `integrations.errors`."""

    FINE = "fine"
    UNAVAILABLE = "unavailable"
    RATE_LIMITED = "rate limited"
    NEEDS_REAUTH = "needs reauth"
    AUTH_SUSPECT = "auth suspect"
    CONNECTION_GONE = "connection gone"
    MISCONFIGURED = "misconfigured"
    REFUSED = "refused"
    CURSOR_EXPIRED = "cursor expired"
    ITEM_MISSING = "item missing"
    ITEM_REFUSED = "item refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done, why, and in how many seconds (1 to 3600) where we are asked to wait."""

    kind: Kind
    reason: str = ""
    delay: float | None = None


FINE: Final = Verdict(Kind.FINE)
BROKEN: Final = Verdict(Kind.UNAVAILABLE, "the reply was cut or broken")
EMPTY: Final = Verdict(Kind.UNAVAILABLE, "the reply was empty")
LIMITED: Final = Verdict(Kind.RATE_LIMITED, "the provider asks us to wait")
LIMITED_FOR_THE_DAY: Final = Verdict(Kind.RATE_LIMITED, "the provider's allowance of the day is used up")
DENIED: Final = Verdict(Kind.NEEDS_REAUTH, "the provider does not accept our access any more")
SCOPE: Final = Verdict(Kind.NEEDS_REAUTH, "access to this was not granted")
EXPIRED: Final = Verdict(Kind.CURSOR_EXPIRED, "the provider has forgotten where we were")
MISSING: Final = Verdict(Kind.ITEM_MISSING, "it is not there any more")
REFUSED: Final = Verdict(Kind.REFUSED, "the provider refuses the call")
UNAVAILABLE: Final = Verdict(Kind.UNAVAILABLE, "the provider has a problem of its own")
STRANGER: Final = Verdict(
    Kind.UNAVAILABLE, "something on the way answers in the provider's place"
)  # all four send JSON
NOT_SET_UP: Final = Verdict(Kind.MISCONFIGURED, "this integration is not set up at the provider")

WAITS: Final[Mapping[str, float]] = {
    "gmail": 60.0,
    "gdrive": 60.0,
    "dropbox": 30.0,
    "zoho_mail": 45.0,
}  # if none is told


def _refuse_item(reason: str) -> Verdict:
    return Verdict(Kind.ITEM_REFUSED, reason)


# --- Nango's own words: {"error": {"code": text, "message": text}} ----------------------------------------------------------------
# (code, what the message holds) in the order in which they are tried; '' is any message.
NANGO_BACKOFF: Final = 60.0  # Nango refuses for 30 s after a refresh that failed
NANGO_GONE: Final = Verdict(Kind.CONNECTION_GONE, "Nango does not know this connection")
NANGO_NOT_FOUND: Final = frozenset({"not_found", "unknown_connection"})  # of its own API; the proxy says it otherwise
NANGO_LIMITED: Final = Verdict(Kind.RATE_LIMITED, "Nango asks us to wait")
NANGO: Final[tuple[tuple[str, str, Verdict], ...]] = (
    ("too_many_request", "", NANGO_LIMITED),
    ("connection_refresh_backoff", "", Verdict(Kind.RATE_LIMITED, "Nango is renewing the access", NANGO_BACKOFF)),
    ("invalid_credentials", "", Verdict(Kind.NEEDS_REAUTH, "the access could not be renewed and was given up")),
    ("server_error", "refresh limit", Verdict(Kind.NEEDS_REAUTH, "the access could not be renewed and was given up")),
    (
        "server_error",
        "failed to get connection credentials",
        Verdict(Kind.AUTH_SUSPECT, "the access could not be renewed just now"),
    ),
    ("server_error", "failed to get connection", NANGO_GONE),
    ("unknown_provider_config", "", Verdict(Kind.MISCONFIGURED, "Nango does not know this integration")),
    ("plan_limit", "", Verdict(Kind.MISCONFIGURED, "Nango's plan is used up")),
)
NANGO_STATUSES: Final[Mapping[int, Verdict]] = {
    401: Verdict(Kind.MISCONFIGURED, "Nango does not accept our key"),
    403: Verdict(Kind.MISCONFIGURED, "our key at Nango may not do this"),
    424: Verdict(Kind.AUTH_SUSPECT, "the access could not be renewed just now"),
    429: NANGO_LIMITED,
}
NANGO_FAILS: Final = Verdict(Kind.UNAVAILABLE, "Nango has a problem of its own")
NANGO_REFUSES: Final = Verdict(Kind.MISCONFIGURED, "Nango refuses the call")

# --- Google: error.errors[].reason, error.details[].reason, error.status -----------------------------------------------------------
GOOGLE: Final[dict[str, Verdict]] = {
    "rateLimitExceeded": LIMITED,
    "userRateLimitExceeded": LIMITED,
    "RATE_LIMIT_EXCEEDED": LIMITED,
    "RESOURCE_EXHAUSTED": LIMITED,
    "dailyLimitExceeded": LIMITED_FOR_THE_DAY,
    "quotaExceeded": LIMITED_FOR_THE_DAY,
    "authError": DENIED,
    "insufficientPermissions": SCOPE,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": SCOPE,
    "failedPrecondition": Verdict(Kind.REFUSED, "Google does not offer this service to the account"),
    "domainPolicy": Verdict(Kind.REFUSED, "the account's administrators do not allow this"),
    "accessNotConfigured": NOT_SET_UP,
    "SERVICE_DISABLED": NOT_SET_UP,
    "backendError": UNAVAILABLE,
}
GOOGLE_ITEMS: Final[dict[str, Verdict]] = {  # of Drive, and only where a file is asked for
    "exportSizeLimitExceeded": _refuse_item("it is too large to be exported"),
    "cannotDownloadAbusiveFile": _refuse_item("Google marks it as harmful"),
    "cannotDownloadFile": _refuse_item("its owner does not let it be downloaded"),
    "cannotExportFile": _refuse_item("its owner does not let it be exported"),
    "fileNotDownloadable": _refuse_item("it has no content to download"),
    "fileNotExportable": _refuse_item("it has no content to export"),
    "downloadQuotaExceeded": Verdict(Kind.UNAVAILABLE, "it was downloaded too often lately"),  # better in a day
    "insufficientFilePermissions": _refuse_item("its owner does not let it be read"),
    "appNotAuthorizedToFile": _refuse_item("its owner does not let it be read"),
}
GOOGLE_PLACES: Final = frozenset({"pageToken", "startHistoryId"})  # parameters that say where we are

# --- Dropbox: the tags of `error`, joined by "/"; the longest beginning decides ------------------------------------------------------
DROPBOX: Final[dict[str, Verdict]] = {
    "reset": EXPIRED,
    "invalid_root": EXPIRED,  # 422: the person has joined, left or changed a team
    "too_many_requests": LIMITED,
    "too_many_write_operations": LIMITED,
    "expired_access_token": DENIED,
    "invalid_access_token": DENIED,
    "user_suspended": DENIED,
    "missing_scope": SCOPE,
    "retry_error": UNAVAILABLE,
    "internal_error": UNAVAILABLE,
}
DROPBOX_ITEMS: Final[dict[str, Verdict]] = {
    "invalid_root": UNAVAILABLE,  # the next page says that everything is to be listed again
    "path/not_found": MISSING,
    "path/not_file": _refuse_item("it is not a file"),
    "path/not_folder": _refuse_item("it is not a file"),
    "path/restricted_content": _refuse_item("Dropbox restricts it for legal reasons"),
    "path/unsupported_content_type": _refuse_item("Dropbox cannot hand it out"),
    "path/locked": Verdict(Kind.UNAVAILABLE, "it is locked just now"),
    "unsupported_file": _refuse_item("Dropbox cannot hand it out"),
    "non_exportable": _refuse_item("it has no content to export"),
}

# --- Zoho: data.errorCode, also in a reply of 200 ---------------------------------------------------------------------------------------
ZOHO: Final[dict[str, Verdict]] = {
    "INVALID_OAUTHTOKEN": DENIED,
    "INVALID_TOKEN": DENIED,
    "INVALID_OAUTHSCOPE": SCOPE,
    "OAUTH_SCOPE_MISMATCH": SCOPE,
}
ZOHO_LIMIT: Final = re.compile(r"throttl|too.?many|limit.?exceeded", re.IGNORECASE)

# --- The bare status: (provider, purpose, status), each part None where it is any -----------------------------------------------------
STATUSES: Final[Mapping[tuple[str | None, Purpose | None, int], Verdict]] = {
    ("gmail", "changes", 404): EXPIRED,
    ("gdrive", "changes", 404): EXPIRED,
    ("gdrive", "changes", 410): EXPIRED,
    ("gdrive", "list", 404): EXPIRED,
    ("gdrive", "list", 410): EXPIRED,
    (None, "item", 404): MISSING,
    (None, "item", 410): MISSING,
    (None, "item", 413): _refuse_item("it is too large"),
    (None, None, 401): DENIED,
    (None, None, 408): UNAVAILABLE,
    (None, None, 425): UNAVAILABLE,
    (None, None, 429): LIMITED,
}
