"""The days as they are lived: calls come in, caregivers go, arrive and leave by the world's own truth.

A way of matching is asked what to do and told what happened; it never sees the truth ahead. Events of one
second are handled in the order in which they became known.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from dispatcher.core.records import Place
from tests.benchmarks.virtual.book import Book
from tests.benchmarks.virtual.world import A_DAY_S, DAY0_S, Alarm, Carer, Wish, World

SICK_SAID_S = 7 * 3_600
MINUTE_S = 60
EVENING_S = 21 * 3_600
Clock = Callable[[], int]
"""Nanoseconds of this process, for the time an answer takes; never read for anything else."""


@dataclass(frozen=True)
class Stop:
    """Where a caregiver is to be next, and when."""

    request_id: str
    place: Place
    start_s: int


class Way(Protocol):
    """One way of matching requests and caregivers."""

    def begin(self, world: World, book: Book) -> None:
        """Hear of the area before its first day."""

    def asked(self, wish: Wish, now_s: int) -> None:
        """Somebody asks: plan it, or note in the book that it is refused."""

    def cancelled(self, wish: Wish, now_s: int) -> None:
        """It is no longer wanted."""

    def sick(self, carer_id: str, day: int, now_s: int) -> None:
        """A caregiver will not come on that day."""

    def alarm(self, alarm: Alarm, now_s: int) -> str | None:
        """The caregiver who is to go at once, or nobody."""

    def departed(self, carer_id: str, request_id: str, now_s: int) -> None:
        """A caregiver set out."""

    def came(self, carer_id: str, request_id: str, now_s: int) -> None:
        """Service begins."""

    def left(self, carer_id: str, request_id: str, now_s: int) -> None:
        """Service is over."""

    def passed(self, now_s: int) -> None:
        """A minute is over."""

    def next_stop(self, carer_id: str, now_s: int) -> Stop | None:
        """Where the caregiver is to be next."""


@dataclass
class Walk:
    """Where a caregiver is: idle in `place`, on a trip, or serving."""

    carer: Carer
    place: Place
    trip: int = 0
    """Number of the trip under way; 0: none."""
    goal: Stop | None = None
    left_s: int = 0
    there_s: int = 0
    serving: bool = False
    urgent: Alarm | None = None
    free_s: int = 0


@dataclass
class Lived:
    """What came of it."""

    travel_s: int = 0
    overtime_s: int = 0
    answers_ns: list[int] = field(default_factory=list)
    alarms_s: list[int] = field(default_factory=list)
    """Seconds from alarm to arrival."""
    unhelped: int = 0
    spans: list[tuple[str, int, int]] = field(default_factory=list)
    """(caregiver, from, to) of everything a caregiver was busy with: ways and services."""


class Field:
    """Live through a world with one way of matching."""

    def __init__(self, world: World, way: Way, clock: Clock | None = None) -> None:
        self.world, self.way, self.clock = world, way, clock
        self.book, self.lived = Book(), Lived()
        self.walks = {c.carer_id: Walk(c, c.home) for c in world.carers}
        self.away = set(world.sick)
        self.trips, self.numbers = count(1), count()
        self.due: list[tuple[int, int, Callable[[int], None]]] = []

    def run(self) -> None:
        """All days, from the first minute to the last evening."""
        self.way.begin(self.world, self.book)
        for wish in self.world.wishes:
            self._at(wish.said_s, lambda now_s, wish=wish: self._ask(wish, now_s))
            if wish.cancelled_s is not None:
                self._at(wish.cancelled_s, lambda now_s, wish=wish: self._cancel(wish, now_s))
        for alarm in self.world.alarms:
            self._at(alarm.at_s, lambda now_s, alarm=alarm: self._alarm(alarm, now_s))
        for carer_id, day in self.world.sick:
            said_s = DAY0_S + day * A_DAY_S + SICK_SAID_S
            self._at(said_s, lambda now_s, c=carer_id, d=day: self.way.sick(c, d, now_s))
        for day in range(self.world.size.days):
            self._live(DAY0_S + day * A_DAY_S, day)

    def _live(self, midnight_s: int, day: int) -> None:
        for minute in range(EVENING_S // MINUTE_S):
            now_s = midnight_s + minute * MINUTE_S
            self.way.passed(now_s)
            for walk in self.walks.values():
                self._look(walk, now_s, day)
            while self.due and self.due[0][0] < now_s + MINUTE_S:
                at_s, _, what = heapq.heappop(self.due)
                what(at_s)
        while self.due and self.due[0][0] < midnight_s + A_DAY_S:
            at_s, _, what = heapq.heappop(self.due)
            what(at_s)
        for walk in self.walks.values():
            self._go_home(walk, day)

    def _at(self, at_s: int, what: Callable[[int], None]) -> None:
        heapq.heappush(self.due, (at_s, next(self.numbers), what))

    def _ask(self, wish: Wish, now_s: int) -> None:
        self.book.open(wish)
        begun = self.clock() if self.clock else 0
        self.way.asked(wish, now_s)
        if self.clock:
            self.lived.answers_ns.append(self.clock() - begun)

    def _cancel(self, wish: Wish, now_s: int) -> None:
        page = self.book.pages[wish.request_id]
        if page.came_s is None and not page.refused:
            page.cancelled = True
            self.way.cancelled(wish, now_s)

    def _alarm(self, alarm: Alarm, now_s: int) -> None:
        carer_id = self.way.alarm(alarm, now_s)
        if carer_id is None:
            self.lived.unhelped += 1
            return
        walk = self.walks[carer_id]
        walk.urgent = alarm
        if walk.goal is not None and not walk.serving:
            self._turn_back(walk, now_s)
        if not walk.serving:
            self._go(walk, Stop(alarm.request_id, alarm.place, now_s), now_s)

    def _look(self, walk: Walk, now_s: int, day: int) -> None:
        """An idle caregiver on shift sets out in time for the next stop, as far as one can tell."""
        carer_id = walk.carer.carer_id
        if walk.goal is not None or walk.serving or now_s < self.world.shift_s(day)[0]:
            return
        if (carer_id, day) in self.away:
            return
        stop = self.way.next_stop(carer_id, now_s)
        if stop is None:
            return
        leave_s = max(now_s, stop.start_s - self.world.travel_s(walk.place, stop.place))
        if leave_s < now_s + MINUTE_S:
            self._at(leave_s, lambda at_s: self._leave(walk, stop, at_s))

    def _leave(self, walk: Walk, stop: Stop, now_s: int) -> None:
        if walk.goal is not None or walk.serving:
            return
        if self.way.next_stop(walk.carer.carer_id, now_s) == stop:
            self._go(walk, stop, now_s)

    def _go(self, walk: Walk, stop: Stop, now_s: int) -> None:
        walk.trip, walk.goal, walk.left_s = next(self.trips), stop, now_s
        walk.there_s = now_s + self.world.true_travel_s(walk.place, stop.place, stop.request_id)
        self.way.departed(walk.carer.carer_id, stop.request_id, now_s)
        if stop.request_id in self.book.pages:
            estimate_s = now_s + self.world.travel_s(walk.place, stop.place)
            told = self.book.pages[stop.request_id].told or (0, 0)
            self.book.note("DEPARTURE", stop.request_id, max(estimate_s, told[0]), now_s)
        trip = walk.trip
        self._at(walk.there_s, lambda at_s: self._arrive(walk, trip, at_s))

    def _turn_back(self, walk: Walk, now_s: int) -> None:
        """Called off on the road: the way so far was made, and one stands where it led."""
        assert walk.goal is not None
        gone = min(1.0, (now_s - walk.left_s) / max(1, walk.there_s - walk.left_s))
        a, b = walk.place, walk.goal.place
        lat = a.lat_udeg + round((b.lat_udeg - a.lat_udeg) * gone)
        lon = a.lon_udeg + round((b.lon_udeg - a.lon_udeg) * gone)
        self._travelled(walk, min(now_s, walk.there_s))
        walk.place, walk.goal, walk.trip = Place(lat, lon), None, 0

    def _travelled(self, walk: Walk, until_s: int) -> None:
        self.lived.travel_s += until_s - walk.left_s
        self.lived.spans.append((walk.carer.carer_id, walk.left_s, until_s))

    def _arrive(self, walk: Walk, trip: int, now_s: int) -> None:
        """At the door; who is early waits until the time that was told."""
        if walk.trip != trip or walk.goal is None:
            return
        self._travelled(walk, now_s)
        walk.place = walk.goal.place
        page = self.book.pages.get(walk.goal.request_id)
        begin_s = now_s if page is None or page.told is None else max(now_s, page.told[0])
        walk.left_s = walk.there_s = now_s
        self._at(begin_s, lambda at_s: self._begin(walk, trip, at_s))

    def _begin(self, walk: Walk, trip: int, now_s: int) -> None:
        if walk.trip != trip or walk.goal is None:
            return
        request_id, carer_id = walk.goal.request_id, walk.carer.carer_id
        page = self.book.pages.get(request_id)
        walk.goal, walk.trip = None, 0
        if page is not None and (page.cancelled or not self._theirs(walk, request_id, now_s)):
            return
        alarm = walk.urgent if page is None else None
        if page is None:
            assert alarm is not None
            self.lived.alarms_s.append(now_s - alarm.at_s)
        else:
            page.came_s, page.carer_id = now_s, carer_id
        walk.serving = True
        end_s = now_s + self.world.true_service_s(alarm or self.world.wish_by_id[request_id])
        self.lived.spans.append((carer_id, now_s, end_s))
        self.way.came(carer_id, request_id, now_s)
        self._at(end_s, lambda at_s: self._finish(walk, request_id, at_s))

    def _theirs(self, walk: Walk, request_id: str, now_s: int) -> bool:
        stop = self.way.next_stop(walk.carer.carer_id, now_s)
        return stop is not None and stop.request_id == request_id

    def _finish(self, walk: Walk, request_id: str, now_s: int) -> None:
        walk.serving, walk.free_s = False, now_s
        page = self.book.pages.get(request_id)
        if page is None:
            walk.urgent = None
        else:
            page.left_s = now_s
        self.way.left(walk.carer.carer_id, request_id, now_s)
        if walk.urgent is not None:
            self._go(walk, Stop(walk.urgent.request_id, walk.urgent.place, now_s), now_s)
            return
        self._look(walk, now_s, (now_s - DAY0_S) // A_DAY_S)

    def _go_home(self, walk: Walk, day: int) -> None:
        """The way home counts like any other; what of it lies after the shift is overtime."""
        carer = walk.carer
        if walk.place != carer.home:
            home_s = self.world.true_travel_s(walk.place, carer.home, f"home-{carer.carer_id}-{day}")
            self.lived.travel_s += home_s
            self.lived.overtime_s += max(0, walk.free_s + home_s - self.world.shift_s(day)[1])
        walk.place, walk.goal, walk.trip, walk.serving, walk.urgent = carer.home, None, 0, False, None
