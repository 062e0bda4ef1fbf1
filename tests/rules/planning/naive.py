"""A route told second by second, and a plan's price added up from that: the other way to the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dispatcher.planning.problem import Plan, PlanCaregiver, PlanVisit, Problem, Route


class Step(NamedTuple):
    """What a caregiver does from one second to another: GO, LOAD, CARE or WAIT; and where it is then."""

    what: str
    from_s: int
    to_s: int
    place: int
    stop: int
    """The position of the stop it is done for; the number of stops for the way home."""
    own_time: bool = False


def told(problem: Problem, route: Route) -> Iterator[Step]:
    """The steps of a route. Ways begin as late as they can; a way too short for its time begins too early."""
    carer = problem.caregiver_by_id[route.caregiver_id]
    place, free_s, basket = carer.first_place, carer.first_s, None
    for number, stop in enumerate(route.stops):
        visit = problem.visit_by_id[stop.visit_id]
        role = visit.roles[stop.role]
        goals = [(visit.place if role.place is None else role.place, stop.start_s, 0)]
        if visit.meal is not None and stop.left_kitchen_s is not None:
            fetched = (visit.meal.kitchen, stop.left_kitchen_s)
            if fetched != basket:
                goals.insert(0, (*fetched, carer.loading_s))
            basket = fetched
        for goal, by_s, load_s in goals:
            way_s = seconds(problem, carer, place, goal)
            first = number == 0 and place == carer.first_place and (goal, by_s, load_s) == goals[0]
            own = first and not carer.start_paid and carer.available_from_s is None
            yield Step("WAIT", free_s, by_s - load_s - way_s, place, number)
            yield Step("GO", by_s - load_s - way_s, by_s - load_s, goal, number, own)
            yield Step("LOAD", by_s - load_s, by_s, goal, number)
            place, free_s = goal, by_s
        yield Step("CARE", stop.start_s, stop.start_s + role.duration_s, place, number)
        place = place if role.leaves_at is None else role.leaves_at
        free_s = stop.start_s + role.duration_s
    if route.stops and carer.end_place is not None:
        way_s = seconds(problem, carer, place, carer.end_place)
        yield Step("GO", free_s, free_s + way_s, carer.end_place, len(route.stops), not carer.end_paid)


def seconds(problem: Problem, carer: PlanCaregiver, a: int, b: int) -> int:
    """A way at the caregiver's pace, rounded up."""
    ways = problem.travel if carer.mode is None else problem.travel_by_mode[carer.mode]
    whole, part = divmod(int(ways.matrix_s[a, b]) * carer.pace_permille, 1000)
    return whole + (part > 0)


def worked_s(problem: Problem, route: Route) -> int:
    """Care, loading and ways but those in own time."""
    busy = (s for s in told(problem, route) if s.what != "WAIT" and not s.own_time)
    return sum(s.to_s - s.from_s for s in busy)


def late_s(visit: PlanVisit, role: int, start_s: int) -> int:
    """Seconds by which a start is late."""
    due_s = visit.roles[role].due_s
    return max(0, start_s - (visit.due_s if due_s is None else due_s))


def total(problem: Problem, plan: Plan) -> int:
    """The price of a plan, added up stop by stop in the order they come to mind."""
    weights, sum_s, worst_s = problem.weights, 0, 0
    done = set()
    for route in plan.routes:
        carer = problem.caregiver_by_id[route.caregiver_id]
        steps = list(told(problem, route))
        sum_s += weights.travel * sum(s.to_s - s.from_s for s in steps if s.what == "GO")
        paid = [s.to_s for s in steps if not s.own_time]
        sum_s += weights.overtime * max(0, max(paid, default=0) - carer.shift_end_s)
        for stop in route.stops:
            visit = problem.visit_by_id[stop.visit_id]
            role = visit.roles[stop.role]
            done.add((stop.visit_id, stop.role))
            late = late_s(visit, stop.role, stop.start_s)
            worst_s = max(worst_s, late)
            sum_s += late * (weights.late if visit.late_price is None else visit.late_price)
            sum_s += visit.usual.get(carer.caregiver_id, 0) + carer.stop_price_s
            sum_s += weights.change_s if role.holder not in (None, carer.caregiver_id) else 0
            sum_s += carer.hour_price_s * role.duration_s // 3600
            for burden in visit.burdens:
                sum_s += carer.burden_price_s.get(burden, 0)
    sum_s += weights.worst_late * worst_s + _missing(problem, plan)
    for visit in problem.visits:
        if not all((visit.visit_id, r) in done for r in range(len(visit.roles))):
            sum_s += visit.unserved_price_s
    return sum_s


def _missing(problem: Problem, plan: Plan) -> int:
    routes = {r.caregiver_id: r for r in plan.routes}
    sum_s = 0
    for wish in problem.reserve:
        ready = 0
        for carer in problem.caregivers:
            route = routes.get(carer.caregiver_id, Route(carer.caregiver_id))
            if wish.skills - carer.skills or not carer.first_s <= wish.at_s < carer.shift_end_s:
                continue
            place = _place(problem, carer, route, wish.at_s)
            ready += place is not None and seconds(problem, carer, place, wish.place) <= wish.reach_s
        sum_s += wish.price_s * max(0, wish.least - ready)
    return sum_s


def _place(problem: Problem, carer: PlanCaregiver, route: Route, at_s: int) -> int | None:
    """The last place reached with something to do there; None in care that may not be interrupted."""
    place = carer.first_place
    for step in told(problem, route):
        stop = route.stops[min(step.stop, len(route.stops) - 1)]
        visit = problem.visit_by_id[stop.visit_id]
        if step.what == "CARE" and step.from_s <= at_s < step.to_s:
            return step.place if visit.interruptible else None
        if step.what == "LOAD" and step.to_s <= at_s and step.place == (visit.meal and visit.meal.kitchen):
            place = step.place
        if step.what == "CARE" and step.to_s <= at_s:
            left = visit.roles[stop.role].leaves_at
            place = step.place if left is None else left
    return place
