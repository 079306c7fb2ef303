"""Rows for tests, one factory a model."""

from tests.factories.memories import MemoryFactory, UserFactory

__all__ = ["MemoryFactory", "UserFactory"]
