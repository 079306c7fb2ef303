"""Switches for tests that have read them before they are flipped."""

from collections.abc import Iterator
from contextlib import contextmanager

from waffle.testutils import override_switch

from memories.flags import forget_flags


@contextmanager
def switched_off(name: str) -> Iterator[None]:
    """The switch is off, and so for this process, which may remember it otherwise: a test's transaction never commits."""
    with override_switch(name, active=False):
        forget_flags()
        yield
    forget_flags()
