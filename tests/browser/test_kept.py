"""What the browser keeps of the graph: drawn before the network answers, brought up to date, there without a network, gone with the person."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import expect

from graph.models import Tie
from memories.drafts import parse_draft
from memories.models import User
from memories.services.store import store_drafts

PASSWORD = "a long walk by the river"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXTS = (
    "Lunch with Ingrid Berg and Tomas Kowal in Lisbon.",
    "Ingrid Berg showed Tomas Kowal the harbour of Lisbon.",
    "Rowed with Ingrid Berg and Tomas Kowal.",
    "Dinner with Petra Novak and Tomas Kowal in Porto.",
)
SLICE = "**/api/v1/graph/?as=drawing&limit=150&edges=300"
WHOLE = "**/api/v1/graph/?as=drawing"
CHANGES = "**/api/v1/graph/changes/**"
KEPT = """async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""


def remember(user, *texts):
    days = [NOW - timedelta(days=ago) for ago in range(1, 1 + len(texts))]
    lines = [{"content": text, "occurred_at": str(day.date())} for text, day in zip(texts, days, strict=True)]
    store_drafts(user=user, drafts=[parse_draft(line, time_zone=user.zone, now=NOW) for line in lines], origin="test")
    call_command("process_memories", until_done=True)


@pytest.fixture
def ana(transactional_db):
    user = User.objects.create_user("ana", password=PASSWORD)
    remember(user, *TEXTS)
    return user


@pytest.fixture
def at_home(page, ana, log_in):
    """Ana at her graph, which the browser keeps by now, the page too."""
    page.goto("/graph/")
    log_in("ana", PASSWORD)
    expect(page.locator("#summary")).to_have_text("5 names, 6 ties")
    wait_until(page, "async () => await caches.match('/graph/') !== undefined")


def wait_until(page, question):
    for _ in range(200):
        if page.evaluate(question):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {question}")


def painted(page):
    return set(page.evaluate("performance.getEntriesByType('mark').map(({ name }) => name)"))


def hold(page, *addresses):
    """Requests to these addresses wait; what comes back lets them go on."""
    held = []
    for address in addresses:
        page.route(address, lambda route: held.append(route))

    def let_go():
        for address in addresses:
            page.unroute(address)
        for route in held:
            route.continue_()

    return let_go


def find(page, name):
    page.get_by_role("combobox", name="Find").press_sequentially(name)
    page.keyboard.press("Enter")


def test_a_slice_is_drawn_first_and_the_whole_behind_it_moves_nothing(page, ana, log_in):
    page.emulate_media(reduced_motion="reduce")
    page.route(SLICE, lambda route: route.continue_(url=route.request.url.replace("150&edges=300", "2&edges=1")))
    let_go = hold(page, WHOLE)
    page.goto("/graph/")
    log_in("ana", PASSWORD)
    expect(page.locator("#summary")).to_have_text("2 names, 1 tie")
    find(page, "ingrid")
    expect(page.locator("#panel .tie-name")).to_have_text(["Tomas Kowal"])
    let_go()
    expect(page.locator("#summary")).to_have_text("5 names, 6 ties")
    expect(page.locator("#panel .tie-name")).to_have_count(2)
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)  # the drawing grows into the room of the panel
    page.locator("#canvas").click()
    expect(page.locator("#panel-title")).to_have_text("Ingrid Berg")
    assert {"graph-first", "graph-whole"} <= painted(page)


def test_what_is_kept_is_drawn_before_the_network_answers_and_then_brought_up_to_date(page, at_home, ana):
    remember(ana, "Tea with Lotte Brandt and Ingrid Berg.")
    let_go = hold(page, WHOLE, CHANGES)
    page.reload()
    expect(page.locator("#summary")).to_have_text("5 names, 6 ties")
    wait_until(page, "performance.getEntriesByName('graph-kept').length === 1")
    let_go()
    expect(page.locator("#summary")).to_have_text("6 names, 7 ties")
    remember(ana, "Tea with Oskar Lind and Lotte Brandt.")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#summary")).to_have_text("7 names, 8 ties")


def test_a_tie_is_opened_by_its_pair_and_by_an_older_address_with_its_id(page, at_home, ana):
    tie = Tie.objects.get(user=ana, a__name="Ingrid Berg", b__name="Tomas Kowal")
    for address in (f"{tie.b_id}-{tie.a_id}", f"{tie.pk}"):
        page.goto("/graph/")
        page.goto(f"/graph/#tie={address}")
        expect(page.locator("#panel .facts")).to_contain_text("Named together in 3 memories")


