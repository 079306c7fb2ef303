"""Operators' pages of memories and people: the state, never the life."""

import pytest
from django.contrib.auth.models import Permission

from memories.models import Flag, Memory, User
from tests.factories import MemoryFactory

LIST = "/admin/memories/memory/"


@pytest.fixture
def memory(user):
    return MemoryFactory(
        user=user, title="my secret", content="my secret", author="my secret", metadata={"a": "my secret"}
    )


def test_an_operator_sees_where_a_memory_stands_and_not_what_it_says(admin_client, memory):
    for path in (LIST, f"{LIST}{memory.pk}/change/"):
        page = admin_client.get(path)
        assert page.status_code == 200
        assert "Stored" in page.content.decode()
        assert "my secret" not in page.content.decode()


def test_a_memory_is_neither_made_nor_changed_nor_deleted_here(admin_client, memory):
    assert admin_client.get(f"{LIST}add/").status_code == 403
    assert admin_client.post(f"{LIST}{memory.pk}/change/", {"stage": "failed"}).status_code == 403
    assert admin_client.post(f"{LIST}{memory.pk}/delete/", {"post": "yes"}).status_code == 403
    admin_client.post(LIST, {"action": "delete_selected", "_selected_action": [memory.pk], "post": "yes"})
    assert Memory.objects.get().stage == "stored"


def test_the_page_needs_the_permission(client, memory):
    operator = User.objects.create_user("operator", is_staff=True)
    client.force_login(operator)
    assert client.get(LIST).status_code == 403
    operator.user_permissions.add(Permission.objects.get(codename="view_memory"))
    assert client.get(LIST).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["?stage__exact=stored", "?source=note", "?o=-1", "?failed_stage=related", "?intake=live", "?lane__exact=2"],
)
def test_the_list_can_be_narrowed(admin_client, memory, query):
    assert admin_client.get(f"{LIST}{query}").status_code == 200


def test_an_operator_can_make_a_person(admin_client):
    answer = admin_client.post(
        "/admin/memories/user/add/",
        {
            "username": "ingrid",
            "usable_password": "true",
            "password1": "a long walk by the river",
            "password2": "a long walk by the river",
        },
    )
    assert answer.status_code == 302
    assert User.objects.get(username="ingrid").check_password("a long walk by the river")


@pytest.mark.parametrize(("zone", "status"), [("Asia/Tokyo", 302), ("Mars/Olympus", 200)])
def test_a_persons_zone_must_be_one(admin_client, user, zone, status):
    fields = {"username": "ana", "time_zone": zone, "date_joined_0": "2024-05-03", "date_joined_1": "09:00"}
    assert admin_client.post(f"/admin/memories/user/{user.pk}/change/", fields).status_code == status
    assert (User.objects.get(pk=user.pk).time_zone == zone) is (status == 302)


def test_a_flag_is_turned_here(admin_client):
    flag = Flag.objects.get(name="serve_precomputed_graph")
    moment = {
        f"{name}_{part}": value
        for name in ("created", "modified")
        for part, value in enumerate(("2026-03-01", "12:00"))
    }
    said = {"name": flag.name, "everyone": "unknown", "percent": "25"} | moment
    answer = admin_client.post(f"/admin/memories/flag/{flag.pk}/change/", said)
    assert answer.status_code == 302
    assert Flag.objects.get().percent == 25


def test_the_list_costs_the_same_for_many(admin_client, user, django_assert_max_num_queries):
    MemoryFactory.create_batch(20, user=user)
    with django_assert_max_num_queries(10):
        assert admin_client.get(LIST).status_code == 200


def test_a_person_is_not_deleted_in_the_admin(admin_client, user):
    assert admin_client.post(f"/admin/memories/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()
