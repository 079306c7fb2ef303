"""Pages of this app: a shell that the browser fills from the API, and the worker that shows it without a network."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

# Every module that the page imports, so that a browser asks for them at once and not one after another; first what asks for the graph.
MODULES = (
    *("site/api.js", "site/kept.js", "graph/layers.js", "graph/model.js", "graph/changes.js", "graph/source.js"),
    *(f"graph/{name}.js" for name in ("draw", "filters", "freshness", "labels", "own_words", "panel", "reasons")),
    *(f"graph/{name}.js" for name in ("rhythm", "search", "shell", "table", "theme", "why")),
    *("site/dates.js", "site/dom.js", "memories/card.js", "memories/recall.js", "memories/text.js"),
)


@require_safe
@login_required
@never_cache
def graph(request: HttpRequest) -> HttpResponse:
    return render(request, "graph/graph.html", {"modules": MODULES})


@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The page's service worker; it stands below the page's address and so can touch no other page."""
    return render(request, "graph/worker.js", content_type="text/javascript")
