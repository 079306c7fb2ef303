"""The door for what Nango tells: `POST /webhooks/nango/`.

Nango repeats a message that it could not deliver only after a 5xx, so trouble of ours is 503 and never a 4xx.
"""

import hashlib
import hmac

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations.services.webhooks import receive_webhook

MAX_BODY = 1_000_000  # bytes


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Verify the signature over the raw body, keep it, answer at once."""
    keys = [key.strip() for key in settings.NANGO_WEBHOOK_KEY.split(",") if key.strip()]
    if not keys:
        return HttpResponse(status=404)
    body = _read_body(request)
    if body is None:
        return HttpResponse(status=413)
    if not is_signed(body, signature=request.headers.get("X-Nango-Hmac-Sha256", ""), keys=keys):
        return HttpResponse(status=401)
    try:
        receive_webhook(body)
    except (DatabaseError, InterfaceError):
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    return HttpResponse(status=200)


def is_signed(body: bytes, *, signature: str, keys: list[str]) -> bool:
    """Whether the signature is that of one of our keys; there are two while one replaces the other."""
    told = signature.encode(errors="replace")
    expected = [hmac.new(key.encode(), body, hashlib.sha256).hexdigest().encode() for key in keys]
    return any([hmac.compare_digest(told, one) for one in expected])  # noqa: C419 -- all of them, so that time tells nothing


def _read_body(request: HttpRequest) -> bytes | None:
    """The raw body, None if it is larger than we take."""
    body: bytes = request.read(MAX_BODY + 1)
    return body if len(body) <= MAX_BODY else None
