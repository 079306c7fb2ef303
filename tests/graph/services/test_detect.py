"""Related: near copies, one event on several platforms, stated causes; the same lines whatever arrived first."""

from datetime import timedelta
from itertools import permutations

import pytest

from graph.models import Relationship, Signature
from graph.services.enrich import enrich
from graph.services.relate import relate
from memories.models import Memory
from memories.services.erase import erase_memories
from tests.factories import UserFactory
from tests.factories.graph import FIRST_DAY, relate_now, write

STORY = (
    "We walked from the mill to the harbour with the children, ate grilled sardines under the plane trees"
    " and came home soaked because the ferry had broken down again near the lighthouse"
)
SLIP = STORY.replace("harbour", "habrour")
TWICE = STORY.replace("children", "chidren")
RECEIPTS = (
    ("note", "Paid Rui for the boiler, £181.75 as agreed, order AB-99245"),
    ("gmail", "Dear customer, your order AB-99245 is confirmed. Total £181.75. Rui Costa Heating"),
    ("dropbox", "invoice AB-99245 boiler Rui Costa Heating £181.75.pdf"),
)


def arrive(user, **columns):
    """A memory arrives, is related and enriched."""
    names = columns.pop("names", ())
    memory = write(user, *names, **columns)
    relate(user_id=user.pk, memory_ids=[memory.pk])
    enrich(user_id=user.pk, memory_ids=[memory.pk])
    return memory


def list_lines(user, method):
    """By what both are called: source, target and confidence."""
    rows = Relationship.objects.filter(user=user, detection_method=method).order_by("pk")
    found = rows.values_list("source_event__external_id", "target_event__external_id", "confidence_score")
    return sorted((source, target, round(confidence, 6)) for source, target, confidence in found)


def arrive_in(order, *told):
    """Another person to whom these come in that order; memories are called by their place in `told`."""
    person = UserFactory()
    for place in order:
        columns = {"day": FIRST_DAY + timedelta(days=place), "external_id": str(place)} | told[place]
        arrive(person, **columns)
    return person


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_near_copy_is_found_whichever_arrives_first(db, order):
    person = arrive_in(order, {"content": STORY}, {"content": SLIP})
    ((source, target, confidence),) = list_lines(person, "near_text")
    assert (source, target) == ("0", "1")
    assert confidence > 0.9


def test_a_later_copy_chooses_anew_when_the_first_goes(user):
    first, second, third = (
        arrive(user, content=text, external_id=name, day=FIRST_DAY + timedelta(days=n))
        for n, (name, text) in enumerate((("a", STORY), ("b", SLIP), ("c", TWICE)))
    )
    assert {target for _, target, _ in list_lines(user, "near_text")} == {"b", "c"}
    erase_memories(user=user, memory_ids=[first.pk])
    enrich(user_id=user.pk, memory_ids=[second.pk])
    assert [(source, target) for source, target, _ in list_lines(user, "near_text")] == [("b", "c")]
    assert third.pk in set(Relationship.objects.values_list("target_event_id", flat=True))


def test_an_edit_that_makes_it_another_text_takes_the_line_away(user):
    arrive(user, content=STORY)
    copy = arrive(user, content=SLIP)
    assert len(list_lines(user, "near_text")) == 1
    Memory.objects.filter(pk=copy.pk).update(content="Rain all day, and nothing else to tell of it.")
    enrich(user_id=user.pk, memory_ids=[copy.pk])
    assert list_lines(user, "near_text") == []


def test_other_numbers_are_no_copy(user):
    arrive(user, content=f"{STORY}, 12 of us")
    arrive(user, content=f"{STORY}, 14 of us")
    assert list_lines(user, "near_text") == []


def test_an_equal_text_is_no_near_copy_as_well(user):
    arrive(user, content=STORY)
    arrive(user, content=STORY)
    assert list_lines(user, "near_text") == []
    assert len(list_lines(user, "equal_text")) == 1


