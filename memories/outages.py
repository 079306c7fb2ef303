"""What is not a request's fault and passes: the database does not answer, somebody else is at it, or a disk is full."""

import errno
from dataclasses import dataclass
from typing import Final

from django.db import InterfaceError, OperationalError
from psycopg.errors import DiskFull, LockNotAvailable


@dataclass(frozen=True, slots=True)
class Outage:
    """The HTTP status for it, a sentence for the person, and after how many seconds it is worth another try."""

    status: int
    says: str
    wait: int


AWAY: Final = Outage(503, "The database does not answer. Try again in a moment.", 5)
BUSY: Final = Outage(503, "This is being worked on at the moment. Try again in a moment.", 3)
FULL: Final = Outage(507, "The server has no room left, so nothing of this was stored. Try again later.", 60)
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def find_outage(error: BaseException | None) -> Outage | None:
    """The outage that an error tells of, None for any other error."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return FULL
    if not isinstance(error, (OperationalError, InterfaceError)):
        return None
    if isinstance(error.__cause__, LockNotAvailable):
        return BUSY
    return FULL if isinstance(error.__cause__, DiskFull) else AWAY
