"""A plan with a stop of it picked out, to be broken there."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from dispatcher.planning.problem import (
    Plan,
    PlanCaregiver,
    PlannedStop,
    PlanVisit,
    Problem,
    Role,
    Route,
)
from tests.rules.planning import naive


class Broken(NamedTuple):
    """A day and a plan of it that breaks a rule, and the codes one of which must name it."""

    problem: Problem
    plan: Plan
    codes: frozenset[str]


class At(NamedTuple):
    """A stop of a plan that is not frozen."""

    problem: Problem
    plan: Plan
    rng: random.Random
    r: int
    k: int

    @property
    def route(self) -> Route:
        return self.plan.routes[self.r]

    @property
    def stop(self) -> PlannedStop:
        return self.route.stops[self.k]

    @property
    def visit(self) -> PlanVisit:
        return self.problem.visit_by_id[self.stop.visit_id]

    @property
    def role(self) -> Role:
        return self.visit.roles[self.stop.role]

    @property
    def carer(self) -> PlanCaregiver:
        return self.problem.caregiver_by_id[self.route.caregiver_id]

    @property
    def over_s(self) -> int:
        return self.stop.start_s + self.role.duration_s

    @property
    def a_bit_s(self) -> int:
        """One second in a third of all cases, up to an hour else."""
        return self.rng.choice((1, self.rng.randint(1, 60), self.rng.randint(1, 3600)))

    def named(self, plan: Plan | None, *codes: str, problem: Problem | None = None) -> Broken:
        return Broken(problem or self.problem, plan or self.plan, frozenset(codes))

    def stops(self, stops: tuple[PlannedStop, ...], r: int | None = None) -> Plan:
        routes = list(self.plan.routes)
        routes[self.r if r is None else r] = replace(routes[self.r if r is None else r], stops=stops)
        return replace(self.plan, routes=tuple(routes))

    def changed(self, stop: PlannedStop) -> Plan:
        return self.stops((*self.route.stops[: self.k], stop, *self.route.stops[self.k + 1 :]))

    def with_visit(self, **changes: object) -> Problem:
        new = replace(self.visit, **changes)  # type: ignore[arg-type]
        ones = tuple(new if v.visit_id == new.visit_id else v for v in self.problem.visits)
        return replace(self.problem, visits=ones)

    def with_role(self, **changes: object) -> Problem:
        roles = list(self.visit.roles)
        roles[self.stop.role] = replace(self.role, **changes)  # type: ignore[arg-type]
        return self.with_visit(roles=tuple(roles))

    def with_carer(self, **changes: object) -> Problem:
        new = replace(self.carer, **changes)  # type: ignore[arg-type]
        ones = tuple(new if c.caregiver_id == new.caregiver_id else c for c in self.problem.caregivers)
        return replace(self.problem, caregivers=ones)

    def steps(self, what: str) -> Iterator[naive.Step]:
        """What is done for this stop, or for the way home after the last."""
        return (s for s in naive.told(self.problem, self.route) if s.stop == self.k and s.what == what)


Way = Callable[[At], Broken | None]


def break_one(problem: Problem, plan: Plan, way: Way, rng: random.Random) -> Broken | None:
    """The plan broken this way at a random stop that is not frozen, of those where it can be."""
    free = [
        (r, k)
        for r, route in enumerate(plan.routes)
        for k in range(len(problem.caregiver_by_id[route.caregiver_id].frozen), len(route.stops))
    ]
    rng.shuffle(free)
    broken = (way(At(problem, plan, rng, r, k)) for r, k in free)
    return next((one for one in broken if one is not None), None)
