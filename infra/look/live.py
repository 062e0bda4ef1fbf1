"""What wakes the pages: one LISTEN connection of the process, told on to every open page."""

import asyncio
import json
import logging
import select
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Collection
from datetime import UTC, datetime

from psycopg2 import Error as DriverError
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from schemas.city_time import Segment, city_time
from schemas.web import Link

PHONES = "phones"
CHANNELS = ("journal", "derived", PHONES)
GATHER_S = 0.35
BEAT_S = 3.0
PHONE_BEAT_S = 30.0
TRY_AGAIN_S = 1.0
log = logging.getLogger(__name__)


class Pulse:
    """City time, the state of both stores, and what changed; kept by two threads, read without waiting."""

    def __init__(self, engine: Engine, bootstrap_servers: str | None) -> None:
        self._engine = engine
        self._bootstrap = bootstrap_servers
        self._segments: tuple[Segment, ...] = ()
        self._kafka = True
        self._postgres = True
        self._stop = threading.Event()
        self._listeners: set[Callable[[str, int], None]] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to listen; returns at once, also when nothing answers."""
        self._stop.clear()
        self._threads = [threading.Thread(target=self._listen_on, name="pages-listen", daemon=True)]
        if self._bootstrap:
            self._threads.append(threading.Thread(target=self._watch_kafka, name="pages-kafka", daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End both threads, within about a second."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=3)

    def link(self) -> Link:
        """How both stores answered last."""
        return Link(kafka=self._kafka, postgres=self._postgres)

    def now(self) -> datetime:
        """City time by the segments last read."""
        return city_time(self._segments, datetime.now(UTC))

    def rate_permille(self) -> int:
        """How fast city time runs now."""
        real = datetime.now(UTC)
        begun = [segment for segment in self._segments if segment.real_from <= real]
        return begun[-1].rate_permille if begun else 1000

    # --- the listening thread

    def _listen_on(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except (SQLAlchemyError, DriverError, OSError) as error:
                if self._postgres:
                    log.warning("PostgreSQL does not answer the pages: %s", type(error).__name__)
                self._postgres = False
                self._stop.wait(TRY_AGAIN_S)

    def _listen(self) -> None:
        raw = self._engine.raw_connection()
        driver = raw.driver_connection
        assert driver is not None
        raw.detach()
        try:
            driver.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            with driver.cursor() as cursor:
                for channel in CHANNELS:
                    cursor.execute(f"LISTEN {channel}")
            self._postgres = True
            # Whatever was told while nobody listened is lost: every page looks again.
            self._tell("*", 0)
            while not self._stop.is_set():
                self._read_segments(driver)
                deadline = time.monotonic() + 1.0
                while (left := deadline - time.monotonic()) > 0 and not self._stop.is_set():
                    if select.select([driver], [], [], left)[0]:
                        driver.poll()
                        self._take(driver)
        finally:
            driver.close()

    def _read_segments(self, driver: object) -> None:
        with driver.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("SELECT to_regclass('city_time')")
            if cursor.fetchone()[0] is None:
                return
            cursor.execute("SELECT real_from, city_from, rate_permille FROM city_time ORDER BY segment")
            self._segments = tuple(Segment(*row) for row in cursor.fetchall())

    def _take(self, driver: object) -> None:
        while driver.notifies:  # type: ignore[attr-defined]
            told = driver.notifies.pop(0)  # type: ignore[attr-defined]
            if told.channel == PHONES:
                for caregiver_id in told.payload.split(","):
                    self._tell(caregiver_id, 0)
                continue
            parts = told.payload.split("/")
            where = parts if told.channel == "journal" else parts[1:]
            if len(where) >= 2 and where[1].isdigit():
                self._tell(where[0], int(where[1]))

    def _watch_kafka(self) -> None:
        assert self._bootstrap is not None
        addresses = [entry.strip().rpartition(":") for entry in self._bootstrap.split(",")]
        while not self._stop.is_set():
            self._kafka = any(_answers(host, int(port)) for host, _, port in addresses)
            self._stop.wait(2.0)

    # --- the pages

    def _tell(self, area: str, seq: int) -> None:
        with self._lock:
            for listener in tuple(self._listeners):
                listener(area, seq)

    async def events(
        self, about: Collection[str] | None, beat_s: float = BEAT_S
    ) -> AsyncIterator[dict[str, str]]:
        """Server-sent events of one page, until it is closed: `about` areas or caregivers, None for all."""
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()
        changed: dict[str, int] = {}

        def note(area: str, seq: int) -> None:
            changed[area] = max(seq, changed.get(area, 0))
            woken.set()

        def listener(area: str, seq: int) -> None:
            if (about is None or area == "*" or area in about) and not loop.is_closed():
                loop.call_soon_threadsafe(note, area, seq)

        with self._lock:
            self._listeners.add(listener)
        try:
            told, beat = None, 0.0
            while not self._stop.is_set():
                if self.link() != told or time.monotonic() - beat >= beat_s:
                    told, beat = self.link(), time.monotonic()
                    yield {"event": "link", "data": self._beat(told)}
                try:
                    await asyncio.wait_for(woken.wait(), timeout=1.0)
                except TimeoutError:
                    continue
                await asyncio.sleep(GATHER_S)
                woken.clear()
                gathered, changed = changed, {}
                yield {"event": "changed", "data": json.dumps({"areas": gathered})}
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def _beat(self, link: Link) -> str:
        city_ms = int(self.now().timestamp() * 1000)
        beat = {"kafka": link.kafka, "postgres": link.postgres}
        return json.dumps(beat | {"city_ms": city_ms, "rate": self.rate_permille() / 1000})


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False