def test_a_version_that_is_too_old_is_answered_by_the_whole_graph(page, watch, at_home, ana):
    remember(ana, "Tea with Lotte Brandt and Ingrid Berg.")
    page.route(CHANGES, lambda route: route.fulfill(status=410, json={"detail": "too old"}))
    page.reload()
    expect(page.locator("#summary")).to_have_text("6 names, 7 ties")
    watch.forgive("status of 410")


def test_without_a_network_the_page_shows_what_is_kept_and_says_as_of_when(page, watch, at_home):
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#as-of")).to_contain_text("Offline, as of")
    expect(page.locator("#summary")).to_have_text("5 names, 6 ties")
    find(page, "ingrid")
    expect(page.locator("#panel .tie-name")).to_have_count(2)
    expect(page.locator("#panel .notice")).to_contain_text("You are offline, and this needs the network.")
    page.context.set_offline(False)
    expect(page.locator("#as-of")).to_be_hidden()
    watch.forgive("ERR_INTERNET_DISCONNECTED")


def test_after_the_logout_nothing_is_kept_and_another_window_leaves_the_graph_too(page, watch, at_home):
    other = page.context.new_page()
    other.goto("/")
    other.locator(".account summary").click()
    other.get_by_role("button", name="Log out").click()
    expect(other.get_by_role("button", name="Log in")).to_be_visible()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    assert page.evaluate(KEPT) == {"databases": [], "caches": [], "workers": 0}
    watch.forgive("status of 401")


def test_another_persons_page_draws_nothing_of_the_one_before(page, at_home, live_server):
    """Though nobody logged out: the session is simply another's now."""
    bea = Client()
    bea.force_login(User.objects.create_user("bea"))
    session = bea.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": str(live_server)}])
    let_go = hold(page, SLICE)
    page.goto("/memories/")
    page.goto("/graph/")
    expect(page.locator("#message")).to_contain_text("Drawing your graph")
    page.wait_for_timeout(500)
    assert page.locator("#controls").is_hidden()
    assert painted(page) == set()
    let_go()
    expect(page.get_by_role("heading", name="No memories yet")).to_be_visible()
    own = f"life-graph {User.objects.get(username='bea').pk}-"
    wait_until(page, f"async () => (await caches.keys()).every((name) => name.startsWith('{own}'))")


def test_an_open_page_of_one_person_never_takes_up_the_graph_of_the_next(page, at_home, live_server):
    page.context.add_cookies([{"name": "csrftoken", "value": "b" * 32, "url": str(live_server)}])
    with page.expect_navigation():
        page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#summary")).to_have_text("5 names, 6 ties")
    assert "graph-kept" not in painted(page)


def test_where_a_browser_keeps_nothing_the_graph_comes_from_the_network(page, ana, log_in):
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('no'); } })")
    page.goto("/graph/")
    log_in("ana", PASSWORD)
    expect(page.locator("#summary")).to_have_text("5 names, 6 ties")
    page.reload()
    expect(page.locator("#summary")).to_have_text("5 names, 6 ties")


def test_changes_take_names_and_ties_away_and_a_new_layout_replaces_all(page, transactional_db):
    page.goto("/accounts/first-user/")
    answers = page.evaluate(
        """async () => {
            const { applyChanges } = await import("/static/graph/changes.js");
            const named = (ids) => ({ id: ids, kind: ids.map(() => "person"), label: ids.map((id) => `n${id}`), memories: ids.map(() => 1),
                importance: ids.map((id) => 1 / id), community: ids.map(() => 0), x: ids, y: ids });
            const tied = (pairs) => ({ id: pairs.map((_, at) => at), source: pairs.map(([one]) => one), target: pairs.map(([, other]) => other),
                weight: pairs.map(() => 1), layers: pairs.map(() => 0) });
            const graph = { nodes: named([1, 2, 3]), edges: tied([[0, 1], [0, 2], [1, 2]]), version: "a", complete: true };
            const changes = (some) => ({ nodes: named([]), edges: tied([]), removed: { nodes: [], edges: [], ends: [] }, relayout: false, version: "b", ...some });
            const ties = ({ nodes, edges }) => edges.source.map((row, at) => [nodes.id[row], nodes.id[edges.target[at]]]);
            const less = applyChanges(graph, changes({ removed: { nodes: [3], edges: [9], ends: [[2, 1]] } }));
            const more = applyChanges(graph, changes({ nodes: named([4, 1, 2]), edges: tied([[4, 2]]), relayout: true }));
            return [less.nodes.id, ties(less), more.nodes.id, ties(more), more.version];
        }"""
    )
    assert answers == [[1, 2], [], [1, 2, 4], [[1, 2], [2, 4]], "b"]
