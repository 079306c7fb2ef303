"""Served: what is told where the database does not answer or a disk is full, outside the API's own handler."""

import json
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from memories.outages import FULL, Outage

FULL_BODY: Final = json.dumps({"detail": FULL.says}).encode()
NOT_FOR_PEOPLE: Final = ("/api/", "/webhooks/")


def answer_outage(request: HttpRequest, outage: Outage) -> HttpResponse:
    """JSON to the API, a page to people, and when to come back; nothing is asked of the database for it."""
    response: HttpResponse
    if request.path.startswith(NOT_FOR_PEOPLE):
        response = JsonResponse({"detail": outage.says}, status=outage.status)
    else:
        response = render(request, "outage.html", {"says": outage.says}, status=outage.status)
    response.headers["Retry-After"] = str(outage.wait)
    return response
