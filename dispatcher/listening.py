"""LISTEN beside the pool: a connection of its own that wakes whoever waits, and a lock that lives with it."""

import logging
import select
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, connection
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)
Holder = Literal["OURS", "THEIRS", "AWAY"]


def own_connection(engine: Engine) -> connection:
    """A connection taken out of the pool for good, in autocommit. Raises what SQLAlchemy raises."""
    raw = engine.raw_connection()
    own = raw.driver_connection
    assert isinstance(own, connection)
    raw.detach()
    own.rollback()
    own.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
    return own


class Ear:
    """Hears `NOTIFY` on some channels; after an outage it connects again by itself. One thread's own."""

    def __init__(self, engine: Engine, channels: Sequence[str]) -> None:
        self._engine = engine
        self._channels = channels
        self._own: connection | None = None

    @property
    def is_open(self) -> bool:
        """Whether it hears anything at the moment."""
        return self._own is not None

    def wait(self, within_s: float) -> list[tuple[str, str]]:
        """What was told (channel, payload), as soon as anything was, or nothing after `within_s`.

        Just after it has (re)connected it returns `[("", "")]`: what was told before is lost, so look.
        """
        if self._own is None:
            return self._connect(within_s)
        try:
            ready, _, _ = select.select([self._own], [], [], within_s)
            if ready:
                self._own.poll()
            told = [(notice.channel, notice.payload) for notice in self._own.notifies]
            self._own.notifies.clear()
            return told
        except (psycopg2.Error, OSError, ValueError):
            self.close()
            return []

    def close(self) -> None:
        """Let the connection go."""
        if self._own is not None:
            with suppress(psycopg2.Error):
                self._own.close()
            self._own = None

    def _connect(self, within_s: float) -> list[tuple[str, str]]:
        try:
            self._own = own_connection(self._engine)
            with self._own.cursor() as cursor:
                for channel in self._channels:
                    cursor.execute(f'LISTEN "{channel}"')
        except (SQLAlchemyError, psycopg2.Error, OSError):
            self.close()
            threading.Event().wait(min(within_s, 0.5))
            return []
        return [("", "")]


class HeldLock:
    """An advisory lock by name, held as long as its connection lives: one live process for one duty."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._own: connection | None = None

    def take(self) -> Holder:
        """Who holds the lock: OURS (now, or still), THEIRS, or AWAY when PostgreSQL does not answer.

        A connection that was lost is made anew, and the lock with it where nobody else took it meanwhile.
        """
        if self._own is not None and self._still_there():
            return "OURS"
        try:
            self._own = own_connection(self._engine)
            with self._own.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 12349))", (self._name,))
                found = cursor.fetchone()
        except (SQLAlchemyError, psycopg2.Error, OSError):
            self.release()
            return "AWAY"
        if found is not None and found[0]:
            return "OURS"
        self.release()
        return "THEIRS"

    def wait(self, stop: threading.Event, every_s: float = 0.5) -> bool:
        """Wait until the lock is ours; False when `stop` was set before."""
        told = ""
        while not stop.is_set():
            holder = self.take()
            if holder == "OURS":
                return True
            if holder != told:
                log.warning("waiting for the lock %s: %s", self._name, holder)
                told = holder
            stop.wait(every_s)
        return False

    def release(self) -> None:
        """Let the lock go with its connection."""
        if self._own is not None:
            with suppress(psycopg2.Error):
                self._own.close()
            self._own = None

    def _still_there(self) -> bool:
        assert self._own is not None
        try:
            with self._own.cursor() as cursor:
                cursor.execute("SELECT 1")
            return True
        except (psycopg2.Error, OSError):
            self.release()
            return False
