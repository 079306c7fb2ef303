import time
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError
from django.db.migrations import Migration
from psycopg.errors import DeadlockDetected, LockNotAvailable

from config.database import as_owner, limit_lock_waits, own_lock_waits
from config.switches import make_switches

LOCK_TIMEOUT_MS = 3_000
PAUSES_SECONDS = (1.0, 2.0, 4.0, 8.0)  # between the tries


class Command(migrate.Command):
    """Django's `migrate` beside running processes, as the role that owns the tables; afterwards every switch has a row.

    DATABASE_OWNER_URL has to lead to the server itself, not through a pooler: the limit on waiting for locks rests in the session. A
    migration that cannot have its lock within 3 s gives way to those who wait behind it and is tried again; what it did is rolled back by
    then. One that is not atomic (an index built beside writers) takes no lock that others wait for, and may wait as long as it takes.
    """

    current: Migration | None = None

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner(), own_lock_waits():
            self.insist(*args, **options)
            if self._is_whole(options):
                make_switches()

    def insist(self, *args: Any, **options: Any) -> None:
        """Migrate, going on where a lock was not to be had; raises CommandError naming the migration after the last try."""
        for pause in (*PAUSES_SECONDS, None):
            self.current = None
            limit_lock_waits(milliseconds=LOCK_TIMEOUT_MS)
            try:
                super().handle(*args, **options)
                return
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
                    raise
                self.give_way(pause, verbosity=options["verbosity"])

    def give_way(self, pause: float | None, *, verbosity: int) -> None:
        """Wait before the next try; raises CommandError where there is none."""
        name = f"{self.current.app_label}.{self.current.name}" if self.current else "what follows the migrations"
        if pause is None:
            raise CommandError(
                f"{name} could not have its lock in {len(PAUSES_SECONDS) + 1} tries of {LOCK_TIMEOUT_MS / 1000:g} s: somebody holds the"
                " table in a long transaction. Nothing of it is done, what came before it is. Look for the holder (`manage.py"
                " connection_report`, or pg_stat_activity by xact_start), wait for it or end it, and run `manage.py migrate` again."
            )
        if verbosity:
            self.stdout.write(f"\n  {name} could not have its lock; again in {pause:g} s")
        time.sleep(pause)

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:  # noqa: FBT001, FBT002 -- Django's
        if action in ("apply_start", "unapply_start"):
            self.current = migration
            limit_lock_waits(milliseconds=LOCK_TIMEOUT_MS if migration.atomic else 0)
        super().migration_progress_callback(action, migration, fake)

    def _is_whole(self, options: dict[str, Any]) -> bool:
        """Whether everything was migrated, so that the tables of the switches are there."""
        return not (options.get("app_label") or options.get("plan") or options.get("check_unapplied"))
