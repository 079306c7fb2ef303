"""What the commands share that do a worker's work: a batch is carried on, and what goes wrong is told instead of raised."""

import time
from collections.abc import Callable, Sequence

from django.conf import settings
from django.core.management.base import CommandError
from django.db import Error
from django.utils.module_loading import import_string

from memories.errors import TransientError, WorkBroke, WorkFailed
from memories.models import User
from memories.pipeline import LANES, Step, advance

GATHER_SECONDS = 1.1  # jobs gather for a second before they are due


def find_person(name: str | None) -> User | None:
    """The user of that name, None where no name is given. Raises CommandError where nobody has it."""
    if name is None:
        return None
    person = User.objects.filter(username=name).first()
    if person is None:
        raise CommandError(f"There is no user {name!r} (--user).")
    return person


def carry_batch(
    step: Step, *, tell: Callable[[str], object], user: User | None = None, lanes: Sequence[int] = LANES
) -> int:
    """Carry one batch of due rows a stage on; returns how many were claimed, not 0 where others may still be due."""
    try:
        return advance(step, user=user, lanes=lanes)
    except WorkFailed as error:
        tell(f"failed for good: {', '.join(error.units)}: {error}")
        return len(error.units)
    except (TransientError, WorkBroke) as error:
        tell(f"will be tried again: {error}")
        return 1


def finish_background_work(*, tell: Callable[[str], object], until_done: bool) -> None:
    """Do the jobs of settings.BACKGROUND_WORK that are due, or all of them."""
    for path in settings.BACKGROUND_WORK:
        work: Callable[[], int] = import_string(path)
        do_jobs(work, tell=tell)
        if until_done:
            time.sleep(GATHER_SECONDS)
            while do_jobs(work, tell=tell):  # one may ask for another
                time.sleep(GATHER_SECONDS)


def do_jobs(work: Callable[[], int], *, tell: Callable[[str], object]) -> int:
    """Do what is due; returns how many jobs were done, not 0 where others may still be due."""
    try:
        return work()
    except WorkFailed as error:
        tell(f"failed for good: {', '.join(error.units)}: {error}")
    except (TransientError, Error) as error:
        tell(f"will be tried again: {error if isinstance(error, TransientError) else type(error).__qualname__}")
    return 1
