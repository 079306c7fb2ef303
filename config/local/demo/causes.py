"""Demo person: what leads to what, by statistics or because the diary says so."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from config.local.demo.drafts import Mark, Part
from config.local.demo.plan import Plan

__all__ = ["CHAINS", "Chain", "Step", "cause_parts", "stated_parts"]

StoryDay = tuple[int, int, int]
STATED: Final = 40
QUIET_DAYS: Final = 6  # at least, between two occurrences of one chain


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of event; it follows the step before with `odds`, after `lag` days."""

    key: str
    keyword: str
    odds: float = 1.0
    lag: tuple[int, int] = (1, 1)
    stray: int = 0  # times it happens with nothing before it


@dataclass(frozen=True, slots=True)
class Chain:
    """Kinds of events that follow one another; the first comes at irregular times."""

    key: str
    steps: tuple[Step, ...]
    times: int
    start: StoryDay
    stop: StoryDay


CHAINS: Final = (
    Chain(
        key="road-knee",
        steps=(
            Step("drive", "long drive"),
            Step("knee", "knee", 0.8, (1, 2), stray=3),
            Step("physiocall", "physio", 0.8, (1, 3)),
            Step("pool", "swimming baths", 0.75, (2, 4)),
        ),
        times=24,
        start=(2, 9, 20),
        stop=(8, 1, 1),
    ),
    Chain(
        key="visit-letter",
        steps=(
            Step("visit", "James"),
            Step("dotnote", "Aunt Dorothy", 0.8, (1, 4), stray=2),
        ),
        times=22,
        start=(0, 1, 1),
        stop=(8, 1, 1),
    ),
    Chain(
        key="gale-bucket",
        steps=(
            Step("gale", "gale"),
            Step("bucket", "bucket", 0.75, (1, 2), stray=2),
        ),
        times=20,
        start=(0, 9, 1),
        stop=(4, 4, 12),
    ),
    Chain(
        key="deadline-migraine",
        steps=(
            Step("deadline", "deadline"),
            Step("migraine", "migraine", 0.65, (1, 2), stray=3),
        ),
        times=24,
        start=(0, 9, 1),
        stop=(8, 1, 1),
    ),
)


def cause_parts(plan: Plan) -> Iterator[Part]:
    """Tell of every chain; `instance` numbers the occurrence a part belongs to."""
    for chain in CHAINS:
        for day, step, mark in _chain_days(chain, plan=plan):
            yield Part(day, plan.say(step.key, day), (mark,), title=step.key)


def _chain_days(chain: Chain, *, plan: Plan) -> Iterator[tuple[date, Step, Mark]]:
    start, stop = plan.timeline.day(*chain.start), plan.timeline.day(*chain.stop)
    days = [day for day in plan.days() if start <= day <= stop]
    times = round(chain.times * plan.scale)
    for number, day in enumerate(_irregular(days, times=times, rng=plan.rng), 1):
        yield from _run(chain, number=number, day=day, plan=plan)
    for step in chain.steps:
        strays = min(len(days), round(step.stray * plan.scale))
        for day in sorted(plan.rng.sample(days, strays)):
            yield day, step, Mark("cause", chain.key, step.key)


def _irregular(days: list[date], *, times: int, rng: random.Random) -> list[date]:
    """Draw days without a rhythm, a quiet week between any two."""
    chosen: list[date] = []
    for day in rng.sample(days, len(days)):
        if len(chosen) == times:
            break
        if all(abs((day - other).days) > QUIET_DAYS for other in chosen):
            chosen.append(day)
    return sorted(chosen)


def _run(chain: Chain, *, number: int, day: date, plan: Plan) -> Iterator[tuple[date, Step, Mark]]:
    """Follow one occurrence until a step does not come."""
    for step in chain.steps:
        if step is not chain.steps[0]:
            if plan.rng.random() > step.odds:
                return
            day += timedelta(days=plan.rng.randint(*step.lag))
        if not plan.timeline.writes_on(day):
            return
        yield day, step, Mark("cause", chain.key, step.key, number)


def stated_parts(plan: Plan) -> Iterator[Part]:
    """Tell of causes in so many words; the part's mark carries the sentence."""
    days = plan.busy_days()
    wanted = min(len(days), round(STATED * plan.scale))
    for number, day in enumerate(sorted(plan.rng.sample(days, wanted)), 1):
        section = "thatiswhy" if number % 8 == 0 else "stated"
        told = plan.say(section, day)
        first, cue, second = (piece.strip() for piece in told.split("::"))
        mark = Mark("stated", cue, f"{first}::{second}", number)
        joint = ". That is why " if section == "thatiswhy" else f" {cue} "
        yield Part(day, f"{first}{joint}{second}.", (mark,))
