"""Served: a person's connections, runs and failures over REST."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations import selectors
from integrations.models import Connection, JobFailure, SyncRun
from memories.api.pagination import Cursor


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    class Meta:
        model = Connection
        fields = ("id", "provider", "account", "state", "created_at")


class RunSerializer(serializers.ModelSerializer[SyncRun]):
    provider: Any = serializers.CharField(source="connection.provider")

    class Meta:
        model = SyncRun
        fields = (
            "id", "provider", "state", "created", "updated", "unchanged", "deleted", "skipped", "started_at", "ended_at",
        )  # fmt: skip


class FailureSerializer(serializers.ModelSerializer[JobFailure]):
    class Meta:
        model = JobFailure
        fields = ("id", "unit", "stage", "kind", "state", "runs", "error", "first_seen", "last_seen")


class ProvidersView(APIView):
    """Providers that can be connected."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        return Response({"next": None, "previous": None, "results": selectors.list_providers()})


class NewestFirst(APIView):
    """A list of the person's own rows, the newest first."""

    serializer: Any
    rows: Any

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        paginator = Cursor()
        paginator.ordering = ("-id",)
        page = paginator.paginate_queryset(type(self).rows(user=request.user), request, view=self)
        return paginator.get_paginated_response(self.serializer(page, many=True).data)


class ConnectionsView(NewestFirst):
    serializer = ConnectionSerializer
    rows = selectors.list_connections


class RunsView(NewestFirst):
    serializer = RunSerializer
    rows = selectors.list_runs


class FailuresView(NewestFirst):
    serializer = FailureSerializer
    rows = selectors.list_failures
