"""Enriched: what a layer is. Layers are pure: a world of plain facts in, findings out, nothing read and nothing written.

Four principles hold in all nine:

- The null is the person's own active days: every test is conditional on the days on which they recorded anything at all.
- A value that was not found significant, or could not be computed, is None (NULL), never 0; `status` says which, `evidence` why.
- The rate of false discoveries is held at 5 % per person and layer (Benjamini and Hochberg 1995).
- The unit is the series (the occurrence days of an entity or of a tie), not the edge.

Days are whole numbers: days since 1970-01-01, as numpy's datetime64[D] counts them.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
from scipy.stats import false_discovery_control

# In the order of the bits of `layers`: bit n-1 = layer n has a value.
LAYER_NAMES = (
    "causal", "temporal", "seasonal", "pattern", "cross_platform", "prediction", "root_cause", "change", "duplicate",
)  # fmt: skip
FALSE_DISCOVERIES = 0.05

Status = Literal["computed", "not_enough_data", "not_significant", "disabled"]
Days = npt.NDArray[np.int64]  # distinct, rising

_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def day_date(number: float) -> date:
    """The date of a day number."""
    return _EPOCH + timedelta(days=int(number))


@dataclass(frozen=True, slots=True)
class Entity:
    """A canonical entity. Its name is for sentences alone: no finding may depend on it."""

    id: int
    kind: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The occurrence days of one entity, or of two named together."""

    id: int
    entities: tuple[int, ...]
    days: Days


@dataclass(frozen=True, slots=True)
class Event:
    """A memory as the layers see it: no text. `minute` counts from local midnight, None where only the day is known."""

    id: int
    day: int
    minute: int | None
    source: str
    entities: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """A relationship between two events; the earlier is the source. `evidence` is what its detection noted."""

    id: int
    source: int
    target: int
    type: str
    confidence: float = 1.0
    evidence: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """Layer 1's "usually followed by": series `cause` is followed by series `effect` within `window` days.

    `trials` occurrences of the cause with disjoint windows, `hits` of them followed, `expected` by the controls; `strength` =
    (hits - expected) / (trials - expected) and `fraction` = 1 - expected / hits, both in 0..1; `p` raw, `p_adjusted` after Benjamini-Hochberg.
    """

    cause: int
    effect: int
    window: int
    trials: int
    hits: int
    expected: float
    p: float
    p_adjusted: float
    strength: float
    fraction: float


@dataclass(frozen=True, slots=True)
class World:
    """One person's facts. `asked` are the series whose findings are wanted; all others are there as context.

    `slots`: by series, the day number of the next slot that layer 2 expects and its confidence in it. `hazard`: layer 6's
    coefficients by name (HazardModel.to_dict), None to have them fitted.
    """

    today: int
    active_days: Days
    series: Mapping[int, Series] = field(default_factory=dict)
    asked: frozenset[int] = frozenset()
    entities: Mapping[int, Entity] = field(default_factory=dict)
    events: Mapping[int, Event] = field(default_factory=dict)
    edges: Sequence[Edge] = ()
    rules: Sequence[Rule] = ()
    seed: int = 0
    slots: Mapping[int, tuple[int, float]] = field(default_factory=dict)
    hazard: Mapping[str, Sequence[float]] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a layer says of one subject (a relationship, a series, ...).

    `p` is the raw p-value of a test whose discoveries are still to be controlled together with the person's other tests;
    `values` are then what holds if it stands.
    """

    subject: Hashable
    status: Status
    values: Mapping[str, object]
    evidence: Mapping[str, object] = field(default_factory=dict)
    p: float | None = None


class Layer(Protocol):
    """One of the nine."""

    name: str
    version: int

    def compute(self, world: World) -> list[Finding]:
        """One finding for each subject of the world that this layer has something to say about, status included."""
        ...

    def explain(self, *, values: Mapping[str, object], evidence: Mapping[str, object], names: Mapping[int, str]) -> str:
        """The finding as one plain English sentence; `names` are those of the entities that the evidence mentions."""
        ...


def adjust_p_values(p_values: Iterable[float]) -> list[float]:
    """Benjamini-Hochberg adjusted p-values (1995), in the order given."""
    values = np.clip(np.fromiter(p_values, dtype=float), 0.0, 1.0)
    return [float(p) for p in false_discovery_control(values)] if values.size else []


def control_discoveries(findings: Sequence[Finding], *, others: Sequence[float] = ()) -> list[Finding]:
    """Let only those findings stand that hold among all of the person's tests in this layer.

    `others` are the raw p-values of tests that are not in `findings`. Findings without a p-value pass unchanged; of the rest
    each gets `p` and `p_adj` in its evidence, and None for every value where p_adj exceeds 5 %.
    """
    tested = [finding for finding in findings if finding.p is not None]
    adjusted = adjust_p_values([*(f.p for f in tested if f.p is not None), *others])
    judged = {id(finding): _judge(finding, p_adjusted=p) for finding, p in zip(tested, adjusted, strict=False)}
    return [judged.get(id(finding), finding) for finding in findings]


def _judge(finding: Finding, *, p_adjusted: float) -> Finding:
    evidence = dict(finding.evidence) | {"p": finding.p, "p_adj": p_adjusted}
    if p_adjusted <= FALSE_DISCOVERIES:
        return replace(finding, evidence=evidence)
    nothing = dict.fromkeys(finding.values)
    return replace(finding, status="not_significant", values=nothing, evidence=evidence)
