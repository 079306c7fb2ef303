"""The policy header: made once, and word for word what django-csp makes every time."""

import pytest
from csp.constants import HEADER, NONCE, SELF
from csp.decorators import csp_exempt, csp_update
from csp.exceptions import CSPNonceError
from csp.middleware import CSPMiddleware
from django.http import HttpResponse

from config.policy import PolicyMiddleware


def plain(request):
    return HttpResponse()


@csp_update({"img-src": ["https://example.com"]})
def changed(request):
    return HttpResponse()


@csp_exempt()
def exempt(request):
    return HttpResponse()


def with_nonce(request):
    return HttpResponse(str(request.csp_nonce)[:0])


def with_its_own(request):
    return HttpResponse(headers={HEADER: "default-src 'none'"})


@pytest.mark.parametrize("view", [plain, changed, exempt, with_its_own])
def test_an_answer_has_the_header_that_django_csp_gives_it(view, rf):
    ours, theirs = (middleware(view)(rf.get("/")).headers for middleware in (PolicyMiddleware, CSPMiddleware))
    assert ours == theirs
    assert (HEADER in ours) == (view is not exempt)


def test_a_nonce_that_a_page_used_is_in_its_header(rf, settings):
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"script-src": [SELF, NONCE]}}
    request = rf.get("/")
    header = PolicyMiddleware(with_nonce)(request).headers[HEADER]
    assert f"'nonce-{request._csp_nonce}'" in header


def test_a_nonce_after_the_header_is_refused(rf):
    request = rf.get("/")
    PolicyMiddleware(plain)(request)
    with pytest.raises(CSPNonceError):
        str(request.csp_nonce)


@pytest.mark.parametrize("special", [{"EXCLUDE_URL_PREFIXES": ["/free/"], "DIRECTIVES": {"default-src": [SELF]}}])
def test_addresses_that_the_settings_leave_out_have_no_header(rf, settings, special):
    settings.CONTENT_SECURITY_POLICY = special
    assert HEADER in PolicyMiddleware(plain)(rf.get("/kept/")).headers
    assert HEADER not in PolicyMiddleware(plain)(rf.get("/free/")).headers
