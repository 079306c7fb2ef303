"""Switches for work (per process at most 5 s old, PostgreSQL is the truth) and the flag for what a person sees."""

from django.conf import settings
from django.core.cache import caches
from waffle import get_waffle_switch_model


def is_switch_on(name: str) -> bool:
    """Whether operators let this work run now."""
    return bool(get_waffle_switch_model().get(name).is_active())


def forget_flags() -> None:
    """Let this process read every switch and flag anew; others do so within 5 s."""
    caches[settings.WAFFLE_CACHE_NAME].clear()
