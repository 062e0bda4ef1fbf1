"""Followers: desks folded from the journal that only answer questions, and say so when they cannot."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.city_clock import read_segments
from dispatcher.listening import Ear
from dispatcher.opening import Opener
from dispatcher.rules import D, Rules
from dispatcher.shelf import Shelf
from schemas.city_time import Segment, city_time
from schemas.decisions import Decision
from schemas.facts import Fact

log = logging.getLogger(__name__)
T = TypeVar("T")


class FollowerStopped(Exception):
    """本机程序比派单日志旧，或日志有误，已停止作答；请升级后重启。

    This process is older than the journal, or the journal is broken; it has stopped answering for the area:
    bring it up to date and start it again.
    """


class Follower(Generic[D]):
    """Desks of the areas that were asked about, kept up to date with the journal. Safe for several threads.

    With PostgreSQL away it answers from what it last knew.
    """

    def __init__(self, engine: Engine, rules: Rules[D]) -> None:
        self._engine = engine
        self._rules = rules
        self._shelves: dict[str, Shelf[D]] = defaultdict(lambda: Shelf(rules))
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._stopped: dict[str, str] = {}
        self._segments: tuple[Segment, ...] = ()
        self._guard = threading.Lock()

    def ask(self, area: str, question: Callable[[D, datetime], T]) -> T:
        """What `question(desk, now)` answers on the area's desk as it stands now; it must not change it.

        `now` is city time. Raises FollowerStopped; with PostgreSQL away and the area never followed, what
        SQLAlchemy raises.
        """
        with self._lock_of(area):
            self._refresh(area)
            return question(self._shelves[area][area].desk, self.now())

    def seq_of(self, area: str) -> int:
        """The last row folded of an area, after a look at the journal."""
        with self._lock_of(area):
            self._refresh(area)
            return self._shelves[area][area].seq

    def decide(self, fact: Fact) -> tuple[Decision, ...]:
        """What the desk would decide from this fact now."""
        opened = self._opened(fact)
        return self.ask(fact.area, lambda desk, now: self._rules.decide(desk, opened, now))

    def now(self) -> datetime:
        """City time by this machine's clock; for questions only, never for a row."""
        return city_time(self._segments, datetime.now(UTC))

    def city_s(self, real_s: float) -> float:
        """How many seconds pass in the city while `real_s` pass here, from now on."""
        real = datetime.now(UTC)
        passed = city_time(self._segments, real + timedelta(seconds=real_s)) - city_time(self._segments, real)
        return passed.total_seconds()

    def keep_fresh(self, stop: threading.Event) -> None:
        """Fold what is told as it is told, for the areas already asked about, until `stop` is set."""
        ear = Ear(self._engine, ["journal"])
        try:
            while not stop.is_set():
                told = {payload.partition("/")[0] for channel, payload in ear.wait(1.0) if channel}
                for area in [a for a in list(self._shelves) if not told or a in told]:
                    self._try_refresh(area)
        finally:
            ear.close()

    # ------------------------------------------------------------------------------------------------------

    def _lock_of(self, area: str) -> threading.Lock:
        with self._guard:
            return self._locks[area]

    def _try_refresh(self, area: str) -> None:
        with self._lock_of(area):
            try:
                self._refresh(area)
            except (FollowerStopped, SQLAlchemyError):
                return

    def _refresh(self, area: str) -> None:
        if area in self._stopped:
            raise FollowerStopped(self._stopped[area])
        shelf = self._shelves[area]
        try:
            with self._engine.connect() as connection:
                self._segments = read_segments(connection)
                shelf.catch_up(connection, area)
        except SQLAlchemyError:
            if area not in shelf:
                raise
        except Exception as error:  # an unknown word, a broken chain, a row that this version cannot fold
            self._stopped[area] = f"{type(error).__name__}: {error}"
            log.error("the follower of area %s has stopped: %s", area, self._stopped[area])
            raise FollowerStopped(self._stopped[area]) from error

    def _opened(self, fact: Fact) -> Fact:
        try:
            with self._engine.connect() as connection:
                return Opener.of(connection, [fact]).open_to_fold(fact)
        except SQLAlchemyError:
            return fact
