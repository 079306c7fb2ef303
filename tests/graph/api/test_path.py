"""Served: `graph/path/`: the best ways between two entities, each step with its reason and the memories that speak for it."""

from datetime import timedelta
from itertools import pairwise
from math import exp, log

import pytest

from graph.models import Entity, EntityEvent, Leaf, Tie
from tests.factories.graph import FIRST_DAY, find_entity, find_tie, relate_now, write

LATER = FIRST_DAY + timedelta(days=2)
NOWHERE = 10**17


@pytest.fixture
def life(user):
    """Ana - Bia - Caio by two memories each, Ana - Davi - Caio by one each, and Eva with Fabio apart from all."""
    memories = [
        write(user, "Ana Silva", "Bia Alves", title="Lunch"),
        write(user, "Ana Silva", "Bia Alves", day=LATER),
        *(write(user, "Bia Alves", "Caio Reis") for _ in range(2)),
        write(user, "Ana Silva", "Davi Melo"),
        write(user, "Davi Melo", "Caio Reis"),
        write(user, "Eva Lima", "Fabio Dias"),
    ]
    relate_now(*memories)
    return memories


def ask(api, one, other, **params):
    return api.get("/api/v1/graph/path/", {"from": one, "to": other} | params)


def find(api, user, one, other, **params):
    answer = ask(api, find_entity(user, one).pk, find_entity(user, other).pk, **params)
    assert answer.status_code == 200, answer.content
    return answer.json()


def list_ways(answer):
    """Each path as the names it passes."""
    return [
        [path["hops"][0]["source"]["name"], *(hop["target"]["name"] for hop in path["hops"])]
        for path in answer["paths"]
    ]


def test_the_strong_way_comes_before_the_weak_one(api, user, life):
    answer = find(api, user, "Ana Silva", "Caio Reis")
    assert list_ways(answer) == [["Ana Silva", "Bia Alves", "Caio Reis"], ["Ana Silva", "Davi Melo", "Caio Reis"]]
    assert [path["cost"] for path in answer["paths"]] == [
        round(2 * (log(2) - log(1 - exp(-weight))), 4) for weight in (2.0, 1.0)
    ]
    assert answer["from"] == {"id": find_entity(user, "Ana Silva").pk, "name": "Ana Silva", "kind": "person"}
    assert (answer["to"]["name"], answer["why"]) == ("Caio Reis", None)


def test_a_step_says_what_the_tie_is_and_which_memories_speak_for_it(api, user, life):
    tie = find_tie(user, "Ana Silva", "Bia Alves")
    Tie.objects.filter(pk=tie.pk).update(layers=0b1000000101)
    step = find(api, user, "Ana Silva", "Caio Reis")["paths"][0]["hops"][0]
    assert step == {
        "tie": tie.pk,
        "source": {"id": find_entity(user, "Ana Silva").pk, "name": "Ana Silva", "kind": "person"},
        "target": {"id": find_entity(user, "Bia Alves").pk, "name": "Bia Alves", "kind": "person"},
        "weight": 2.0,
        "memories": 2,
        "first": "2024-05-03",
        "last": "2024-05-05",
        "layers": ["causal", "seasonal"],
        "why": "Ana Silva and Bia Alves are named together in 2 memories, from 3 May 2024 to 5 May 2024.",
        "evidence": [
            {"id": life[1].pk, "title": "Ana Silva and Bia Alves", "day": "2024-05-05"},
            {"id": life[0].pk, "title": "Lunch", "day": "2024-05-03"},
        ],
    }


def test_the_way_back_is_the_same_way(api, user, life):
    there, back = find(api, user, "Ana Silva", "Caio Reis"), find(api, user, "Caio Reis", "Ana Silva")
    assert list_ways(back) == [way[::-1] for way in list_ways(there)]


@pytest.mark.parametrize(
    ("one", "other", "sentence"),
    [
        ("Davi Melo", "Caio Reis", "Davi Melo and Caio Reis are named together once, on 3 May 2024."),
        ("Bia Alves", "Caio Reis", "Bia Alves and Caio Reis are named together in 2 memories, on 3 May 2024."),
    ],
)
def test_a_step_explains_itself_in_a_sentence(api, user, life, one, other, sentence):
    assert find(api, user, one, other, k=1)["paths"][0]["hops"][0]["why"] == sentence


def test_the_evidence_is_the_three_newest(api, user, life):
    rows = [write(user, "Eva Lima", "Fabio Dias", day=FIRST_DAY + timedelta(days=n)) for n in range(1, 5)]
    relate_now(*rows)
    evidence = find(api, user, "Eva Lima", "Fabio Dias")["paths"][0]["hops"][0]["evidence"]
    assert [one["id"] for one in evidence] == [row.pk for row in rows[:0:-1]]


