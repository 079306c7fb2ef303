"""Errors of the API: `{"detail": …}` or `{field: [reasons]}`, never a page and never a stack."""

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from memories.drafts import DraftError
from memories.outages import Outage, find_outage

logger = logging.getLogger(__name__)


class TooLargeError(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large."


class OutageError(APIException):
    """A 503 or 507 that says when to come back (`wait` is the Retry-After of DRF's handler)."""

    def __init__(self, outage: Outage) -> None:
        super().__init__(outage.says)
        self.status_code, self.wait = outage.status, outage.wait


def handle_exception(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, and more: a draft that cannot be stored is a 400 that names the field and the reason, a body over the limit a
    413, a database that does not answer a 503, a full disk a 507, all in JSON.
    """
    if isinstance(exc, DraftError):
        exc = ValidationError({exc.field: [exc.reason]})
    elif isinstance(exc, RequestDataTooBig):
        exc = TooLargeError()
    elif outage := find_outage(exc):
        logger.warning("%s", outage.says, exc_info=exc)
        exc = OutageError(outage)
    return exception_handler(exc, context)
