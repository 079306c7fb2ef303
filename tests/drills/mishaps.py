"""Extraction to which things happen: a text names its mishap."""

import os
import signal
import time
from pathlib import Path

from memories.errors import TransientError
from memories.models import Memory
from memories.pipeline import Claim
from memories.services import extract

POISON = "Poison."  # kills its process
BROKEN = "Broken."  # fails each time with an error of its own
PASSING = "Passing."  # asks for a countdown, once
SLOW = "Slow."  # holds its batch up
PASSING_SECONDS = 30.0
SLOW_SECONDS = 2.0
RUNS = Path(os.environ.get("LIFEGRAPH_HOME", "")) / "run" / "poison"  # a line for each time that one was begun


# What a text is found to name depends on the names that earlier ones have taught, and so on the order of work, which a fault changes. The
# names are learned and written in the drills, too, but not read, so that every final state can be held against that without faults.
extract.read_known_names = lambda *, user_id: []


class BrokenTextError(Exception):
    """A text that nobody can work on."""


def extract_memories(claim: Claim) -> None:
    """As the real one, but for the texts above."""
    rows = list(Memory.objects.filter(pk__in=claim.ids).values_list("content", "attempts"))
    texts = {content for content, _ in rows}
    if POISON in texts:
        with RUNS.open("a") as runs:
            runs.write(f"{os.getpid()}\n")
        os.kill(os.getpid(), signal.SIGKILL)
    if BROKEN in texts:
        raise BrokenTextError
    if any(content.startswith(PASSING) and attempts == 1 for content, attempts in rows):
        raise TransientError("not now", delay=PASSING_SECONDS)
    if any(content.startswith(SLOW) for content in texts):
        time.sleep(SLOW_SECONDS)
    extract.extract_memories(claim)
