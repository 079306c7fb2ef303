"""The peer's end of the line: a job's name comes in, how long it took goes out, so that peers can take turns with others."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

FORBIDDEN = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")


@dataclass(frozen=True, slots=True)
class Job:
    """`work` is timed; `tell` makes a number of what came out of it (bytes, modularity, cost), and is not."""

    work: Callable[[], Any]
    tell: Callable[[Any], float | None] = lambda _result: None


def refuse_network() -> None:
    """From now on this process cannot speak to any other over a socket: whoever tries gets a PermissionError, for good."""
    sys.addaudithook(_refuse)


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event in FORBIDDEN:
        raise PermissionError(f"{event}: a benchmark makes no call")


def serve_jobs(jobs: Mapping[str, Job]) -> None:
    """Say that all is ready, then do what each line names until there are no more; an answer is a line of JSON."""
    _write({"ready": list(jobs)})
    for line in sys.stdin:
        job = jobs[line.strip()]
        begun = perf_counter()
        result = job.work()
        milliseconds = (perf_counter() - begun) * 1000
        _write({"milliseconds": milliseconds, "result": job.tell(result)})


def _write(answer: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
