"""What Nango or the state of a row refuses, as answers of the API with a sentence that a person can act on."""

import math

from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from integrations.errors import Conflict, ConnectionProblem, Misconfigured, RateLimited, Refused
from memories.api.base import PersonView
from memories.errors import TransientError


class ConflictError(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "This does not fit the state it is in."


class NangoAwayError(APIException):
    status_code = status.HTTP_502_BAD_GATEWAY
    default_detail = "Nango could not be reached or gave no answer that can be read. Try again in a moment."


class NangoBusyError(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "Nango asks us to wait a moment. Try again soon."

    def __init__(self, *, seconds: float) -> None:
        super().__init__()
        self.wait = max(1, math.ceil(seconds))  # becomes the answer's Retry-After


class NangoUnfitError(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "Nango is not set up for this on this server. Whoever runs the server finds the reason in its log."


class NangoView(PersonView):
    """An endpoint behind which Nango, or the state of a connection, may say no."""

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(translate(exc))


def translate(error: Exception) -> Exception:
    """The answer that stands for an error of ours; any other error is returned as it is."""
    if isinstance(error, Conflict):
        return ConflictError(str(error))
    if isinstance(error, RateLimited):
        return NangoBusyError(seconds=error.seconds)
    if isinstance(error, Misconfigured):
        return NangoUnfitError()
    if isinstance(error, ConnectionProblem):
        return ConflictError(str(error))
    return NangoAwayError() if isinstance(error, (TransientError, Refused)) else error
