"""Stand-in: how each provider says in its own words that access is over, and that it is asked too much."""

from typing import Any

from config.local.providers.server import Response, json_response


def deny(provider: str) -> Response:
    """401: the token is no good (any more)."""
    if provider in ("gmail", "gdrive"):
        message = "Request had invalid authentication credentials."
        return json_response(
            google_error(401, message, domain="global", reason="authError", status="UNAUTHENTICATED"), status=401
        )
    if provider == "dropbox":
        body = {"error_summary": "invalid_access_token/..", "error": {".tag": "invalid_access_token"}}
        return json_response(body, status=401)
    return json_response(zoho_error(401, "Unauthorized", "INVALID_OAUTHTOKEN"), status=401)


def throttle(provider: str, *, seconds: int) -> Response:
    """Google says 403 without a time, Dropbox 429 with one; what Zoho says is not published, others of its products say 429."""
    if provider in ("gmail", "gdrive"):
        body = google_error(
            403,
            "User-rate limit exceeded.",
            domain="usageLimits",
            reason="userRateLimitExceeded",
            status="PERMISSION_DENIED",
        )
        return json_response(body, status=403)
    if provider == "dropbox":
        reason = {"reason": {".tag": "too_many_requests"}, "retry_after": seconds}
        body = {"error_summary": "too_many_requests/..", "error": reason}
        return json_response(body, status=429, headers={"retry-after": str(seconds)})
    return json_response(zoho_error(429, "Too many requests", "THROTTLED"), status=429)


def google_error(code: int, message: str, *, domain: str, reason: str, status: str) -> dict[str, Any]:
    errors = [{"message": message, "domain": domain, "reason": reason}]
    return {"error": {"code": code, "message": message, "errors": errors, "status": status}}


def zoho_error(code: int, description: str, name: str) -> dict[str, Any]:
    return {"status": {"code": code, "description": description}, "data": {"errorCode": name}}
