"""A seeded world that lives a desk's plan: roads and services take their own time, phones tell what happened.

Caregivers leave for the next stop so as to be there at its planned start; who is early waits for the window.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import NamedTuple

from schemas.base import StartWindow
from schemas.facts import CaregiverDeparted, ShiftPublished
from schemas.shapes import AreaSettings
from tests.rules.core.small_town import DAY, SETTINGS, Town, point

ITEMS = ("BATH_BED", "CLEAN_HOME", "BLOOD_PRESSURE", "MEAL_LUNCH")
LOOK_S = 300


class Seen(NamedTuple):
    """One start: on which day, when, and what had been told."""

    day: int
    start_s: int
    told: tuple[int, int]

    @property
    def held(self) -> bool:
        """Whether it fell into what was told."""
        return self.told[0] <= self.start_s <= self.told[1]

    @property
    def width_s(self) -> int:
        """How wide a promise it was."""
        return self.told[1] - self.told[0]


@dataclass
class World:
    """`road` and `service` are the spreads of the factors on what was planned, `door_s` that of the door."""

    seed: int
    days: int
    carers: int = 25
    visits_a_day: int = 140
    road: float = 0.3
    service: float = 0.2
    door_s: float = 120.0
    settings: AreaSettings = SETTINGS
    town: Town = field(default_factory=Town)
    seen: list[Seen] = field(default_factory=list)
    turn: int = 0

    def __post_init__(self) -> None:
        """Enrol everybody, and roll the requests of all days."""
        self.dice = Random(self.seed)
        self.heap: list[tuple[int, int, str, str]] = []
        self.town.open(self.settings)
        self.town.provider("p1")
        for n in range(self.carers):
            self.town.caregiver(f"c{n}", home=self._somewhere(), shift=None)
        for n in range(4 * self.carers):
            self.town.recipient(f"r{n}", home=self._somewhere(), class_code="DISABLED" if n % 2 else None)
        for day in range(self.days):
            self._roll(day)

    def _somewhere(self) -> object:
        return point(self.dice.randint(-30_000, 30_000), self.dice.randint(-30_000, 30_000))

    def _roll(self, day: int) -> None:
        midnight_s = int(DAY.timestamp()) + 86_400 * day
        self._push(midnight_s + 6 * 3_600, "morning", str(day))
        for _ in range(self.visits_a_day):
            opens_s = midnight_s + self.dice.randint(8 * 3_600, 16 * 3_600)
            ahead_s = self.dice.choice([1_800, 7_200, 18_000])
            asked_s = max(midnight_s + 7 * 3_600, opens_s - ahead_s)
            closes_s = opens_s + self.dice.choice([3_600, 7_200, 10_800])
            self._push(asked_s, "ask", f"{opens_s}|{closes_s}")

    def _push(self, when_s: int, what: str, who: str) -> None:
        self.turn += 1
        heappush(self.heap, (when_s, self.turn, what, who))

    def live(self) -> World:
        """Let everything happen, in the order of time."""
        while self.heap:
            when_s, _, what, who = heappop(self.heap)
            self.town.now = DAY + timedelta(seconds=when_s - int(DAY.timestamp()))
            getattr(self, f"_{what}")(when_s, who)
        return self

    def _morning(self, when_s: int, day: str) -> None:
        for n in range(self.carers):
            starts = self.town.now + timedelta(hours=2)
            fact = ShiftPublished(
                **self.town.base("REGISTER"),
                shift_id=f"s{day}-c{n}",
                caregiver_id=f"c{n}",
                starts_at=starts,
                ends_at=starts + timedelta(hours=10),
            )
            self.town.tell(fact)
            self._push(when_s + 7_200, "look", fact.shift_id)

    def _ask(self, when_s: int, window: str) -> None:
        opens, closes = (self._moment(int(part)) for part in window.split("|"))
        who, code = f"r{self.dice.randrange(4 * self.carers)}", self.dice.choice(ITEMS)
        self.town.ask(who, code, StartWindow(opens_at=opens, closes_at=closes))

    def _moment(self, when_s: int) -> datetime:
        return DAY + timedelta(seconds=when_s - int(DAY.timestamp()))

    def _look(self, when_s: int, shift_id: str) -> None:
        """Leave for the next stop when it is time, else look again."""
        desk = self.town.desk
        shift = desk.shifts[shift_id]
        for visit_id, role in desk.routes.get(shift_id, ()):
            visit = desk.visits[visit_id]
            if visit.hands[role].left is not None:
                continue
            leave_s = visit.hands[role].start_s - visit.hands[role].travel_s
            if leave_s > when_s:
                self._push(min(leave_s, when_s + LOOK_S), "look", shift_id)
                return
            said = {**self.town.base("CAREGIVER", shift.caregiver_id), "caregiver_id": shift.caregiver_id}
            self.town.tell(CaregiverDeparted(**said, visit_id=visit_id))
            there_s = round(visit.hands[role].travel_s * self.dice.lognormvariate(0, self.road))
            there_s = max(0, there_s + round(self.dice.gauss(0, self.door_s)))
            self._push(max(when_s + there_s, visit.opens_s), "arrive", f"{shift_id}|{visit_id}")
            return
        if when_s < shift.ends_s:
            self._push(when_s + LOOK_S, "look", shift_id)

    def _arrive(self, when_s: int, where: str) -> None:
        shift_id, visit_id = where.split("|")
        visit = self.town.desk.visits[visit_id]
        assert visit.told is not None
        self.seen.append(Seen((when_s - int(DAY.timestamp())) // 86_400, when_s, visit.told))
        self.town.check_in(visit_id, self.town.desk.shifts[shift_id].caregiver_id, self.town.now)
        lasts_s = round(visit.needs[0].duration_s * self.dice.lognormvariate(0, self.service))
        self._push(when_s + lasts_s, "done", where)

    def _done(self, when_s: int, where: str) -> None:
        shift_id, visit_id = where.split("|")
        self.town.check_out(visit_id, self.town.desk.shifts[shift_id].caregiver_id, self.town.now)
        self._look(when_s, shift_id)
