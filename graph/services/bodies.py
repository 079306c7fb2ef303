"""Served: a person's graph in the shapes that are asked most, made and packed once a version instead of once a read."""

from django.db import transaction

from graph.models import Body
from graph.selectors import KEPT, read_graph
from graph.services.locks import lock_user
from memories.compression import compress_body


def store_bodies(*, user_id: int) -> None:
    """Keep what differs from what is kept. Under the person's lock: nothing is erased meanwhile."""
    with transaction.atomic():
        lock_user(user_id)
        for question in KEPT:
            answer = read_graph(user_id=user_id, question=question)
            if answer.body is None:
                continue  # what is kept still holds
            packed = compress_body(answer.body.encode(), encoding="zstd")
            kept = {"version": answer.version, "packed": packed}
            Body.objects.update_or_create(user_id=user_id, shape=question.shape, defaults=kept)


def drop_bodies(*, user_id: int) -> None:
    """Forget what was kept: it names what is being erased."""
    Body.objects.filter(user_id=user_id).delete()
