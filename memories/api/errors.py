"""Errors of the API: `{"detail": …}` or `{field: [reasons]}`, never a page and never a stack."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from memories.drafts import DraftError


def handle_exception(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, with a draft that cannot be stored as a 400 that names the field and the reason."""
    if isinstance(exc, DraftError):
        exc = ValidationError({exc.field: [exc.reason]})
    return exception_handler(exc, context)
