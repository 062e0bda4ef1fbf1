"""The emergency door: the same pure core, under the same fence, when Kafka is away."""

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.deliveries import partition_of
from dispatcher.journal import Journal
from dispatcher.rules import D, Rules
from schemas.base import Speaker
from schemas.envelope import ALARMS
from schemas.facts import Fact, TimePassed
from schemas.ids import new_id
from schemas.rows import Row
from schemas.tables import heads, positions

log = logging.getLogger(__name__)

SILENCE_S = 5.0
"""After so long without a message on `alarms` (its clock speaks every second) the door lets time pass."""


class EmergencyDoor:
    """Decides emergencies in this process. Calls may come from any thread."""

    def __init__(
        self, engine: Engine, rules: Rules[D], *, partitions: int, snapshot_every: int = 1_000
    ) -> None:
        self._engine = engine
        self._partitions = partitions
        self._decide_one: Callable[[Fact], Row | None] = Journal(
            engine, rules, partitions=partitions, snapshot_every=snapshot_every
        ).decide_one

    def __call__(self, fact: Fact) -> Row | None:
        """Decide a fact of an emergency now; its row, or None when it was set aside as a dead letter.

        Raises what SQLAlchemy raises when PostgreSQL is away too.
        """
        return self._decide_one(fact)

    def pass_time(self) -> int:
        """Say TimePassed to every area, for the timers of cases; returns how many rows came of it."""
        with self._engine.connect() as connection:
            areas = list(connection.execute(select(heads.c.area).order_by(heads.c.area)).scalars())
            said_at = connection.execute(select(func.clock_timestamp())).scalar_one()
        rows = 0
        for area in areas:
            fact = TimePassed(
                fact_id=new_id(),
                area=area,
                said_at=said_at,
                by=Speaker(role="CLOCK", id=f"clock:{ALARMS}"),
                partition=partition_of(area, self._partitions),
            )
            rows += self._decide_one(fact) is not None
        return rows

    def keep_time(self, stop: threading.Event, *, topic: str = ALARMS, silence_s: float = SILENCE_S) -> None:
        """Let time pass once a second while nothing moves on `topic` (with its prefix), until `stop` is set.

        Whoever is away, broker, clock or desks: the fuses of an emergency burn on.
        """
        last: int | None = None
        moved_at = time.monotonic()
        while not stop.wait(1.0):
            try:
                reached = self._reached(topic)
                if reached != last:
                    last, moved_at = reached, time.monotonic()
                elif time.monotonic() - moved_at >= silence_s:
                    self.pass_time()
            except SQLAlchemyError as error:
                log.warning("the emergency door cannot let time pass: %s", type(error).__name__)

    def _reached(self, topic: str) -> int:
        with self._engine.connect() as connection:
            total = connection.execute(
                select(func.coalesce(func.sum(positions.c.next_offset), 0)).where(positions.c.topic == topic)
            ).scalar_one()
            return int(total)
