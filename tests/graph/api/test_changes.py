"""Served: whoever applies the changes to what they have has what they would get anew."""

import json
import random
import threading
from datetime import timedelta

import pytest
from django.db import connection
from rest_framework.test import APIClient
from waffle.testutils import override_flag

from graph.models import DirtyRow, Entity, EntityEvent, Leaf, Relationship, Tie
from graph.selectors import CHANGES, GraphQuestion, read_changes, read_graph
from graph.services.layout import lay_out
from graph.services.refresh import refresh_view
from graph.services.tidy import tidy_log
from memories.compression import expand_zstd
from memories.models import Memory
from memories.services.erase import erase_memories
from tests.factories.graph import FIRST_DAY, find_entity, relate_now, write
from tests.graph.conftest import connect

pytestmark = pytest.mark.django_db(transaction=True)
VIEWS = tuple(CHANGES)
LONG_AGO = "2020-01-01T00:00:00Z"
NAMES = ("Ana Silva", "Rui Costa", "Zita Alves", "@Porto", "@Braga", "&Chess", "#rain", "#bread")


def read_whole(user, view):
    """The graph as a client keeps it: nodes and edges by id, and the version."""
    answer = read_graph(user_id=user.pk, question=GraphQuestion(view=view))
    body = json.loads(answer.body or expand_zstd(answer.packed))
    return {"nodes": by_id(body["nodes"]), "edges": by_id(body["edges"]), "version": body["version"]}


def by_id(columns):
    return {row[0]: row for row in zip(*columns.values(), strict=True)}


def apply_changes(kept, delta):
    """What a client does with a delta; whoever drops a node drops its edges."""
    nodes = {pk: row for pk, row in kept["nodes"].items() if pk not in set(delta["removed"]["nodes"])} | by_id(
        delta["nodes"]
    )
    edges = {pk: row for pk, row in kept["edges"].items() if pk not in set(delta["removed"]["edges"])} | by_id(
        delta["edges"]
    )
    edges = {pk: row for pk, row in edges.items() if row[1] in nodes and row[2] in nodes}
    return {"nodes": nodes, "edges": edges, "version": delta["version"]}


def follow(user, kept, view):
    _, body = read_changes(user_id=user.pk, view=view, since=kept["version"])
    return apply_changes(kept, json.loads(body))


def drawn(graph):
    return graph["nodes"], graph["edges"]


@pytest.fixture
def life(user):
    relate_now(*[write(user, *NAMES[n : n + 3], day=FIRST_DAY + timedelta(days=n)) for n in range(5)])
    relate_now(*[write(user, *NAMES[n : n + 3], day=FIRST_DAY + timedelta(days=9 + n)) for n in range(5)])
    lay_out(user_id=user.pk)
    refresh_view()
    return user


STEPS = {
    "write": lambda user, dice: relate_now(write(user, *dice.sample(NAMES, 3), day=FIRST_DAY + timedelta(days=dice.randrange(90)))),
    "store": lambda user, dice: write(user, *dice.sample(NAMES, 2)),
    "erase": lambda user, dice: erase_memories(user=user, memory_ids=[a_memory(user, dice).pk]),
    "title": lambda user, dice: Memory.objects.filter(pk=a_memory(user, dice).pk).update(title=f"Title {dice.random()}"),
    "hide": lambda user, dice: tell(user, dice, "hide"),
    "show": lambda user, dice: tell(user, dice, "show"),
    "rename": lambda user, dice: tell(user, dice, "rename", value=f"Name {dice.randrange(100)}"),
    "merge": lambda user, dice: tell(user, dice, "merge", other=a_leaf(user, dice)),
    "layout": lambda user, dice: lay_out(user_id=user.pk),
    "move": lambda user, dice: Entity.objects.filter(user=user).update(x=dice.random()),
    "layers": lambda user, dice: Tie.objects.filter(user=user, memories__lte=2).update(layers=dice.randrange(512)),
    "confidence": lambda user, dice: Relationship.objects.filter(user=user).update(confidence_score=dice.random()),
    "refresh": lambda user, dice: refresh_view(),
}  # fmt: skip


def a_memory(user, dice):
    return dice.choice(list(Memory.objects.filter(user=user).order_by("pk")))


def a_leaf(user, dice):
    return dice.choice(list(Leaf.objects.filter(user=user).order_by("pk")))


