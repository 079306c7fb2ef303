"""Steps of a pipeline whose work a test writes itself."""

from collections.abc import Callable

from memories.models import Memory
from memories.pipeline import Claim, Step, finish


def make_step(run: Callable[[Claim], object], *, rows: int = 10, crowd: int = 0) -> Step:
    """From `stored` to `extracted` by `run`."""
    return Step(takes="stored", gives="extracted", switch="extract_new_memories", rows=rows, run=run, crowd=crowd)


def pass_on(claim: Claim) -> None:
    """Work that succeeds."""
    finish(claim, gives="extracted")


def make_due(**changes: object) -> None:
    """Let time pass: whatever waits is due, and a lease that was left behind has run out."""
    Memory.objects.update(due_at="2020-01-01T00:00Z", **changes)
