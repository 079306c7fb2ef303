import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memories.drafts import DraftError, MemoryDraft, Participant, parse_draft

NOW = datetime(2024, 7, 3, 14, 30, tzinfo=UTC)


def parse(**raw: object) -> MemoryDraft:
    return parse_draft(raw, time_zone=ZoneInfo("Europe/Lisbon"), now=NOW)


def reason(**raw: object) -> str:
    with pytest.raises(DraftError) as caught:
        parse(**raw)
    assert str(caught.value) == f"{caught.value.field}: {caught.value.reason}"
    return str(caught.value)


def nested(levels: int) -> dict[str, object]:
    return {"deeper": nested(levels - 1)} if levels > 1 else {}


def test_every_field_of_a_memory_is_read() -> None:
    draft = parse(
        content="Lunch with Ana.",
        occurred_at="2024-07-03T12:00:00+01:00",
        source="gmail",
        external_id="m1",
        title=" Lunch ",
        author="Rui",
        participants=[{"name": "Ana", "address": "ana@example.org"}],
        thread_id="t1",
        reply_to="m0",
        message_id="<1@example.org>",
        in_reply_to="<0@example.org>",
        metadata={"labels": ["food", 1, 2.5, True, None, {"a": []}]},
        colour="an unknown key",
    )
    assert draft == MemoryDraft(
        content="Lunch with Ana.",
        occurred_at=datetime(2024, 7, 3, 11, tzinfo=UTC),
        occurred_precision="time",
        source="gmail",
        account="",
        external_id="m1",
        title="Lunch",
        author="Rui",
        participants=(Participant(name="Ana", address="ana@example.org"),),
        thread_id="t1",
        reply_to="m0",
        message_id="<1@example.org>",
        in_reply_to="<0@example.org>",
        metadata={"labels": ["food", 1, 2.5, True, None, {"a": []}]},
    )


def test_a_memory_of_content_alone_happened_now() -> None:
    draft = parse(content="Rain.", title=None, participants=None, metadata=None)
    assert (draft.occurred_at, draft.occurred_precision) == (NOW, "time")
    assert (draft.source, draft.participants, draft.metadata) == ("note", (), {})
    assert not draft.time_known


def test_a_memory_without_id_and_time_has_the_same_key_tomorrow() -> None:
    raw = {"content": "Rain."}
    tomorrow = parse_draft(raw, time_zone=ZoneInfo("UTC"), now=NOW.replace(day=4))
    assert parse(**raw).external_id == tomorrow.external_id
    assert tomorrow.external_id.startswith("sha256:")


def test_the_same_words_on_two_days_are_two_memories() -> None:
    monday = parse(content="Rain.", occurred_at="2024-07-01")
    tuesday = parse(content="Rain.", occurred_at="2024-07-02")
    assert monday.external_id != tuesday.external_id


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({}, "content: is missing"),
        ({"content": None}, "content: is missing"),
        ({"content": " \n\t"}, "content: is blank"),
        ({"content": 7}, "content: must be text, not a number"),
        ({"content": ["a"]}, "content: must be text, not a list"),
        ({"content": "a" * 1_000_001}, "content: is longer than 1000000 characters"),
        ({"content": "a\x00b"}, "content: holds a NUL character"),
        ({"content": "a\ud800b"}, "content: holds half of a surrogate pair"),
    ],
)
def test_content_that_cannot_be_stored_is_refused(raw: dict[str, object], expected: str) -> None:
    assert reason(**raw) == expected


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("title", "t" * 501, "is longer than 500 characters"),
        ("title", "\x00", "holds a NUL character"),
        ("author", "a" * 256, "is longer than 255 characters"),
        ("author", True, "must be text, not true or false"),
        ("external_id", "e" * 256, "is longer than 255 characters"),
        ("external_id", 12, "must be text, not a number"),
        ("thread_id", "t" * 999, "is longer than 998 bytes"),
        ("reply_to", "é" * 500, "is longer than 998 bytes"),
        ("message_id", "\udfff", "holds half of a surrogate pair"),
        ("in_reply_to", {}, "must be text, not an object"),
        ("source", "My Diary", "'My Diary' must be 1 to 32 of a-z, 0-9, - and _"),
        ("occurred_at", 1720000000, "must be text, not a number"),
        ("occurred_at", "2024-07-03\x00", "holds a NUL character"),
        ("participants", "Ana", "must be a list, not text"),
        ("participants", [{}] * 1_001, "are more than 1000"),
        ("participants", ["Ana"], "number 1 must be {name, address}, not text"),
        (
            "participants",
            [{"name": "Ana"}, {"address": 5}],
            "number 2: address: must be text, not a number",
        ),
        ("metadata", [], "must be an object, not a list"),
        ("metadata", {"a": ["\x00"]}, "holds a NUL character"),
        ("metadata", {"a": {"\x00": 1}}, "holds a NUL character"),
        ("metadata", {"\ud800": 1}, "holds half of a surrogate pair"),
        ("metadata", {"a": float("inf")}, "holds a number that is too large"),
        ("metadata", {"a": 10**5_000}, "holds a number that is too large"),
        ("metadata", {"a": b"bytes"}, "holds bytes, which JSON does not know"),
        ("metadata", {7: "a"}, "must be text, not a number"),
        ("metadata", {"a": "é" * 40_000}, "is larger than 65536 bytes"),
        ("metadata", nested(21), "is nested deeper than 20 levels"),
    ],
)
def test_a_field_that_cannot_be_stored_is_named(field: str, value: object, expected: str) -> None:
    assert reason(content="Rain.", **{field: value}) == f"{field}: {expected}"


def test_an_unreadable_date_is_named_as_it_was_given() -> None:
    told = reason(content="Rain.", occurred_at="next tuesday")
    assert told.startswith("occurred_at: 'next tuesday' is no date")


def test_what_is_at_its_limit_is_stored() -> None:
    draft = parse(content="🌧" * 1_000_000, metadata=nested(20))
    assert len(draft.content) == 1_000_000


def test_a_participant_who_is_nobody_is_left_out() -> None:
    draft = parse(content="Rain.", participants=[{}, {"name": "Ana"}, {"name": " "}])
    assert draft.participants == (Participant(name="Ana", address=""),)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
dates = st.datetimes().map(datetime.isoformat) | st.dates().map(str) | st.text()
lines = st.fixed_dictionaries(
    {"content": st.text(min_size=1) | json_values},
    optional={
        "occurred_at": dates | json_values,
        "source": st.sampled_from(["note", "Bad Slug"]) | json_values,
        "title": json_values,
        "participants": st.lists(st.fixed_dictionaries({"name": json_values})) | json_values,
        "metadata": st.dictionaries(st.text(), json_values) | json_values,
    },
)


@given(lines)
def test_any_json_object_is_a_sound_draft_or_a_draft_error(
    raw: dict[str, object],
) -> None:
    try:
        draft = parse(**raw)
    except DraftError:
        return
    stored = json.dumps([draft.content, draft.metadata], allow_nan=False)
    assert "\x00" not in draft.content
    assert json.loads(stored) == [draft.content, draft.metadata]
    assert draft.occurred_at.utcoffset() == timedelta(0)
