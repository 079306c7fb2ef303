"""Layer 4's second kind: sequences, paths of "usually followed by" that were seen whole.

A serial episode (Mannila, Toivonen and Verkamo 1997): first this, then that, then the third, all within the sum of the rules'
windows. Only significant rules are joined, so that a sequence is never a mere coincidence of frequent things.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np

from graph.enrichment.base import Days, Rule, World

LONGEST = 4  # steps
SEEN_WHOLE = 3  # times, at least
KEEPS = 0.8  # a part is left out where a longer sequence keeps this share of its instances
_NORMAL_95 = 1.96

Path = tuple[int, ...]  # series ids, in order
Occasions = tuple[tuple[int, ...], ...]  # the days of the steps, for each time it was seen


@dataclass(frozen=True, slots=True)
class Episode:
    """A sequence of entities: `windows` of the rules between them in days, `instances` the day numbers of each whole sight.

    `prefixes` is how often all but the last step were seen; `confidence` in 0..1 is Wilson's lower bound (95 %, 1927) of the
    probability that the last step then follows.
    """

    entities: tuple[int, ...]
    windows: tuple[int, ...]
    instances: Occasions
    confidence: float
    prefixes: int


def find_sequences(world: World) -> list[Episode]:
    """All sequences of three or four steps of the world's rules, those with most instances first."""
    windows = {(rule.cause, rule.effect): rule.window for rule in world.rules}
    paths = _paths(world.rules)
    whole = {path: _sights(world, path=path, windows=windows) for path in paths}
    whole = {path: sights for path, sights in whole.items() if len(sights) >= SEEN_WHOLE}
    kept = [path for path in whole if not _is_part(path, whole=whole)]
    episodes = [_episode(world, path=path, sights=whole[path], windows=windows) for path in kept]
    return sorted(episodes, key=lambda episode: (-len(episode.instances), -len(episode.entities), episode.entities))


def wilson_bound(successes: int, trials: int) -> float:
    """Lower bound (95 %) of a probability of which `successes` of `trials` were seen; 0 without trials."""
    if not trials:
        return 0.0
    share, z = successes / trials, _NORMAL_95
    middle = share + z * z / (2 * trials)
    spread = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return float((middle - spread) / (1 + z * z / trials))


def _paths(rules: Iterable[Rule]) -> list[Path]:
    after: dict[int, list[int]] = {}
    for rule in sorted(rules, key=lambda rule: (rule.cause, rule.effect)):
        after.setdefault(rule.cause, []).append(rule.effect)
    paths: list[Path] = [(cause, effect) for cause, effects in after.items() for effect in effects]
    found: list[Path] = []
    for _ in range(LONGEST - 2):
        paths = [(*path, step) for path in paths for step in after.get(path[-1], []) if step not in path]
        found += paths
    return found


def _sights(world: World, *, path: Path, windows: Mapping[tuple[int, int], int]) -> Occasions:
    """Every time the whole path was seen within the sum of its windows; no two sights share a day of a step.

    Of two that share one the later start stays: it is the shorter way to the same end (a minimal occurrence).
    """
    span = sum(windows[pair] for pair in pairwise(path))
    days = [world.series[step].days for step in path]
    found: list[tuple[int, ...]] = []
    for start in days[0].tolist():
        sight = _follow(start, days=days[1:], span=span)
        if sight is None:
            continue
        if found and any(new <= old for new, old in zip(sight, found[-1], strict=True)):
            found.pop()
        found.append(sight)
    return tuple(found)


def _follow(start: int, *, days: Sequence[Days], span: int) -> tuple[int, ...] | None:
    """The first day of each next step, each after the one before; None where the last would be later than `span`."""
    sight = [start]
    for steps in days:
        place = int(np.searchsorted(steps, sight[-1], side="right"))
        if place == len(steps) or steps[place] - start > span:
            return None
        sight.append(int(steps[place]))
    return tuple(sight)


def _is_part(path: Path, *, whole: Mapping[Path, Occasions]) -> bool:
    """Whether a longer sequence tells nearly all of this one's story."""
    return any(
        len(sights) >= KEEPS * len(whole[path])
        for longer, sights in whole.items()
        if len(longer) > len(path)
        and any(longer[i : i + len(path)] == path for i in range(len(longer) - len(path) + 1))
    )


def _episode(world: World, *, path: Path, sights: Occasions, windows: Mapping[tuple[int, int], int]) -> Episode:
    prefixes = max(len(_sights(world, path=path[:-1], windows=windows)), len(sights))
    return Episode(
        entities=tuple(world.series[step].entities[0] for step in path),
        windows=tuple(windows[pair] for pair in pairwise(path)),
        instances=sights,
        confidence=round(wilson_bound(len(sights), prefixes), 6),
        prefixes=prefixes,
    )
