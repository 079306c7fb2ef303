"""A server that is set up for the stand-in of Nango."""

from typing import Any

import pytest

from config.local.providers.client import StandIn
from integrations.models import ConnectSession

ADDRESS = "ana@post.example"


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
