"""Layer 6 held to its word: what came of the predictions that are due."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from graph.enrichment.base import Days

BINS = 10
SLACK = 1  # days that the next slot may be missed by

Outcome = Literal["hit", "missed"]


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of about one confidence: how many, the mean promised and the share that came true, both in 0..1."""

    number: int
    promised: float
    came_true: float


@dataclass(frozen=True, slots=True)
class Record:
    """How reliable a person's predictions were.

    `brier` is the mean squared error (Brier 1950), `skill` one less its ratio to that of always saying the share that came true:
    None where nothing or everything came true.
    """

    number: int
    hits: int
    promised: float
    brier: float
    skill: float | None
    bins: tuple[Bin, ...]

    def __str__(self) -> str:
        if not self.number:
            return "No prediction has come due yet."
        due = "1 prediction" if self.number == 1 else f"{self.number} predictions"
        return (
            f"Of {due} that came due, {self.hits} came true; on average {100 * self.promised:.0f} % had been promised."
        )


def score(kind: str, *, made_on: int, due_on: int, days: Days, today: int) -> Outcome | None:
    """What came of a prediction: None while it may still come true. All days are day numbers.

    "again" and "link" are hit by a day after `made_on` up to `due_on`; "next" by one within a day of `due_on`, the slot.
    """
    first, last = (max(due_on - SLACK, made_on + 1), due_on + SLACK) if kind == "next" else (made_on + 1, due_on)
    if bool(((days >= first) & (days <= min(last, today))).any()):
        return "hit"
    return "missed" if today > last else None


def summarise(records: Iterable[tuple[float, bool]]) -> Record:
    """Of (confidence, whether it was hit) pairs."""
    judged = sorted(records)
    number, hits = len(judged), sum(hit for _, hit in judged)
    if not number:
        return Record(0, 0, 0.0, 0.0, None, ())
    brier = sum((confidence - hit) ** 2 for confidence, hit in judged) / number
    share = hits / number
    plain = share * (1 - share)
    return Record(
        number=number,
        hits=hits,
        promised=round(sum(confidence for confidence, _ in judged) / number, 6),
        brier=round(brier, 6),
        skill=round(1 - brier / plain, 6) if plain else None,
        bins=tuple(_bins(judged)),
    )


def _bins(judged: list[tuple[float, bool]]) -> Iterable[Bin]:
    for place in range(BINS):
        inside = [(p, hit) for p, hit in judged if min(int(p * BINS), BINS - 1) == place]
        if inside:
            promised = sum(p for p, _ in inside) / len(inside)
            yield Bin(len(inside), round(promised, 6), round(sum(hit for _, hit in inside) / len(inside), 6))
