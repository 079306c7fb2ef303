"""Who is asking: a token of knox's, found by one query."""

from typing import Any

from django.utils import timezone
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework.exceptions import AuthenticationFailed


class TokenAuthentication(KnoxAuthentication):  # type: ignore[misc]
    """Knox's, but calm about bytes that no token has, and without its look at all other tokens of the person each time."""

    def authenticate_credentials(self, token: bytes) -> Any:
        if not token.isalnum():
            raise AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(token)

    def _cleanup_token(self, auth_token: Any) -> bool:
        expired = auth_token.expiry is not None and auth_token.expiry < timezone.now()
        if expired:
            auth_token.delete()
        return bool(expired)


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """The same in the API's description."""

    target_class = "memories.api.authentication.TokenAuthentication"
