"""What a plan costs, term by term. The one place where soft wishes are priced.

A route's own terms add up route by route; those of the whole day (`worst_late`, `unserved`, `reserve`) stand
apart, so that whoever changes one route prices that route again and no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace

from dispatcher.planning.problem import Plan, PlanCaregiver, PlannedStop, PlanVisit, Problem, Role, Route

HOUR_S = 3600


@dataclass(frozen=True)
class Price:
    """The terms of a plan's price in price seconds, weights already applied; `usual` may be below zero."""

    travel: int = 0
    late: int = 0
    worst_late: int = 0
    unserved: int = 0
    usual: int = 0
    """Continuity and preference: `PlanVisit.usual`."""
    change: int = 0
    """Stability: roles given to another than their holder."""
    overtime: int = 0
    stops: int = 0
    """Fairness: by stops, hours of care and burdens, each at the caregiver's own price."""
    hours: int = 0
    burdens: int = 0
    reserve: int = 0
    """Caregivers missing for emergencies: `Problem.reserve`."""

    @property
    def total(self) -> int:
        """The sum of all terms: what engines make small."""
        return sum(int(getattr(self, f.name)) for f in fields(self))


NOTHING = Price()


@dataclass(frozen=True)
class Halt:
    """A place where a route halts, from and to when, and where it goes on from."""

    place: int
    leaves_at: int
    begin_s: int
    end_s: int
    interruptible: bool
    fetches: bool = False
    """Whether it is at a kitchen, before a round."""


def due_of(visit: PlanVisit, role: Role) -> int:
    """Latest start of one role, in seconds from the origin."""
    return visit.due_s if role.due_s is None else role.due_s


def late_price(problem: Problem, visit: PlanVisit) -> int:
    """Price of a second by which a role of the visit begins late."""
    return problem.weights.late if visit.late_price is None else visit.late_price


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
        reserve=_reserve(problem, plan) if problem.reserve else 0,
    )


def route_price(problem: Problem, route: Route) -> Price:
    """What one route adds to a plan's price; `worst_late`, `unserved` and `reserve` are the day's, and 0."""
    weights, carer = problem.weights, problem.caregiver_by_id[route.caregiver_id]
    done = [(problem.visit_by_id[s.visit_id], s.role) for s in route.stops]
    return Price(
        travel=weights.travel * sum(problem.way_s(carer, a, b) for a, b in legs(problem, route)),
        late=sum(_late_price(problem, stop) for stop in route.stops),
        usual=sum(visit.usual.get(route.caregiver_id, 0) for visit, _ in done),
        change=weights.change_s * sum(_changed(carer, visit.roles[r]) for visit, r in done),
        overtime=weights.overtime * overtime_s(problem, route),
        stops=carer.stop_price_s * len(route.stops),
        hours=sum(hours_price(carer, visit.roles[r]) for visit, r in done),
        burdens=sum(burdens_price(carer, visit) for visit, _ in done),
    )


def role_price(problem: Problem, carer: PlanCaregiver, visit: PlanVisit, role: Role) -> int:
    """What giving the role to the caregiver adds whenever it begins and whatever is beside it.

    Of a route's terms all but travel, lateness and overtime, for engines that keep a table.
    """
    return (
        visit.usual.get(carer.caregiver_id, 0)
        + problem.weights.change_s * _changed(carer, role)
        + carer.stop_price_s
        + hours_price(carer, role)
        + burdens_price(carer, visit)
    )


def hours_price(carer: PlanCaregiver, role: Role) -> int:
    """The caregiver's price of the role's care, by the hour, rounded down."""
    return carer.hour_price_s * role.duration_s // HOUR_S


def burdens_price(carer: PlanCaregiver, visit: PlanVisit) -> int:
    """The caregiver's price of the visit's burdens."""
    return sum(carer.burden_price_s.get(burden, 0) for burden in visit.burdens)


def worst_late_s(problem: Problem, route: Route) -> int:
    """Seconds by which the latest beginning of the route is late."""
    return max((_late_s(problem, stop) for stop in route.stops), default=0)


def terms(priced: Price) -> Mapping[str, int]:
    """The terms by name, for a page or a log line."""
    return {f.name: int(getattr(priced, f.name)) for f in fields(priced)}


