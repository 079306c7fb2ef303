"""A small life that both the graph and its versions are asked about."""

from datetime import timedelta

import pytest

from graph.services.layout import lay_out
from tests.factories.graph import FIRST_DAY, relate_now, write

LATER = FIRST_DAY + timedelta(days=2)


@pytest.fixture
def life(user):
    memories = (
        write(user, "Ana Silva", "@Porto"),
        write(user, "Ana Silva", "Rui Costa", "@Porto", day=LATER),
        write(user, "Rui Costa", "&Chess", day=LATER),
        write(user, "Rui Costa", "&Chess", day=LATER + timedelta(days=1)),
    )
    relate_now(*memories)
    lay_out(user_id=user.pk)
    return memories
