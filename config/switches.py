"""The switches and flags there are, as rows, so that an operator finds in the admin what can be switched."""

from django.conf import settings
from waffle.models import Switch

from memories.models import Flag


def make_switches() -> int:
    """Make the rows that are missing, each in the state it has without a row; returns how many."""
    made = [
        Switch.objects.get_or_create(name=name, defaults={"active": settings.WAFFLE_SWITCH_DEFAULT, "note": note})[1]
        for name, note in settings.SWITCHES.items()
    ]
    made += [
        Flag.objects.get_or_create(
            name=name, defaults={"everyone": settings.WAFFLE_FLAG_DEFAULT or None, "note": note}
        )[1]
        for name, note in settings.FLAGS.items()
    ]
    return sum(made)
