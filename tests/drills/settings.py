"""Settings of the drills: production's, every phase on, with clocks that run faster (tests/drills/clocks.py has the others)."""

import os

from config.settings.base import CELERY_BEAT_SCHEDULE as REAL_SCHEDULE  # noqa: TID251 -- settings build on settings
from config.settings.base import INSTALLED_APPS as REAL_APPS  # noqa: TID251
from config.settings.base import MEMORY_PIPELINE as REAL_PIPELINE  # noqa: TID251
from config.settings.production import *  # noqa: F403, TID251
from tests.drills.clocks import HEARTBEAT, SWEEP_SECONDS

SWEPT = {
    "note that beat is alive": HEARTBEAT,
    "sweep overdue memories": SWEEP_SECONDS,
    "sweep overdue graph work": SWEEP_SECONDS,
    "sweep syncs": SWEEP_SECONDS,
    "record failures": SWEEP_SECONDS,
}
INSTALLED_APPS = [*REAL_APPS, "tests.drills.clocks.Clocks"]
MEMORY_PIPELINE = [{**REAL_PIPELINE[0], "run": "tests.drills.mishaps.extract_memories"}, *REAL_PIPELINE[1:]]
CELERY_BEAT_SCHEDULE = {
    name: entry | ({"schedule": SWEPT[name]} if name in SWEPT else {}) for name, entry in REAL_SCHEDULE.items()
}
WAFFLE_SWITCH_DEFAULT = True
WAFFLE_FLAG_DEFAULT = True
AXES_ENABLED = False
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
DB_APPLICATION_NAME = os.environ.get("DB_APPLICATION_NAME", "lifegraph-drill")
