"""Rows read with their person are what the ORM reads, by one statement."""

import pytest
from django.forms.models import model_to_dict
from django.utils import timezone
from knox.models import AuthToken

from memories.models import Session
from memories.owned import read_owned


@pytest.fixture
def session(user):
    return Session.objects.create(session_key="of-ana", session_data="{}", expire_date=timezone.now(), user=user)


def test_a_row_and_its_person_are_as_the_orm_reads_them(user, session, django_assert_num_queries):
    user.refresh_from_db()
    with django_assert_num_queries(1):
        [found] = read_owned(Session, where="t.session_key = %s", values=["of-ana"])
        assert found.user.username == "ana"
    assert (found, found.user) == (session, user)
    assert model_to_dict(found.user) == model_to_dict(user)
    assert found.user.date_joined == user.date_joined


def test_a_row_of_nobodys_has_no_person(db):
    Session.objects.create(session_key="of-nobody", session_data="{}", expire_date=timezone.now())
    [found] = read_owned(Session, where="t.session_key = %s", values=["of-nobody"])
    assert found.user is None


def test_what_is_not_there_is_not_found(user, session):
    assert read_owned(Session, where="t.session_key = %s", values=["of-nobody"]) == []
    assert read_owned(AuthToken, where="t.token_key = %s", values=["' OR ''='"]) == []


def test_a_row_that_was_read_can_be_saved_and_deleted(user):
    made, _ = AuthToken.objects.create(user=user)
    [found] = read_owned(AuthToken, where="t.token_key = %s", values=[made.token_key])
    found.user.first_name = "Ana"
    found.user.save()
    found.delete()
    user.refresh_from_db()
    assert user.first_name == "Ana"
    assert not AuthToken.objects.exists()
