"""Tellings for tests."""

from graph.detection.base import Telling


def tell(number, content, **other):
    """A memory with that text, of day 20000 from the notes unless said otherwise."""
    known = {"day": 20_000, "minute": None, "source": "note", "title": ""}
    return Telling(id=number, content=content, **known | other)
