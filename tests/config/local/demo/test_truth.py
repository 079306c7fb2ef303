"""The demo person's truth: every plant is what it says it is."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import pytest

from config.local.demo import DemoLife, generate_life

END = date(2026, 11, 22)
WEEKDAYS = {"choir": 1, "lesson": 2, "bookclub": 3, "quiz": 0, "physio": 3}


@pytest.fixture(scope="module")
def life() -> DemoLife:
    return generate_life(end=END)


@pytest.fixture(scope="module")
def truth(life: DemoLife) -> Mapping[str, Any]:
    return life.truth


@pytest.fixture(scope="module")
def records(life: DemoLife) -> dict[str, dict[str, Any]]:
    return {str(record["external_id"]): record for record in life.records}


def day_of(record: Mapping[str, Any]) -> date:
    return datetime.fromisoformat(record["occurred_at"]).date()


def members(value: object) -> Iterator[str]:
    """Every external id anywhere in the truth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in ("members", "on_rule", "noise", "episodes"):
                yield from inner
            elif key in ("pairs", "instances"):
                yield from (name for group in inner for name in group)
            elif key == "external_id":
                yield inner
            else:
                yield from members(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner)


def test_the_truth_names_only_memories_that_exist(truth: Mapping[str, Any], records: Mapping[str, Any]) -> None:
    named = set(members(truth))
    assert len(named) > 900
    assert named <= set(records)


def test_members_say_the_keyword_of_their_plant(truth: Mapping[str, Any], records: Mapping[str, Any]) -> None:
    sides = [cause[side] for cause in truth["causes"] for side in ("cause", "effect")]
    for plant in [*truth["recurrences"], *truth["seasons"], *sides]:
        for name in plant["members"]:
            told = records[name]["content"].lower()
            assert plant["keyword"].lower() in told.replace("jamie", "james").replace("jmaes", "james").replace(
                "auntie dot", "aunt dorothy"
            ), (plant["keyword"], told)


@pytest.mark.parametrize("key", sorted(WEEKDAYS))
def test_a_weekly_or_monthly_rule_falls_on_its_weekday(key: str, truth: Mapping[str, Any]) -> None:
    (plant,) = (plant for plant in truth["recurrences"] if plant["key"] == key)
    told = [date.fromisoformat(day) for day in plant["days"]]
    assert sum(day.weekday() == WEEKDAYS[key] for day in told) / len(told) >= 0.8


def test_rules_are_missed_now_and_then(truth: Mapping[str, Any]) -> None:
    for plant in truth["recurrences"]:
        told = len(plant["on_rule"]) + len(plant["noise"])
        assert 0.6 <= told / plant["slots"] <= 1


def test_some_rules_start_late_and_some_stop(truth: Mapping[str, Any]) -> None:
    plants = {plant["key"]: plant for plant in truth["recurrences"]}
    assert plants["bookclub"]["starts"] > "2022-02"
    assert plants["quiz"]["stopped"]
    assert max(plants["quiz"]["days"]) < "2022-09"
    assert not plants["choir"]["stopped"]


def test_savings_are_made_on_the_28th(truth: Mapping[str, Any]) -> None:
    (plant,) = (plant for plant in truth["recurrences"] if plant["key"] == "savings")
    assert sum(day.endswith("-28") for day in plant["days"]) / len(plant["days"]) >= 0.8


def test_seasons_keep_to_their_months_in_all_years(truth: Mapping[str, Any]) -> None:
    assert len(truth["seasons"]) >= 4
    for plant in truth["seasons"]:
        months = {date.fromisoformat(day).month for day in plant["days"]}
        assert months <= set(plant["months"])
        assert plant["season_years"] >= 6


def test_effects_follow_their_causes_within_the_lag(truth: Mapping[str, Any], records: Mapping[str, Any]) -> None:
    assert len(truth["causes"]) >= 6
    for plant in truth["causes"]:
        low, high = plant["lag_days"]
        for cause, effect in plant["pairs"]:
            assert low <= (day_of(records[effect]) - day_of(records[cause])).days <= high
        assert len(plant["cause"]["members"]) >= 10


def test_causes_work_about_as_often_as_they_say(truth: Mapping[str, Any]) -> None:
    for plant in truth["causes"]:
        share = len(plant["pairs"]) / len(plant["cause"]["members"])
        assert plant["probability"] - 0.3 <= share <= plant["probability"] + 0.25


