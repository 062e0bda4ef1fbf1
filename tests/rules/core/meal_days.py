"""Days with rounds of meals, made at random, and a walk through them that knows nothing of timetables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from dispatcher.core.desk import Desk
from dispatcher.core.plan import planned_by_s
from dispatcher.core.records import Hands, Meal, Need, Place, Visit
from dispatcher.core.times import to_s
from schemas.codes import HelpKind
from schemas.facts import AreaOpened
from schemas.shapes import AreaSettings, Break
from tests.rules.core.small_town import SETTINGS, Town, clock, point, small_town

SPEED = 5_000
CARRIES = 4
STARTS_S, ENDS_S = to_s(clock("08:00")), to_s(clock("18:00"))


@dataclass(frozen=True)
class Item:
    """A stop (with its visit and when it is planned) or a break (without) of a day, in order."""

    visit: Visit | None
    start_s: int
    latest_s: int
    length_s: int
    role: int = 0

    @property
    def key(self) -> tuple[object, ...] | None:
        """Which round it is of."""
        if self.visit is None or self.visit.meal is None:
            return None
        return self.visit.hands[0].round_id, self.visit.meal.kitchen_id


@dataclass(frozen=True)
class Walked:
    """A day that keeps every rule: starts by item, seconds on the road, when each meal left its kitchen."""

    starts_s: tuple[int, ...]
    travel_s: int
    left_s: tuple[int | None, ...]


class Walk:
    """One caregiver's way through the items of a day, as early as can be."""

    def __init__(self, desk: Desk, shift_id: str, items: list[Item]) -> None:
        self.desk, self.items, self.shift = desk, items, desk.shifts[shift_id]
        home = desk.caregivers[self.shift.caregiver_id].home
        assert home is not None
        self.home, self.place, self.free_s = home, home, self.shift.starts_s
        self.idle_s, self.travel_s = 0, 0
        self.round: tuple[object, ...] | None = None
        self.left_s, self.break_s = 0, 0
        self.now: tuple[int, int] | None = None

    def way_s(self, a: Place, b: Place) -> int:
        """The way between two places."""
        return self.desk.board.ways(self.desk).travel_s(a, b, SPEED)

    def members(self, number: int) -> list[Visit]:
        """The meals of the round that the item opens."""
        key, found = self.items[number].key, []
        for item in self.items[number:]:
            if item.key is not None and item.key != key:
                break
            if item.key is not None and item.visit is not None:
                found.append(item.visit)
        return found

    def go(self, number: int) -> int:
        """Go to the item; when it begins."""
        item = self.items[number]
        visit = item.visit
        if self.now is not None and self.now[0] == number:
            self.free_s = max(self.free_s, self.now[1])
            self.idle_s = min(self.idle_s, max(0, self.break_s - self.now[1]))
        if visit is None:
            begin_s = max(self.free_s, item.start_s)
            self.idle_s += begin_s - self.free_s
            self.free_s, self.break_s = begin_s + item.length_s, begin_s
            return begin_s
        there, leaves_at = visit.begins_at(item.role), visit.ends_at(item.role)
        assert there is not None
        assert leaves_at is not None
        if visit.meal is not None and item.key != self.round:
            to_s, door_s = (
                self.way_s(self.place, visit.meal.kitchen),
                self.way_s(visit.meal.kitchen, visit.place),
            )
            cooked_s = max(
                m.opens_s - (m.meal.cooked_before_s if m.meal else 0) for m in self.members(number)
            )
            loaded_s = self.free_s + max(0, to_s + visit.meal.loading_s - self.idle_s)
            begin_s = max(item.start_s, max(loaded_s, cooked_s) + door_s)
            self.left_s, self.round = begin_s - door_s, item.key
            self.travel_s += to_s + door_s
        else:
            way_s = self.way_s(self.place, there)
            begin_s = max(item.start_s, self.free_s + max(0, way_s - self.idle_s))
            self.travel_s += way_s
        self.free_s, self.place, self.idle_s = begin_s + item.length_s, leaves_at, 0
        return begin_s

    def keeps(self, number: int, begin_s: int) -> bool:
        """Whether the item keeps its rules when it begins then."""
        item = self.items[number]
        if begin_s > item.latest_s:
            return False
        meal = item.visit.meal if item.visit is not None else None
        return meal is None or begin_s - self.left_s <= meal.fresh_s

    def all(self) -> Walked | None:
        """The whole day, or None where it breaks a rule."""
        starts_s, left_s = list[int](), list[int | None]()
        for number, item in enumerate(self.items):
            opens = item.key is not None and item.key != self.round
            if opens and sum(m.meal.load if m.meal else 0 for m in self.members(number)) > CARRIES:
                return None
            begin_s = self.go(number)
            if not self.keeps(number, begin_s):
                return None
            starts_s.append(begin_s)
            left_s.append(self.left_s if item.key is not None else None)
        home_s = self.way_s(self.place, self.home)
        if self.free_s + max(0, home_s - self.idle_s) > self.shift.ends_s:
            return None
        return Walked(tuple(starts_s), self.travel_s + home_s, tuple(left_s))


