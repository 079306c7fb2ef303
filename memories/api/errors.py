"""Errors of the API: `{"detail": …}` or `{field: [reasons]}`, never a page and never a stack."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from memories.drafts import DraftError


class TooLargeError(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large."


def handle_exception(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, with a draft that cannot be stored as a 400 that names the field and the reason, and JSON for a body over the limit."""
    if isinstance(exc, DraftError):
        exc = ValidationError({exc.field: [exc.reason]})
    elif isinstance(exc, RequestDataTooBig):
        exc = TooLargeError()
    return exception_handler(exc, context)