def test_a_chain_runs_to_its_end_several_times(truth: Mapping[str, Any], records: Mapping[str, Any]) -> None:
    (chain,) = truth["chains"]
    assert len(chain["steps"]) == 4
    assert len(chain["instances"]) >= 3
    for instance in chain["instances"]:
        told = [day_of(records[name]) for name in instance]
        assert told == sorted(told)


def test_a_stated_cause_stands_in_its_memory(truth: Mapping[str, Any], records: Mapping[str, Any]) -> None:
    assert len(truth["stated_causes"]) >= 30
    for stated in truth["stated_causes"]:
        told = records[stated["external_id"]]["content"].lower()
        assert stated["cue"].lower() in told
        assert stated["cause"].lower() in told
        assert stated["effect"].lower() in told


def test_habits_have_their_weekday_and_part_of_day(truth: Mapping[str, Any], records: Mapping[str, Any]) -> None:
    for habit in truth["patterns"]:
        assert len(habit["members"]) >= 20
        for name in habit["members"]:
            when = datetime.fromisoformat(records[name]["occurred_at"])
            assert when.weekday() == habit["weekday"]
            assert 6 <= when.hour < 12


def test_one_event_has_one_number_on_all_platforms(truth: Mapping[str, Any], records: Mapping[str, Any]) -> None:
    assert len(truth["same_events"]) >= 20
    for event in truth["same_events"]:
        assert len(event["sources"]) >= 2
        for name in event["members"]:
            for key in event["strong_keys"]:
                assert key in records[name]["content"]


def test_look_alikes_have_numbers_of_their_own(truth: Mapping[str, Any]) -> None:
    events = {event["key"]: event for event in truth["same_events"]}
    assert len(truth["look_alikes"]) >= 8
    for alike in truth["look_alikes"]:
        assert set(alike["strong_keys"]).isdisjoint(events[alike["event"]]["strong_keys"])


def test_duplicates_are_pairs_of_nearly_one_text(truth: Mapping[str, Any], records: Mapping[str, Any]) -> None:
    kinds = dict.fromkeys(("note", "forward", "file"), 0)
    for pair in truth["duplicates"]:
        first, second = (records[name]["content"] for name in pair["members"])
        kinds[pair["kind"]] += 1
        assert len(set(first.split()) & set(second.split())) >= 0.7 * len(set(first.split()))
    assert min(kinds.values()) >= 10


def test_templated_notes_differ_in_their_figures(truth: Mapping[str, Any], records: Mapping[str, Any]) -> None:
    for group in truth["not_duplicates"]:
        told = [records[name]["content"] for name in group["members"]]
        assert len(set(told)) == len(told)


def test_aliases_are_really_used(truth: Mapping[str, Any], records: Mapping[str, Any]) -> None:
    text = "\n".join(f"{record['author']}\n{record['content']}" for record in records.values())
    for person in truth["people"].values():
        assert all(form in text for form in person["surface_forms"])
    assert len(truth["people"]["Caroline Fisher"]["surface_forms"]) >= 4


def test_two_people_share_a_first_name(truth: Mapping[str, Any]) -> None:
    for one, other in truth["shared_first_names"]:
        assert one.split()[0] == other.split()[0]
        assert one != other


def test_the_forgotten_friend_falls_silent(truth: Mapping[str, Any], records: Mapping[str, Any]) -> None:
    (tie,) = truth["forgotten_ties"]
    told = [day_of(records[name]) for name in tie["members"]]
    late = [day for day in told if day > date(2023, 6, 30)]
    assert tie["last_mail"] < "2023-06"
    assert len(told) > 60
    assert len(late) <= 8


def test_a_full_life_silences_no_layer(truth: Mapping[str, Any]) -> None:
    assert truth["silenced_layers"] == {}


@pytest.mark.parametrize("memories", [50, 200, 400])
def test_a_small_life_says_which_layers_it_silences(memories: int) -> None:
    silenced = generate_life(memories=memories, end=END).truth["silenced_layers"]
    assert isinstance(silenced, dict)
    assert "needs at least 3 days" in silenced["seasonal"]


@pytest.mark.parametrize("memories", [60, 300, 800])
def test_plants_of_a_small_life_still_hold(memories: int) -> None:
    small = generate_life(memories=memories, end=END)
    names = {record["external_id"] for record in small.records}
    assert set(members(small.truth)) <= names
    truth: Mapping[str, Any] = small.truth
    (choir,) = (plant for plant in truth["recurrences"] if plant["key"] == "choir")
    told = [date.fromisoformat(day) for day in choir["days"]]
    assert sum(day.weekday() == 1 for day in told) / len(told) >= 0.8
