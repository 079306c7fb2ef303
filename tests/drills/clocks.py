"""Clocks of the drills: what in production takes minutes takes seconds, so that all drills fit in a quarter of an hour."""

from datetime import timedelta

from django.apps import AppConfig

LEASE = 6  # seconds; 240 in production
GRAPH_LEASE = 12  # 240
LONG_LEASE = 40  # 660: a whole pass
BASE_DELAY = 1.0  # 30
OVERDUE = timedelta(seconds=1)  # 20
HEARTBEAT = 1.0  # 30
SWEEP_SECONDS = 2.0  # 15 to 60
SHORTENED = (
    f"Shortened clocks: lease of a memory and of a sync {LEASE} s (240 s in production), of a graph job {GRAPH_LEASE} s (240 s), of a whole pass"
    f" {LONG_LEASE} s (660 s), first retry {BASE_DELAY:.0f} s (30 s), sweeps every {SWEEP_SECONDS:.0f} s (15 to 60 s), overdue after"
    f" {OVERDUE.seconds} s (20 s), beat's heartbeat every {HEARTBEAT:.0f} s (30 s), drill 18's migrate tries twice (five times),"
    " drill 15 lets 60 old memories in at once and more every second (every minute).\n"
    "Other differences: EXTRACTION_ENGINE=rules (spaCy), axes off, names that earlier texts taught are not read, every switch and flag on;"
    " no provider syncs in this world (the tests in tests/drills and the stand-in do)."
)


class Clocks(AppConfig):
    """Installed last: sets the clocks in every process of a drill."""

    name = "tests.drills"
    label = "drills"

    def ready(self) -> None:
        from graph.services import work
        from integrations.services import runs
        from memories import pipeline
        from memories.services import sweep

        pipeline.LEASE_SECONDS = LEASE
        pipeline.choose_delay.__kwdefaults__["base"] = BASE_DELAY
        work.LEASE_SECONDS, work.LONG_LEASE_SECONDS = GRAPH_LEASE, LONG_LEASE
        sweep.OVERDUE = runs.OVERDUE = OVERDUE
        runs.LEASE = timedelta(seconds=LEASE)
