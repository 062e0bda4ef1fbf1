"""A desk's meals from kitchens as planners read them, and their rounds as the desk does. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dispatcher.core.boxes import on_its_way
from dispatcher.core.desk import Desk
from dispatcher.core.meals import boxes_of
from dispatcher.core.plan import NEVER_S, Day
from dispatcher.core.records import Visit
from dispatcher.core.rounds import cooked_s
from dispatcher.planning.desk_ways import Places
from dispatcher.planning.problem import Meal, Plan, PlanCaregiver, Route

Stop = tuple[str, int]


@dataclass(frozen=True)
class Brought:
    """A meal as it is now believed to be brought: when it leaves its kitchen, and when it begins."""

    left_s: int
    start_s: int


def brought(days: Iterable[Day]) -> dict[str, Brought]:
    """The meals of these days by visit."""
    return {
        halt.visit_id: Brought(halt.left_s, halt.start_s)
        for day in days
        for halt in day.halts
        if halt.visit_id is not None and halt.left_s is not None
    }


def halts_led(day: Day, now_s: int) -> int:
    """How many halts there are up to the end of the last round that is under way: it is brought as it is."""
    return max((r.last + 1 for r in day.rounds if on_its_way(day, r, now_s)), default=0)


def led(days: Iterable[Day], now_s: int) -> frozenset[Stop]:
    """The stops that stay as they are for a round that is under way."""
    halts = (halt for day in days for halt in day.halts[: halts_led(day, now_s)])
    return frozenset((halt.visit_id, halt.role) for halt in halts if halt.visit_id is not None)


def meal_of(visit: Visit, now: Brought | None, origin_s: int, places: Places) -> Meal | None:
    """What a visit must be fetched with; one that is cold as things stand may stay so."""
    meal = visit.meal
    if meal is None:
        return None
    cold_s = 0 if now is None else now.start_s - now.left_s
    return Meal(places.index(meal.kitchen), cooked_s(visit) - origin_s, max(meal.fresh_s, cold_s))


def with_boxes(
    desk: Desk, days: Sequence[Day], carers: Sequence[PlanCaregiver], visits: Iterable[Visit]
) -> list[PlanCaregiver]:
    """Caregivers with what they carry, and no less than they do, and how long kitchens take to load them.

    Where kitchens differ the shortest loading is planned with; the desk adopts what its own leaves time for.
    """
    loading_s = min((v.meal.loading_s for v in visits if v.meal is not None), default=None)
    if loading_s is None:
        return list(carers)
    boxes, numbers = boxes_of(desk), desk.board.numbers(desk)
    made = []
    for day, carer in zip(days, carers, strict=True):
        box = int(boxes[numbers[day.shift.caregiver_id]])
        held = max((round_.load for round_ in day.rounds), default=0)
        capacity = None if box >= NEVER_S else max(box, held)
        made.append(replace(carer, capacity=capacity, loading_s=loading_s))
    return made


def rounds_in_force(desk: Desk) -> dict[str, str]:
    """The round of every planned meal, by visit."""
    return {
        visit.visit_id: visit.hands[0].round_id or visit.visit_id
        for visit in desk.visits.values()
        if visit.meal is not None and visit.hands[0].caregiver_id is not None
    }


def round_ids(plan: Plan, kitchens: Mapping[str, int], in_force: Mapping[str, str]) -> dict[str, str]:
    """The round of every meal of a plan, fetched at `kitchens`.

    By the id that the first of them with one had in force, each once; else by a new one.
    """
    used, taken, found = set[str](), set(in_force.values()), dict[str, str]()
    for route in plan.routes:
        for together in _together(kitchens, route):
            known = [in_force[visit_id] for visit_id in together if visit_id in in_force]
            round_id = next((each for each in known if each not in used), None)
            if round_id is None:
                round_id = _new_id(together[0], taken | used)
            used.add(round_id)
            found.update(dict.fromkeys(together, round_id))
    return found


def _new_id(visit_id: str, taken: Collection[str]) -> str:
    """An id for a round that begins with this visit."""
    number = 1
    while f"{visit_id}:{number}" in taken:
        number += 1
    return f"{visit_id}:{number}"


def _together(kitchens: Mapping[str, int], route: Route) -> Iterator[list[str]]:
    """The meals of a route that leave one kitchen together, in order."""
    key, together = None, list[str]()
    for stop in route.stops:
        if stop.visit_id not in kitchens:
            continue
        mine = kitchens[stop.visit_id], stop.left_kitchen_s
        if together and (mine != key or stop.left_kitchen_s is None):
            yield together
            together = []
        key = mine
        together.append(stop.visit_id)
    if together:
        yield together
