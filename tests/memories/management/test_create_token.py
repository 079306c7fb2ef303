from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from knox.auth import TokenAuthentication

from memories.models import User

pytestmark = pytest.mark.django_db


def test_the_last_line_is_a_token_that_is_valid_now() -> None:
    ana = User.objects.create_user("ana")
    out = StringIO()
    call_command("create_token", "ana", stdout=out)
    token = out.getvalue().splitlines()[-1]
    user, _ = TokenAuthentication().authenticate_credentials(token.encode())
    assert user == ana


def test_an_unknown_user_is_said() -> None:
    with pytest.raises(CommandError, match="There is no user named 'nobody'"):
        call_command("create_token", "nobody")
