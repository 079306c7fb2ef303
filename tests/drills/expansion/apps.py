"""The app of the expansion; its `migrate` gives up sooner, so that the drill takes seconds."""

from django.apps import AppConfig

TRIES = 2  # five in production


class Expansion(AppConfig):
    name = "tests.drills.expansion"
    label = "drill_expansion"

    def ready(self) -> None:
        from config.management.commands import migrate

        migrate.PAUSES_SECONDS = migrate.PAUSES_SECONDS[: TRIES - 1]
