"""Pages by cursor: every row once, whatever the rows have in common."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from memories.models import Memory
from tests.factories import MemoryFactory

PATH = "/api/v1/memories/"
NOON = datetime(2024, 5, 3, 12, tzinfo=UTC)


def make_many(user, count, *, step):
    Memory.objects.bulk_create(
        MemoryFactory.build(user=user, external_id=str(n), occurred_at=NOON + n * step) for n in range(count)
    )


def follow(api, path, link="next"):
    """All rows from this page on."""
    rows, pages = [], 0
    while path and pages < 100:
        body = api.get(path).json()
        rows += [row["external_id"] for row in body["results"]]
        parts = urlsplit(body[link] or "")
        path, pages = parts._replace(scheme="", netloc="").geturl(), pages + 1
    return rows, pages


def test_every_row_comes_once_and_in_order(api, user):
    make_many(user, 23, step=timedelta(hours=1))
    rows, pages = follow(api, f"{PATH}?limit=5")
    assert rows == [str(n) for n in range(22, -1, -1)]
    assert pages == 5


def test_more_than_a_thousand_memories_of_one_moment_are_all_reached(api, user):
    make_many(user, 1301, step=timedelta(0))
    rows, pages = follow(api, f"{PATH}?limit=100")
    assert (len(rows), len(set(rows)), pages) == (1301, 1301, 14)


def test_the_way_back_shows_the_same_page(api, user):
    make_many(user, 12, step=timedelta(hours=1))
    first = api.get(f"{PATH}?limit=5").json()
    second = api.get(first["next"]).json()
    assert first["previous"] is None
    assert api.get(second["previous"]).json()["results"] == first["results"]


def test_a_memory_that_comes_meanwhile_shifts_no_page(api, user):
    make_many(user, 10, step=timedelta(hours=1))
    first = api.get(f"{PATH}?limit=5").json()
    MemoryFactory(user=user, occurred_at=NOON + timedelta(days=9))
    assert [row["external_id"] for row in api.get(first["next"]).json()["results"]] == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("limit", "rows"), [("", 50), ("500", 500), ("501", 500), ("100000", 500), ("7", 7), ("-1", 50)]
)
def test_a_page_has_fifty_rows_and_at_most_five_hundred(api, user, limit, rows):
    make_many(user, 501, step=timedelta(0))
    assert len(api.get(f"{PATH}?limit={limit}").json()["results"]) == rows


def test_filters_hold_on_every_page(api, user):
    make_many(user, 9, step=timedelta(hours=1))
    MemoryFactory(user=user, source="gmail", occurred_at=NOON)
    assert follow(api, f"{PATH}?limit=2&source=note") == ([str(n) for n in range(8, -1, -1)], 5)


@pytest.mark.parametrize(
    "cursor",
    ["x", "p=never", "p=%00", "p=9999999", "o=-1", "o=many", "o=99999999999999999999", "r=1&p=2024-99-99", "\udcff"],
)
@pytest.mark.parametrize(
    "path", [PATH, "/api/v1/graph/entities/", "/api/v1/graph/relationships/", "/api/v1/integrations/runs/"]
)
def test_a_cursor_that_was_tampered_with_is_404_or_an_empty_page(api, path, cursor):
    for text in (cursor.encode(errors="surrogateescape"), b64encode(cursor.encode(errors="surrogateescape"))):
        answer = api.get(path, {"cursor": text})
        assert answer.status_code == 404 or answer.json()["results"] == []
