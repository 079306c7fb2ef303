"""Seats: how many requests a process works on at once, given out in the order in which they were asked for."""

from collections import deque
from threading import Lock
from types import TracebackType


class Seats:
    """A semaphore that is fair: who leaves hands the seat to who has waited longest.

    Python's own lets a thread that leaves and comes back at once pass those who wait, and whoever was passed is the last again: under
    constant load the same few threads keep all seats, and what the others have taken in waits until the load is over.
    """

    def __init__(self, number: int) -> None:
        self.free = number
        self._lock = Lock()
        self._waiting: deque[Lock] = deque()

    def __enter__(self) -> None:
        with self._lock:
            if self.free:
                self.free -= 1
                return
            call = Lock()
            call.acquire()
            self._waiting.append(call)
        call.acquire()  # released by who leaves

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self.free += 1
