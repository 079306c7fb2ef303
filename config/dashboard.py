"""Served: the dashboard, put together from what each app lists in settings.DASHBOARD_SECTIONS."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from memories.api.base import PersonView
from memories.api.serializers import MemorySerializer


class DashboardView(PersonView):
    """How much there is, where it stands, who and what matters, what is new, what was on this day."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        today = self.person.local_today(timezone.now())
        answer: dict[str, Any] = {}
        for path in settings.DASHBOARD_SECTIONS:
            answer |= import_string(path)(user=self.person, today=today)
        for name in ("latest", "on_this_day"):
            answer[name] = MemorySerializer(answer[name], many=True).data
        return Response(answer)
