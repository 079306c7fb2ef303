"""Served: a person's memories over REST."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from memories.api.base import PersonView
from memories.api.serializers import DraftSerializer, EditSerializer, MemorySerializer
from memories.drafts import parse_draft
from memories.models import IdempotencyKey, Memory, User
from memories.selectors import list_memories, search_memories
from memories.services.erase import erase_memories
from memories.services.narrate import narrate
from memories.services.store import edit_memory, store_draft

FILTERS = [
    OpenApiParameter(name, OpenApiTypes.STR, description=text)
    for name, text in (
        ("entity", "id or key of an entity"),
        ("source", "slug of a source"),
        ("since", "first day"),
        ("until", "last day"),
        ("q", "words to find"),
        ("limit", "rows a page, at most 500"),
        ("cursor", "where a page begins"),
    )
]


class KeyReusedError(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "This Idempotency-Key was used for another body."


class ErasedError(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "What this Idempotency-Key stored was erased; a new one stores it anew."


class MemoriesView(PersonView):
    """The person's memories, newest first; POST stores one at once, whatever workers and broker do."""

    @extend_schema(parameters=FILTERS, responses=MemorySerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = list_memories(user=self.person, params=request.query_params)
        return self.paginate(rows, request=request, serializer=MemorySerializer, ordering=("-occurred_at", "-id"))

    @extend_schema(request=DraftSerializer, responses={201: MemorySerializer, 200: MemorySerializer})
    def post(self, request: Request) -> Response:
        body = require_object(request.data)
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > 255 or "\x00" in key:
            raise ValidationError({"Idempotency-Key": ["must be at most 255 characters"]})
        with transaction.atomic():
            known = claim_key(user=self.person, key=key, body=body) if key else None
            if known is not None and known.memory is not None:
                return Response(MemorySerializer(known.memory).data, status=status.HTTP_201_CREATED)
            draft = parse_draft(body, time_zone=self.person.zone, now=timezone.now())
            memory, outcome = store_draft(user=self.person, draft=draft, origin="api")
            if known is not None:
                IdempotencyKey.objects.filter(pk=known.pk).update(memory=memory)
        memory.refresh_from_db()
        code = status.HTTP_201_CREATED if outcome == "created" else status.HTTP_200_OK
        return Response(MemorySerializer(memory).data, status=code)


class MemoryView(PersonView):
    """One memory: read, edit, erase."""

    @extend_schema(responses=MemorySerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(MemorySerializer(get_memory(user=self.person, pk=pk)).data)

    @extend_schema(request=EditSerializer, responses=MemorySerializer)
    def patch(self, request: Request, pk: int) -> Response:
        memory = get_memory(user=self.person, pk=pk)
        changes = read_changes(memory, body=require_object(request.data), user=self.person)
        try:
            edited = edit_memory(memory=memory, changes=changes)
        except Memory.DoesNotExist:
            raise Http404 from None
        return Response(MemorySerializer(edited).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        if not erase_memories(user=self.person, memory_ids=[pk]):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)


class SearchView(PersonView):
    """Memories by words, best first."""

    @extend_schema(
        parameters=[OpenApiParameter("q"), OpenApiParameter("limit", OpenApiTypes.INT)], responses=OpenApiTypes.OBJECT
    )
    def get(self, request: Request) -> Response:
        words = request.query_params.get("q", "").strip()
        if not words:
            raise ValidationError({"q": ["is missing"]})
        limit = read_number(request.query_params.get("limit", "20"), field="limit", most=500)
        return Response({"results": search_memories(user=self.person, words=words, limit=limit)})


class NarrativeView(PersonView):
    """The person's life in chapters, each sentence with its memories."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        return Response(narrate(user=self.person))


def require_object(data: Any) -> dict[str, Any]:
    """The body as a dict; raises ValidationError."""
    if not isinstance(data, dict):
        raise ValidationError({"detail": "The body must be a JSON object."})
    return data


def get_memory(*, user: User, pk: int) -> Memory:
    """The person's own memory; anybody else's is 404."""
    memory: Memory | None = Memory.objects.for_user(user).filter(pk=pk).first()
    if memory is None:
        raise Http404
    return memory


def read_number(text: str, *, field: str, most: int, least: int = 1) -> int:
    """A whole number of a query string, cut to `most`; raises ValidationError naming the field."""
    if not text.isdecimal() or len(text) > 18 or int(text) < least:
        raise ValidationError({field: [f"'{text[:40]}' is not a whole number from {least} on."]})
    return min(int(text), most)


def read_changes(memory: Memory, *, body: dict[str, Any], user: User) -> dict[str, object]:
    """Columns that a PATCH changes, checked as a draft is."""
    fields = ("content", "title", "occurred_at", "author", "participants", "metadata")
    said = {name: body[name] for name in fields if name in body}
    if "occurred_at" in said and not said["occurred_at"]:
        raise ValidationError({"occurred_at": ["may not be empty"]})
    draft = parse_draft({"content": memory.content} | said, time_zone=user.zone, now=timezone.now())
    changes: dict[str, object] = {name: getattr(draft, name) for name in said}
    if "participants" in changes:
        changes["participants"] = [{"name": who.name, "address": who.address} for who in draft.participants]
    if "occurred_at" in changes:
        changes["occurred_precision"] = draft.occurred_precision
    return changes


def claim_key(*, user: User, key: str, body: dict[str, Any]) -> IdempotencyKey:
    """The row of this key, made or found; whoever comes second waits here for the first one's transaction.

    Raises KeyReusedError when it came with another body, ErasedError when what it stored was erased.
    """
    body_hash = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    rows = IdempotencyKey.objects.select_related("memory")
    row, fresh = rows.get_or_create(user=user, key=key, defaults={"body_hash": body_hash})
    if row.body_hash != body_hash:
        raise KeyReusedError
    if row.memory is None and not fresh:
        raise ErasedError
    return row
