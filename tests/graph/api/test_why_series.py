"""Served: what each layer says of a line of a life: in words for anybody, with memories that name what it is about."""

import pytest

from graph.enrichment import LAYER_NAMES
from graph.models import CausalRelationship, Mention, Relationship, Series, TemporalPattern
from graph.services.layers import renew_all_layers
from memories.models import Memory, User
from tests.factories import UserFactory
from tests.factories.graph import find_entity, find_tie, relate_now, write
from tests.factories.lives import TODAY, live, noon, plan_life

SPEAKING = {"causal", "temporal", "prediction", "root_cause", "change", "pattern"}


@pytest.fixture(scope="module")
def today():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("graph.services.facts.timezone.now", lambda: noon(TODAY))
        yield


@pytest.fixture(scope="module")
def lived(standing, today):
    """The person of the life."""
    user = UserFactory(username="ana")
    plan = [(day, (*names, "&Hall") if names == ("#choir",) else names) for day, names in plan_life()]
    choir = [row for row in live(user, plan) if row.content.startswith("choir")]
    relate_now(write(user, "#choir", "&Hall", reply_to=choir[-1].external_id, day=TODAY))
    renew_all_layers(user_id=user.pk)
    return user.pk


@pytest.fixture
def user(db, lived):
    return User.objects.get(pk=lived)


def why(api, kind, pk):
    response = api.get(f"/api/v1/graph/{kind}/{pk}/why/")
    assert response.status_code == 200
    return response.json()


def test_what_usually_follows_is_never_called_caused(api, user):
    row = CausalRelationship.objects.filter(causal_basis="precedence").first()
    answer = why(api, "relationships", row.relationship_id)
    causal = answer["layers"]["causal"]
    assert causal["why"].startswith("“long drive” is usually followed by “knee” within ")
    said = " ".join(layer["why"] for layer in answer["layers"].values()) + answer["edge"]["reasoning"]
    assert "caused" not in said.lower()


def test_no_precedence_anywhere_is_called_caused(api, user):
    for pk in Relationship.objects.filter(relationship_type="precedes").values_list("pk", flat=True)[:5]:
        layers = why(api, "relationships", pk)["layers"]
        assert not [layer["why"] for layer in layers.values() if "caused" in layer["why"].lower()]


def test_every_layer_that_speaks_has_a_sentence_and_every_silent_one_a_reason(api, user):
    reply = Relationship.objects.get(relationship_type="reply_to")
    layers = why(api, "relationships", reply.pk)["layers"]
    assert {name for name in LAYER_NAMES if layers[name]["status"] == "computed"} == SPEAKING
    for name, layer in layers.items():
        assert len(layer["why"].split()) >= 4, name
        assert (layer["why"][0].isupper() or layer["why"][0] in "“#c", layer["why"][-1]) == (True, "."), layer["why"]
        assert not {"None", "{", "null", "?"} & set(layer["why"].split()), layer["why"]


def test_the_rhythm_of_a_tie_is_that_of_its_own_series(api, user):
    temporal = why(api, "ties", find_tie(user, "choir", "Hall").pk)["layers"]["temporal"]
    assert temporal["status"] == "computed"
    assert temporal["value"]["label"] == "every Monday"
    assert "every Monday" in temporal["why"]
    assert {"choir", "Hall"} <= set(temporal["why"].replace(":", "").split())
    assert temporal["evidence"]["p_adj"] < 0.05


@pytest.mark.parametrize("name", ["temporal", "prediction"])
def test_evidence_memories_name_the_subject(api, user, name):
    layer = why(api, "ties", find_tie(user, "choir", "Hall").pk)["layers"][name]
    ends = {find_entity(user, "choir").pk, find_entity(user, "Hall").pk}
    named = [
        set(Mention.objects.filter(memory_id=pk).values_list("entity__canonical_id", flat=True))
        for pk in layer["memories"]
    ]
    assert named
    assert all(ends <= entities for entities in named)


def test_the_memories_of_a_precedence_are_its_two_ends_and_name_cause_and_effect(api, user):
    row = CausalRelationship.objects.filter(causal_basis="precedence").first()
    memories = why(api, "relationships", row.relationship_id)["layers"]["causal"]["memories"]
    contents = Memory.objects.in_bulk(memories)
    assert [contents[pk].content.split(".")[0] for pk in memories] == ["long drive", "knee"]


def test_a_tie_without_a_rhythm_says_so_and_gives_no_number(api, user):
    rows = [write(user, "Ana Silva", "Zita Alves", content=f"Ana Silva, Zita Alves, {n}.") for n in range(2)]
    relate_now(*rows)
    layers = why(api, "ties", find_tie(user, "Ana Silva", "Zita Alves").pk)["layers"]
    silent = [layers[name] for name in ("temporal", "seasonal", "prediction")]
    assert {layer["status"] for layer in silent} == {"not_enough_data"}
    assert [layer["value"] for layer in silent] == [None, None, None]
    assert all("often enough" in layer["why"] for layer in silent)


def test_a_season_is_not_told_before_three_years_and_the_reason_is_given(api, user):
    seasonal = why(api, "ties", find_tie(user, "choir", "Hall").pk)["layers"]["seasonal"]
    assert (seasonal["status"], seasonal["value"]) == ("not_enough_data", None)
    assert "year" in seasonal["why"]


def test_a_renamed_entity_is_told_by_its_name_of_today(api, user):
    ends = sorted((find_entity(user, "choir").pk, find_entity(user, "Hall").pk))
    tie, series = find_tie(user, "choir", "Hall"), Series.objects.get(entity_a_id=ends[0], entity_b_id=ends[1])
    assert TemporalPattern.objects.filter(series=series, status="computed").exists()
    type(series.entity_a).objects.filter(name="Hall").update(name="Town Hall")
    assert "Town Hall" in why(api, "ties", tie.pk)["layers"]["temporal"]["why"]
