"""Served: one entity over REST, and what its person says of it."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from graph.api.serializers import (
    EntityChangeSerializer,
    EntityDetailSerializer,
    EntitySerializer,
    MergeSerializer,
    SplitSerializer,
)
from graph.models import Entity, Leaf
from graph.questions import list_neighbours
from graph.selectors import list_names
from graph.services.decide import DecisionRefused, change_entity, merge_entities, split_entity
from memories.api.base import PersonView
from memories.api.views import read_number


def find_entity(*, user_id: int, pk: int) -> Entity:
    """An entity of this person by its id or by the id of any leaf of its group; raises Http404."""
    entity: Entity | None = Entity.objects.filter(user_id=user_id, pk=pk).first()
    if entity is None:
        leaf = Leaf.objects.filter(user_id=user_id, pk=pk).first()
        entity = leaf and Entity.objects.filter(user_id=user_id, pk=leaf.canonical_id).first()
    if entity is None:
        raise Http404
    return entity


class EntityEndpoint(PersonView):
    """One entity of the person, by its id or by that of one that was merged into it."""

    def find(self, pk: int) -> Entity:
        return find_entity(user_id=self.person.pk, pk=pk)

    def answer(self, pk: int) -> Response:
        """The entity as it is now, with its names; says so where the id is that of another one by now."""
        entity = self.find(pk)
        names = list_names(user_id=self.person.pk, entity_id=entity.pk)
        merged = {} if entity.pk == pk else {"merged_into": entity.pk}
        return Response(EntitySerializer(entity).data | {"hidden": entity.hidden, "names": names} | merged)


class EntityView(EntityEndpoint):
    """One entity; the id of one that was merged into another answers with that one and says so."""

    @extend_schema(responses=EntityDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(pk)

    @extend_schema(request=EntityChangeSerializer, responses=EntityDetailSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Name it, say its kind, hide it or show it again; an empty name or kind takes back what was said before."""
        entity = self.find(pk)
        said = read(EntityChangeSerializer, request)
        return self.answer(change_entity(entity=entity, changes=said))


class MergeView(EntityEndpoint):
    """Two entities become one, which keeps the names of both; a split undoes it exactly."""

    @extend_schema(request=MergeSerializer, responses=EntityDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        entity = self.find(pk)
        other_id = read(MergeSerializer, request)["other"]
        try:
            other = self.find(other_id)
        except Http404:
            raise ValidationError({"other": [f"There is no entity {other_id}."]}) from None
        try:
            return self.answer(merge_entities(entity=entity, other=other))
        except DecisionRefused as told:
            raise ValidationError({told.field: [str(told)]}) from None


class SplitView(EntityEndpoint):
    """One of an entity's names becomes an entity of its own, with what was its own before a merge."""

    @extend_schema(request=SplitSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, pk: int) -> Response:
        entity = self.find(pk)
        try:
            rest, taken = split_entity(entity=entity, leaf_id=read(SplitSerializer, request)["leaf"])
        except DecisionRefused as told:
            raise ValidationError({told.field: [str(told)]}) from None
        return Response({"rest": self.answer(rest).data, "split": self.answer(taken).data})


class NeighboursView(EntityEndpoint):
    """What an entity is tied to, the strongest first."""

    @extend_schema(parameters=[OpenApiParameter("limit", OpenApiTypes.INT)], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        limit = read_number(request.query_params.get("limit", "50"), field="limit", most=500)
        return Response({"results": list_neighbours(user_id=self.person.pk, entity_id=self.find(pk).pk, limit=limit)})


def read(serializer: Any, request: Request) -> dict[str, Any]:
    """What was sent, checked; raises ValidationError naming the field."""
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    said: dict[str, Any] = given.validated_data
    return said