def tell(user, dice, action, **more):
    """Something the person says of an entity, and a memory that makes it count."""
    EntityEvent.objects.create(user=user, action=action, entity=a_leaf(user, dice), **more)
    relate_now(write(user, *dice.sample(NAMES, 2)))


@pytest.mark.parametrize("step", STEPS)
def test_the_changes_of_one_step_lead_to_the_graph_of_after_it(life, step):
    kept = {view: read_whole(life, view) for view in VIEWS}
    STEPS[step](life, random.Random(step))
    for view in VIEWS:
        assert drawn(follow(life, kept[view], view)) == drawn(read_whole(life, view)), view


@pytest.mark.parametrize("seed", range(4))
def test_the_changes_of_many_steps_lead_to_the_graph_of_after_them(life, seed):
    dice = random.Random(seed)
    kept = {view: read_whole(life, view) for view in VIEWS}
    for _ in range(4):
        for step in dice.choices(list(STEPS), k=4):
            STEPS[step](life, dice)
        for view in VIEWS:
            kept[view] = follow(life, kept[view], view)
            assert drawn(kept[view]) == drawn(read_whole(life, view))


def test_where_nothing_changed_the_version_stays_and_the_delta_is_empty(life):
    kept = read_whole(life, "entities")
    Memory.objects.filter(user=life).update(title="Only memories show this")
    delta = json.loads(read_changes(user_id=life.pk, view="entities", since=kept["version"])[1])
    assert delta["version"] == kept["version"]
    assert delta["relayout"] is False
    assert {len(column) for part in (delta["nodes"], delta["edges"], delta["removed"]) for column in part.values()} == {
        0
    }


def test_what_is_gone_is_named_by_its_ends_too(life):
    kept = read_whole(life, "entities")
    tie = Tie.objects.filter(user=life).first()
    tie_id, ends = tie.pk, [tie.a_id, tie.b_id]
    tie.delete()
    removed = json.loads(read_changes(user_id=life.pk, view="entities", since=kept["version"])[1])["removed"]
    assert removed == {"nodes": [], "edges": [tie_id], "ends": [ends]}


def test_a_new_layout_brings_all_nodes(life):
    kept = read_whole(life, "entities")
    Entity.objects.filter(pk=min(kept["nodes"])).update(x=0.75)
    delta = json.loads(read_changes(user_id=life.pk, view="entities", since=kept["version"])[1])
    assert delta["relayout"] is True
    assert set(delta["nodes"]["id"]) == set(kept["nodes"])


def test_a_change_that_commits_late_is_not_lost(life, session):
    session.execute("BEGIN")
    session.execute("UPDATE entity_ties SET weight = 0.125 WHERE user_id = %s", [life.pk])
    Memory.objects.filter(user=life).update(title="Another")  # commits before
    kept = read_whole(life, "entities")
    session.execute("COMMIT")
    after = follow(life, kept, "entities")
    assert {row[4] for row in after["edges"].values()} == {0.125}


@pytest.fixture
def client(life):
    api = APIClient()
    api.force_authenticate(life)
    return api


def test_the_feed_is_one_statement_and_says_so(client, life, django_assert_num_queries):
    version = client.get("/api/v1/graph/").json()["version"]
    with django_assert_num_queries(1):
        answer = client.get("/api/v1/graph/changes/", {"since": version})
    assert answer.status_code == 200
    assert answer.json()["version"] == version
    assert answer.headers["Server-Timing"].startswith('queries;desc="1"')


def test_what_is_added_to_a_version_is_not_repeated_in_the_answer(client):
    version = client.get("/api/v1/graph/").json()["version"]
    for more in ('-","x":"', "-\n", " "):
        assert client.get("/api/v1/graph/changes/", {"since": version + more}).status_code == 410


def test_without_the_flag_there_are_no_changes_of_what_is_not_served(client):
    version = client.get("/api/v1/graph/").json()["version"]
    with override_flag("serve_precomputed_graph", active=False):
        assert client.get("/api/v1/graph/changes/", {"since": version}).status_code == 410


def test_a_version_that_is_not_ours_is_gone(client):
    for since in ("small", "0-1:1:", "nonsense", "-", "x" * 300, "4e15-5:3:", "é\x00"):
        answer = client.get("/api/v1/graph/changes/", {"since": since})
        assert (answer.status_code, list(answer.json())) == (410, ["detail"]), since


