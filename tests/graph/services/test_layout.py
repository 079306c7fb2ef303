"""Served: importance, communities and places, which stand for an epoch and are the same each time for the same graph."""

from datetime import timedelta

import networkx as nx
import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from graph.models import Body, DirtyRow, Entity, Layout, MemoryPlace
from graph.services.layout import LONGEST_EPOCH, MOST_DRIFT, is_due, lay_out
from memories.services.erase import erase_memories
from tests.factories.graph import FIRST_DAY, find_entity, relate_now, write

ONE, OTHER = ("Ana Silva", "Bia Alves", "Caio Reis", "Davi Melo"), ("Eva Lima", "Fabio Dias", "Gil Rosa", "Hugo Paz")
MANY = [f"Person Number{n}" for n in range(60)]
NOW = timezone.now()
PLACE = ("x", "y", "importance", "community")


@pytest.fixture
def cliques(user):
    """Two groups of four, each named together, and one tie between them."""
    groups = [write(user, *names) for names in (ONE, OTHER) * 3]
    relate_now(*groups, write(user, *ONE, "@Porto"), write(user, ONE[0], OTHER[0]))
    lay_out(user_id=user.pk)
    return user


@pytest.fixture
def crowd(user):
    """Sixty who follow one another in memories of four, laid out: one more of them changes little."""
    days = [FIRST_DAY + timedelta(days=n) for n in range(60)]
    relate_now(*(write(user, *(MANY * 2)[n : n + 4], day=day) for n, day in enumerate(days)))
    lay_out(user_id=user.pk, now=NOW)
    return user


def places_of(user):
    entities = Entity.objects.filter(user=user).order_by("pk").values_list("pk", *PLACE)
    memories = MemoryPlace.objects.filter(user=user).order_by("memory_id").values_list("memory_id", *PLACE)
    return {"entities": {pk: row for pk, *row in entities}, "memories": {pk: row for pk, *row in memories}}


def rows_of(*tables):
    """Every row of these tables with the transaction that wrote it and its place on the disk: a row written again has others."""
    with connection.cursor() as cursor:
        return [cursor.execute(f"SELECT xmin, ctid, t FROM {table} t ORDER BY id").fetchall() for table in tables]


def list_epochs(user):
    """What the log says of epochs: `layout` of entities, `places` of memories."""
    rows = DirtyRow.objects.filter(user_id=user.pk, kind__in=("layout", "places"))
    return sorted(rows.values_list("kind", flat=True))


def test_importance_is_a_share_and_the_best_connected_comes_first(cliques):
    importance = dict(Entity.objects.filter(user=cliques).values_list("name", "importance"))
    assert all(0 < value <= 1 for value in importance.values())
    assert max(importance, key=importance.get) == ONE[0]
    assert importance[ONE[0]] == 1


def test_two_groups_are_two_communities(cliques):
    community = dict(Entity.objects.filter(user=cliques).values_list("name", "community"))
    assert len({community[name] for name in ONE}) == len({community[name] for name in OTHER}) == 1
    assert community[ONE[0]] != community[OTHER[0]]


def test_every_shown_entity_has_a_place_of_its_own(cliques):
    places = list(Entity.objects.shown().filter(user=cliques).values_list("x", "y"))
    assert len(set(places)) == len(places) == 9
    assert all(abs(x) < 3 and abs(y) < 3 for x, y in places)


def test_every_memory_has_a_place_at_its_time(crowd):
    places = MemoryPlace.objects.filter(user=crowd).order_by("memory__occurred_on")
    assert list(places.values_list("x", flat=True)) == pytest.approx([2 * n / 59 - 1 for n in range(60)], abs=1e-4)
    assert max(places.values_list("importance", flat=True)) == 1


def test_memories_that_speak_of_the_same_are_a_community(cliques):
    rows = MemoryPlace.objects.filter(user=cliques).order_by("memory_id").values_list("community", flat=True)
    assert len(set(rows[0:6:2])) == len(set(rows[1:6:2])) == 1
    assert rows[0] != rows[1]


def test_an_epoch_says_what_it_found_of_the_whole(cliques):
    found = {row.view: (row.components, row.largest, row.communities) for row in Layout.objects.filter(user=cliques)}
    communities = Entity.objects.filter(user=cliques).values("community").distinct().count()
    assert found["entities"] == (1, 9, communities)
    assert found["memories"][1] <= 8


def test_where_nothing_changed_nothing_is_written(crowd):
    tables = ("graph_entities", "graph_memory_places", "graph_layouts", "graph_dirty_log")
    before = rows_of(*tables)
    lay_out(user_id=crowd.pk, now=NOW + 2 * LONGEST_EPOCH)
    assert rows_of(*tables) == before


def test_a_newcomer_moves_nobody(crowd):
    before, epochs = places_of(crowd), list_epochs(crowd)
    relate_now(write(crowd, MANY[7], "Zita Nova", day=FIRST_DAY + timedelta(days=61)))
    lay_out(user_id=crowd.pk, now=NOW)
    after = places_of(crowd)
    assert {pk: after["entities"][pk] for pk in before["entities"]} == before["entities"]
    assert {pk: after["memories"][pk] for pk in before["memories"]} == before["memories"]
    assert list_epochs(crowd) == epochs
    assert Layout.objects.filter(user=crowd, computed_at=NOW).count() == 2


