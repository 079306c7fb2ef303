"""What is written for one person's graph never touches a row of another's, even where its ids are given."""

from datetime import timedelta

import pytest

from graph.detection.base import Line
from graph.models import (
    EventDelta,
    PredictedRelationship,
    Relationship,
    RelationshipPattern,
    SeasonalPattern,
    Series,
    TemporalPattern,
    Tie,
)
from graph.services.choose import (
    choose_clusters,
    choose_patterns,
    choose_series,
    list_patterns,
    mark_ties,
    match_patterns,
)
from graph.services.detect import detect_lines
from graph.services.facts import read_edges, read_events, read_tellings, read_world
from graph.services.layers import renew_all_layers
from graph.services.lines import write_lines
from tests.factories.graph import FIRST_DAY, find_all, read_rows, relate_now, write

LIVE = "live_enriched_relationships"
TEXT = "We walked from the mill to the harbour with the children and came home soaked near the lighthouse"


def begin(person):
    """Four days of the same three names, and a line of which every layer says something."""
    rows = [
        write(person, "Ana Silva", "Rui Costa", "@Porto", content=f"{TEXT}, day {n}", day=FIRST_DAY + timedelta(days=n))
        for n in range(4)
    ]
    relate_now(*rows)
    line = Line(rows[0].pk, rows[1].pk, "precedes", 0.5, "case_crossover", "It usually follows.", {})
    write_lines([line], user_id=person.pk, kept=[], exact=True)
    find_all(Relationship.objects.get(user=person, relationship_type="precedes"))
    return rows


@pytest.fixture
def mine(user):
    return begin(user)


@pytest.fixture
def theirs(other_user):
    return begin(other_user)


def read_all(person):
    """All that the layers hold of a person."""
    models = (Relationship, Tie, Series, TemporalPattern, SeasonalPattern, PredictedRelationship, RelationshipPattern)
    rows = {model: list(model.objects.filter(user=person).order_by("pk").values()) for model in (*models, EventDelta)}
    return rows | {"live": read_rows(LIVE, user=person)}


def line_between(source, target, *, confidence=0.9):
    return Line(source.pk, target.pk, "precedes", confidence, "case_crossover", "It usually follows.", {})


def test_lines_between_somebody_elses_memories_are_not_drawn(user, mine, theirs):
    before = read_all(theirs[0].user), Relationship.objects.count()
    lines = [line_between(theirs[2], theirs[3]), line_between(mine[2], theirs[3]), line_between(theirs[0], mine[1])]
    write_lines(lines, user_id=user.pk, kept=[], exact=True)
    assert (read_all(theirs[0].user), Relationship.objects.count()) == before


def test_somebody_elses_lines_are_not_removed_though_their_ids_are_given(user, mine, theirs):
    before = read_all(theirs[0].user)
    kept = list(Relationship.objects.values_list("pk", flat=True))
    write_lines([], user_id=user.pk, kept=kept, exact=True)
    assert read_all(theirs[0].user) == before
    assert not Relationship.objects.filter(user=user).exists()


def test_a_persons_series_speak_for_their_own_relationships_alone(user, mine, theirs):
    Relationship.objects.update(temporal_pattern=None, seasonal_pattern=None, predicted_relationship=None)
    before = read_all(theirs[0].user)
    choose_series(user.pk, relationship_ids=None)
    choose_series(user.pk, relationship_ids=list(Relationship.objects.values_list("pk", flat=True)))
    assert read_all(theirs[0].user) == before
    chosen = set(Relationship.objects.filter(user=user).values_list("temporal_pattern__user_id", flat=True))
    assert chosen == {user.pk}


def test_choosing_without_any_series_of_ones_own_chooses_nobody_elses(user, mine, theirs):
    Series.objects.filter(user=user).delete()
    choose_series(user.pk, relationship_ids=None)
    row = Relationship.objects.get(user=user, relationship_type="precedes")
    assert (row.temporal_pattern_id, row.seasonal_pattern_id, row.predicted_relationship_id) == (None, None, None)


def test_patterns_clusters_and_masks_are_a_persons_own(user, mine, theirs):
    before = read_all(theirs[0].user)
    everything = list(Relationship.objects.values_list("pk", flat=True))
    fits = match_patterns(read_events(user).values(), patterns=list_patterns(user.pk))
    choose_patterns(user.pk, fits=fits, relationship_ids=everything)
    choose_clusters(user.pk, relationship_ids=None)
    mark_ties(user.pk, entity_ids=None)
    assert read_all(theirs[0].user) == before


def test_detection_given_somebody_elses_ids_reads_and_draws_nothing(user, mine, theirs):
    before = read_all(theirs[0].user), read_all(user)
    ids = [memory.pk for memory in theirs]
    assert read_tellings(user, memory_ids=ids) == read_events(user, memory_ids=ids) == {}
    detect_lines(user, memory_ids=ids, statistics=None, exact=True)
    assert (read_all(theirs[0].user), read_all(user)) == before


def test_a_persons_facts_are_their_own(user, mine, theirs):
    world = read_world(user, everything=True, today=20_000)
    assert set(world.series) == set(
        Series.objects.filter(user=user, occurrences__isnull=False).values_list("pk", flat=True)
    )
    assert {edge.source for edge in read_edges(user.pk, types=["precedes"])} == {mine[0].pk}
    assert set(world.entities).isdisjoint(series["entity_a_id"] for series in read_all(theirs[0].user)[Series])


def test_a_whole_pass_over_one_person_changes_nothing_of_the_other(user, mine, theirs):
    before = read_all(theirs[0].user)
    renew_all_layers(user_id=user.pk)
    assert read_all(theirs[0].user) == before