@pytest.mark.parametrize(("params", "field"), [({}, "since"), ({"since": "x", "view": "pictures"}, "view")])
def test_a_question_that_makes_no_sense_is_answered_by_its_field(client, params, field):
    answer = client.get("/api/v1/graph/changes/", params)
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_a_version_from_before_what_is_forgotten_is_gone_and_a_later_one_is_not(life):
    before = read_whole(life, "entities")["version"]
    Tie.objects.filter(user=life).update(weight=0.5)
    kept = read_whole(life, "entities")
    DirtyRow.objects.update(at=LONG_AGO)
    refresh_view()
    assert tidy_log() > 0
    assert read_changes(user_id=life.pk, view="entities", since=before) is None
    assert drawn(follow(life, kept, "entities")) == drawn(kept)
    assert read_graph(user_id=life.pk, question=GraphQuestion(), known=[before]).body is not None


def test_what_the_view_has_not_taken_in_is_not_forgotten(life):
    Relationship.objects.filter(user=life).update(confidence_score=0.5)
    DirtyRow.objects.update(at=LONG_AGO)
    tidy_log()
    assert {row[4] for row in read_whole(life, "memories")["edges"].values()} == {0.5}


def test_a_version_that_missed_a_late_commit_is_gone_once_that_is_forgotten(life, session):
    """The version saw a transaction that began after the one it missed, so the last number alone says nothing."""
    session.execute("BEGIN")
    session.execute("UPDATE entity_ties SET weight = 0.125 WHERE user_id = %s", [life.pk])
    Entity.objects.filter(pk=find_entity(life, "Ana Silva").pk).update(name="Ana S.")
    missed = read_whole(life, "entities")["version"]
    session.execute("COMMIT")
    DirtyRow.objects.update(at=LONG_AGO)
    refresh_view()
    tidy_log()
    assert read_changes(user_id=life.pk, view="entities", since=missed) is None
    assert read_graph(user_id=life.pk, question=GraphQuestion(), known=[missed]).version != missed


def test_rows_of_the_future_came_with_a_restore_and_count_for_nothing(life):
    kept = read_whole(life, "entities")
    DirtyRow.objects.filter(view="entities").update(xid=str(2**40))
    assert drawn(follow(life, kept, "entities")) == drawn(kept)
    assert tidy_log() > 0
    assert not DirtyRow.objects.filter(view="entities").exists()


def test_a_second_tidying_forgets_nothing_more(life):
    DirtyRow.objects.update(at=LONG_AGO)
    refresh_view()
    tidy_log()
    assert tidy_log() == 0


def test_a_client_that_follows_while_others_write_and_refresh_misses_nothing(life):
    """Two writers and a refresher at work, a client that only applies deltas: in the end it has what is there."""
    stop, errors = threading.Event(), []
    kept = {view: read_whole(life, view) for view in VIEWS}
    jobs = [keep_writing(life, stop, step) for step in (3, 7)] + [lambda: keep_refreshing(stop)]
    threads = [threading.Thread(target=guard, args=(job, errors)) for job in jobs]
    for thread in threads:
        thread.start()
    for _ in range(60):
        for view in VIEWS:
            kept[view] = follow(life, kept[view], view)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert errors == []
    for view in VIEWS:
        assert drawn(follow(life, kept[view], view)) == drawn(read_whole(life, view))


def guard(job, errors):
    try:
        job()
    except Exception as error:  # noqa: BLE001 -- a thread's error is shown by the test
        errors.append(repr(error))
    finally:
        connection.close()


def keep_writing(user, stop, step):
    """Several rows of several tables a transaction, some of them late to commit, some taken back."""

    def work():
        number = 0
        with connect() as writer:
            while not stop.is_set():
                number += step
                writer.execute("BEGIN")
                writer.execute(
                    "UPDATE entity_ties SET weight = %s WHERE user_id = %s AND id %% %s = 0",
                    [number / 1000, user.pk, step],
                )
                writer.execute("SELECT pg_sleep(0.003)")
                writer.execute(
                    "UPDATE relationship_instances SET confidence_score = %s WHERE user_id = %s AND id %% %s = 0",
                    [(number % 100) / 100, user.pk, step],
                )
                writer.execute(
                    "UPDATE memories_memory SET title = %s WHERE user_id = %s AND id %% %s = 0",
                    [str(number), user.pk, step],
                )
                writer.execute("ROLLBACK" if number % 4 == 0 else "COMMIT")

    return work


def keep_refreshing(stop):
    while not stop.is_set():
        refresh_view()
