"""The loop of those who speak ahead of the day: care plans and rosters.

What is said goes through the spool, in the same transaction that notes up to which day was spoken, so a
stop at any moment neither loses nor repeats a day.
"""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from producers.city_clock import CityClock

CITY_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one time all year."""
CHUNK = 200
"""Most rows spoken for in one transaction, so that calls are not held up behind a whole day."""
log = logging.getLogger(__name__)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def speak_daily(
    engine: Engine,
    speak: Callable[[Connection, datetime], int],
    *,
    stop: threading.Event,
    every_s: float = 3.0,
) -> None:
    """Call `speak(connection, city now)` in its own transaction again and again until `stop` is set.

    `speak` returns how many rows it spoke for; after a full chunk it is called again soon.
    """
    clock = CityClock(engine)
    while not stop.is_set():
        spoken = 0
        try:
            with engine.begin() as conn:
                spoken = speak(conn, clock.now().astimezone(CITY_ZONE))
        except OperationalError as error:
            log.warning("PostgreSQL is away, waiting: %s", error.orig)
        stop.wait(0.2 if spoken >= CHUNK else every_s)
