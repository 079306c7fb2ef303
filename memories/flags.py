"""Switches for work (per process at most 5 s old, PostgreSQL is the truth) and the flag for what a person sees."""

from waffle import get_waffle_switch_model


def is_switch_on(name: str) -> bool:
    """Whether operators let this work run now."""
    return bool(get_waffle_switch_model().get(name).is_active())
