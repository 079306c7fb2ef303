"""The switches and flags there are, as rows, so that an operator finds in the admin what can be switched."""

from django.conf import settings
from waffle.models import Switch

from config.rollout.signature import sign_flips
from memories.models import Flag


def make_switches(*, by: str = "migrate") -> int:
    """Make the rows that are missing, each in the state it has without a row; returns how many.

    A flag that is off is off for superusers as well, whom waffle would let see it.
    """
    with sign_flips(by=by):
        made = [
            Switch.objects.get_or_create(name=name, defaults={"active": settings.WAFFLE_SWITCH_DEFAULT, "note": note})[
                1
            ]
            for name, note in settings.SWITCHES.items()
        ]
        made += [
            Flag.objects.get_or_create(
                name=name, defaults={"everyone": settings.WAFFLE_FLAG_DEFAULT, "superusers": False, "note": note}
            )[1]
            for name, note in settings.FLAGS.items()
        ]
    return sum(made)
