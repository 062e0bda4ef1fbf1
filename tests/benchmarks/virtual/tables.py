"""Timetables of the other ways of matching: who is to be where, kept by hand, without a desk."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field

from dispatcher.core.records import Place
from tests.benchmarks.virtual.book import Book
from tests.benchmarks.virtual.field import Stop
from tests.benchmarks.virtual.world import A_DAY_S, DAY0_S, Alarm, Carer, Wish, World


@dataclass(frozen=True, order=True)
class Booked:
    """One stop of a timetable, by its start."""

    start_s: int
    request_id: str
    wish: Wish = field(compare=False)

    @property
    def end_s(self) -> int:
        """When it ends, as far as one can tell."""
        return self.start_s + self.wish.duration_s


@dataclass
class Where:
    """What is known of a caregiver on the road: free from `free_s` in `place`."""

    place: Place
    free_s: int = 0
    goal: str | None = None


class Tables:
    """What all ways without a desk share: timetables by caregiver and day, and how they follow the field."""

    def begin(self, world: World, book: Book) -> None:
        """Empty timetables."""
        self.world, self.book = world, book
        self.rows: dict[tuple[str, int], list[Booked]] = {
            (carer.carer_id, day): [] for carer in world.carers for day in range(world.size.days)
        }
        self.holder: dict[str, str] = {}
        self.where = {carer.carer_id: Where(carer.home) for carer in world.carers}
        self.away: set[tuple[str, int]] = set()
        self.urgent: dict[str, Alarm] = {}

    def able(self, skill: str, day: int) -> list[Carer]:
        """Caregivers who have the skill and come on the day, in the order of enrolment."""
        return [c for c in self.world.carers if skill in c.skills and (c.carer_id, day) not in self.away]

    def put(self, wish: Wish, carer_id: str, start_s: int, now_s: int, *, named: bool = True) -> None:
        """Give a visit to a caregiver; the recipient is told, with the name where it is `named`."""
        self.take(wish)
        insort(self.rows[carer_id, wish.day], Booked(start_s, wish.request_id, wish))
        self.holder[wish.request_id] = carer_id
        self.book.plan(wish.request_id, start_s, (carer_id,) if named else (), now_s)

    def take(self, wish: Wish) -> None:
        """Take a visit off whoever has it."""
        carer_id = self.holder.pop(wish.request_id, None)
        if carer_id is not None:
            row = self.rows[carer_id, wish.day]
            row[:] = [stop for stop in row if stop.request_id != wish.request_id]

    def free(self, carer: Carer, day: int, now_s: int) -> tuple[Place, int]:
        """Where and from when a caregiver can be sent on a day, as far as one can tell now."""
        begins_s = self.world.shift_s(day)[0]
        if day > (now_s - DAY0_S) // A_DAY_S or now_s < begins_s:
            return carer.home, begins_s
        where = self.where[carer.carer_id]
        return where.place, max(now_s, begins_s, where.free_s)

    def ahead(self, carer_id: str, day: int) -> list[Booked]:
        """Stops to come, without the one on the road to which the caregiver is."""
        goal = self.where[carer_id].goal
        return [stop for stop in self.rows[carer_id, day] if stop.request_id != goal]

    def cancelled(self, wish: Wish, now_s: int) -> None:
        """No longer wanted."""
        self.take(wish)

    def alarm(self, alarm: Alarm, now_s: int) -> str | None:
        """Whoever can be there first goes; all that stood behind waits."""
        day = (now_s - DAY0_S) // A_DAY_S
        found = []
        for carer in self.world.carers:
            if (carer.carer_id, day) in self.away or carer.carer_id in self.urgent:
                continue
            where = self.where[carer.carer_id]
            place, free_s = (where.place, max(now_s, where.free_s)) if where.free_s else (carer.home, now_s)
            found.append((free_s + self.world.travel_s(place, alarm.place), carer.carer_id))
        if not found:
            return None
        arrive_s, carer_id = min(found)
        self.urgent[carer_id] = alarm
        self.where[carer_id] = Where(alarm.place, arrive_s + alarm.duration_s)
        return carer_id

    def departed(self, carer_id: str, request_id: str, now_s: int) -> None:
        """On the way: the rest is thought of from the end of that visit on."""
        wish = self.world.wish_by_id.get(request_id)
        if wish is None:
            return
        place, _ = self.where[carer_id].place, 0
        arrive_s = now_s + self.world.travel_s(place, wish.place)
        told = self.book.pages[request_id].told or (0, 0)
        self.where[carer_id] = Where(wish.place, max(arrive_s, told[0]) + wish.duration_s, request_id)

    def came(self, carer_id: str, request_id: str, now_s: int) -> None:
        """Service begins."""
        wish = self.world.wish_by_id.get(request_id)
        if wish is not None:
            self.take(wish)
        duration_s = wish.duration_s if wish is not None else self.urgent[carer_id].duration_s
        place = wish.place if wish is not None else self.urgent[carer_id].place
        self.where[carer_id] = Where(place, now_s + duration_s)

    def left(self, carer_id: str, request_id: str, now_s: int) -> None:
        """Service is over."""
        alarm = self.urgent.get(carer_id)
        if alarm is not None and alarm.request_id == request_id:
            del self.urgent[carer_id]
        elif alarm is not None:
            arrive_s = now_s + self.world.travel_s(self.where[carer_id].place, alarm.place)
            self.where[carer_id] = Where(alarm.place, arrive_s + alarm.duration_s)
            return
        self.where[carer_id] = Where(self.where[carer_id].place, now_s)

    def next_stop(self, carer_id: str, now_s: int) -> Stop | None:
        """The first of the day's row."""
        day = (now_s - DAY0_S) // A_DAY_S
        row = self.rows.get((carer_id, day))
        if not row or (carer_id, day) in self.away:
            return None
        return Stop(row[0].request_id, row[0].wish.place, row[0].start_s)

    def passed(self, now_s: int) -> None:
        """Caregivers begin each day at home."""
        if (now_s - DAY0_S) % A_DAY_S == 0:
            self.where = {carer.carer_id: Where(carer.home) for carer in self.world.carers}
            self.urgent.clear()