def test_one_event_on_several_platforms_is_joined_by_its_particulars(user):
    for source, text in RECEIPTS:
        arrive(user, content=text, source=source, external_id=source)
    ends = {frozenset(line[:2]) for line in list_lines(user, "fellegi_sunter")}
    assert ends == {frozenset(pair) for pair in (("note", "gmail"), ("note", "dropbox"), ("gmail", "dropbox"))}


def test_one_platform_twice_is_not_several(user):
    for _, text in RECEIPTS[1:]:
        arrive(user, content=text, source="gmail")
    assert list_lines(user, "fellegi_sunter") == []


def test_the_next_order_of_the_same_kind_is_another_event(user):
    arrive(user, content=RECEIPTS[0][1], source="note")
    other = RECEIPTS[1][1].replace("AB-99245", "AB-99311").replace("181.75", "204.10")
    arrive(user, content=other, source="gmail")
    assert list_lines(user, "fellegi_sunter") == []


@pytest.fixture
def crowd(user):
    """Enough other memories that a name in two of them tells something."""
    relate_now(*[write(user, "Ana Silva", day=FIRST_DAY - timedelta(days=90 + n)) for n in range(60)])


@pytest.mark.usefixtures("crowd")
def test_a_stated_cause_joins_the_earlier_memory_that_tells_of_it(user):
    earlier = arrive(user, content="Tomas Kowal broke his leg.", names=("Tomas Kowal",), external_id="leg")
    text = "We cancelled the trip because of Tomas Kowal."
    stated = write(user, "Tomas Kowal", content=text, external_id="trip", day=FIRST_DAY + timedelta(days=3))
    start = text.index("Tomas")
    stated.entities = [mention | {"start": start, "end": start + 11} for mention in stated.entities]
    stated.save()
    relate_now(stated)
    enrich(user_id=user.pk, memory_ids=[stated.pk])
    row = Relationship.objects.get(user=user, relationship_type="stated_cause")
    assert (row.source_event_id, row.target_event_id, row.detection_method) == (earlier.pk, stated.pk, "lexical")
    cause = slice(*row.evidence["cause_span"])
    assert text[cause] == "Tomas Kowal"


@pytest.mark.usefixtures("crowd")
def test_without_a_stated_cause_a_shared_name_states_nothing(user):
    for n, text in enumerate(("Tomas Kowal broke his leg.", "Tomas Kowal cancelled the trip with us.")):
        arrive(user, content=text, names=("Tomas Kowal",), day=FIRST_DAY + timedelta(days=n))
    assert not Relationship.objects.filter(relationship_type="stated_cause").exists()


@pytest.mark.parametrize("order", list(permutations(range(3)))[1:])
def test_near_copies_do_not_depend_on_who_came_first(db, order):
    told = [{"content": text} for text in (STORY, SLIP, TWICE)]
    one, other = arrive_in(range(3), *told), arrive_in(order, *told)
    assert list_lines(one, "near_text") == list_lines(other, "near_text") != []


@pytest.mark.parametrize("order", list(permutations(range(3)))[1:])
def test_events_on_several_platforms_do_not_depend_on_who_came_first(db, order):
    told = [{"content": text, "source": source} for source, text in RECEIPTS]
    one, other = arrive_in(range(3), *told), arrive_in(order, *told)
    assert list_lines(one, "fellegi_sunter") == list_lines(other, "fellegi_sunter") != []


def test_signatures_are_hashes_and_go_with_their_memory(user):
    memory = arrive(user, content=RECEIPTS[0][1])
    before = set(Signature.objects.values_list("hash", flat=True))
    enrich(user_id=user.pk, memory_ids=[memory.pk])
    assert set(Signature.objects.values_list("hash", flat=True)) == before != set()
    erase_memories(user=user, memory_ids=[memory.pk])
    assert not Signature.objects.exists()


def test_nobody_is_joined_with_anybody_else(user, other_user):
    for person in (user, other_user):
        arrive(person, content=STORY)
    arrive(other_user, content=RECEIPTS[0][1])
    arrive(user, content=RECEIPTS[1][1], source="gmail")
    assert not Relationship.objects.exists()
