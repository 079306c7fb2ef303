"""Demo person: the organisations and places of this life, and how they are written."""

from collections.abc import Mapping
from typing import Final

__all__ = ["ORGANISATIONS", "PLACES"]

ORGANISATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "Larkfield Engineers": ("Larkfield", "Larkfield Engineers"),
    "Avon Vale Council": ("Avon Vale Council", "the council"),
    "Harbourside Clinic": ("Harbourside Clinic", "the clinic"),
    "Leith Physio": ("Leith Physio",),
    "Avonside Choir": ("Avonside Choir", "Avonside"),
    "Seafield Singers": ("Seafield Singers", "the Singers"),
    "Totterdown Garden Club": ("Totterdown Garden Club",),
    "Trinity School": ("Trinity School",),
    "Beacon Mutual Insurance": ("Beacon Mutual", "Beacon Mutual Insurance"),
    "Severn Building Society": ("Severn Building Society",),
    "Tamar Steel": ("Tamar Steel",),
}

PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "Bristol": ("Bristol",),
    "Edinburgh": ("Edinburgh",),
    "Grassington": ("Grassington",),
    "Vale Street": ("Vale Street", "14 Vale Street"),
    "Marlborough Street": ("Marlborough Street", "9 Marlborough Street"),
    "Portobello": ("Portobello", "Portobello Beach", "Porty"),
    "Clevedon": ("Clevedon", "Clevedon Marine Lake"),
    "Victoria Park": ("Victoria Park",),
    "Figgate Park": ("Figgate Park",),
    "Leith": ("Leith",),
    "Leeds": ("Leeds",),
    "Blue Kettle": ("the Blue Kettle", "Blue Kettle"),
    "Tidewater Cafe": ("Tidewater Cafe", "the Tidewater"),
}
