"""The demo person's life as a whole: size, shape, repeatability."""

import json
import re
from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from config.local.demo import DEMO_PERSON, DemoLife, generate_life
from config.local.demo.grammar import sentences

END = date(2026, 11, 22)
FIELDS = {
    *("content", "external_id", "occurred_at", "source", "account", "title", "author"),
    *("participants", "thread_id", "reply_to", "message_id", "in_reply_to", "metadata"),
}
ID_SHAPES = {
    "note": r"note-\d{4}-\d\d-\d\d-\d+",
    "gmail": r"[0-9a-f]{16}",
    "zoho_mail": r"\d{19}",
    "gdrive": r"[\w-]{33}",
    "dropbox": r"id:[\w-]{22}",
}


@pytest.fixture(scope="module")
def life() -> DemoLife:
    return generate_life(end=END)


def days(life: DemoLife) -> list[date]:
    return [datetime.fromisoformat(str(r["occurred_at"])).date() for r in life.records]


def test_the_same_arguments_give_the_same_life(life: DemoLife) -> None:
    again = generate_life(end=END)
    assert json.dumps(again.records) == json.dumps(life.records)
    assert json.dumps(again.truth) == json.dumps(life.truth)


def test_another_seed_gives_another_life(life: DemoLife) -> None:
    other = generate_life(end=END, seed=8)
    assert other.records != life.records
    assert len(other.records) == len(life.records)


@pytest.mark.parametrize("memories", [50, 51, 120, 400, 799, 1500, 2600])
def test_a_life_has_as_many_memories_as_asked(memories: int) -> None:
    records = generate_life(memories=memories, end=END).records
    assert abs(len(records) - memories) <= memories * 0.02


def test_a_life_of_fewer_than_fifty_memories_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 50"):
        generate_life(memories=49, end=END)


@pytest.mark.parametrize("end", [END, date(2027, 1, 1), date(2026, 6, 15), date(2028, 2, 29), date(2025, 7, 2)])
def test_a_life_ends_the_day_before_and_begins_six_years_earlier(end: date) -> None:
    told = days(generate_life(end=end))
    assert max(told) == end - timedelta(days=1)
    assert min(told) - date(end.year - 6, end.month, 1) < timedelta(days=45)
    assert min(told) >= date(end.year - 6, end.month, 1)


def test_records_come_by_time(life: DemoLife) -> None:
    moments = [datetime.fromisoformat(str(r["occurred_at"])) for r in life.records]
    assert moments == sorted(moments)
    assert {moment.utcoffset() for moment in moments} == {timedelta(0), timedelta(hours=1)}


def test_every_record_has_the_fields_of_the_format(life: DemoLife) -> None:
    for record in life.records:
        assert set(record) == FIELDS
        assert str(record["content"]).strip()
        assert record["author"]


def test_ids_are_unique_and_shaped_as_their_source_makes_them(life: DemoLife) -> None:
    ids = [str(r["external_id"]) for r in life.records]
    assert len(set(ids)) == len(ids)
    for record in life.records:
        assert re.fullmatch(ID_SHAPES[str(record["source"])], str(record["external_id"]))


def test_sources_share_a_life_as_they_would(life: DemoLife) -> None:
    count = Counter(r["source"] for r in life.records)
    assert 0.45 < count["note"] / len(life.records) < 0.62
    assert min(count[source] for source in ID_SHAPES) >= 75


def test_synced_sources_have_an_account_and_notes_have_none(life: DemoLife) -> None:
    accounts = {(r["source"], r["account"]) for r in life.records}
    assert ("note", "") in accounts
    assert ("gmail", DEMO_PERSON.address) in accounts
    assert len(accounts) == len(ID_SHAPES)


def test_every_address_and_message_id_is_under_a_reserved_domain(life: DemoLife) -> None:
    domains = re.findall(r"@([\w.-]+)", json.dumps(life.records))
    assert domains
    assert {domain for domain in domains if not domain.rstrip(".").endswith(".example")} == set()


def test_no_text_links_to_a_host(life: DemoLife) -> None:
    assert "http" not in json.dumps(life.records)


def test_answers_point_at_an_earlier_mail_of_their_thread(life: DemoLife) -> None:
    mails = {r["external_id"]: r for r in life.records if r["message_id"]}
    answers = [r for r in mails.values() if r["reply_to"]]
    assert len(answers) > 150
    for answer in answers:
        answered = mails[answer["reply_to"]]
        assert answered["thread_id"] == answer["thread_id"]
        assert answered["message_id"] == answer["in_reply_to"]
        assert str(answered["occurred_at"])[:10] <= str(answer["occurred_at"])[:10]


def test_no_sentence_is_said_more_than_three_times(life: DemoLife) -> None:
    duplicates = life.truth["duplicates"]
    assert isinstance(duplicates, list)
    copies = {group["members"][-1] for group in duplicates}
    said: Counter[str] = Counter()
    for record in life.records:
        if record["external_id"] not in copies:
            said.update(sentences(str(record["content"])))
    assert [(text, count) for text, count in said.items() if count > 3] == []


def test_texts_are_as_long_as_people_write(life: DemoLife) -> None:
    for record in life.records:
        words = len(str(record["content"]).split())
        low, high = (5, 160) if record["source"] == "note" else (3, 300)
        assert low <= words <= high, record["content"]


def test_nothing_is_left_unfilled_in_a_text(life: DemoLife) -> None:
    text = "\n".join(f"{r['title']}\n{r['content']}" for r in life.records)
    assert re.findall(r"[{}\[\]]|~~|::|<REF>|\\n|(?<!\S)[@#]\w+", text) == []


def test_nobody_is_met_before_their_time(life: DemoLife) -> None:
    told = life.truth["episodes"]
    assert isinstance(told, list)
    first: dict[str, str] = {}
    for record in life.records:
        for name in ("Otto", "Rosie", "Callum", "Sunita", "Morag"):
            if name in str(record["content"]):
                first.setdefault(name, str(record["occurred_at"]))
    assert first["Rosie"] < first["Morag"] < first["Callum"] < first["Otto"]
    assert first["Otto"] >= "2024-09"


def test_most_weeks_are_written_in_but_not_all_days(life: DemoLife) -> None:
    written = set(days(life))
    share = len(written) / (max(written) - min(written)).days
    assert 0.4 < share < 0.85
    weeks = {day.isocalendar()[:2] for day in written}
    assert len(weeks) > 290
