"""New links measured: friends of friends who meet, in a person's circles that come and go.

160 people belong to one or two of 16 circles, from some day on; a circle is active in spells. Each memory is of one circle and
names two to five of its members, popular ones more often, sometimes a stranger with them. Asked is, on the day ninety days before the
last: which of the pairs that never met but have a friend in common will be named together?
"""

import time
from dataclasses import replace

import numpy as np

from graph.enrichment.base import Entity, Event, World
from graph.enrichment.hazard import Floats, fit_logistic
from graph.enrichment.links import (
    FEATURES,
    HORIZON,
    PRIOR,
    chances_of,
    find_candidates,
    fit_links,
    gather,
    labels,
)

FIRST_DAY, DAYS, MEMORIES = 18_000, 730, 1_200
PEOPLE, CIRCLES, NOWHERE = 160, 16, -1
SECOND_CIRCLE, STRANGERS = 0.3, 0.05  # shares of the people, of the memories
NAIVE = FEATURES.index("common")
BINS = 10
PRIOR_SEEDS = range(10_000, 10_040)


def count_links(seed: int) -> dict[str, float]:
    """Pairs of a link that came and one that did not: how many, and how many the model (the naive method) ranked rightly."""
    world = make(seed)
    split = world.today - HORIZON
    started = time.process_time()
    known = gather(replace(world, today=split, events=_until(world, split)))
    coefficients = fit_links(known, today=split) or PRIOR
    found = find_candidates(gather(world), today=split)
    came = labels(gather(world), found, today=split)
    chances = chances_of(found, coefficients)
    return {
        "seconds": time.process_time() - started,
        "link_pairs": float(came.sum() * (1 - came).sum()),
        "link_wins": wins(chances, came),
        "link_naive_wins": wins(found.features[:, NAIVE], came),
    } | bin_sums("link", chances=chances, came=came)


def bin_sums(prefix: str, *, chances: Floats, came: Floats) -> dict[str, float]:
    """By bins of what was promised: how many, how many came, the sum promised."""
    bins = np.minimum((chances * BINS).astype(int), BINS - 1)
    sums = {}
    for n in range(BINS):
        inside = bins == n
        sums[f"{prefix}_bin{n}_n"] = float(inside.sum())
        sums[f"{prefix}_bin{n}_hit"] = float(came[inside].sum())
        sums[f"{prefix}_bin{n}_p"] = float(chances[inside].sum())
    return sums


def wins(scores: Floats, came: Floats) -> float:
    """Pairs of one that came and one that did not in which the former is ranked higher; ties count half (Mann and Whitney)."""
    others = np.sort(scores[came == 0])
    below = np.searchsorted(others, scores[came == 1], side="left")
    not_above = np.searchsorted(others, scores[came == 1], side="right")
    return float((below + not_above).sum() / 2)


def fit_prior() -> tuple[float, ...]:
    """The coefficients that graph.enrichment.links starts from: one fit over many synthetic persons, rounded."""
    features, came = [], []
    for seed in PRIOR_SEEDS:
        world = make(seed)
        meetings = gather(world)
        found = find_candidates(meetings, today=world.today - HORIZON)
        features.append(found.features)
        came.append(labels(meetings, found, today=world.today - HORIZON))
    table, outcome = np.concatenate(features), np.concatenate(came)
    row = fit_logistic(table, outcome, weights=np.ones(outcome.size), prior=[0.0] * len(FEATURES))
    return tuple(round(value, 3) for value in row)


def _until(world: World, day: int) -> dict[int, Event]:
    return {key: event for key, event in world.events.items() if event.day <= day}


def make(seed: int) -> World:
    """The memories of a synthetic person."""
    rng = np.random.default_rng([seed, 7])
    circles = rng.integers(CIRCLES, size=(PEOPLE, 2))
    circles[rng.random(PEOPLE) > SECOND_CIRCLE, 1] = NOWHERE
    joined = rng.uniform(-DAYS, DAYS, size=(PEOPLE, 2))
    popular = 1 / (1 + rng.permutation(PEOPLE)) ** 0.5
    middle, width = rng.uniform(0, DAYS, size=(CIRCLES, 3)), rng.uniform(40, 250, size=(CIRCLES, 3))
    events = {}
    for key, day in enumerate(np.sort(rng.integers(DAYS, size=MEMORIES)).tolist(), start=1):
        active = 0.02 + np.exp(-(((day - middle) / width) ** 2)).sum(axis=1)
        circle = rng.choice(CIRCLES, p=active / active.sum())
        members = np.flatnonzero(((circles == circle) & (joined <= day)).any(axis=1))
        named = _some(members, weights=popular, rng=rng)
        events[key] = Event(id=key, day=FIRST_DAY + day, minute=None, source="note", entities=tuple(named))
    entities = {n: Entity(n, "person", f"Person {n}") for n in range(PEOPLE)}
    active_days = np.unique([event.day for event in events.values()])
    return World(today=FIRST_DAY + DAYS - 1, active_days=active_days, entities=entities, events=events, seed=seed)


def _some(members: np.ndarray, *, weights: np.ndarray, rng: np.random.Generator) -> list[int]:
    """Two to five of them without replacement by weight (Efraimidis and Spirakis 2006)."""
    keys = rng.random(members.size) ** (1 / weights[members])
    chosen = set(members[np.argsort(-keys)][: int(rng.integers(2, 6))].tolist())
    if rng.random() < STRANGERS:
        chosen.add(int(rng.integers(PEOPLE)))
    return sorted(chosen)
