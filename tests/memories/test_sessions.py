"""A request with a session costs one statement to know who asks."""

import pytest
from django.contrib.sessions.models import Session as DjangoSession

from memories.models import Session
from tests.factories import UserFactory

PASSWORD = "a long enough password"


@pytest.fixture
def person(db):
    person = UserFactory(username="ana")
    person.set_password(PASSWORD)
    person.save()
    return person


def test_a_session_and_its_person_are_read_by_one_statement(client, person, django_assert_num_queries):
    client.force_login(person)
    client.get("/api/v1/integrations/providers/")  # its switches are remembered from here on
    with django_assert_num_queries(1):
        assert client.get("/api/v1/integrations/providers/").status_code == 200


def test_a_login_by_password_makes_a_session_that_points_at_its_person(client, person):
    answer = client.post("/accounts/login/", {"username": "ana", "password": PASSWORD})
    assert answer.status_code == 302
    assert Session.objects.get().user == person
    assert not DjangoSession.objects.exists()


def test_a_new_password_ends_the_sessions_of_the_old_one(client, person):
    client.force_login(person)
    person.set_password("another long password")
    person.save()
    assert client.get("/api/v1/integrations/providers/").status_code in (401, 403)


def test_a_person_who_is_no_longer_active_is_nobody(client, person):
    client.force_login(person)
    person.is_active = False
    person.save()
    assert client.get("/api/v1/integrations/providers/").status_code in (401, 403)


def test_an_erased_person_takes_their_sessions_along(client, person):
    client.force_login(person)
    person.delete()
    assert not Session.objects.exists()
    assert client.get("/api/v1/integrations/providers/").status_code in (401, 403)


def test_one_persons_session_never_answers_for_another(client, person):
    other = UserFactory(username="bruno")
    client.force_login(person)
    client.force_login(other)
    assert client.get("/").wsgi_request.user == other
