"""Beat: Celery's own scheduler, which a clock that is set back does not silence."""

from typing import Any

from celery.beat import PersistentScheduler


class Scheduler(PersistentScheduler):
    """Sends what is due, also after the clock was set back.

    Celery remembers, in a file too, when it last sent something, and waits from there: by a clock that is set back an hour, beat would
    be silent for that hour, restarted or not, and with it every sweeper.
    """

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send at most one due task; returns the seconds until the next."""
        if self.forget_the_future():
            self._heap: Any = None  # its order was that of the other clock
        return super().tick(*args, **kwargs)

    def forget_the_future(self) -> bool:
        """Let what was sent later than now have been sent now; tells whether there was any."""
        future = [
            entry for entry in self.schedule.values() if entry.last_run_at and entry.last_run_at > entry.default_now()
        ]
        for entry in future:
            entry.last_run_at = entry.default_now()
        return bool(future)
