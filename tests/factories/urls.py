"""The API's addresses, from the resolver, so that a new one cannot be forgotten."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("get", "post", "put", "patch", "delete")


def list_endpoints() -> list[tuple[str, Any]]:
    """All routes under /api/v1/, like `memories/<int:pk>/`, with their view classes."""
    found = _walk(get_resolver().url_patterns, prefix="")
    return sorted((route.removeprefix("api/v1/"), view) for route, view in found if route.startswith("api/v1/"))


def list_operations() -> list[tuple[str, str]]:
    """Every route with each method that its view answers."""
    return [(route, method) for route, view in list_endpoints() for method in METHODS if hasattr(view, method)]


def _walk(patterns: list[Any], *, prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, prefix=route)
        elif isinstance(pattern, URLPattern):
            yield route, getattr(pattern.callback, "view_class", None)
