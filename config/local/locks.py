"""Locks between processes that the kernel takes back from one that was killed."""

import fcntl
from pathlib import Path


class FileLock:
    """An advisory lock on a file, held until it is released or its process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("a+")

    def take_alone(self) -> bool:
        """Hold the lock alone; false when somebody else holds or shares it."""
        return self._take(fcntl.LOCK_EX)

    def share(self) -> bool:
        """Hold the lock together with others; false when somebody holds it alone."""
        return self._take(fcntl.LOCK_SH)

    def release(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        self._file.close()

    def write(self, text: str) -> None:
        """Leave a note for those who find the lock taken."""
        self._file.truncate(0)
        self._file.write(text)
        self._file.flush()

    def _take(self, operation: int) -> bool:
        try:
            fcntl.flock(self._file, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
