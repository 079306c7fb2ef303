"""Coming in: the login, and the page that makes the first user."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from config.accounts import zone_choices
from memories.models import User

FIRST_USER = "/accounts/first-user/"
ANSWERS = {
    "username": "ingrid",
    "password1": "a long walk by the river",
    "password2": "a long walk by the river",
    "time_zone": "Europe/Lisbon",
}


@pytest.fixture
def ingrid(db):
    return User.objects.create_user("ingrid", password="a long walk by the river")


@pytest.mark.parametrize("path", ["/", "/narrative/", "/graph/", "/memories/", "/memories/1/", "/connections/"])
def test_every_page_asks_a_stranger_to_log_in(client, ingrid, path):
    response = client.get(path)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/accounts/login/?next={path}"


def test_while_nobody_lives_here_the_login_leads_to_the_first_user_page(client, db):
    assert client.get("/accounts/login/").headers["Location"] == FIRST_USER
    assert client.get(FIRST_USER).status_code == 200


def test_the_first_user_owns_the_installation_and_is_logged_in(client, db):
    response = client.post(FIRST_USER, ANSWERS)
    user = User.objects.get()
    assert response.headers["Location"] == "/"
    assert (user.username, user.time_zone, user.is_staff, user.is_superuser) == ("ingrid", "Europe/Lisbon", True, True)
    assert client.get("/").status_code == 200


def test_afterwards_there_is_no_first_user_page(client, ingrid):
    assert client.get(FIRST_USER).status_code == 404
    assert client.post(FIRST_USER, ANSWERS | {"username": "second"}).status_code == 404
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"password1": "short", "password2": "short"}, "This password is too short"),
        ({"password2": "another one altogether"}, "didn’t match"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"username": ""}, "This field is required"),
    ],
)
def test_a_wrong_answer_makes_no_user_and_says_why(client, db, wrong, reason):
    response = client.post(FIRST_USER, ANSWERS | wrong)
    assert reason in response.content.decode()
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True, available_apps=list(settings.INSTALLED_APPS))  # so that flushing cascades
def test_two_submissions_at_once_make_one_user():
    def submit(username):
        try:
            return Client().post(FIRST_USER, ANSWERS | {"username": username}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        codes = sorted(threads.map(submit, ["ingrid", "tomas"]))
    assert codes == [302, 404]
    assert User.objects.count() == 1


def test_the_login_goes_on_to_the_page_that_was_asked_for(client, ingrid):
    answers = {"username": "ingrid", "password": "a long walk by the river", "next": "/graph/"}
    assert client.post("/accounts/login/", answers).headers["Location"] == "/graph/"


def test_the_login_never_leads_to_another_host(client, ingrid):
    answers = {"username": "ingrid", "password": "a long walk by the river", "next": "https://elsewhere.example/"}
    assert client.post("/accounts/login/", answers).headers["Location"] == "/"


def test_a_wrong_password_is_refused_in_words(client, ingrid):
    response = client.post("/accounts/login/", {"username": "ingrid", "password": "guess"})
    assert "Please enter a correct username and password" in response.content.decode()


def test_logging_out_takes_a_post(client, ingrid):
    client.force_login(ingrid)
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/").headers["Location"] == "/accounts/login/"
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("path", ["/accounts/logout/", "/admin/logout/"])
def test_logging_out_tells_the_browser_to_keep_nothing(client, ingrid, path):
    client.force_login(ingrid)
    assert client.post(path).headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "_auth_user_id" not in client.session


def test_the_administration_has_no_login_of_its_own(client, ingrid):
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.headers["Location"] == "/accounts/login/?next=/admin/"


@pytest.mark.parametrize("path", ["/accounts/login/", FIRST_USER])
def test_whoever_is_nobody_yet_has_the_browser_forget_the_person_before(client, db, path):
    if path != FIRST_USER:
        User.objects.create_user("ingrid")
    assert "/static/site/forget.js" in client.get(path).content.decode()


def test_the_zones_offered_are_grouped_and_hold_utc_first():
    groups = zone_choices()
    assert groups[0] == ("Everywhere", [("UTC", "UTC")])
    assert ("America/Argentina/Buenos_Aires", "Argentina, Buenos Aires") in dict(groups)["America"]
