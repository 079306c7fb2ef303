"""Who is asking: a token of knox's, found by one query."""

from hmac import compare_digest
from typing import Any

from django.utils import timezone
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS
from rest_framework.exceptions import AuthenticationFailed

from memories.owned import read_owned


class TokenAuthentication(KnoxAuthentication):  # type: ignore[misc]
    """Knox's, but calm about bytes that no token has, and without its look at all other tokens of the person each time."""

    def authenticate_credentials(self, token: bytes) -> Any:
        if not token.isalnum():
            raise AuthenticationFailed("Invalid token.")
        given = token.decode()
        digest = hash_token(given)
        for row in read_owned(AuthToken, where="t.token_key = %s", values=[given[: CONSTANTS.TOKEN_KEY_LENGTH]]):
            if compare_digest(digest, row.digest) and not self._cleanup_token(row):
                return self.validate_user(row)
        raise AuthenticationFailed("Invalid token.")

    def _cleanup_token(self, auth_token: Any) -> bool:
        expired = auth_token.expiry is not None and auth_token.expiry < timezone.now()
        if expired:
            auth_token.delete()
        return bool(expired)


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """The same in the API's description."""

    target_class = "memories.api.authentication.TokenAuthentication"
