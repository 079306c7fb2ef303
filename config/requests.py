"""Served: each request has a name that its log lines, its answer and the tasks it wakes carry; and is counted when it is answered."""

import re
import sys
from collections.abc import Callable
from time import perf_counter
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from config.counts import count_request
from config.logs import REQUEST_ID
from config.outages import answer_outage
from memories.outages import find_outage

HEADER = "X-Request-ID"
GIVEN = "HTTP_X_REQUEST_ID"
BEGAN = "lifegraph.began"  # when the whole request was here, before it waited for a seat (config/handler.py)
WELL_FORMED = re.compile(r"[A-Za-z0-9-]{1,64}").fullmatch


class RequestMiddleware:
    """The outermost one. The name stays in the context after the answer: Django logs an error when this is over."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = request.META.get(BEGAN) or perf_counter()
        name = name_request(request)
        REQUEST_ID.set(name)
        response = self.get_response(request)
        response.headers[HEADER] = name
        match = request.resolver_match
        count_request(
            route=match.route if match else "none",
            method=request.method or "",
            status=response.status_code,
            seconds=perf_counter() - began,
        )
        return response


def name_request(request: HttpRequest) -> str:
    """Return the id that a proxy gave if it is well-formed, else a new one; every app finds it among the request's headers."""
    given: str = request.META.get(GIVEN, "")
    name = given if WELL_FORMED(given) else uuid4().hex
    request.META[GIVEN] = name
    return name


def read_client_address(request: HttpRequest) -> str:
    """Who asks: as seen by the outermost of our own proxies (TRUSTED_PROXIES); what stands left of that anybody may have written."""
    seen = [*request.META.get("HTTP_X_FORWARDED_FOR", "").split(","), request.META.get("REMOTE_ADDR", "")]
    seen = [address.strip() for address in seen if address.strip()]
    return seen[-1 - settings.TRUSTED_PROXIES :][0] if seen else ""


def show_error(request: HttpRequest) -> HttpResponse:
    """Answer what nobody expected: JSON to the API, a page to people; both name the request, to be found in the log.

    Where the database is away or a disk full, say so instead, and when to come back.
    """
    if outage := find_outage(sys.exc_info()[1]):
        return answer_outage(request, outage)
    name = request.META.get(GIVEN, "")
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": "Something went wrong.", "request_id": name}, status=500)
    return render(request, "500.html", {"request_id": name}, status=500)
