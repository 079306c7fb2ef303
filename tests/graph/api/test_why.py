"""Served: why a line is drawn, by each of the nine layers, with the memories that show it."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from waffle.testutils import override_switch

from graph.enrichment import LAYER_NAMES
from graph.models import DuplicateTransaction, Relationship
from graph.nearness import WHOLE_CHARACTERS
from graph.services.layers import renew_all_layers
from memories.services.erase import erase_memories
from tests.factories.graph import FIRST_DAY, find_tie, relate_now, write

STATUSES = {"computed", "not_enough_data", "not_significant", "disabled"}
LATER = FIRST_DAY + timedelta(days=2)


@pytest.fixture
def mails(user):
    """A mail, its answer, and a copy of the answer; all layers have passed."""
    rows = (
        write(user, "Ana Silva", "@Porto", external_id="q"),
        write(user, "Ana Silva", "Rui Costa", day=LATER, reply_to="q"),
        write(user, "Ana Silva", "Rui Costa", day=LATER + timedelta(days=3)),
    )
    relate_now(*rows)
    renew_all_layers(user_id=user.pk)
    return rows


def find(user, kind):
    return Relationship.objects.get(user=user, relationship_type=kind)


def why(api, kind, pk):
    response = api.get(f"/api/v1/graph/{kind}/{pk}/why/")
    assert response.status_code == 200
    return response.json()


def test_every_layer_answers_with_one_of_the_four_statuses(api, user, mails):
    answer = why(api, "relationships", find(user, "reply_to").pk)
    assert set(answer["layers"]) == set(LAYER_NAMES)
    for layer in answer["layers"].values():
        assert set(layer) == {"status", "value", "why", "evidence", "memories", "computed_at"}
        assert layer["status"] in STATUSES
        assert layer["why"].endswith(".")
        assert (layer["value"] is None) == (layer["status"] != "computed")


def test_a_relationship_is_explained_by_its_two_memories(api, user, mails):
    row = find(user, "reply_to")
    answer = why(api, "relationships", row.pk)
    assert answer["edge"] | {"evidence": {}} == {
        "id": row.pk,
        "type": "reply_to",
        "source": mails[0].pk,
        "target": mails[1].pk,
        "confidence": 1.0,
        "detection_method": "mail_headers",
        "reasoning": "The later one answers the earlier one.",
        "evidence": {},
    }
    assert [memory["id"] for memory in answer["memories"]] == [mails[0].pk, mails[1].pk]
    assert set(answer["memories"][0]) == {"id", "external_id", "title", "snippet", "occurred_on", "source"}


def test_the_spans_of_a_relationship_point_at_the_words_that_both_share(api, user, mails):
    spans = why(api, "relationships", find(user, "reply_to").pk)["edge"]["evidence"]["spans"]
    contents = {memory.pk: memory.content for memory in mails}
    words = {(span["memory"], contents[span["memory"]][span["start"] : span["end"]]) for span in spans}
    assert words == {(mails[0].pk, "Ana Silva"), (mails[1].pk, "Ana Silva")}


def test_an_answer_is_there_because_of_its_question(api, user, mails):
    causal = why(api, "relationships", find(user, "reply_to").pk)["layers"]["causal"]
    assert (causal["status"], causal["value"]["causal_basis"]) == ("computed", "response")
    assert causal["why"] == "The later one is a reply to the earlier one, so it is there because of it."
    assert causal["memories"] == causal["evidence"]["memories"] == [mails[0].pk, mails[1].pk]


def test_a_copy_is_called_one_with_the_days_between(api, user, mails):
    layers = why(api, "relationships", find(user, "duplicate_of").pk)["layers"]
    assert layers["duplicate"]["why"] == "Both hold the same text, word for word, 3 days apart."
    assert layers["duplicate"]["value"] == {"is_duplicate": True, "duplicate_confidence": 1.0}
    assert (layers["causal"]["status"], layers["causal"]["value"]) == ("not_significant", None)


def test_the_change_layer_tells_the_last_change_and_how_many_there_were(api, user, mails):
    change = why(api, "relationships", find(user, "reply_to").pk)["layers"]["change"]
    assert change["value"] == {"change_type": "modified"}
    assert change["why"].startswith("Last changed on ")
    assert change["why"].endswith(f"; it has changed {change['evidence']['changes']} times in all.")


def test_a_line_that_was_only_drawn_has_changed_once(api, user):
    relate_now(*[write(user, "Ana Silva", "@Porto", day=day) for day in (FIRST_DAY, LATER)])
    change = why(api, "relationships", find(user, "duplicate_of").pk)["layers"]["change"]
    assert change["value"] == {"change_type": "created"}
    assert change["why"].endswith("; it has changed once in all.")


def test_a_layer_that_is_switched_off_says_so_whatever_it_found_before(api, user, mails):
    with override_switch("enrich_causal", active=False), override_switch("enrich_change", active=False):
        caches["flags"].clear()  # enriching has read them
        layers = why(api, "relationships", find(user, "reply_to").pk)["layers"]
    assert [layers[name]["status"] for name in ("causal", "change")] == ["disabled", "disabled"]
    assert layers["causal"]["evidence"] is None


def test_a_finding_that_was_not_significant_says_so(api, user, mails):
    row = find(user, "reply_to")
    DuplicateTransaction.objects.create(user=user, relationship=row, status="not_significant")
    answer = why(api, "relationships", row.pk)["layers"]["duplicate"]
    assert (answer["status"], answer["why"]) == ("not_significant", "What was found could well be chance.")


def test_a_tie_is_explained_by_the_memories_that_name_both(api, user, mails):
    tie = find_tie(user, "Ana Silva", "Rui Costa")
    answer = why(api, "ties", tie.pk)
    assert {end["name"] for end in (answer["edge"]["source"], answer["edge"]["target"])} == {"Ana Silva", "Rui Costa"}
    assert (answer["edge"]["memories"], answer["edge"]["weight"]) == (2, 2.0)
    assert [memory["id"] for memory in answer["memories"]] == [mails[2].pk, mails[1].pk]
    assert all("Ana Silva" in memory["snippet"] and "Rui Costa" in memory["snippet"] for memory in answer["memories"])
    assert set(answer["layers"]) == set(LAYER_NAMES)
    assert answer["layers"]["duplicate"]["status"] == "computed"


def test_a_long_memory_that_names_both_far_apart_is_not_cited(api, user, mails):
    far = write(user, "Ana Silva", "Rui Costa", between="." * 2 * WHOLE_CHARACTERS)
    relate_now(far)
    answer = why(api, "ties", find_tie(user, "Ana Silva", "Rui Costa").pk)
    assert far.pk not in [memory["id"] for memory in answer["memories"]]
    assert len(answer["memories"]) == answer["edge"]["memories"]


def test_the_place_in_a_long_memory_is_what_is_cited(api, user, mails):
    text = "x" * 3 * WHOLE_CHARACTERS + " Ana Silva met Rui Costa."
    memory = write(user, "Ana Silva", "Rui Costa", content=text)
    for mention in memory.entities:
        mention["start"] = text.index(mention["text"])
    memory.save()
    relate_now(memory)
    cited = why(api, "ties", find_tie(user, "Ana Silva", "Rui Costa").pk)["memories"]
    assert "Ana Silva met Rui Costa." in next(row["snippet"] for row in cited if row["id"] == memory.pk)


@pytest.mark.parametrize("kind", ["relationships", "ties"])
def test_somebody_elses_line_is_not_found(api, other_user, kind):
    relate_now(*[write(other_user, "Ana Silva", "@Porto", day=day) for day in (FIRST_DAY, LATER)])
    pk = find_tie(other_user, "Ana Silva", "Porto").pk if kind == "ties" else find(other_user, "duplicate_of").pk
    assert api.get(f"/api/v1/graph/{kind}/{pk}/why/").status_code == 404


@pytest.mark.parametrize("pk", [0, 2**63, 10**30])
def test_a_line_that_never_was_is_not_found(api, pk):
    assert api.get(f"/api/v1/graph/relationships/{pk}/why/").status_code == 404
    assert api.get(f"/api/v1/graph/ties/{pk}/why/").status_code == 404


def test_a_line_of_an_erased_memory_is_not_found(api, user, mails):
    pk = find(user, "duplicate_of").pk
    erase_memories(user=user, memory_ids=[mails[2].pk])
    assert api.get(f"/api/v1/graph/relationships/{pk}/why/").status_code == 404


@pytest.mark.parametrize("kind", ["relationships", "ties"])
def test_why_costs_the_same_however_much_there_is(api, user, mails, kind, django_assert_max_num_queries):
    days = [LATER + timedelta(days=7 * n) for n in range(12)]
    relate_now(*[write(user, "Ana Silva", "Rui Costa", day=day, content=f"{day}") for day in days])
    renew_all_layers(user_id=user.pk)
    pk = find_tie(user, "Ana Silva", "Rui Costa").pk if kind == "ties" else find(user, "reply_to").pk
    why(api, kind, pk)
    with django_assert_max_num_queries(28):
        why(api, kind, pk)
