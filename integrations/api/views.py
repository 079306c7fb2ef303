"""Served: a person's connections, runs and failures over REST."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from integrations import selectors
from integrations.api.serializers import ConnectionSerializer, FailureSerializer, RunSerializer
from memories.api.base import PersonView
from memories.api.views import read_number
from memories.models import User

NEWEST_FIRST = ("-id",)


class ProvidersView(PersonView):
    """Providers that can be connected."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        return Response({"next": None, "previous": None, "results": selectors.list_providers()})


class ConnectionsView(PersonView):
    """The person's accounts at providers, each with its latest run, the newest first."""

    @extend_schema(responses=ConnectionSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = selectors.list_connections(user=self.person)
        return self.paginate_as(rows, request=request, shape=self.show, ordering=NEWEST_FIRST)

    def show(self, page: Any) -> Any:
        return ConnectionSerializer(selectors.fill_connections(page, user=self.person), many=True).data


class RunsView(PersonView):
    """Runs of the person's connections, or of one of them, the newest first."""

    @extend_schema(
        parameters=[OpenApiParameter("connection", OpenApiTypes.INT, description="id of a connection")],
        responses=RunSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = selectors.list_runs(user=self.person)
        if wanted := request.query_params.get("connection"):
            rows = rows.filter(connection_id=read_number(wanted, field="connection", most=2**63 - 1))
        return self.paginate_as(rows, request=request, shape=self.show, ordering=NEWEST_FIRST)

    def show(self, page: Any) -> Any:
        return RunSerializer(page, many=True).data


class RunView(PersonView):
    """One run, with what it would do while it is held."""

    @extend_schema(responses=RunSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(show_run(user=self.person, pk=pk))


class FailuresView(PersonView):
    """Work that failed for good, the newest first."""

    @extend_schema(
        parameters=[OpenApiParameter("state", OpenApiTypes.STR, enum=("open", "retried", "resolved"))],
        responses=FailureSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = selectors.list_failures(user=self.person)
        if state := request.query_params.get("state"):
            rows = rows.filter(state=state.replace("\x00", " "))
        return self.paginate_as(rows, request=request, shape=self.show, ordering=NEWEST_FIRST)

    def show(self, page: Any) -> Any:
        return FailureSerializer(selectors.fill_failures(page, user=self.person), many=True).data


def show_connection(*, user: User, pk: int) -> Any:
    """The person's own connection as JSON; anybody else's is 404."""
    rows = selectors.fill_connections(list(selectors.list_connections(user=user).filter(pk=pk)), user=user)
    if not rows:
        raise Http404
    return ConnectionSerializer(rows[0]).data


def show_run(*, user: User, pk: int) -> Any:
    """The person's own run as JSON; anybody else's is 404."""
    rows = list(selectors.list_runs(user=user).filter(pk=pk))
    if not rows:
        raise Http404
    return RunSerializer(rows[0]).data
