"""Served: a person's connections, runs and failures over REST."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations import selectors
from integrations.models import Connection, JobFailure, SyncRun
from memories.api.base import PersonView


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


class ProvidersView(PersonView):
    """Providers that can be connected."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        return Response({"next": None, "previous": None, "results": selectors.list_providers()})


class NewestFirst(PersonView):
    """A list of the person's own rows, the newest first."""

    serializer: Any
    rows: Any

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        rows = type(self).rows(user=self.person)
        return self.paginate(rows, request=request, serializer=self.serializer, ordering=("-id",))


class ConnectionsView(NewestFirst):
    serializer = ConnectionSerializer
    rows = selectors.list_connections


class RunsView(NewestFirst):
    serializer = RunSerializer
    rows = selectors.list_runs


class FailuresView(NewestFirst):
    serializer = FailureSerializer
    rows = selectors.list_failures
