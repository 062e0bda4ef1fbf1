"""Why a plan changes a visit: put it back as it was, and see what breaks or what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dispatcher.planning.checker import check
from dispatcher.planning.price import due_of, route_price, terms
from dispatcher.planning.problem import Plan, PlannedStop, PlanVisit, Problem, Route

OF_A_DAY = frozenset(
    {
        "BEFORE_SHIFT",
        "NOT_RESTED",
        "NO_TIME_TO_TRAVEL",
        "SHIFT_OVERRUN",
        "NO_BREAK",
        "OVERLOADED",
        "OVER_HOURS",
        "NO_TIME_AT_KITCHEN",
    }
)
"""What the checker says of one caregiver's day, whoever else is in the plan."""
CODES = {
    "travel": "SAVES_TRAVEL",
    "late": "LESS_LATE",
    "usual": "USUAL_CAREGIVER",
    "stops": "EVENS_HOURS",
    "hours": "EVENS_HOURS",
    "burdens": "EVENS_BURDENS",
    "overtime": "LESS_OVERTIME",
}
"""The term of the price that a change makes smaller, and what it is called."""
MOST_REASONS = 3

Places = Mapping[tuple[str, int], tuple[str, PlannedStop]]
"""(visit, role): the caregiver and the stop."""


@dataclass(frozen=True)
class Why:
    """One reason of a change: a code with its whole numbers, and the visit it makes room for."""

    code: str
    saved_s: int | None = None
    for_visit_id: str | None = None


@dataclass(frozen=True)
class Change:
    """A visit that a plan changes, and why: the weightiest reason first."""

    visit_id: str
    reasons: tuple[Why, ...] = field(default_factory=tuple)


def changes(problem: Problem, before: Plan, after: Plan) -> tuple[Change, ...]:
    """Every visit served in `after` that is not as it was in `before`, in the order of the problem.

    Codes: GIVEN_A_HOME (nobody served it), KEEPS_PROMISE (it would have begun outside what was told), the
    terms of `CODES` with the seconds its going back would cost, MAKES_ROOM (its old place is needed for
    another visit), PART_OF_PLAN (going back costs nothing by itself).
    """
    old, new = _places(before), _places(after)
    routes = {route.caregiver_id: route for route in after.routes}
    told = []
    for visit in problem.visits:
        keys = [(visit.visit_id, role.role) for role in visit.roles]
        if all(key in new for key in keys) and any(old.get(key) != new[key] for key in keys):
            told.append(Change(visit.visit_id, _reasons(problem, visit, old, new, routes)[:MOST_REASONS]))
    return tuple(told)


def _places(plan: Plan) -> Places:
    return {(s.visit_id, s.role): (route.caregiver_id, s) for route in plan.routes for s in route.stops}


def _reasons(
    problem: Problem, visit: PlanVisit, old: Places, new: Places, routes: Mapping[str, Route]
) -> tuple[Why, ...]:
    keys = [(visit.visit_id, role.role) for role in visit.roles]
    if not all(key in old and old[key][0] in routes for key in keys):
        return (Why("GIVEN_A_HOME"),)
    late_s = max(_outside_s(visit, old[key][1]) for key in keys)
    if late_s > max(_outside_s(visit, new[key][1]) for key in keys):
        return (Why("KEEPS_PROMISE", late_s),)
    touched = {places[key][0] for places in (old, new) for key in keys}
    back = {carer: _put_back(routes[carer], visit, old) for carer in touched}
    needed = _needed_by(problem, visit.visit_id, back)
    if needed is not None:
        return (Why("MAKES_ROOM", for_visit_id=needed),)
    return _cheaper(problem, [routes[c] for c in sorted(touched)], [back[c] for c in sorted(touched)])


def _outside_s(visit: PlanVisit, stop: PlannedStop) -> int:
    """By how much a start lies outside what was told, or after its due time."""
    role = visit.roles[stop.role]
    late_s = max(0, stop.start_s - due_of(visit, role), visit.ready_s - stop.start_s)
    if visit.told is None or stop.role:
        return late_s
    return max(late_s, visit.told[0] - stop.start_s, stop.start_s - visit.told[1])


def _put_back(route: Route, visit: PlanVisit, old: Places) -> Route:
    """The route with the visit as it was before."""
    stops = [stop for stop in route.stops if stop.visit_id != visit.visit_id]
    held = (old[visit.visit_id, role.role] for role in visit.roles)
    stops += [stop for carer, stop in held if carer == route.caregiver_id]
    return replace(route, stops=tuple(sorted(stops, key=lambda stop: stop.start_s)))


def _needed_by(problem: Problem, visit_id: str, back: Mapping[str, Route]) -> str | None:
    """Another visit that could not stay where it is if this one went back; None if it could go back."""
    inside = {stop.visit_id for route in back.values() for stop in route.stops}
    part = replace(
        problem,
        caregivers=tuple(problem.caregiver_by_id[carer] for carer in sorted(back)),
        visits=tuple(problem.visit_by_id[one] for one in sorted(inside)),
        reserve=(),
    )
    broken = [v for v in check(part, Plan(tuple(back.values()))) if v.code in OF_A_DAY]
    for violation in broken:
        route = back[violation.caregiver_id or ""]
        names = [stop.visit_id for stop in route.stops]
        if violation.visit_id not in (None, visit_id):
            return violation.visit_id
        at = names.index(visit_id) if visit_id in names else 0
        beside = [names[n] for n in (at - 1, at + 1) if 0 <= n < len(names) and names[n] != visit_id]
        if beside:
            return beside[0]
    return None


def _cheaper(problem: Problem, now: list[Route], back: list[Route]) -> tuple[Why, ...]:
    """The terms that are smaller now, the largest difference first."""
    saved: Counter[str] = Counter()
    for sign, routes in ((1, back), (-1, now)):
        for route in routes:
            priced = terms(route_price(problem, route))
            for term, code in CODES.items():
                saved[code] += sign * priced[term]
    found = sorted((-seconds, code) for code, seconds in saved.items() if seconds > 0)
    return tuple(Why(code, -seconds) for seconds, code in found) or (Why("PART_OF_PLAN"),)