def halts(problem: Problem, route: Route) -> Iterator[Halt]:
    """Where a route halts, in order: its stops, and the kitchen before the first stop of each round."""
    last = None
    for stop in route.stops:
        visit = problem.visit_by_id[stop.visit_id]
        if visit.meal is not None and stop.left_kitchen_s is not None:
            kitchen, left_s = visit.meal.kitchen, stop.left_kitchen_s
            if (kitchen, left_s) != last:
                yield Halt(kitchen, kitchen, left_s, left_s, True, True)
            last = kitchen, left_s
        end_s = stop.start_s + visit.roles[stop.role].duration_s
        places = visit.begins_at(stop.role), visit.ends_at(stop.role)
        yield Halt(*places, stop.start_s, end_s, visit.interruptible)


def legs(problem: Problem, route: Route) -> Iterator[tuple[int, int]]:
    """The ways of a route from place to place: by the kitchen before each round, home or wherever it ends.

    Ways in own time are among them: somebody makes them. An idle day has none.
    """
    carer = problem.caregiver_by_id[route.caregiver_id]
    place = carer.first_place
    for halt in halts(problem, route):
        yield place, halt.place
        place = halt.leaves_at
    if route.stops and carer.end_place is not None:
        yield place, carer.end_place


def overtime_s(problem: Problem, route: Route) -> int:
    """Seconds by which the day ends after the shift: with the way home, where that is paid."""
    if not route.stops:
        return 0
    carer, last = problem.caregiver_by_id[route.caregiver_id], route.stops[-1]
    visit = problem.visit_by_id[last.visit_id]
    end_s = last.start_s + visit.roles[last.role].duration_s
    if carer.end_place is not None and carer.end_paid:
        end_s += problem.way_s(carer, visit.ends_at(last.role), carer.end_place)
    return max(0, end_s - carer.shift_end_s)


def frozen_work_s(problem: Problem, carer: PlanCaregiver) -> int:
    """Care, loading and ways of the stops that may no longer move: work already, of the week's hours."""
    stops = tuple(PlannedStop(f.visit_id, f.role, f.start_s, f.left_kitchen_s) for f in carer.frozen)
    done = list(halts(problem, Route(carer.caregiver_id, stops)))
    places = [carer.first_place, *(halt.place for halt in done)]
    leaves = [carer.first_place, *(halt.leaves_at for halt in done)]
    ways_s = [problem.way_s(carer, a, b) for a, b in zip(leaves, places[1:], strict=False)]
    if not carer.start_paid and carer.available_from_s is None:
        ways_s = ways_s[1:]
    loading_s = carer.loading_s * sum(1 for halt in done if halt.fetches)
    return sum(ways_s) + loading_s + sum(halt.end_s - halt.begin_s for halt in done)


def ready_for(problem: Problem, route: Route) -> tuple[int, ...]:
    """For each of `Problem.reserve`, 1 if the route's caregiver could be called away then, else 0."""
    carer = problem.caregiver_by_id[route.caregiver_id]
    return tuple(
        int(
            check.skills <= carer.skills
            and carer.first_s <= check.at_s < carer.shift_end_s
            and (place := _free_place_at(problem, carer, route, check.at_s)) is not None
            and problem.way_s(carer, place, check.place) <= check.reach_s
        )
        for check in problem.reserve
    )


def reserve_price(problem: Problem, ready: Sequence[int]) -> int:
    """Price of what is missing when so many could be called away at each check: the sums of `ready_for`."""
    pairs = zip(problem.reserve, ready, strict=True)
    return sum(check.price_s * max(0, check.least - count) for check, count in pairs)


def _reserve(problem: Problem, plan: Plan) -> int:
    """The price of the day's missing reserve; who has no route is idle."""
    routes = {route.caregiver_id: route for route in plan.routes}
    ready = [
        ready_for(problem, routes.get(c.caregiver_id, Route(c.caregiver_id))) for c in problem.caregivers
    ]
    counts = [sum(column) for column in zip(*ready, strict=True)] or [0] * len(problem.reserve)
    return reserve_price(problem, counts)


def _free_place_at(problem: Problem, carer: PlanCaregiver, route: Route, at_s: int) -> int | None:
    """The last place the caregiver was at by then; None in care that may not be interrupted."""
    place = carer.first_place
    for halt in halts(problem, route):
        if halt.begin_s > at_s:
            break
        if at_s < halt.end_s:
            return halt.place if halt.interruptible else None
        place = halt.leaves_at
    return place


def _late_s(problem: Problem, stop: PlannedStop) -> int:
    visit = problem.visit_by_id[stop.visit_id]
    return max(0, stop.start_s - due_of(visit, visit.roles[stop.role]))


def _late_price(problem: Problem, stop: PlannedStop) -> int:
    return late_price(problem, problem.visit_by_id[stop.visit_id]) * _late_s(problem, stop)


def _changed(carer: PlanCaregiver, role: Role) -> bool:
    return role.holder is not None and role.holder != carer.caregiver_id
