"""No row of the graph can join two people."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection

from graph.models import Leaf, Mention
from tests.factories import MemoryFactory


def test_every_key_between_tables_of_the_graph_carries_the_user(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, confrelid::regclass::text, array_length(conkey, 1) FROM pg_constraint"
            " WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
        )
        keys = cursor.fetchall()
    tables = {model._meta.db_table for model in apps.get_app_config("graph").get_models() if model._meta.managed}
    between = [key for key in keys if key[0] in tables and key[1] != "memories_user"]
    assert len(between) == 28
    assert {columns for _, _, columns in between} == {2}


def test_a_mention_cannot_join_two_people(user, other_user):
    leaf = Leaf.objects.create(user=other_user, kind="person", key="ana")
    memory = MemoryFactory(user=user)
    with pytest.raises(IntegrityError):
        Mention.objects.create(
            user=user, memory=memory, entity=leaf, occurred_on=memory.occurred_on, field="content", text="Ana"
        )
