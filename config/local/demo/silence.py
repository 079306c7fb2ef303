"""Demo person: which layers cannot find anything in a life this small, and why."""

from collections.abc import Mapping
from typing import Final

__all__ = ["silenced_layers"]

FEWEST: Final[Mapping[str, tuple[int, str]]] = {
    "causal": (5, "needs at least 5 pairs of cause and effect"),
    "temporal": (4, "needs at least 4 days on one rule"),
    "seasonal": (3, "needs at least 3 days in each of 3 season-years"),
    "pattern": (6, "needs at least 6 memories of one habit"),
    "cross_platform": (2, "needs one event told by two sources"),
    "prediction": (8, "needs a rule or habit with at least 8 days"),
    "root_cause": (3, "needs at least 3 chains that ran to their end"),
    "duplicate": (2, "needs one memory and its copy"),
}


def silenced_layers(truth: Mapping[str, object]) -> dict[str, str]:
    """Name the layers that the plants are too few for, each with the reason."""
    most = {
        "causal": _longest(truth["causes"], "pairs"),
        "temporal": _longest(truth["recurrences"], "days"),
        "seasonal": _seasons(truth["seasons"]),
        "pattern": _longest(truth["patterns"], "members"),
        "cross_platform": _longest(truth["same_events"], "sources"),
        "prediction": _longest(truth["recurrences"], "days"),
        "root_cause": _longest(truth["chains"], "instances"),
        "duplicate": _longest(truth["duplicates"], "members"),
    }
    return {
        layer: f"{reason}; the most here is {most[layer]}"
        for layer, (fewest, reason) in FEWEST.items()
        if most[layer] < fewest
    }


def _plants(plants: object) -> list[Mapping[str, object]]:
    if not isinstance(plants, list):
        raise TypeError("plants of a layer are a list")
    return plants


def _longest(plants: object, key: str) -> int:
    """Length of the longest list under `key` in any plant."""
    return max((_length(plant[key]) for plant in _plants(plants)), default=0)


def _length(members: object) -> int:
    return len(members) if isinstance(members, list) else 0


def _seasons(seasons: object) -> int:
    """Season-years of the season that has most of them with three days or more."""
    return max((_full_years(plant["days"]) for plant in _plants(seasons)), default=0)


def _full_years(days: object) -> int:
    """Count the years with three days; December belongs to the year that follows."""
    if not isinstance(days, list):
        return 0
    years: dict[int, int] = {}
    for day in days:
        year, month = int(day[:4]), int(day[5:7])
        years[year + (month == 12)] = years.get(year + (month == 12), 0) + 1
    return sum(count >= 3 for count in years.values())