def test_a_memory_that_names_both_far_apart_is_no_evidence(api, user, life):
    relate_now(write(user, "Eva Lima", "Fabio Dias", between=" and then nothing happened" * 200, day=LATER))
    step = find(api, user, "Eva Lima", "Fabio Dias")["paths"][0]["hops"][0]
    assert (step["memories"], [one["id"] for one in step["evidence"]]) == (1, [life[-1].pk])


def test_as_many_ways_as_asked_for(api, user, life):
    assert len(find(api, user, "Ana Silva", "Caio Reis", k=1)["paths"]) == 1
    assert len(find(api, user, "Ana Silva", "Caio Reis", k=5)["paths"]) == 2


def test_no_way_is_said_in_words(api, user, life):
    answer = find(api, user, "Ana Silva", "Eva Lima")
    assert answer["paths"] == []
    assert answer["why"] == "No chain of memories that name two of a pair together leads from Ana Silva to Eva Lima."


def test_what_is_hidden_is_passed_by_no_way_and_reached_by_none(api, user, life):
    EntityEvent.objects.create(user=user, action="hide", entity=Leaf.objects.get(key="bia alves"))
    relate_now(*life)
    assert list_ways(find(api, user, "Ana Silva", "Caio Reis")) == [["Ana Silva", "Davi Melo", "Caio Reis"]]
    answer = find(api, user, "Ana Silva", "Bia Alves")
    assert (answer["paths"], answer["why"].startswith("Bia Alves is not in the graph")) == ([], True)


def test_the_teller_is_passed_only_where_there_is_no_other_way(api, user, life):
    relate_now(*(write(user, "Bia Alves", "Eva Lima") for _ in range(3)))
    Entity.objects.filter(user=user, name="Bia Alves").update(teller=True)
    assert list_ways(find(api, user, "Ana Silva", "Caio Reis")) == [["Ana Silva", "Davi Melo", "Caio Reis"]]
    answer = find(api, user, "Ana Silva", "Eva Lima")
    assert list_ways(answer)[0] == ["Ana Silva", "Bia Alves", "Eva Lima"]
    assert answer["why"] == "Only through Bia Alves, who tells the notes and is tied to nearly everything."


def test_the_teller_may_be_asked_about(api, user, life):
    Entity.objects.filter(user=user, name="Bia Alves").update(teller=True)
    answer = find(api, user, "Bia Alves", "Davi Melo")
    assert sorted(way[1] for way in list_ways(answer)) == ["Ana Silva", "Caio Reis"]
    assert answer["why"] is None


def test_an_id_that_was_merged_answers_for_the_entity_it_went_into(api, user, life):
    old, ana = find_entity(user, "Davi Melo").pk, find_entity(user, "Ana Silva").pk
    leaves = {leaf.key: leaf for leaf in Leaf.objects.all()}
    EntityEvent.objects.create(user=user, action="merge", entity=leaves["davi melo"], other=leaves["ana silva"])
    relate_now(*life)
    answer = ask(api, old, find_entity(user, "Caio Reis").pk).json()
    assert answer["from"]["id"] == ana
    assert list_ways(answer)[0] in (["Ana Silva", "Caio Reis"], ["Ana Silva", "Bia Alves", "Caio Reis"])
    assert list(ask(api, old, ana).json()) == ["to"]


def test_somebody_elses_entity_is_not_found_and_none_of_theirs_is_passed(api, user, other_user, life):
    relate_now(write(other_user, "Ana Silva", "Eva Lima"))
    ana, theirs = find_entity(user, "Ana Silva").pk, find_entity(other_user, "Eva Lima").pk
    assert [ask(api, *ends).status_code for ends in ((ana, theirs), (theirs, ana), (ana, NOWHERE))] == [404] * 3
    assert find(api, user, "Ana Silva", "Eva Lima")["paths"] == []


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"to": 1}, "from"),
        ({"from": 1}, "to"),
        ({"from": "Ana", "to": 1}, "from"),
        ({"from": 1, "to": "-2"}, "to"),
        ({"from": 1, "to": 2, "k": "0"}, "k"),
        ({"from": 1, "to": 2, "k": "many"}, "k"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_by_its_field(api, user, params, field):
    answer = api.get("/api/v1/graph/path/", params)
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_one_entity_has_no_way_to_itself(api, user, life):
    pk = find_entity(user, "Ana Silva").pk
    answer = ask(api, pk, pk)
    assert (answer.status_code, answer.json()) == (400, {"to": ["Ana Silva is at both ends."]})


def test_a_path_costs_three_statements_however_long_it_is(api, user, life, django_assert_num_queries):
    names = ["Ana Silva", *(f"Person Number{n}" for n in range(8)), "Eva Lima"]
    relate_now(*(write(user, *pair) for pair in pairwise(names)))
    ana, bia, eva = (find_entity(user, name).pk for name in ("Ana Silva", "Bia Alves", "Eva Lima"))
    for other, steps in ((bia, 1), (eva, 9)):
        with django_assert_num_queries(3):
            assert len(ask(api, ana, other).json()["paths"][0]["hops"]) == steps
