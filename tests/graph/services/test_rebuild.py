"""Enriched: what a whole pass leaves is a function of the memories and of the person's own words, not of their history."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graph.models import (
    Entity,
    EntityEvent,
    EventDelta,
    Leaf,
    Mention,
    Relationship,
    RelationshipPattern,
    Series,
    Signature,
    Statistics,
    Tie,
)
from graph.services.layers import renew_all_layers, renew_layers
from graph.services.relate import relate, settle
from memories.models import Memory
from memories.services.erase import erase_memories
from tests.factories import UserFactory
from tests.factories.graph import rewrite, write
from tests.factories.small_life import MONDAY, SOURCES, begin_life, carry_on
from tests.factories.snapshot import take_snapshot

NAMES = ("Ana Silva", "Rui Costa", "@Porto", "#choir", "#knee", "#long drive", "&Acme", "Ana Lima")
FEW = settings(
    max_examples=8,
    phases=(Phase.generate,),  # an example takes a second: too long to be shrunk
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
named = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)
adding = st.tuples(st.just("add"), named, st.integers(0, 400), st.sampled_from(SOURCES))
editing = st.tuples(st.just("edit"), st.integers(0, 99), named)
erasing = st.tuples(st.just("erase"), st.integers(0, 99))
merging = st.tuples(st.just("merge"), st.integers(0, 99), st.integers(0, 99))
passing = st.tuples(st.just("pass"))
histories = st.lists(st.one_of(adding, editing, erasing, merging, passing), min_size=4, max_size=12)


def live_on(user, *, step):
    memories = list(Memory.objects.filter(user=user).order_by("pk"))
    match step:
        case ("add", names, offset, source):
            carry_on([write(user, *names, day=MONDAY + timedelta(days=offset), source=source)])
        case ("edit", place, names):
            memory = memories[place % len(memories)]
            rewrite(memory, *names)
            carry_on([memory])
        case ("erase", place):
            erase_memories(user=user, memory_ids=[memories[place % len(memories)].pk])
        case ("merge", one, other):
            leaves = list(Leaf.objects.filter(user=user, kind="person").order_by("pk"))
            if len(leaves) > 1:
                pair = {"entity": leaves[one % len(leaves)], "other": leaves[other % len(leaves)]}
                EntityEvent.objects.create(user=user, action="merge", **pair)
                settle(user_id=user.pk, memory_ids=[], pairs=set(), touched=set())
        case ("pass",):
            renew_layers(user_id=user.pk)


def rebuild(user):
    """Forget all that was derived and derive it from the memories in one go."""
    for model in (Relationship, Series, Tie, RelationshipPattern, Mention, Signature, Statistics, Entity):
        model.objects.filter(user=user).delete()
    Leaf.objects.filter(user=user).update(canonical=None)
    ids = list(Memory.objects.filter(user=user).order_by("pk").values_list("pk", flat=True))
    relate(user_id=user.pk, memory_ids=ids)
    renew_all_layers(user_id=user.pk)


@pytest.mark.django_db
@FEW
@given(history=histories)
def test_a_whole_pass_leaves_what_a_rebuild_leaves(history):
    user = UserFactory()
    begin_life(user)
    renew_all_layers(user_id=user.pk)
    for step in history:
        live_on(user, step=step)
    renew_all_layers(user_id=user.pk)
    lived = take_snapshot(user)
    rebuild(user)
    rebuilt = take_snapshot(user)
    assert {name: lived[name] for name in lived if lived[name] != rebuilt[name]} == {
        name: rebuilt[name] for name in lived if lived[name] != rebuilt[name]
    }


def test_the_life_of_the_property_test_has_something_in_most_layers(user):
    begin_life(user)
    renew_all_layers(user_id=user.pk)
    parts = take_snapshot(user)
    assert {name for name, rows in parts.items() if not rows} <= {"pattern"}


def test_a_second_whole_pass_changes_nothing(user):
    begin_life(user)
    renew_all_layers(user_id=user.pk)
    before, deltas = take_snapshot(user), EventDelta.objects.count()
    renew_all_layers(user_id=user.pk)
    assert take_snapshot(user) == before
    assert EventDelta.objects.count() == deltas
