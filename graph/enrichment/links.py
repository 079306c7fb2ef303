"""Layer 6's new links: which people, places and organisations will be named together that never were?

Candidates have a common neighbour. They are described by common neighbours, Adamic-Adar (2003), resource allocation (Zhou, Lu and
Zhang 2009), the same with fading memory, preferential attachment and how lately and often both were named; a logistic regression
makes a probability of it, fitted on the windows before: what did these say a horizon ago, and what came? Its coefficients start from
those of synthetic persons; a past with next to no new links predicts none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array, triu
from scipy.special import expit

from graph.enrichment.base import World
from graph.enrichment.hazard import Floats, Ints, fit_logistic
from graph.enrichment.itemsets import at

HORIZON = 90  # days
MEMORY = 90.0  # days after which having been named together counts 1/e
CROWD = 20  # a memory that names more is a list: it says nothing of any two
NODES = 600  # the entities most named of late; the others will hardly meet
CANDIDATES = 20_000  # those with most common ground
WINDOWS = 3  # of HORIZON days each, that are learned from
SHRINKAGE = 1.0  # precision of the normal prior
LITTLE = 1e-3  # added before the logarithm of what may be nothing
MINIMUM_CAME = 5  # new links in those windows; fewer teach nothing

FEATURES = ("one", "common", "adamic_adar", "resource", "recent_resource", "attachment", "recency", "activity")

# Fitted by `benchmarks.links.fit_prior` on the synthetic persons of seeds 10000 to 10039, in the order of FEATURES.
PRIOR: tuple[float, ...] = (0.629, 0.9, 1.044, 0.355, 0.385, -0.861, 0.939, -0.137)


@dataclass(frozen=True, slots=True, eq=False)
class Meetings:
    """What was named together: a row for each pair of each memory, by node number; `days` rising. And each naming alone.

    `meeting`: whether the node is somebody or something that can be met with; topics only lead from one to the other.
    """

    ids: Ints
    meeting: npt.NDArray[np.bool_]
    first: Ints
    second: Ints
    days: Ints
    nodes: Ints
    node_days: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Pairs never named together up to a day, that have a common neighbour; a row of `features` for each."""

    first: Ints
    second: Ints
    features: Floats


@dataclass(frozen=True, slots=True)
class Link:
    """A new pair and the probability that it is named together within HORIZON; `common` neighbours."""

    entities: tuple[int, int]
    probability: float
    common: int
    features: tuple[float, ...]


def predict_links(world: World, *, number: int) -> list[Link]:
    """The most probable new links of today; none where the past does not teach how they come about."""
    meetings = gather(world)
    coefficients = fit_links(meetings, today=world.today)
    if coefficients is None:
        return []
    found = find_candidates(meetings, today=world.today)
    chances = np.round(chances_of(found, coefficients), 9)
    best = np.lexsort((found.second, found.first, -chances))[:number]
    return [
        Link(
            entities=(int(meetings.ids[found.first[n]]), int(meetings.ids[found.second[n]])),
            probability=float(chances[n]),
            common=round(float(np.expm1(found.features[n, 1]))),
            features=tuple(found.features[n].tolist()),
        )
        for n in best.tolist()
    ]


def chances_of(candidates: Candidates, coefficients: Sequence[float]) -> Floats:
    return np.asarray(expit((candidates.features * np.array(coefficients)).sum(axis=1)), np.float64)


def gather(world: World) -> Meetings:
    """The pairs of the world's memories, up to today, of its known entities."""
    pairs: list[tuple[int, int, int]] = []
    namings: list[tuple[int, int]] = []
    for event in sorted(world.events.values(), key=lambda event: (event.day, event.id)):
        named = sorted({entity for entity in event.entities if entity in world.entities})
        if event.day > world.today or len(named) > CROWD:
            continue
        namings += [(entity, event.day) for entity in named]
        pairs += [(a, b, event.day) for n, a in enumerate(named) for b in named[n + 1 :]]
    alone, together = np.array(namings, np.int64).reshape(-1, 2), np.array(pairs, np.int64).reshape(-1, 3)
    ids = np.unique(alone[:, 0])
    meeting = np.array([world.entities[key].kind != "topic" for key in ids.tolist()], bool)
    first, second = np.searchsorted(ids, together[:, 0]), np.searchsorted(ids, together[:, 1])
    return Meetings(ids, meeting, first, second, together[:, 2], np.searchsorted(ids, alone[:, 0]), alone[:, 1])


