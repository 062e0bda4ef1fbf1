"""The line in one process, without Kafka: the real core under the real journal, and the real records.

For tests of pages, where the stream in between is not the subject. A town stands in it, on a real PostgreSQL.
"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, insert, select

from consumers.follow import apply_rows
from consumers.ledger.consumer import CONSUMER as LEDGER
from consumers.records.consumer import CONSUMER as RECORDS
from consumers.wallboard.consumer import CONSUMER as WALLBOARD
from dispatcher.core.desk import Desk
from dispatcher.core_rules import core_rules
from dispatcher.follower import Follower
from dispatcher.journal import Journal
from producers.enrol import Pen, enrol
from producers.rosters.rosters import speak_rosters
from producers.simulator.settle import Size, build_town, entries_of
from schemas.envelope import read_fact
from schemas.facts import Fact
from schemas.ports import Said, SinkClosed
from schemas.rows import Row
from schemas.tables import city_time, spool

MORNING = datetime(2026, 11, 12, 9, 42, tzinfo=ZoneInfo("Asia/Shanghai"))
PARTITIONS = 4


def set_city_time(engine: Engine, city: datetime, rate_permille: int = 1_000) -> None:
    """Let the city's clock stand at `city` now."""
    with engine.begin() as connection:
        connection.execute(
            insert(city_time).values(real_from=datetime.now(UTC), city_from=city, rate_permille=rate_permille)
        )


class OneProcessLine:
    """An `EventSink` that decides at once; `closed` takes nothing, `slow` does not wait for the row."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.journal: Journal[Desk] = Journal(engine, core_rules(), partitions=PARTITIONS)
        self.follower: Follower[Desk] = Follower(engine, core_rules())
        self.closed = False
        self.slow = False
        self._lock = threading.Lock()
        self._applied: dict[str, int] = {}

    async def say(self, fact: Fact, *, of_case: bool = False, wait_s: float = 3.0) -> Said:
        """Decide the fact, put its row into the records, and answer."""
        if self.closed:
            raise SinkClosed
        row = await asyncio.to_thread(self.decide, fact)
        return Said(fact.fact_id, "KAFKA", None if self.slow else row)

    def decide(self, fact: Fact) -> Row | None:
        """The row of a fact, decided now."""
        with self._lock:
            row = self.journal.decide_one(fact)
            if row is not None and row.seq > self._applied.get(row.area, 0):
                for consumer in (RECORDS, LEDGER, WALLBOARD):
                    apply_rows(self.engine, consumer, [row])
                self._applied[row.area] = row.seq
        return row

    def drain_spool(self) -> int:
        """Decide what was written into the spool; returns how many facts."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(spool).where(spool.c.sent_at.is_(None)).order_by(spool.c.spool_id)
            ).all()
        for row in rows:
            headers = {name: value.encode() for name, value in row.headers.items()}
            self.decide(read_fact(headers, bytes(row.body)))
        with self.engine.begin() as connection:
            connection.execute(
                spool.update().where(spool.c.sent_at.is_(None)).values(sent_at=datetime.now(UTC))
            )
        return len(rows)


@dataclass(frozen=True)
class SmallTown:
    """A town of one area, on its line."""

    line: OneProcessLine
    area: str
    now: datetime


def small_town(
    engine: Engine, *, now: datetime = MORNING, recipients: int = 200, caregivers: int = 60, area: str = "a1"
) -> SmallTown:
    """Enter area `area` of a seeded town and its rosters, at city time `now`."""
    set_city_time(engine, now)
    town = build_town(12_349, Size(recipients, caregivers, 0), now.date(), now - timedelta(hours=3))
    line = OneProcessLine(engine)
    with engine.begin() as connection:
        enrol(connection, Pen(said_at=town.enrolled_at), entries_of(town, area))
    speak_until_done(engine, lambda connection: speak_rosters(connection, now))
    line.drain_spool()
    return SmallTown(line, area, now)


def speak_until_done(engine: Engine, speak: Callable[[Connection], int]) -> None:
    """Call `speak` in transactions of its own until it has nothing left to say."""
    while True:
        with engine.begin() as connection:
            if not speak(connection):
                return
