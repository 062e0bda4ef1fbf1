"""VROOM (by `pyvroom`) planning the open visits of a day anew at each request, or every so often.

Its solver knows skills, shifts and windows but no promise. What was told is handed to it as the visit's
window where `keeps_told`; else the whole window stays open to it, and whoever was told is told anew. A visit
it leaves out that somebody was told of is handed to it once more with a wide window, at the highest priority.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from dispatcher.core.records import Place
from dispatcher.core.travel import vector
from tests.benchmarks.virtual.book import Book
from tests.benchmarks.virtual.field import Clock
from tests.benchmarks.virtual.tables import Tables
from tests.benchmarks.virtual.world import A_DAY_S, DAY0_S, ITEMS, SPEED_MM_S, Carer, Wish, World

SKILL = {skill: number for number, (skill, _, _) in enumerate(ITEMS)}
NAMED_AFTER_S = 600
"""Names are told so long after the request, as by our desk."""
LATE_S = 3_600
MOST_S = 10
"""Seconds VROOM may take at most; it ends by itself long before."""


class VroomWay(Tables):
    """Plan the day anew, again and again."""

    def __init__(
        self, *, keeps_told: bool, every_s: int = 0, level: int = 5, clock: Clock | None = None
    ) -> None:
        self.keeps_told, self.every_s, self.level, self.clock = keeps_told, every_s, level, clock
        self.rounds_ns: list[int] = []
        """Time of each day planned, which is what whoever calls waits for."""

    def begin(self, world: World, book: Book) -> None:
        """Empty timetables, nothing asked yet."""
        super().begin(world, book)
        self.open: dict[int, dict[str, Wish]] = {day: {} for day in range(world.size.days)}
        self.stale: set[int] = set()
        self.solved_s = 0

    def asked(self, wish: Wish, now_s: int) -> None:
        """Planned at once, or with the next round; what care plans say in one minute is planned together."""
        self.open[wish.day][wish.request_id] = wish
        self.stale.add(wish.day)
        if not self.every_s and not wish.planned:
            self._solve(wish.day, now_s)

    def cancelled(self, wish: Wish, now_s: int) -> None:
        """No longer wanted."""
        super().cancelled(wish, now_s)
        self.open[wish.day].pop(wish.request_id, None)

    def sick(self, carer_id: str, day: int, now_s: int) -> None:
        """The day is planned without them."""
        self.away.add((carer_id, day))
        self.stale.add(day)

    def came(self, carer_id: str, request_id: str, now_s: int) -> None:
        """Begun: no longer to be planned."""
        super().came(carer_id, request_id, now_s)
        wish = self.world.wish_by_id.get(request_id)
        if wish is not None:
            self.open[wish.day].pop(request_id, None)

    def passed(self, now_s: int) -> None:
        """A round, where one is due."""
        super().passed(now_s)
        if self.stale and now_s - self.solved_s >= self.every_s:
            self.solved_s = now_s
            for day in sorted(self.stale):
                self._solve(day, now_s)

    def _solve(self, day: int, now_s: int) -> None:
        """Plan what is open on a day; who cannot be served is refused, or tried once more if told before."""
        self.stale.discard(day)
        on_road = {where.goal for where in self.where.values()} if self._today(day, now_s) else set()
        wishes = [w for w in self.open[day].values() if w.request_id not in on_road]
        carers = [c for c in self.world.carers if (c.carer_id, day) not in self.away]
        if not wishes or not carers:
            return
        left_out = self._round(wishes, carers, now_s, frozenset())
        if left_out & self.holder.keys():
            left_out = self._round(wishes, carers, now_s, frozenset(left_out & self.holder.keys()))
        for request_id in sorted(left_out):
            wish = self.open[day][request_id]
            self.take(wish)
            if self.book.pages[request_id].told is None or wish.closes_s + LATE_S < now_s:
                self.book.pages[request_id].refused = True
                del self.open[day][request_id]

    def _today(self, day: int, now_s: int) -> bool:
        return day == (now_s - DAY0_S) // A_DAY_S

    def _round(self, wishes: list[Wish], carers: list[Carer], now_s: int, wide: frozenset[str]) -> set[str]:
        """One solve, put into the timetables; returns whom it left out."""
        import vroom

        begun = self.clock() if self.clock else 0
        begins = [self.free(carer, wishes[0].day, now_s) for carer in carers]
        places = [wish.place for wish in wishes] + [c.home for c in carers] + [place for place, _ in begins]
        asked = vroom.Input()
        asked.set_durations_matrix("car", self._matrix(places))
        ends_s = self.world.shift_s(wishes[0].day)[1]
        count, many = len(wishes), len(carers)
        for number, carer in enumerate(carers):
            free_s = begins[number][1]
            vehicle = vroom.Vehicle(
                number,
                start=count + many + number,
                end=count + number,
                skills={SKILL[skill] for skill in carer.skills},
                time_window=(min(free_s, ends_s + LATE_S), max(free_s, ends_s) + (LATE_S if wide else 0)),
            )
            asked.add_vehicle(vehicle)
        for number, wish in enumerate(wishes):
            asked.add_job(self._job(vroom, number, wish, now_s, wide))
        found = asked.solve(self.level, nb_threads=1, timeout=timedelta(seconds=MOST_S))
        if self.clock:
            self.rounds_ns.append(self.clock() - begun)
        return self._put(found.to_dict(), wishes, carers, now_s)

    def _job(self, vroom: Any, number: int, wish: Wish, now_s: int, wide: frozenset[str]) -> Any:
        told = self.book.pages[wish.request_id].told
        lo_s, hi_s = told if told is not None and self.keeps_told else (wish.opens_s, wish.closes_s)
        if wish.request_id in wide:
            lo_s, hi_s = wish.opens_s, wish.closes_s + LATE_S
        return vroom.Job(
            number,
            number,
            default_service=wish.duration_s,
            skills={SKILL[wish.skill]},
            priority=100 if told is not None else 50,
            time_windows=[vroom.TimeWindow(max(lo_s, now_s), max(hi_s, now_s))],
        )

    def _put(self, found: dict[str, Any], wishes: list[Wish], carers: list[Carer], now_s: int) -> set[str]:
        left_out = {wish.request_id for wish in wishes}
        for route in found["routes"]:
            carer_id = carers[route["vehicle"]].carer_id
            for step in route["steps"]:
                if step["type"] == "job":
                    wish = wishes[step["id"]]
                    start_s = step["arrival"] + step["waiting_time"]
                    named = now_s - wish.said_s >= NAMED_AFTER_S or start_s - now_s < 2 * 3_600
                    self.put(wish, carer_id, start_s, now_s, named=named)
                    left_out.discard(wish.request_id)
        return left_out

    def _matrix(self, places: list[Place]) -> np.ndarray[Any, np.dtype[np.uint32]]:
        """All ways in whole seconds, by the desk's own formula."""
        vectors = np.array([vector(p.lat_udeg, p.lon_udeg) for p in places])
        xyz = (vectors[:, 0], vectors[:, 1], vectors[:, 2])
        index, speeds = np.full(len(places), -1, np.int64), np.full(len(places), float(SPEED_MM_S))
        matrix = np.zeros((len(places), len(places)), np.uint32)
        for number, place in enumerate(places):
            matrix[:, number] = self.world.ways.many_s(xyz, index, place, speeds, to_them=False)
        return matrix
