"""What every answer carries, whatever kind of answer it is."""

import pytest
from django.urls import path

from config.urls import urlpatterns as real
from memories.models import User

SOURCES = [
    "default-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
    "form-action 'self'",
    "worker-src 'self'",
    "img-src 'self' data: blob:",
]
KINDS = {
    "page": "/memories/",
    "graph page": "/graph/",
    "login": "/accounts/login/",
    "redirect": "/accounts/logout/",
    "admin": "/admin/",
    "docs": "/api/docs/",
    "schema": "/api/schema/",
    "api": "/api/v1/memories/",
    "api graph": "/api/v1/graph/",
    "api refusal": "/api/v1/memories/?since=soon",
    "api nothing there": "/api/v1/memories/1/",
    "api no such address": "/api/v1/nothing/",
    "health": "/health/live",
    "nothing there": "/nothing/",
    "break down": "/break-down/",
}


def break_down(request):
    raise RuntimeError("my secret")


urlpatterns = [*real, path("break-down/", break_down)]
handler500 = "django.views.defaults.server_error"


@pytest.fixture
def ingrid(client, db):
    user = User.objects.create_user("ingrid", is_staff=True, is_superuser=True)
    client.force_login(user)
    client.raise_request_exception = False
    return user


@pytest.fixture
def answer(request, client, ingrid, settings):
    settings.ROOT_URLCONF = __name__
    return client.get(request.param)


@pytest.mark.parametrize("answer", KINDS.values(), ids=list(KINDS), indirect=True)
def test_every_answer_forbids_what_is_not_ours(answer):
    policy = answer.headers["Content-Security-Policy"]
    assert [source for source in SOURCES if source not in policy] == []
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("answer", ["/break-down/"], indirect=True)
def test_a_break_down_is_a_plain_page_that_tells_nothing(answer):
    assert answer.status_code == 500
    assert "my secret" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


def test_a_post_without_its_csrf_token_is_refused_with_the_same_headers(ingrid):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(ingrid)
    answer = client.post("/accounts/logout/")
    assert answer.status_code == 403
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_another_host_is_refused(client, db):
    assert client.get("/health/live", headers={"host": "elsewhere.example"}).status_code in (200, 400)
    assert client.get("/accounts/login/", headers={"host": "elsewhere.example"}).status_code == 400


def test_what_the_api_says_is_kept_by_nobody(client, ingrid):
    paths = ("memories/", "dashboard/", "narrative/", "search/?q=a", "integrations/failures/", "memories/1/")
    assert {client.get(f"/api/v1/{path}").headers["Cache-Control"] for path in paths} == {"no-store"}


@pytest.mark.parametrize(("path", "template"), [("/nothing/", "404"), ("/break-down/", "500")])
def test_errors_of_pages_are_pages_and_errors_of_the_api_are_json(client, ingrid, settings, path, template):
    settings.ROOT_URLCONF = __name__
    assert client.get(path).headers["Content-Type"].startswith("text/html")
    assert client.get("/api/v1/memories/1/").headers["Content-Type"] == "application/json"


def test_the_session_cookie_is_not_for_scripts_nor_for_other_sites(client, db):
    User.objects.create_user("ingrid", password="a long walk by the river")
    answer = client.post("/accounts/login/", {"username": "ingrid", "password": "a long walk by the river"})
    cookie = answer.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
