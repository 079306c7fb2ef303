"""Asked for: what a person does with a connection or a run, over REST."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from integrations import selectors
from integrations.api.errors import NangoView
from integrations.api.serializers import ConnectionSerializer, DecisionSerializer, RunSerializer
from integrations.api.views import show_connection, show_run
from integrations.services.decisions import ask_undo, decide_run, pause_connection, start_sync


class SyncView(NangoView):
    """Sync now: the go-ahead for a new connection, and how a paused one goes on."""

    @extend_schema(request=None, responses={202: RunSerializer})
    def post(self, request: Request, pk: int) -> Response:
        run = start_sync(connection=selectors.get_connection(user=self.person, pk=pk))
        return Response(show_run(user=self.person, pk=run.pk), status=status.HTTP_202_ACCEPTED)


class PauseView(NangoView):
    """No more syncs until the person asks for one."""

    @extend_schema(request=None, responses=ConnectionSerializer)
    def post(self, request: Request, pk: int) -> Response:
        pause_connection(connection=selectors.get_connection(user=self.person, pk=pk))
        return Response(show_connection(user=self.person, pk=pk))


class DecisionView(NangoView):
    """The answer to a held run: `accept` lets it go on, otherwise it stops and the memories it would delete stay."""

    @extend_schema(request=DecisionSerializer, responses=RunSerializer)
    def post(self, request: Request, pk: int) -> Response:
        run = selectors.get_run(user=self.person, pk=pk)
        decide_run(run=run, accept=read_answer(request.data))
        return Response(show_run(user=self.person, pk=pk))


class UndoView(NangoView):
    """Undo a run: what it touched, and nobody touched since, becomes what it was before."""

    @extend_schema(request=None, responses={202: RunSerializer})
    def post(self, request: Request, pk: int) -> Response:
        ask_undo(run=selectors.get_run(user=self.person, pk=pk))
        return Response(show_run(user=self.person, pk=pk), status=status.HTTP_202_ACCEPTED)


def read_answer(body: Any) -> bool:
    """The `accept` of a body; raises ValidationError unless it is true or false itself."""
    answer = body.get("accept") if isinstance(body, dict) else None
    if not isinstance(answer, bool):
        raise ValidationError({"accept": ["must be true or false"]})
    return answer