def find_candidates(meetings: Meetings, *, today: int) -> Candidates:
    """As they were on a day: nothing later is looked at."""
    size = meetings.ids.size
    activity, recency = _activity(meetings, today=today)
    chosen = np.zeros(size, bool)
    chosen[np.lexsort((meetings.ids, -activity))[:NODES]] = True
    past = (meetings.days <= today) & chosen[meetings.first] & chosen[meetings.second]
    a, b = meetings.first[past], meetings.second[past]
    if not a.size:
        return Candidates(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, len(FEATURES))))
    fading = _symmetric(a, b, np.exp(-(today - meetings.days[past]) / MEMORY), size=size)
    fading.data = np.minimum(fading.data, 3.0)
    known = _symmetric(a, b, np.ones(a.size), size=size)
    known.data[:] = 1.0
    first, second = _two_steps(known, meeting=meetings.meeting)
    features = _describe(known, fading=fading, first=first, second=second)
    lately = [recency[first] * recency[second], np.log(activity[first] * activity[second] + LITTLE)]
    return Candidates(first, second, np.column_stack([*features, *lately]))


def _activity(meetings: Meetings, *, today: int) -> tuple[Floats, Floats]:
    """For each node: namings with fading memory, and how lately it was named (1 today, 1/e after MEMORY days)."""
    past = meetings.node_days <= today
    nodes, weights = meetings.nodes[past], np.exp(-(today - meetings.node_days[past]) / MEMORY)
    activity = np.bincount(nodes, weights=weights, minlength=meetings.ids.size).astype(np.float64)
    recency = np.zeros(meetings.ids.size)
    np.maximum.at(recency, nodes, weights)
    return activity, recency


def _symmetric(a: Ints, b: Ints, weights: Floats, *, size: int) -> csr_array:
    matrix = csr_array((np.r_[weights, weights], (np.r_[a, b], np.r_[b, a])), shape=(size, size))
    matrix.sum_duplicates()
    return matrix


def _two_steps(known: csr_array, *, meeting: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Pairs with a common neighbour and no tie; of too many those with most resource allocation."""
    degree = np.maximum(np.asarray(known.sum(axis=1)).ravel(), 1.0)
    ground = triu(known @ diags_array(1 / degree) @ known, k=1).tocoo()
    new = (at(known, ground.row, ground.col) == 0) & meeting[ground.row] & meeting[ground.col]
    first, second, weight = ground.row[new].astype(np.int64), ground.col[new].astype(np.int64), ground.data[new]
    kept = np.lexsort((second, first, -np.round(weight, 9)))[:CANDIDATES]
    return first[kept], second[kept]


def _describe(known: csr_array, *, fading: csr_array, first: Ints, second: Ints) -> list[Floats]:
    degree = np.maximum(np.asarray(known.sum(axis=1)).ravel(), 1.0)
    by_degree, by_log = diags_array(1 / degree), diags_array(1 / np.log(np.maximum(degree, 2.0)))

    def common(left: csr_array, right: csr_array) -> Floats:
        return np.asarray(left[first].multiply(right[second]).sum(axis=1), np.float64).ravel()

    return [
        np.ones(first.size),
        np.log1p(common(known, known)),
        np.log1p(common(csr_array(known @ by_log), known)),
        np.log(common(csr_array(known @ by_degree), known) + LITTLE),
        np.log(common(csr_array(fading @ by_degree), fading) + LITTLE),
        np.log(degree[first] * degree[second]),
    ]


def labels(meetings: Meetings, candidates: Candidates, *, today: int) -> Floats:
    """1 for each candidate of `today` that was named together within the HORIZON after it."""
    size = max(meetings.ids.size, 1)
    later = (meetings.days > today) & (meetings.days <= today + HORIZON)
    came = np.unique(meetings.first[later] * size + meetings.second[later])
    return np.isin(candidates.first * size + candidates.second, came).astype(np.float64)


def fit_links(meetings: Meetings, *, today: int) -> tuple[float, ...] | None:
    """The coefficients learned from the windows that are over; None where too few new links came to learn from."""
    features, came = [], []
    for back in range(1, WINDOWS + 1):
        then = find_candidates(meetings, today=today - back * HORIZON)
        features.append(then.features)
        came.append(labels(meetings, then, today=today - back * HORIZON))
    table, outcome = np.concatenate(features), np.concatenate(came)
    if outcome.sum() < MINIMUM_CAME:
        return None
    return fit_logistic(table, outcome, weights=np.ones(outcome.size), prior=PRIOR, shrinkage=SHRINKAGE)


def named_features(link: Link) -> Mapping[str, float]:
    """For the evidence."""
    return {name: round(value, 6) for name, value in zip(FEATURES[1:], link.features[1:], strict=True)}
