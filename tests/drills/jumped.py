"""Celery with another time: `python -m tests.drills.jumped SECONDS worker ...`, for machines without libfaketime.

Moves `time.time` and Django's `timezone.now`, which is what Python code of ours and of Celery's asks; `datetime.now` is C and stays.
"""

import sys
import time
from datetime import timedelta

from celery.__main__ import main
from django.utils import timezone

if __name__ == "__main__":
    jump = int(sys.argv[1])
    usual_time, usual_now = time.time, timezone.now
    time.time = lambda: usual_time() + jump
    timezone.now = lambda: usual_now() + timedelta(seconds=jump)
    sys.argv = ["celery", *sys.argv[2:]]
    sys.exit(main())
