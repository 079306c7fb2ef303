"""A provider without a network for the tests of the sync."""

from types import SimpleNamespace
from typing import Any

import pytest

from integrations.providers import PROVIDERS
from tests.factories.integrations import ConnectionFactory
from tests.fakes.shelf import Shelf


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A provider in Gmail's place."""
    shelf = Shelf()
    monkeypatch.setitem(PROVIDERS, "gmail", shelf)
    client = SimpleNamespace(fetcher=lambda **_: None)
    monkeypatch.setattr("integrations.services.sync.open_client", lambda: client)
    monkeypatch.setattr("integrations.services.preview.open_client", lambda: client)
    return shelf


@pytest.fixture
def gmail(user: Any, shelf: Shelf) -> Any:
    return ConnectionFactory(user=user, provider="gmail", account=shelf.account)
