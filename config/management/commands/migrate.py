from typing import Any

from django.core.management.commands import migrate

from config.database import as_owner
from config.switches import make_switches


class Command(migrate.Command):
    """Django's `migrate`, run as the role that owns the tables; afterwards every switch has a row."""

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            super().handle(*args, **options)
            if self._is_whole(options):
                make_switches()

    def _is_whole(self, options: dict[str, Any]) -> bool:
        """Whether everything was migrated, so that the tables of the switches are there."""
        return not (options.get("app_label") or options.get("plan") or options.get("check_unapplied"))
