"""A server that is set up for the stand-in of Nango."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from config.local.providers.client import StandIn
from integrations.models import Connection, ConnectSession
from tests.factories.integrations import ConnectionFactory

ADDRESS = "ana@post.example"
NOWHERE = "http://127.0.0.1:9"  # where nobody answers


@pytest.fixture
def nango(stand_in: StandIn, settings: Any) -> StandIn:
    """The stand-in, known to this server, with one Gmail and one Dropbox account that nobody has connected."""
    settings.NANGO_BASE_URL, settings.NANGO_SECRET_KEY = stand_in.url, stand_in.secret_key
    settings.NANGO_LIST_KEY, settings.NANGO_WEBHOOK_KEY = stand_in.list_key, stand_in.webhook_key
    stand_in.add_account("gmail", ADDRESS)
    stand_in.add_account("dropbox", ADDRESS)
    return stand_in


def make_tags(session: ConnectSession) -> dict[str, str]:
    """What a connection that came of this session carries at Nango."""
    return {"end_user_id": str(session.user_id), "lifegraph_session": str(session.key)}


def connect_gmail(nango: StandIn, user: Any, **fields: Any) -> Connection:
    """An account that was connected an hour ago, here and at Nango; no session of ours is named."""
    nango_id = nango.connect("gmail", ADDRESS, tags={"end_user_id": str(user.pk)})
    then = timezone.now() - timedelta(hours=1)
    row: Connection = ConnectionFactory(
        user=user, provider="gmail", account=ADDRESS, nango_id=nango_id, created_at=then, **fields
    )
    return row
