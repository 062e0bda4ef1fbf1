"""Logs that stay readable through an outage."""

import logging
import time
from collections.abc import Callable


class OncePerTen(logging.Filter):
    """During an outage the libraries say the same thousands of times; once in ten seconds is enough."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line has not been written for ten seconds."""
        key = (record.name, str(record.msg)[:80])
        now = self._clock()
        if now - self._said.get(key, -10.0) < 10.0:
            return False
        self._said[key] = now
        return True


def say_once() -> None:
    """Put the filter on everything this process logs."""
    quiet = OncePerTen()
    for handler in logging.getLogger().handlers:
        handler.addFilter(quiet)
