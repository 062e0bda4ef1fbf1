"""File locks that end with the process that holds them."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def waiting_lock(file: Path) -> Iterator[None]:
    """Hold an exclusive lock on `file`, waiting for whoever holds it now."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield


class SingleInstance:
    """A lock that is had at once or not at all; the file says which process holds it."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._opened = file.open("a+")

    def take(self) -> bool:
        """Whether the lock is ours now; it is kept until `release` or the end of the process."""
        try:
            fcntl.flock(self._opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        self._opened.truncate(0)
        self._opened.write(str(os.getpid()))
        self._opened.flush()
        return True

    def holder(self) -> str:
        """The process id that the holder wrote, or a question mark."""
        self._opened.seek(0)
        return self._opened.read().strip() or "?"

    def release(self) -> None:
        """Give the lock back."""
        self._opened.close()
