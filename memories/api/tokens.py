"""Served: API tokens, hashed at rest. A password or a session makes one, the token itself gives it back."""

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import serializers, status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from memories.api.base import Endpoint
from memories.models import User


class CredentialsSerializer(serializers.Serializer[User]):
    username = serializers.CharField(max_length=150, required=False)
    password = serializers.CharField(max_length=1024, required=False, trim_whitespace=False)


class MadeTokenSerializer(serializers.Serializer[AuthToken]):
    token = serializers.CharField()
    expiry = serializers.DateTimeField()


class TokenView(Endpoint):
    """POST makes a token (shown once), DELETE revokes the one it is called with."""

    permission_classes = (AllowAny,)

    @extend_schema(request=CredentialsSerializer, responses={201: MadeTokenSerializer})
    def post(self, request: Request) -> Response:
        asked = CredentialsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = request.user if request.user.is_authenticated else None
        if user is None:
            user = authenticate(request._request, **{"username": "", "password": ""} | asked.validated_data)
        if user is None:
            raise AuthenticationFailed("No user has this name and password.")
        instance, token = AuthToken.objects.create(user=user)
        return Response({"token": token, "expiry": instance.expiry}, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        if not isinstance(request.auth, AuthToken):
            raise AuthenticationFailed("Call this with the token that is to go.")
        request.auth.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
