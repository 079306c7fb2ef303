"""What a call to Nango or to a provider can come back with, as types.

`TransientError` and its kinds may well work later and are the only ones that are tried again; the others say what to do instead.
No message holds a person's text, only what went wrong.
"""

from memories.errors import TransientError


class ProviderUnavailable(TransientError):
    """The network, a 5xx, a broken or cut body: the same call may work in a while."""


class RateLimited(TransientError):
    """Somebody asks us to wait `delay` seconds. That is no failure and uses no attempt."""

    def __init__(self, message: str, *, delay: float) -> None:
        super().__init__(message, delay=delay)
        self.seconds = delay


class ConnectionProblem(Exception):
    """Nothing more can be read through this connection until somebody acts."""


class NeedsReauth(ConnectionProblem):
    """The person has to give access again."""


class AuthSuspect(ConnectionProblem):
    """Access could not be renewed just now; Nango itself tries again for four days."""


class ConnectionGone(ConnectionProblem):
    """Nango does not know this connection (any more)."""


class Misconfigured(ConnectionProblem):
    """Our Nango is not set up for this (unknown integration, plan limit, wrong key): an operator has to act."""


class Refused(Exception):
    """The provider refuses the call itself; the same call would be refused again."""


class CursorExpired(Exception):
    """The provider has forgotten where we were: everything has to be listed again."""


class ItemMissing(Exception):
    """The item is not there for us: deleted, in the trash, a draft, spam."""


class ItemRefused(Exception):
    """The item is there and cannot become a memory; the message is the reason a person reads."""


class Conflict(Exception):
    """What was asked for does not fit the state a connection or run is in; the message tells the person why."""
