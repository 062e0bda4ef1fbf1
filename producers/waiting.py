"""Who said a fact waits here for its row: told by LISTEN, looked up once."""

import asyncio
import logging
import select
import threading
from collections.abc import Sequence
from contextlib import suppress

import psycopg2
import sqlalchemy
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, connection
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from schemas.rows import Row
from schemas.tables import journal

log = logging.getLogger(__name__)


class RowWaiter:
    """One thread that listens on the journal and hands rows to those who wait for them.

    A fact id is registered before the fact is said, so that no row is missed; after an outage the rows of
    all who still wait are looked up, for what was told meanwhile is lost.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: dict[str, asyncio.Future[Row]] = {}
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._own: connection | None = None
        self._thread = threading.Thread(target=self._listen, name="row-waiter", daemon=True)

    def start(self) -> None:
        """Begin to listen; PostgreSQL may be away."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening; whoever still waits is not told any more."""
        self._stop.set()
        self._thread.join(5)

    @property
    def hears(self) -> bool:
        """Whether PostgreSQL is there to tell anything."""
        return self._own is not None

    def register(self, fact_id: str) -> "asyncio.Future[Row]":
        """A future of the fact's row. Called on the event loop that awaits it."""
        future: asyncio.Future[Row] = asyncio.get_running_loop().create_future()
        with self._guard:
            self._waiting[fact_id] = future
        return future

    def forget(self, fact_id: str) -> None:
        """Nobody waits for this fact any more."""
        with self._guard:
            self._waiting.pop(fact_id, None)

    def look(self, fact_ids: Sequence[str]) -> dict[str, Row]:
        """The rows of these facts that stand in the journal, by fact id."""
        with self._engine.connect() as found_in:
            bodies = found_in.execute(
                sqlalchemy.select(journal.c.fact_id, journal.c.body).where(journal.c.fact_id.in_(fact_ids))
            )
            return {row.fact_id: Row.of_body(row.body.encode()) for row in bodies}

    # --- the thread ---------------------------------------------------------------------------------------

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                if self._own is None:
                    self._own = self._connect()
                    self._tell(None)
                ready, _, _ = select.select([self._own], [], [], 0.5)
                if ready:
                    self._own.poll()
                told = [notice.payload for notice in self._own.notifies]
                self._own.notifies.clear()
                if told:
                    self._tell({payload.rpartition("/")[2] for payload in told})
            except (SQLAlchemyError, psycopg2.Error, OSError, ValueError):
                self._let_go()
                self._stop.wait(0.5)
        self._let_go()

    def _connect(self) -> connection:
        raw = self._engine.raw_connection()
        own = raw.driver_connection
        assert isinstance(own, connection)
        raw.detach()
        own.rollback()
        own.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with own.cursor() as cursor:
            cursor.execute("LISTEN journal")
        return own

    def _let_go(self) -> None:
        own, self._own = self._own, None
        if own is not None:
            with suppress(psycopg2.Error):
                own.close()

    def _tell(self, fact_ids: set[str] | None) -> None:
        """Hand out the rows of those among `fact_ids` (None: of all) that somebody waits for."""
        with self._guard:
            wanted = [i for i in self._waiting if fact_ids is None or i in fact_ids]
        if not wanted:
            return
        for fact_id, row in self.look(wanted).items():
            with self._guard:
                future = self._waiting.pop(fact_id, None)
            if future is not None:
                future.get_loop().call_soon_threadsafe(_set, future, row)


def _set(future: "asyncio.Future[Row]", row: Row) -> None:
    if not future.done():
        future.set_result(row)
