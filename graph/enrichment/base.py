"""Enriched: what a layer is. Layers are pure: a world of plain facts in, findings out, nothing read and nothing written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

# In the order of the bits of `layers`: bit n-1 = layer n has a value.
LAYER_NAMES = (
    "causal", "temporal", "seasonal", "pattern", "cross_platform", "prediction", "root_cause", "change", "duplicate",
)  # fmt: skip

Status = Literal["computed", "not_enough_data", "not_significant", "disabled"]


@dataclass(frozen=True, slots=True)
class Event:
    """A memory as the layers see it: no text."""

    id: int
    day: date
    source: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A relationship between two events; the earlier is the source."""

    id: int
    source: int
    target: int
    type: str


@dataclass(frozen=True, slots=True)
class World:
    """One person's facts: the days on which they recorded anything, their events, and the edges to be enriched."""

    today: date
    active_days: tuple[date, ...]
    events: Mapping[int, Event]
    edges: Sequence[Edge]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a layer says of one relationship. A value that was not found is None (NULL in the table), never 0."""

    subject: int
    status: Status
    values: Mapping[str, object]
    evidence: Mapping[str, object] = field(default_factory=dict)


class Layer(Protocol):
    """One of the nine."""

    name: str
    version: int

    def compute(self, world: World) -> list[Finding]:
        """One finding for each edge of the world that this layer has something to say about, status included."""
        ...

    def explain(self, *, values: Mapping[str, object], evidence: Mapping[str, object]) -> str:
        """The finding as one plain English sentence."""
        ...
