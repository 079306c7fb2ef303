"""Rows for tests, one factory a model."""

from tests.factories.memories import MemoryFactory, UserFactory
from tests.factories.steps import make_due, make_step, pass_on

__all__ = ["MemoryFactory", "UserFactory", "make_due", "make_step", "pass_on"]
