"""The Content-Security-Policy header, made once: only an answer that changes the policy has its own made for it."""

from typing import Any

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest

MARKS = ("_csp_exempt", "_csp_config", "_csp_update", "_csp_replace")  # what django-csp's decorators leave on an answer


class PolicyMiddleware(CSPMiddleware):
    """django-csp's, which makes the header anew for every answer; the same header in the same cases."""

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        self.usual = None if is_special() else build_policy()
        self.too_late = CheckableLazyObject(self._csp_nonce_post_response)

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        if self.usual is None or hasattr(request, "_csp_nonce") or any(hasattr(response, mark) for mark in MARKS):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.usual)
        request.csp_nonce = self.too_late  # type: ignore[attr-defined]
        return response


def is_special() -> bool:
    """Whether the settings ask for more than one policy for every address."""
    excluded = settings.CONTENT_SECURITY_POLICY.get("EXCLUDE_URL_PREFIXES")
    return bool(settings.DEBUG or excluded or getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None))
