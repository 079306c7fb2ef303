"""Settings of the worker and beat in the journeys: the tests' own, in a hurry, with work that a test can hold up."""

from config.settings.base import MEMORY_PIPELINE as REAL_PIPELINE  # noqa: TID251 -- settings build on settings
from config.settings.test import *  # noqa: F403, TID251

MEMORY_PIPELINE = [{**REAL_PIPELINE[0], "run": "tests.journeys.mishaps.extract_memories"}, *REAL_PIPELINE[1:]]
CELERY_BEAT_SCHEDULE = {
    "sweep overdue memories": {"task": "memories.tasks.sweep_memories", "schedule": 1.0},
    "sweep overdue graph work": {"task": "graph.tasks.sweep_graph_work", "schedule": 1.0},
    "record failures": {"task": "integrations.tasks.record_failures", "schedule": 1.0},
}