def items_of(desk: Desk, shift_id: str) -> list[Item]:
    """A day's items as the timetable has them in order."""
    day, found = desk.board.day(desk, shift_id), []
    assert day is not None
    for halt in day.halts:
        length_s = halt.end_s - halt.start_s
        if halt.visit_id is None:
            found.append(Item(None, halt.start_s, halt.latest_s, length_s))
        else:
            visit = desk.visits[halt.visit_id]
            latest_s = planned_by_s(visit, 0, halt.start_s)
            found.append(Item(visit, visit.hands[0].start_s, latest_s, length_s))
    return found


def kitchens(dice: Random) -> list[Meal]:
    """A few kitchens, as a meal from each."""
    made = []
    for number in range(dice.randint(1, 3)):
        spot = point(dice.randint(-20_000, 20_000), dice.randint(-20_000, 20_000))
        place = Place(spot.lat_udeg, spot.lon_udeg)
        loading_s, before_s = dice.choice([0, 120, 300]), dice.choice([0, 600, 3_600])
        made.append(Meal(f"k{number}", place, loading_s, before_s, 3_600, 1))
    return made


def a_visit(dice: Random, visit_id: str, opens_s: int, closes_s: int, meal: Meal | None) -> Visit:
    """Somebody somewhere wants something."""
    spot = point(dice.randint(-20_000, 20_000), dice.randint(-20_000, 20_000))
    if meal is not None:
        meal = replace(meal, fresh_s=dice.choice([1_200, 1_800, 3_600]), load=dice.choice([1, 1, 2]))
    length_s = 300 if meal is not None else dice.choice([600, 1_800, 3_600])
    return Visit(
        visit_id, "q", "r1", "MEAL", HelpKind.MEAL, "t1", opens_s, closes_s, False,
        (Need(("MEAL",), length_s),), (), Place(spot.lat_udeg, spot.lon_udeg), (Hands(),), meal=meal,
    )  # fmt: skip


def town_with_breaks(dice: Random, carers: int) -> Town:
    """Caregivers with a meal break at noon, some of them."""
    town = small_town(carers, 2, seed=dice.randint(0, 1_000))
    told = AreaSettings.model_validate({**SETTINGS.model_dump(), "carries": {"E_SCOOTER": CARRIES}})
    town.tell(AreaOpened(**town.base("REGISTER"), settings=told))
    for number in range(1, carers + 1):
        if dice.random() < 0.6:
            pause = Break(earliest_at=clock("11:00"), latest_at=clock("12:30"), duration_s=1_800)
            town.shift(f"s-c{number}", f"c{number}", "08:00", "18:00", breaks=(pause,))
    return town


def fill(dice: Random, desk: Desk, shift_id: str, meals: list[Meal], most: int) -> None:
    """Give a shift stops one behind the other, in rounds, each with room to move in its window."""
    caregiver_id, rounds = desk.shifts[shift_id].caregiver_id, 0
    for number in range(most):
        visit_id = f"{shift_id}-{number}"
        start_s = STARTS_S + dice.randint(0, 6) * 4_000 if number == 0 else _next_s(dice, desk, shift_id)
        meal = dice.choice([None, *meals, *meals])
        if dice.random() < 0.4:
            rounds += 1
        early_s, late_s = dice.randint(0, 1_200), dice.randint(0, 3_600)
        visit = a_visit(dice, visit_id, start_s - early_s, start_s + late_s, meal)
        hand = Hands(caregiver_id, shift_id, start_s, bound=True, round_id=f"{shift_id}-r{rounds}")
        before = desk.routes.get(shift_id, ())
        desk.put_visit(replace(visit, hands=(hand,)))
        desk.put_stop(shift_id, visit_id, 0)
        walked = Walk(desk, shift_id, items_of(desk, shift_id)).all()
        if walked is None:
            desk.drop_stop(shift_id, visit_id, 0)
            del desk.visits[visit_id]
            assert desk.routes.get(shift_id, ()) == before
        else:
            _as_walked(desk, shift_id, walked)


def _as_walked(desk: Desk, shift_id: str, walked: Walked) -> None:
    """Plan every stop for when it can really begin."""
    for item, start_s in zip(items_of(desk, shift_id), walked.starts_s, strict=True):
        if item.visit is not None:
            hand = replace(item.visit.hands[0], start_s=start_s)
            desk.put_visit(replace(item.visit, hands=(hand,)))


def _next_s(dice: Random, desk: Desk, shift_id: str) -> int:
    day = desk.board.day(desk, shift_id)
    assert day is not None
    ends_s = max([STARTS_S, *(halt.end_s for halt in day.halts)])
    return ends_s + dice.choice([200, 600, 900, 1_500, 4_000])


def random_desk(dice: Random, carers: int = 3, most: int = 7) -> tuple[Desk, list[Meal]]:
    """A desk whose days hold rounds, plain visits and breaks, and keep every rule."""
    town, meals = town_with_breaks(dice, carers), kitchens(dice)
    for shift_id in town.desk.shifts:
        fill(dice, town.desk, shift_id, meals, dice.randint(0, most))
    town.desk.board.ready(town.desk)
    return town.desk, meals


def ids(desk: Desk) -> Iterator[str]:
    """The shifts."""
    yield from desk.shifts
