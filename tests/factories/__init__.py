"""Rows for tests, one factory a model."""

from tests.factories.drafts import make_draft
from tests.factories.journey import find_text, run_pipeline
from tests.factories.memories import MemoryFactory, UserFactory
from tests.factories.steps import make_due, make_step, pass_on

__all__ = [
    "MemoryFactory",
    "UserFactory",
    "find_text",
    "make_draft",
    "make_due",
    "make_step",
    "pass_on",
    "run_pipeline",
]
