"""Ways to break a caregiver's day: time, breaks, load, meals and what was frozen."""

from __future__ import annotations

from dataclasses import replace

from dispatcher.planning.problem import FrozenStop, Meal
from dispatcher.planning.travel import MatrixTravel
from tests.rules.planning import naive
from tests.rules.planning.breaking import At, Broken, Way


def no_time_to_travel(a: At) -> Broken | None:
    """It begins before its caregiver can be there."""
    ways = list(a.steps("GO"))
    if a.k == 0 and len(ways) == 1:
        return None
    soonest_s = ways[-1].to_s - ways[-1].from_s + max(s.from_s for s in a.steps("WAIT"))
    return a.named(a.changed(replace(a.stop, start_s=soonest_s - a.a_bit_s)), "NO_TIME_TO_TRAVEL")


def before_shift(a: At) -> Broken | None:
    """The shift begins after its first way had to."""
    way = next(a.steps("GO"))
    if a.k or a.carer.frozen or a.carer.available_from_s is not None:
        return None
    leaves_s = way.to_s if way.own_time else way.from_s
    problem = a.with_carer(shift_start_s=leaves_s + a.a_bit_s, rested_from_s=None)
    return a.named(None, "BEFORE_SHIFT", problem=problem)


def not_rested(a: At) -> Broken | None:
    way = next(a.steps("GO"))
    if a.k or a.carer.frozen or a.carer.available_from_s is not None:
        return None
    leaves_s = way.to_s if way.own_time else way.from_s
    return a.named(None, "NOT_RESTED", problem=a.with_carer(rested_from_s=leaves_s + a.a_bit_s))


def shift_overrun(a: At) -> Broken | None:
    """The shift ends before its last way home does."""
    paid = [s.to_s for s in naive.told(a.problem, a.route) if not s.own_time]
    end_s = max(paid) - a.carer.overtime_s - a.a_bit_s
    return a.named(None, "SHIFT_OVERRUN", problem=a.with_carer(shift_end_s=end_s))


def no_break(a: At) -> Broken | None:
    """A break that would have to begin and end in the midst of this stop's care."""
    if a.role.duration_s < 300:
        return None
    begin_s = a.stop.start_s + a.rng.randint(1, 100)
    rest = (begin_s, a.over_s - 150, 60)
    return a.named(None, "NO_BREAK", problem=a.with_carer(breaks=(*a.carer.breaks, rest)))


def exchanged(a: At) -> Broken | None:
    """The stop stands before the one it came after: it cannot be over before it begins."""
    before = a.route.stops[a.k - 1] if a.k > len(a.carer.frozen) else None
    if before is None or not a.role.duration_s or before.start_s >= a.over_s:
        return None
    stops = (*a.route.stops[: a.k - 1], a.stop, before, *a.route.stops[a.k + 1 :])
    return a.named(a.stops(stops), "NO_TIME_TO_TRAVEL", "NO_TIME_AT_KITCHEN")


def road_closed(a: At) -> Broken | None:
    """The way to this stop takes longer than there is time."""
    ways = list(a.steps("GO"))
    if a.k == 0 or len(ways) != 1 or ways[0].own_time:
        return None
    came = a.route.stops[a.k - 1]
    visit = a.problem.visit_by_id[came.visit_id]
    here, free_s = visit.ends_at(came.role), came.start_s + visit.roles[came.role].duration_s
    if here == ways[0].place:
        return None
    travel = a.problem.travel if a.carer.mode is None else a.problem.travel_by_mode[a.carer.mode]
    matrix = travel.matrix_s.copy()
    matrix[here, ways[0].place] = (ways[0].to_s - free_s) * 1000 // a.carer.pace_permille + 1 + a.a_bit_s
    closed = MatrixTravel(matrix)
    problem = (
        replace(a.problem, travel=closed)
        if a.carer.mode is None
        else replace(a.problem, travel_by_mode={**a.problem.travel_by_mode, a.carer.mode: closed})
    )
    return a.named(None, "NO_TIME_TO_TRAVEL", problem=problem)


def over_hours(a: At) -> Broken | None:
    left_s = naive.worked_s(a.problem, a.route) - a.a_bit_s
    return a.named(None, "OVER_HOURS", problem=a.with_carer(work_left_s=left_s))


