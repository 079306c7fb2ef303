"""The narrative: a chapter a year, each sentence with memories of that person."""

from datetime import UTC, datetime

import pytest

from memories.models import Memory
from memories.services.narrate import join_names, narrate
from tests.factories import MemoryFactory


def named(*names, kind="person"):
    return [
        {"key": name.lower(), "text": name, "kind": kind, "field": "content", "start": 0, "end": 1, "entity_id": None}
        for name in names
    ]


def remember(user, day, **fields):
    return MemoryFactory(user=user, occurred_at=datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC), **fields)


def test_a_life_without_memories_has_no_chapter(user):
    assert narrate(user=user) == {"chapters": []}


def test_each_year_is_a_chapter_and_the_latest_is_first(user):
    for day in ("2022-01-05", "2024-03-01", "2024-12-30"):
        remember(user, day)
    chapters = narrate(user=user)["chapters"]
    assert [chapter["title"] for chapter in chapters] == ["2024", "2022"]
    assert [str(chapters[0][end]) for end in ("from", "to")] == ["2024-03-01", "2024-12-30"]


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (["2024-03-01"], "2024 holds 1 memory on 1 day."),
        (["2024-03-01", "2024-03-01"], "2024 holds 2 memories on 1 day."),
        (["2024-03-01", "2024-03-02", "2024-03-02"], "2024 holds 3 memories on 2 days."),
    ],
)
def test_a_chapter_opens_with_what_it_holds(user, days, sentence):
    for day in days:
        remember(user, day)
    assert narrate(user=user)["chapters"][0]["sentences"][0]["text"] == sentence


def test_who_is_named_more_than_once_is_told_the_most_named_first(user):
    first = remember(user, "2024-03-01", entities=named("Ana", "Ana", "Rui", "Eva"))
    last = remember(user, "2024-03-02", entities=named("Rui", "Ana"))
    remember(user, "2024-03-03", entities=named("Rui"))
    sentence = narrate(user=user)["chapters"][0]["sentences"][1]
    assert sentence["text"] == "The people named most were Rui and Ana."
    assert sentence["memories"] == [last.pk + 1, last.pk]
    assert first.pk not in sentence["memories"]


def test_each_kind_has_a_sentence_of_its_own(user):
    kinds = {"person": "Ana", "place": "Lisbon", "organisation": "Harbour Office", "topic": "boat"}
    for _ in range(2):
        remember(
            user, "2024-03-01", entities=[mention for kind, name in kinds.items() for mention in named(name, kind=kind)]
        )
    texts = [sentence["text"] for sentence in narrate(user=user)["chapters"][0]["sentences"][1:]]
    assert len(texts) == 4
    assert all(name in text for name, text in zip(kinds.values(), texts, strict=True))


def test_a_few_titles_are_recalled_over_the_year(user):
    for month in range(1, 13):
        remember(user, f"2024-{month:02}-10", title=f"Letter {month}")
    texts = [s["text"] for s in narrate(user=user)["chapters"][0]["sentences"][1:]]
    assert texts == ["On 10 March: “Letter 3”.", "On 10 July: “Letter 7”.", "On 10 November: “Letter 11”."]


def test_every_sentence_cites_memories_of_that_person(user, other_user):
    for owner in (user, other_user):
        for day in ("2023-02-01", "2024-03-01", "2024-03-02"):
            remember(owner, day, title="Boat", entities=named("Ana"))
    own = set(Memory.objects.for_user(user).values_list("pk", flat=True))
    cited = [s["memories"] for chapter in narrate(user=user)["chapters"] for s in chapter["sentences"]]
    assert all(memories and set(memories) <= own for memories in cited)


def test_the_same_life_is_told_in_the_same_words(user):
    for day in ("2024-03-01", "2024-03-02"):
        remember(user, day, entities=named("Rui", "Eva", "Ana", "Ivo", "Noa"))
    assert len({str(narrate(user=user)) for _ in range(5)}) == 1


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")]
)
def test_names_are_listed_as_a_person_would(names, text):
    assert join_names(names) == text
