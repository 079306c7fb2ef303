"""Served: a person's whole graph, made once a version instead of once a read."""

from collections.abc import Sequence

from django.db import transaction

from graph.models import Body
from graph.selectors import STATEMENTS, GraphQuestion, read_graph
from graph.services.locks import lock_user


def store_bodies(*, user_id: int) -> None:
    """Keep the text of both views of the whole graph beside its version. Under the person's lock: nothing is erased meanwhile."""
    with transaction.atomic():
        lock_user(user_id)
        for view in STATEMENTS:
            answer = read_graph(user_id=user_id, question=GraphQuestion(view=view))
            kept = {"tag": answer.version, "body": answer.body or ""}
            Body.objects.update_or_create(user_id=user_id, view=view, defaults=kept)


def drop_bodies(*, user_ids: Sequence[int]) -> None:
    """Forget what was kept: names in it may be erased ones."""
    Body.objects.filter(user_id__in=user_ids).delete()