def overloaded(a: At) -> Broken | None:
    """Less room than this stop's round, and what is carried all day, take."""
    visits = [(a.problem.visit_by_id[s.visit_id], s.left_kitchen_s) for s in a.route.stops]
    all_day = sum(v.load for v, _ in visits if v.meal is None)
    kitchen = None if a.visit.meal is None else a.visit.meal.kitchen
    together = [
        v.load for v, left in visits if v.meal and (v.meal.kitchen, left) == (kitchen, a.stop.left_kitchen_s)
    ]
    load = all_day + sum(together)
    if not load:
        return None
    return a.named(None, "OVERLOADED", problem=a.with_carer(capacity=load - a.rng.randint(1, load)))


def no_kitchen(a: At) -> Broken | None:
    left_s = a.stop.start_s - 60 if a.visit.meal is None else None
    return a.named(a.changed(replace(a.stop, left_kitchen_s=left_s)), "NO_KITCHEN")


def meal_of(a: At) -> Meal | None:
    return a.visit.meal if a.stop.left_kitchen_s is not None else None


def cooked_later(a: At) -> Broken | None:
    meal = meal_of(a)
    if meal is None:
        return None
    cooked = replace(meal, cooked_s=(a.stop.left_kitchen_s or 0) + a.a_bit_s)
    return a.named(None, "COOKED_LATER", problem=a.with_visit(meal=cooked))


def left_before_cooked(a: At) -> Broken | None:
    meal = meal_of(a)
    if meal is None:
        return None
    return a.named(a.changed(replace(a.stop, left_kitchen_s=meal.cooked_s - a.a_bit_s)), "COOKED_LATER")


def stale(a: At) -> Broken | None:
    meal = meal_of(a)
    if meal is None:
        return None
    start_s = (a.stop.left_kitchen_s or 0) + meal.fresh_s + a.a_bit_s
    return a.named(a.changed(replace(a.stop, start_s=start_s)), "STALE")


def no_time_at_kitchen(a: At) -> Broken | None:
    """It left the kitchen before its caregiver could come there and load."""
    ways, waits = list(a.steps("GO")), list(a.steps("WAIT"))
    if meal_of(a) is None or len(ways) == 1 or a.k == 0:
        return None
    left_s = waits[0].from_s + ways[0].to_s - ways[0].from_s + a.carer.loading_s - a.a_bit_s
    if left_s in {s.left_kitchen_s for s in a.route.stops}:
        return None
    meals = (s.left_kitchen_s == a.stop.left_kitchen_s for s in a.route.stops)
    own = zip(a.route.stops, meals, strict=True)
    moved = tuple(replace(s, left_kitchen_s=left_s) if meal else s for s, meal in own)
    return a.named(a.stops(moved), "NO_TIME_AT_KITCHEN")


def other_kitchen(a: At) -> Broken | None:
    """Two meals of one round come from two kitchens: nobody is at both when they leave."""
    meal, before = meal_of(a), a.route.stops[a.k - 1] if a.k else None
    if meal is None or before is None or before.left_kitchen_s != a.stop.left_kitchen_s:
        return None
    other = replace(meal, kitchen=a.visit.place)
    return a.named(None, "NO_TIME_AT_KITCHEN", problem=a.with_visit(meal=other))


def frozen_moved(a: At) -> Broken | None:
    """This stop and those before it were frozen at other times, or otherwise."""
    stops = [FrozenStop(s.visit_id, s.role, s.start_s, s.left_kitchen_s) for s in a.route.stops[: a.k + 1]]
    n = a.rng.randrange(len(stops))
    left_s = 60 if stops[n].left_kitchen_s is None else None
    stops[n] = a.rng.choice(
        (
            replace(stops[n], start_s=stops[n].start_s + a.a_bit_s),
            replace(stops[n], left_kitchen_s=left_s),
        )
    )
    return a.named(None, "FROZEN_MOVED", problem=a.with_carer(frozen=tuple(stops)))


def not_what_was_frozen(a: At) -> Broken | None:
    """The first stop is left out although somebody stands at its door."""
    frozen = (FrozenStop(*(getattr(a.stop, n) for n in ("visit_id", "role", "start_s", "left_kitchen_s"))),)
    plan = a.stops((*a.route.stops[: a.k], *a.route.stops[a.k + 1 :]))
    return a.named(plan, "FROZEN_MOVED", problem=a.with_carer(frozen=frozen)) if a.k == 0 else None


OF_DAYS: tuple[Way, ...] = (
    no_time_to_travel, before_shift, not_rested, shift_overrun, no_break, exchanged, road_closed, over_hours,
    overloaded, no_kitchen, cooked_later, left_before_cooked, stale, no_time_at_kitchen, other_kitchen,
    frozen_moved, not_what_was_frozen,
)  # fmt: skip
