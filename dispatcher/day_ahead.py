"""Tomorrow planned once more, so that a plan made over the whole day stands when its offers go out."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from dispatcher.core.ahead import hour_of
from dispatcher.core.desk import Desk
from dispatcher.deliveries import partition_of
from dispatcher.follower import Follower, FollowerStopped
from dispatcher.plan_requests import Asked
from schemas.base import StartWindow
from schemas.tables import heads

START_S = 5.0
"""Of this machine's time, for reading an area and for a child to start, beside the search itself."""


@dataclass(frozen=True)
class DayAhead:
    """The city's day that is planned ahead, and how far the plan goes: to that day's end."""

    day: date
    horizon: StartWindow


def day_ahead(
    now: datetime, hour: int, time_zone: str, *, ahead_s: float, budget_s: float
) -> DayAhead | None:
    """What to plan at `now`, if it is time for it. Pure; all seconds are of city time.

    The offers of a day go out at `hour` of the day before; a search of `budget_s` that begins in time stands
    `ahead_s` before them. None while it is too early; once an hour has passed, the next one counts.
    """
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    for eve in (today, today + timedelta(days=1)):
        offers_at = datetime.combine(eve, time(hour), zone)
        if now >= offers_at:
            continue
        if now < offers_at - timedelta(seconds=ahead_s + budget_s):
            return None
        day = eve + timedelta(days=1)
        ends_at = datetime.combine(day + timedelta(days=1), time(), zone)
        return DayAhead(day, StartWindow(opens_at=now, closes_at=ends_at.astimezone(now.tzinfo)))
    return None


class DaysAhead:
    """Which areas of this planner are due; each day of each is asked for once. Safe for several threads."""

    def __init__(
        self, engine: Engine, follower: Follower[Desk], partitions: int, *, limit_s: float, ahead_s: float
    ) -> None:
        self._engine = engine
        self._follower = follower
        self._partitions = partitions
        self._limit_s = limit_s
        self._ahead_s = ahead_s
        self._mine: frozenset[int] = frozenset()
        self._asked: dict[str, date] = {}
        self._one_at_a_time = threading.Lock()

    def take(self, partitions: set[int]) -> None:
        """From now on these partitions' areas are ours, and no others."""
        self._mine = frozenset(partitions)

    def asked(self) -> list[Asked]:
        """Requests of areas whose day ahead is to be planned now. Raises what SQLAlchemy raises."""
        with self._one_at_a_time:
            return list(self._due())

    def _due(self) -> Iterator[Asked]:
        areas = self._areas()
        real_s = (self._limit_s + START_S) * len(areas)
        for area in areas:
            try:
                settings, now = self._follower.ask(area, lambda desk, now: (desk.settings, now))
            except FollowerStopped:
                continue
            hour = None if settings is None else hour_of(settings)
            if settings is None or hour is None:
                continue
            budget_s = self._follower.city_s(real_s)
            due = day_ahead(now, hour, settings.time_zone, ahead_s=self._ahead_s, budget_s=budget_s)
            if due is None or self._asked.get(area) == due.day:
                continue
            self._asked[area] = due.day
            yield Asked(area, self._follower.seq_of(area), due.horizon, self._limit_s)

    def _areas(self) -> list[str]:
        with self._engine.connect() as connection:
            known = connection.execute(select(heads.c.area).order_by(heads.c.area)).scalars()
            return [area for area in known if partition_of(area, self._partitions) in self._mine]
