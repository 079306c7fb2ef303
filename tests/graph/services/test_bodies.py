"""What is kept of the graph is what would be made."""

import json

import pytest

from graph.models import Body
from graph.selectors import STATEMENTS, GraphQuestion, read_graph
from graph.services.bodies import store_bodies
from tests.factories.graph import relate_now, write


@pytest.mark.parametrize("view", STATEMENTS)
def test_the_kept_text_is_the_one_that_is_made(user, view):
    relate_now(write(user, "Ana Silva", "@Porto"))
    relate_now(write(user, "Ana Silva", "@Braga"))
    question = GraphQuestion(view=view)
    made = read_graph(user_id=user.pk, question=question)
    store_bodies(user_id=user.pk)
    assert read_graph(user_id=user.pk, question=question) == made
    assert Body.objects.get(user=user, view=view).body == made.body


@pytest.mark.parametrize("view", STATEMENTS)
def test_a_kept_text_of_another_version_is_not_served(user, view):
    relate_now(write(user, "Ana Silva", "@Porto"))
    store_bodies(user_id=user.pk)
    Body.objects.filter(user=user).update(tag="0.0.0", body="old")
    answer = read_graph(user_id=user.pk, question=GraphQuestion(view=view))
    assert json.loads(answer.body)["complete"] is True
