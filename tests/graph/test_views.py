"""The graph page: a shell that loads the drawing library and our modules, and the worker that shows it without a network."""

import re
from pathlib import Path

from django.contrib.staticfiles.finders import find

from graph.selectors import FIRST_SLICE, KEPT, GraphQuestion
from graph.views import MODULES
from memories.models import User


def imports_of(module: str) -> set[str]:
    """Every module that this one needs, itself included, as static names."""
    found, waiting = set(), [module]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            folder = Path(name).parent
            named = re.findall(r'^import .* from "(.+)";$', Path(find(name)).read_text(), flags=re.MULTILINE)
            waiting += [str((Path("/") / folder / other).resolve()).lstrip("/") for other in named]
    return found


def test_the_graph_page_loads_the_drawing_library_before_our_modules(client, db):
    client.force_login(User.objects.create_user("ingrid"))
    page = client.get("/graph/").content.decode()
    places = [page.index(f"/static/{name}") for name in ("vendor/graphology", "vendor/sigma", "graph/graph.js")]
    assert places == sorted(places)


def test_the_graph_page_offers_a_table_beside_the_drawing(client, db):
    client.force_login(User.objects.create_user("ingrid"))
    page = client.get("/graph/").content.decode()
    assert 'id="as-table"' in page
    assert 'id="table-view"' in page


def test_the_graph_page_asks_for_every_module_at_once_that_it_will_import():
    assert imports_of("graph/graph.js") - {"graph/graph.js"} == set(MODULES)


def test_the_graph_page_says_whose_it_is_and_is_kept_by_no_cache_on_the_way(client, db):
    user = User.objects.create_user("ingrid")
    client.force_login(user)
    answer = client.get("/graph/")
    joined = f"{int(user.date_joined.timestamp())}{user.date_joined.microsecond:06}"
    assert f'<html lang="en" data-person="{user.pk}-{joined}">' in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_worker_stands_below_the_graph_page_and_is_looked_at_anew_each_time(client, db):
    answer = client.get("/graph/worker.js")
    assert answer.headers["Content-Type"] == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Service-Worker-Allowed" not in answer.headers


def test_the_slice_that_the_page_asks_first_is_one_that_is_kept():
    source = Path(find("graph/source.js")).read_text()
    limit, edges = re.search(r"SLICE = { limit: (\d+), edges: (\d+) }", source).groups()
    assert GraphQuestion(limit=int(limit), edges=int(edges), drawing=True) == FIRST_SLICE
    assert FIRST_SLICE in KEPT
