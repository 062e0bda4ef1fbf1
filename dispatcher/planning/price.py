"""What a plan costs, term by term. The one place where soft wishes are priced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields, replace
from itertools import pairwise

from dispatcher.planning.problem import Plan, PlanCaregiver, PlannedStop, PlanVisit, Problem, Role, Route


@dataclass(frozen=True)
class Price:
    """The terms of a plan's price in price seconds, weights already applied; `usual` may be below zero."""

    travel: int
    late: int
    worst_late: int
    unserved: int
    usual: int
    change: int
    overtime: int
    stops: int

    @property
    def total(self) -> int:
        """The sum of all terms: what engines make small."""
        return sum(int(getattr(self, f.name)) for f in fields(self))


NOTHING = Price(0, 0, 0, 0, 0, 0, 0, 0)


def due_of(visit: PlanVisit, role: Role) -> int:
    """Latest start of one role, in seconds from the origin."""
    return visit.due_s if role.due_s is None else role.due_s


def price(problem: Problem, plan: Plan) -> Price:
    """Price a plan as it stands. Does not ask whether it keeps the rules: `checker.check` does.

    A visit counts as served when all of its roles are in a route.
    """
    routes = [route_price(problem, route) for route in plan.routes]
    done = {(stop.visit_id, stop.role) for route in plan.routes for stop in route.stops}
    left_out = (v for v in problem.visits if any((v.visit_id, r) not in done for r in range(len(v.roles))))
    return replace(
        Price(*(sum(column) for column in zip(*map(astuple, routes), strict=True))) if routes else NOTHING,
        worst_late=problem.weights.worst_late
        * max((worst_late_s(problem, r) for r in plan.routes), default=0),
        unserved=sum(v.unserved_price_s for v in left_out),
    )


def route_price(problem: Problem, route: Route) -> Price:
    """What one route adds to a plan's price; `worst_late` and `unserved` are the whole day's, and 0 here."""
    weights, carer = problem.weights, problem.caregiver_by_id[route.caregiver_id]
    return Price(
        travel=weights.travel * _travel_s(problem, route),
        late=weights.late * sum(_late_s(problem, stop) for stop in route.stops),
        worst_late=0,
        unserved=0,
        usual=sum(problem.visit_by_id[s.visit_id].usual.get(route.caregiver_id, 0) for s in route.stops),
        change=weights.change_s * _changes(problem, route),
        overtime=weights.overtime * overtime_s(problem, route),
        stops=carer.stop_price_s * len(route.stops),
    )


def worst_late_s(problem: Problem, route: Route) -> int:
    """Seconds by which the latest beginning of the route is late."""
    return max((_late_s(problem, stop) for stop in route.stops), default=0)


def terms(priced: Price) -> Mapping[str, int]:
    """The terms by name, for a page or a log line."""
    return {f.name: int(getattr(priced, f.name)) for f in fields(priced)}


def overtime_s(problem: Problem, route: Route) -> int:
    """Seconds by which the way home ends after the shift."""
    if not route.stops:
        return 0
    carer = problem.caregiver_by_id[route.caregiver_id]
    last = route.stops[-1]
    visit = problem.visit_by_id[last.visit_id]
    end_s = last.start_s + visit.roles[last.role].duration_s + _home_s(problem, carer, visit.place)
    return max(0, end_s - carer.shift_end_s)


def _late_s(problem: Problem, stop: PlannedStop) -> int:
    visit = problem.visit_by_id[stop.visit_id]
    return max(0, stop.start_s - due_of(visit, visit.roles[stop.role]))


def _changes(problem: Problem, route: Route) -> int:
    holders = (problem.visit_by_id[s.visit_id].roles[s.role].holder for s in route.stops)
    return sum(1 for holder in holders if holder is not None and holder != route.caregiver_id)


def _home_s(problem: Problem, carer: PlanCaregiver, place: int) -> int:
    if carer.end_place is None:
        return 0
    return problem.travel.travel_s(place, carer.end_place, carer.pace_permille)


def _travel_s(problem: Problem, route: Route) -> int:
    if not route.stops:
        return 0
    carer = problem.caregiver_by_id[route.caregiver_id]
    places = [carer.first_place, *(problem.visit_by_id[s.visit_id].place for s in route.stops)]
    ways = sum(problem.travel.travel_s(a, b, carer.pace_permille) for a, b in pairwise(places))
    return ways + _home_s(problem, carer, places[-1])
