"""What can go wrong with background work, as types."""

from collections.abc import Sequence
from functools import partial
from typing import Any


class TransientError(Exception):
    """It may well work a little later. `delay` is in seconds from now; None lets the caller choose."""

    def __init__(self, message: str, *, delay: float | None = None) -> None:
        super().__init__(message)
        self.delay = delay


class WorkBroke(Exception):
    """Something went wrong that nobody foresaw; the rows are still due, each on its own. The cause is chained."""


class WorkFailed(Exception):
    """Units of work that have used up their attempts, for the signal that records failures.

    `units` are like "memory:17". `kind` is one of `JobFailure.KINDS` where the message alone does not tell it.
    """

    def __init__(self, message: str, *, units: Sequence[str], kind: str = "") -> None:
        super().__init__(message)
        self.units = tuple(units)
        self.kind = kind

    def __reduce__(self) -> tuple[Any, ...]:
        """Celery hands its signals only what can be pickled, and something else in the place of what cannot."""
        return partial(WorkFailed, units=self.units, kind=self.kind), self.args
