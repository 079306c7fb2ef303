"""Connections and their runs."""

import factory
from factory.django import DjangoModelFactory

from integrations.models import Connection, SyncRun
from tests.factories.memories import UserFactory


class ConnectionFactory(DjangoModelFactory):
    """A connection that may be synced and never was."""

    class Meta:
        model = Connection

    user = factory.SubFactory(UserFactory)
    provider = "gmail"
    nango_id = factory.Sequence(lambda n: f"nango-{n}")
    state = "active"


class RunFactory(DjangoModelFactory):
    class Meta:
        model = SyncRun

    connection = factory.SubFactory(ConnectionFactory)
    user = factory.SelfAttribute("connection.user")
