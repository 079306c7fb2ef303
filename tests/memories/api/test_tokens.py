"""API tokens: made with a password or a session, hashed at rest, gone when given back."""

import pytest
from django.db import connection
from knox.models import AuthToken
from rest_framework.test import APIClient

from memories.models import User

PATH = "/api/v1/auth/token/"
LIST = "/api/v1/memories/"
PASSWORD = "a long walk by the river"


@pytest.fixture
def ingrid(db):
    return User.objects.create_user("ingrid", password=PASSWORD)


@pytest.fixture
def stranger():
    return APIClient(enforce_csrf_checks=True)


def ask(client, username="ingrid", password=PASSWORD):
    return client.post(PATH, {"username": username, "password": password}, format="json")


def holding(token):
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


def test_a_name_and_password_make_a_token_that_opens_the_api(ingrid, stranger):
    answer = ask(stranger)
    assert answer.status_code == 201
    assert set(answer.json()) == {"token", "expiry"}
    client = holding(answer.json()["token"])
    assert client.get(LIST).status_code == 200
    assert client.post(LIST, {"content": "Soup."}, format="json").status_code == 201


def test_a_token_given_back_opens_nothing_and_the_others_stay(ingrid, stranger):
    first, second = (holding(ask(stranger).json()["token"]) for _ in range(2))
    assert first.delete(PATH).status_code == 204
    assert (first.get(LIST).status_code, second.get(LIST).status_code) == (401, 200)
    assert first.delete(PATH).status_code == 401


def test_the_database_holds_no_token_that_could_be_used(ingrid, stranger):
    token = ask(stranger).json()["token"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM knox_authtoken t")
        [(row,)] = cursor.fetchall()
    assert token not in row
    stored = AuthToken.objects.get()
    assert {holding(text).get(LIST).status_code for text in (stored.digest, stored.token_key)} == {401}


@pytest.mark.parametrize(
    ("username", "password"), [("ingrid", "guess"), ("nobody", PASSWORD), ("", ""), ("INGRID", PASSWORD)]
)
def test_a_wrong_name_or_password_gets_the_same_refusal(ingrid, stranger, username, password):
    answer = stranger.post(PATH, {"username": username or "x", "password": password or "x"}, format="json")
    assert (answer.status_code, answer.json()) == (401, {"detail": "No user has this name and password."})
    assert not AuthToken.objects.exists()


@pytest.mark.parametrize("body", [{}, {"username": "ingrid"}, {"password": PASSWORD}])
def test_half_a_login_is_refused(ingrid, stranger, body):
    assert stranger.post(PATH, body, format="json").status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        [],
        "x",
        {"username": "a\x00", "password": "x"},
        {"username": ["a"], "password": {}},
        {"username": "a" * 151, "password": "x"},
    ],
)
def test_a_login_of_another_shape_is_refused_in_words(ingrid, stranger, body):
    answer = stranger.post(PATH, body, format="json")
    assert answer.status_code == 400
    assert answer.json()


def test_who_was_made_inactive_has_no_token_any_more(ingrid, stranger):
    client = holding(ask(stranger).json()["token"])
    User.objects.update(is_active=False)
    assert client.get(LIST).status_code == 401
    assert ask(stranger).status_code == 401


def test_a_session_makes_a_token_too_but_only_with_its_csrf_token(ingrid, stranger):
    stranger.force_login(ingrid)
    assert stranger.post(PATH, {}, format="json").status_code == 403
    csrf = stranger.get("/memories/").cookies["csrftoken"].value
    assert stranger.post(PATH, {}, format="json", HTTP_X_CSRFTOKEN=csrf).status_code == 201


def test_a_session_can_write_only_with_its_csrf_token(ingrid, stranger):
    stranger.force_login(ingrid)
    assert stranger.get(LIST).status_code == 200
    assert stranger.post(LIST, {"content": "Soup."}, format="json").status_code == 403
    csrf = stranger.get("/memories/").cookies["csrftoken"].value
    assert stranger.post(LIST, {"content": "Soup."}, format="json", HTTP_X_CSRFTOKEN=csrf).status_code == 201


def test_a_session_is_not_given_back_as_a_token(ingrid):
    client = APIClient()
    client.force_login(ingrid)
    assert client.delete(PATH).status_code == 401


@pytest.mark.parametrize("header", ["Token", "Token ", "Token x y", "Token " + "f" * 64, "Bearer abc", "Token \u00e9"])
def test_a_token_that_is_none_opens_nothing(ingrid, header):
    assert APIClient().get(LIST, HTTP_AUTHORIZATION=header).status_code == 401


def test_guessing_is_locked_out(ingrid, stranger, settings):
    settings.AXES_ENABLED, settings.AXES_FAILURE_LIMIT = True, 3
    assert {ask(stranger, password="guess").status_code for _ in range(3)} <= {401, 429}
    assert ask(stranger).status_code == 429
    assert not AuthToken.objects.exists()


def test_a_token_costs_one_query_more_than_none(ingrid, stranger, django_assert_num_queries):
    tokens = [ask(stranger).json()["token"] for _ in range(3)]
    with django_assert_num_queries(2):
        holding(tokens[0]).get(LIST)


def test_a_token_that_ran_out_opens_nothing_and_is_forgotten(ingrid, stranger):
    client = holding(ask(stranger).json()["token"])
    AuthToken.objects.update(expiry="2020-01-01T00:00Z")
    assert client.get(LIST).status_code == 401
    assert not AuthToken.objects.exists()
