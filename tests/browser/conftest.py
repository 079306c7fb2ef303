"""A headless Chromium on the live server; whatever goes wrong in a page, or leaves this machine, fails the test."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import TransactionTestCase
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",  # WebGL without a graphics card
    "--enable-unsafe-swiftshader",
]
WAIT_MS = 60_000  # a busy machine takes its time
# Said by the software WebGL about its own speed.
DRIVER_TALK = "GL Driver Message"


@dataclass(slots=True)
class Watch:
    """What a page must not do: say an error, break its own rules, ask another host."""

    troubles: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and DRIVER_TALK not in text:
            self.troubles.append(f"{kind}: {text}")

    def forgive(self, words: str) -> None:
        """What the browser itself says about a failure that the test made."""
        self.troubles = [trouble for trouble in self.troubles if words not in trouble]

    def guard(self, route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost"):
            return route.continue_()
        self.strangers.append(route.request.url)
        return route.abort()


@pytest.fixture(scope="session", autouse=True)
def _empty_tables_by_cascade() -> Iterator[None]:
    """Waffle leaves the tables of its own, unused flag model behind: only TRUNCATE ... CASCADE empties those they name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "available_apps", list(settings.INSTALLED_APPS))
        yield


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = [path for name in NAMES if (path := shutil.which(name))]
    if not found:
        pytest.skip(f"no Chromium on PATH (looked for {', '.join(NAMES)})")
    return found[0]


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop lives in this thread; the ORM would take what runs beside it for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    yield watch
    assert watch.troubles == []
    assert watch.strangers == []


@pytest.fixture
def page(live_server: object, browser: Browser, watch: Watch) -> Iterator[Page]:
    context = browser.new_context(
        base_url=str(live_server), viewport={"width": 1400, "height": 900}, timezone_id="Europe/Lisbon", locale="en-GB"
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    page.on("console", lambda message: watch.hear(message.type, message.text))
    page.on("pageerror", lambda error: watch.hear("error", str(error)))
    page.route("**/*", lambda route: watch.guard(route))
    yield page
    context.close()


@pytest.fixture
def log_in(page: Page) -> Callable[[str, str], None]:
    def log_in(username: str, password: str) -> None:
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()

    return log_in
