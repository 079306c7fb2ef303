"""Pages of memories: shells for the person who is logged in."""

from datetime import UTC, datetime

import pytest

from memories.models import Memory, User

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def ingrid(client, db):
    user = User.objects.create_user("ingrid")
    client.force_login(user)
    return user


def make_memory(user: User) -> Memory:
    return Memory.objects.create(
        user=user,
        source="note",
        external_id="1",
        content="Soup at the harbour.",
        occurred_at=NOON,
        occurred_on=NOON.date(),
        content_hash="0" * 64,
        size=20,
    )


@pytest.mark.parametrize(
    ("path", "script"),
    [("/", "dashboard.js"), ("/narrative/", "narrative.js"), ("/memories/", "list.js")],
)
def test_a_page_loads_its_own_script_and_marks_its_place(client, ingrid, path, script):
    page = client.get(path).content.decode()
    assert f"/static/memories/{script}" in page
    assert f'<a href="{path}" aria-current="page">' in page


def test_a_memory_page_says_which_memory_it_shows(client, ingrid):
    memory = make_memory(ingrid)
    page = client.get(f"/memories/{memory.pk}/").content.decode()
    assert f'data-memory="{memory.pk}"' in page


def test_the_memory_of_another_person_is_not_there(client, ingrid):
    theirs = make_memory(User.objects.create_user("tomas"))
    assert client.get(f"/memories/{theirs.pk}/").status_code == 404


def test_a_page_does_not_take_a_post(client, ingrid):
    assert client.post("/narrative/").status_code == 405


def test_pages_forbid_whatever_is_not_their_own(client, ingrid):
    assert "default-src 'self'" in client.get("/").headers["Content-Security-Policy"]


def test_a_name_that_is_markup_stays_text(client, db):
    client.force_login(User.objects.create_user("<b>ingrid"))
    page = client.get("/").content.decode()
    assert "&lt;b&gt;ingrid" in page
    assert "<b>ingrid" not in page
