"""Extraction in a worker to which things happen; a row need not be overdue there to be swept."""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

from memories.models import Memory
from memories.pipeline import Claim
from memories.services import extract, sweep

HOLD = "JOURNEY_HOLD"  # names a file: while it is there, work on "Hold." writes its process's number into it and waits
POISON = "Poison."

if HOLD in os.environ:  # in the worker and beat, not where this module is only read
    sweep.OVERDUE = timedelta(0)


def extract_memories(claim: Claim) -> None:
    """As the real one, but "Poison." kills the process and "Hold." keeps it."""
    texts = set(Memory.objects.filter(pk__in=claim.ids).values_list("content", flat=True))
    hold = Path(os.environ[HOLD])
    if POISON in texts:
        os.kill(os.getpid(), signal.SIGKILL)
    if "Hold." in texts and hold.exists():
        hold.write_text(str(os.getpid()))
        time.sleep(60)
    extract.extract_memories(claim)