def test_a_newcomer_stands_beside_whom_it_is_named_with_and_waits_for_its_importance(crowd):
    memory = write(crowd, MANY[7], "Zita Nova", day=FIRST_DAY + timedelta(days=59))
    relate_now(memory)
    lay_out(user_id=crowd.pk, now=NOW)
    seven, zita = find_entity(crowd, MANY[7]), find_entity(crowd, "Zita Nova")
    assert abs(seven.x - zita.x) + abs(seven.y - zita.y) < 0.2
    assert (zita.importance, zita.community) == (0, seven.community)
    place = MemoryPlace.objects.get(memory=memory)
    assert (place.x, place.importance) == (pytest.approx(1, abs=0.001), 0)


def test_a_newcomer_that_has_its_place_is_not_written_again(crowd):
    relate_now(write(crowd, MANY[7], "Zita Nova"))
    lay_out(user_id=crowd.pk, now=NOW)
    before = rows_of("graph_entities", "graph_memory_places", "graph_dirty_log")
    lay_out(user_id=crowd.pk, now=NOW)
    assert rows_of("graph_entities", "graph_memory_places", "graph_dirty_log") == before


def test_a_day_later_what_differs_begins_an_epoch(crowd):
    before = list_epochs(crowd)
    relate_now(write(crowd, MANY[7], "Zita Nova"))
    lay_out(user_id=crowd.pk, now=NOW + LONGEST_EPOCH + timedelta(seconds=1))
    assert find_entity(crowd, "Zita Nova").importance > 0
    assert not MemoryPlace.objects.filter(user=crowd, importance=0).exists()
    assert list_epochs(crowd).count("layout") == before.count("layout") + 1


def test_much_that_is_new_begins_an_epoch_at_once_in_which_the_picture_is_still_known(crowd):
    before = places_of(crowd)["entities"]
    newcomers = [f"Newcomer Number{n}" for n in range(6)]
    relate_now(*(write(crowd, *(newcomers * 2)[n : n + 3], MANY[n]) for n in range(6)))
    lay_out(user_id=crowd.pk, now=NOW)
    after = places_of(crowd)["entities"]
    assert all(importance > 0 for _, _, importance, _ in after.values())
    moved = [np.hypot(after[pk][0] - x, after[pk][1] - y) for pk, (x, y, _, _) in before.items()]
    assert np.median(moved) < 0.3
    assert np.mean([after[pk][3] == community for pk, (_, _, _, community) in before.items()]) > 0.5


@pytest.mark.parametrize(
    ("drift", "age", "due"),
    [
        (0.0, 9 * LONGEST_EPOCH, False),
        (MOST_DRIFT / 2, LONGEST_EPOCH / 2, False),
        (MOST_DRIFT / 2, 2 * LONGEST_EPOCH, True),
        (2 * MOST_DRIFT, timedelta(0), True),
    ],
)
def test_an_epoch_ends_by_its_drift_or_by_its_age(drift, age, due):
    assert is_due(drift=drift, begun=NOW - age, now=NOW) is due


def test_the_teller_stands_in_the_middle_and_takes_no_part(crowd):
    before = places_of(crowd)["entities"]
    Entity.objects.filter(user=crowd, name=MANY[0]).update(teller=True)
    lay_out(user_id=crowd.pk, now=NOW)
    teller = find_entity(crowd, MANY[0])
    assert (teller.x, teller.y, teller.importance, teller.community) == (0, 0, 1, 0)
    assert before[teller.pk][:2] != [0, 0]


def test_a_newcomer_has_a_place_before_the_next_layout(cliques):
    relate_now(write(cliques, ONE[0], "Zita Nova"), write(cliques, "Lone Wolf"))
    assert not Entity.objects.filter(user=cliques, x__isnull=True).exists()
    ana, zita = find_entity(cliques, ONE[0]), find_entity(cliques, "Zita Nova")
    assert abs(ana.x - zita.x) + abs(ana.y - zita.y) < 0.2
    assert zita.community == ana.community


def test_an_entity_that_is_hidden_takes_no_part(cliques):
    Entity.objects.filter(user=cliques, name=OTHER[3]).update(hidden=True, importance=0.0)
    lay_out(user_id=cliques.pk)
    assert find_entity(cliques, OTHER[3]).importance == 0.0


def test_the_place_of_an_erased_memory_goes_with_it(crowd):
    memory = MemoryPlace.objects.filter(user=crowd).order_by("pk")[0].memory_id
    erase_memories(user=crowd, memory_ids=[memory])
    lay_out(user_id=crowd.pk, now=NOW)
    assert not MemoryPlace.objects.filter(memory_id=memory).exists()


def test_another_persons_graph_is_left_alone(cliques, other_user):
    relate_now(write(other_user, *ONE))
    lay_out(user_id=other_user.pk)
    before = places_of(other_user)
    lay_out(user_id=cliques.pk)
    assert places_of(other_user) == before


def test_an_empty_graph_has_an_empty_layout(user):
    lay_out(user_id=user.pk)
    assert set(Layout.objects.filter(user=user).values_list("components", "largest", "communities")) == {(0, 0, 0)}


def test_components_are_counted_as_another_library_counts_them(cliques):
    relate_now(write(cliques, "Lone Wolf"), write(cliques, "Zita Nova", "Yara Cruz"))
    lay_out(user_id=cliques.pk)
    graph = nx.Graph()
    with connection.cursor() as cursor:
        graph.add_nodes_from(pk for (pk,) in cursor.execute("SELECT id FROM graph_entities WHERE shown").fetchall())
        graph.add_edges_from(cursor.execute("SELECT a_id, b_id FROM entity_ties").fetchall())
    sizes = [len(part) for part in nx.connected_components(graph)]
    assert Layout.objects.values_list("components", "largest").get(view="entities") == (len(sizes), max(sizes))


def test_the_text_that_was_kept_of_the_graph_goes_with_the_next_change(cliques):
    assert Body.objects.filter(user=cliques).exists()
