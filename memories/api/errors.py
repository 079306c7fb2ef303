"""Errors of the API: `{"detail": …}` or `{field: [reasons]}`, never a page and never a stack."""

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from memories.drafts import DraftError

logger = logging.getLogger(__name__)


class TooLargeError(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large."


class AwayError(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "The database does not answer. Try again in a moment."


def handle_exception(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, and more: a draft that cannot be stored is a 400 that names the field and the reason, a body over the limit a
    413, a database that does not answer a 503, all in JSON.
    """
    if isinstance(exc, DraftError):
        exc = ValidationError({exc.field: [exc.reason]})
    elif isinstance(exc, RequestDataTooBig):
        exc = TooLargeError()
    elif isinstance(exc, (OperationalError, InterfaceError)):
        logger.warning("the database does not answer", exc_info=exc)
        exc = AwayError()
    return exception_handler(exc, context)
