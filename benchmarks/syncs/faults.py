"""What goes wrong on the way, as fault plans of the stand-in; each has to end with the truth, nothing lost and nothing doubled."""

from typing import Any, Final

Fault = dict[str, Any]

ANY: Final[dict[str, list[Fault]]] = {
    "nothing": [],
    "429 with Retry-After": [
        {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}, "every": 23, "times": 2}
    ],
    "429 without": [{"kind": "status", "status": 429, "every": 19, "times": 3}],
    "500": [{"kind": "status", "status": 500, "body": "broken", "every": 17, "times": 4}],
    "503 with Retry-After": [{"kind": "status", "status": 503, "headers": {"Retry-After": "1"}, "at": 9}],
    "timeout": [{"kind": "hang", "seconds": 1, "every": 29, "times": 2}],
    "reset": [{"kind": "reset", "every": 17, "times": 4}],
    "truncated": [{"kind": "truncate", "every": 13, "times": 4}],
    # Only of pages: nothing tells that the text of an exported document, which has no size, was cut before it was sent.
    "half a page, as if whole": [{"kind": "truncate", "clean": True, "at": 2, "times": 3}],
    "empty 200": [{"kind": "empty", "every": 11, "times": 4}],
    "cursor expires in the listing": [{"kind": "expire_cursor", "at": 4}],
    "cursor expires later": [{"kind": "expire_cursor", "at": 25}],
    "repeated page": [{"kind": "repeat_page", "every": 2, "times": 3}],
    "reordered page": [{"kind": "reorder_page", "every": 1, "times": 9}],
    "overlapping page": [{"kind": "overlap_page", "every": 2, "times": 4}],
    "arrivals while paging": [{"kind": "arrive", "every": 7, "times": 6}],
    "424 while access is renewed": [{"kind": "refresh_backoff", "every": 21, "times": 2}],
    "424 for good": [{"kind": "refresh_exhausted", "at": 12, "times": 1}],
    "access not renewed today": [{"kind": "refresh_failed", "at": 12}],
    "Nango's own limit": [{"kind": "nango_limit", "every": 25, "times": 2}],
    "provider unreachable": [{"kind": "unreachable", "every": 25, "times": 3}],
}
OF_PROVIDER: Final[dict[str, dict[str, list[Fault]]]] = {
    "gmail": {
        "403 rateLimitExceeded": [
            {
                "kind": "status",
                "status": 403,
                "every": 23,
                "times": 2,
                "body": {"error": {"code": 403, "errors": [{"domain": "usageLimits", "reason": "rateLimitExceeded"}]}},
            }
        ],
    },
    "gdrive": {
        "403 userRateLimitExceeded": [
            {
                "kind": "status",
                "status": 403,
                "every": 23,
                "times": 2,
                "body": {
                    "error": {"code": 403, "errors": [{"domain": "usageLimits", "reason": "userRateLimitExceeded"}]}
                },
            }
        ],
    },
    "dropbox": {
        "429 too_many_requests": [
            {
                "kind": "status",
                "status": 429,
                "every": 23,
                "times": 2,
                "headers": {"Retry-After": "1"},
                "body": {"error": {"reason": {".tag": "too_many_requests"}, "retry_after": 1}},
            }
        ],
    },
    "zoho_mail": {
        "400 throttled": [{"kind": "status", "status": 400, "every": 23, "times": 2, "body": {"code": "throttle"}}],
        "200 with an error inside": [
            {
                "kind": "status",
                "status": 200,
                "every": 23,
                "times": 2,
                "headers": {"content-type": "application/json"},
                "body": {
                    "status": {"code": 500, "description": "Internal Error"},
                    "data": {"errorCode": "INTERNAL_ERROR"},
                },
            }
        ],
    },
}


def list_faults(provider: str) -> dict[str, list[Fault]]:
    """The plans by name for a provider."""
    return ANY | OF_PROVIDER[provider]
