"""What a day can ask beyond plain visits and shifts, by name; and the part of a day an engine can plan.

An engine names what it can do. The routes of caregivers who need more, or hold a visit that does, stay as
they are while the engine plans the rest: nothing is dropped, and nothing is planned wrongly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dispatcher.planning.decompose import Zone, apart, join
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, PlanCaregiver, PlannedStop, PlanVisit, Problem, Route

ESCORT = "ESCORT"
"""A role begins or ends elsewhere than at its visit's place."""
SAME_CARER = "SAME_CARER"
MEAL = "MEAL"
LATE_PRICE = "LATE_PRICE"
"""A second late has the visit's own price."""
LOAD = "LOAD"
"""A caregiver can carry only so much, and a visit weighs something."""
MODE = "MODE"
OWN_TIME = "OWN_TIME"
"""A way from or to home is not of the shift."""
WEEK = "WEEK"
"""A caregiver has only so much work left of the week."""
CERTIFICATE = "CERTIFICATE"
"""A caregiver may take a role at some seconds of its window and not at others."""

RULES = frozenset({CERTIFICATE, ESCORT, SAME_CARER, MEAL, LATE_PRICE, LOAD, MODE, OWN_TIME, WEEK})


def of_visit(problem: Problem, visit: PlanVisit) -> frozenset[str]:
    """What planning the visit asks of an engine."""
    moved = any(r.place not in (None, visit.place) or r.leaves_at is not None for r in visit.roles)
    asked = {
        ESCORT: moved,
        SAME_CARER: visit.same_carer,
        MEAL: visit.meal is not None,
        LATE_PRICE: visit.late_price not in (None, problem.weights.late) and visit.soft_due,
    }
    return frozenset(rule for rule, wanted in asked.items() if wanted)


def of_caregiver(problem: Problem, carer: PlanCaregiver) -> frozenset[str]:
    """What planning the caregiver's day asks of an engine, frozen stops included."""
    asked = {
        LOAD: carer.capacity is not None and any(visit.load for visit in problem.visits),
        MODE: carer.mode is not None,
        OWN_TIME: not carer.end_paid or problem.first_way_in_own_time(carer),
        WEEK: carer.work_left_s is not None,
        CERTIFICATE: bool(carer.valid_until_s)
        and any(_ends_within(problem, carer, v) for v in problem.visits),
    }
    frozen = (of_visit(problem, problem.visit_by_id[f.visit_id]) for f in carer.frozen)
    return frozenset(rule for rule, wanted in asked.items() if wanted).union(*frozen)


def _ends_within(problem: Problem, carer: PlanCaregiver, visit: PlanVisit) -> bool:
    return any(
        problem.may_take(carer, role) and not problem.may_take_whenever(carer, visit, role)
        for role in visit.roles
    )


def beyond(problem: Problem, can: frozenset[str]) -> frozenset[str]:
    """What the day asks that an engine which can do this much cannot."""
    visits = (of_visit(problem, visit) for visit in problem.visits)
    return frozenset().union(*visits, *(of_caregiver(problem, c) for c in problem.caregivers)) - can


def supports(problem: Problem, can: frozenset[str]) -> frozenset[str]:
    """The visits that an engine which can do this much may plan; the others it leaves as they are."""
    return frozenset(v.visit_id for v in problem.visits if of_visit(problem, v) <= can)


def nothing_yet(problem: Problem) -> Plan:
    """Nobody does anything but what is frozen."""
    routes: list[Route] = []
    done: set[tuple[str, int]] = set()
    for carer in problem.caregivers:
        stops = tuple(PlannedStop(f.visit_id, f.role, f.start_s, f.left_kitchen_s) for f in carer.frozen)
        routes.append(Route(carer.caregiver_id, stops))
        done.update((stop.visit_id, stop.role) for stop in stops)
    return Plan(tuple(routes), tuple(_left_out(problem, done)))


def _left_out(problem: Problem, done: set[tuple[str, int]]) -> Iterator[tuple[str, str]]:
    for visit in problem.visits:
        if any((visit.visit_id, r) not in done for r in range(len(visit.roles))):
            yield visit.visit_id, "NO_ROOM" if problem.caregivers else "NO_CAREGIVER"


def _known(problem: Problem, plan: Plan) -> Plan:
    """The plan without caregivers, visits and roles that the problem does not know."""
    deep = {v.visit_id: len(v.roles) for v in problem.visits}
    routes = tuple(
        replace(r, stops=tuple(s for s in r.stops if 0 <= s.role < deep.get(s.visit_id, 0)))
        for r in plan.routes
        if r.caregiver_id in problem.caregiver_by_id
    )
    done = {(s.visit_id, s.role) for r in routes for s in r.stops}
    reasons = dict(plan.unserved)
    left_out = ((v, reasons.get(v, reason)) for v, reason in _left_out(problem, done))
    return Plan(routes, tuple(left_out))


@dataclass(frozen=True, eq=False)
class Share:
    """The part of a day that an engine plans, and the part that stays as it is."""

    whole: Problem
    free: Zone
    stays: Zone

    def plan(self, found: Plan) -> Plan:
        """The engine's plan of its part as a plan of the whole."""
        return join(self.whole, ((self.stays, self.stays.plan), (self.free, found)))

    @property
    def more_s(self) -> int:
        """The price of the whole less that of the part, as both began."""
        return (
            price(self.whole, self.plan(self.free.plan)).total
            - price(self.free.problem, self.free.plan).total
        )


def share(problem: Problem, incumbent: Plan | None, can: frozenset[str]) -> Share | None:
    """What an engine that can do this much plans, begun from the plan in force; None: all of it."""
    may = supports(problem, can)
    unable = {c.caregiver_id for c in problem.caregivers if not of_caregiver(problem, c) <= can}
    if len(may) == len(problem.visits) and not unable:
        return None
    plan = nothing_yet(problem) if incumbent is None else _known(problem, incumbent)
    holders = {r.caregiver_id for r in plan.routes if any(s.visit_id not in may for s in r.stops)}
    return Share(problem, *apart(problem, plan, frozenset(unable | holders), may))
