"""City time for a process that speaks: the stored segments, read anew every few seconds."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from schemas.city_time import Segment, city_time
from schemas.tables import city_time as segments_table

AGAIN_S = 2.0


class CityClock:
    """Tells city time; while PostgreSQL is away it goes on with the segments it last read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._segments: tuple[Segment, ...] = ()
        self._read_at = float("-inf")

    def now(self) -> datetime:
        """City time at this moment, aware, in UTC."""
        return city_time(self._fresh(), datetime.now(UTC))

    def rate(self) -> float:
        """Seconds of city time in a second, at this moment."""
        real = datetime.now(UTC)
        segments = self._fresh()
        second = timedelta(seconds=1)
        return (city_time(segments, real + second) - city_time(segments, real)) / second

    def read(self) -> bool:
        """Read the segments; False while PostgreSQL is away. With a call each second, `now` never waits."""
        self._read_at = time.monotonic()
        try:
            with self._engine.connect() as conn:
                found = conn.execute(select(segments_table).order_by(segments_table.c.segment))
                self._segments = tuple(Segment(r.real_from, r.city_from, r.rate_permille) for r in found)
        except SQLAlchemyError:
            return False
        return True

    def _fresh(self) -> tuple[Segment, ...]:
        if time.monotonic() - self._read_at > AGAIN_S:
            self.read()
        return self._segments
