"""Whatever memories there are, an export read back by a fresh person gives the same ones."""

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memories.drafts import MemoryDraft, Participant, parse_draft
from memories.models import Memory
from memories.services.export import write_lines
from memories.services.imports import import_path
from memories.services.store import store_drafts
from tests.factories import MemoryFactory, UserFactory

FIRST, LAST = (datetime.combine(date(*day), time()) for day in ((1, 2, 1), (9999, 11, 1)))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SAID = (
    "source", "account", "external_id", "title", "content", "author", "participants", "occurred_at", "occurred_on",
    "occurred_precision", "thread_id", "reply_to", "message_id", "in_reply_to", "metadata", "content_hash", "size",
)  # fmt: skip

letters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
text = st.text(letters, max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=5,
)
moments = st.one_of(
    st.datetimes(FIRST, LAST, timezones=st.just(UTC)).map(datetime.isoformat),
    st.dates(FIRST.date(), LAST.date()).map(str),
    st.sampled_from(["2024", "2024-02", "1999-12", "0400", None]),
)
memories = st.fixed_dictionaries(
    {
        "content": text.filter(str.strip),
        "occurred_at": moments,
        "external_id": text,
        "source": st.from_regex(r"[a-z0-9_-]{1,32}", fullmatch=True),
        "title": text,
        "author": text,
        "participants": st.lists(st.fixed_dictionaries({"name": text, "address": text}), max_size=3),
        "thread_id": text,
        "reply_to": text,
        "message_id": text,
        "in_reply_to": text,
        "metadata": st.dictionaries(text, json_values, max_size=3),
    }
)


def say(user):
    """All that sources said of a person's memories, by their keys."""
    return sorted(Memory.objects.filter(user=user).values_list(*SAID), key=lambda row: row[:3])


def export(user, path):
    path.write_bytes(b"".join(write_lines(user=user)))
    return path


def make_draft(raw, account, *, zone):
    draft = parse_draft(raw, time_zone=zone, now=NOW)
    fields = {name: getattr(draft, name) for name in MemoryDraft.__dataclass_fields__}
    return MemoryDraft(**fields | {"account": account})


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    raws=st.lists(st.tuples(memories, text), max_size=4),
    zone=st.sampled_from(["UTC", "America/Sao_Paulo", "Pacific/Apia"]),
)
def test_an_export_read_back_by_a_fresh_person_gives_the_same_memories(raws, zone):
    ana, fresh = UserFactory(time_zone=zone), UserFactory(time_zone=zone)
    drafts = [make_draft(raw, account, zone=ana.zone) for raw, account in raws]
    store_drafts(user=ana, drafts=drafts, origin="test")
    with TemporaryDirectory() as folder:
        path = export(ana, Path(folder) / "a.ndjson")
        report = import_path(user=fresh, path=path)
        again = import_path(user=fresh, path=path)
    assert (report.skips, report.updated) == ([], 0)
    assert (again.created, again.updated, again.skipped) == (0, 0, 0)
    assert say(fresh) == say(ana)


def test_the_largest_memory_comes_back(user, other_user, tmp_path):
    most = [{"name": "\x01" * 255, "address": "\x02" * 320}] * 1_000
    draft = make_draft({"content": "\x01" * 1_000_000, "participants": most}, "", zone=user.zone)
    assert draft.participants[0] == Participant("\x01" * 255, "\x02" * 320)
    store_drafts(user=user, drafts=[draft], origin="test")
    assert import_path(user=other_user, path=export(user, tmp_path / "a.ndjson")).created == 1
    assert say(other_user) == say(user)


def test_a_memory_that_is_edited_and_one_that_arrives_meanwhile_are_in_it_once(user, monkeypatch):
    monkeypatch.setattr("memories.services.export.BATCH", 1)
    first, second = MemoryFactory.create_batch(2, user=user)
    lines = write_lines(user=user)
    told = [next(lines)]
    Memory.objects.filter(pk=first.pk).update(content="Edited.")
    third = MemoryFactory(user=user)
    told += list(lines)
    assert [json.loads(line)["external_id"] for line in told] == [row.external_id for row in (first, second, third)]


def test_a_memory_that_is_erased_meanwhile_takes_no_other_with_it(user, monkeypatch):
    monkeypatch.setattr("memories.services.export.BATCH", 1)
    rows = MemoryFactory.create_batch(3, user=user)
    lines = write_lines(user=user)
    next(lines)
    rows[1].delete()
    assert [json.loads(line)["external_id"] for line in lines] == [rows[2].external_id]
