"""Random days that ask everything a day can ask, and plans of them that keep every rule.

The plans come from no engine: visits are put at the ends of routes, by begin of window, as a person would.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import astuple, replace
from itertools import product

import numpy as np

from dispatcher.planning.checker import check
from dispatcher.planning.engine_rules import nothing_yet
from dispatcher.planning.problem import (
    FrozenStop,
    Meal,
    Plan,
    PlanCaregiver,
    PlannedStop,
    PlanVisit,
    Problem,
    ReserveCheck,
    Role,
)
from dispatcher.planning.travel import MatrixTravel
from tests.rules.planning.days import HOUR_S, random_day


def whole_day(seed: int, visits: int = 16, carers: int = 5, plain_share: float = 0.0) -> Problem:
    """A random day with escorts, meal rounds, crews of three, loads, modes, own time, hours and a reserve.

    A share of the visits and caregivers may be left plain.
    """
    rng = random.Random(seed)
    plain = random_day(seed, visits, carers)
    hospital, kitchen = visits, visits + carers
    fixed = {f.visit_id for c in plain.caregivers for f in c.frozen}
    asked = [
        v if v.visit_id in fixed or rng.random() < plain_share else _visit(rng, v, hospital, kitchen)
        for v in plain.visits
    ]
    staff = [c if c.frozen or rng.random() < plain_share else _carer(rng, c) for c in plain.caregivers]
    slow = (2 * plain.travel.matrix_s + np.array(rng.choices(range(90), k=kitchen + 1))).astype(np.int32)
    np.fill_diagonal(slow, 0)
    wishes = tuple(_wish(rng, visits + carers) for _ in range(3))
    return replace(
        plain,
        caregivers=tuple(staff),
        visits=tuple(asked),
        travel_by_mode={"FOOT": MatrixTravel(slow)},
        reserve=wishes,
    )


def _wish(rng: random.Random, places: int) -> ReserveCheck:
    skills = frozenset(rng.sample(("bathing", "nursing"), 1))
    at_s = rng.randrange(9 * HOUR_S, 16 * HOUR_S)
    return ReserveCheck(at_s, rng.randrange(places), 900, rng.choice([1, 3]), 500, skills)


def _visit(rng: random.Random, visit: PlanVisit, hospital: int, kitchen: int) -> PlanVisit:
    lead = replace(visit.roles[0], barred=frozenset({f"c{rng.randrange(5)}"} if rng.random() < 0.2 else ()))
    visit = replace(
        visit,
        roles=(lead, *visit.roles[1:]),
        load=rng.choice([0, 0, 1, 2]),
        late_price=rng.choice([None, 1, 5]),
        burdens=frozenset(rng.sample(("HARD", "EVENING"), rng.choice([0, 1, 2]))),
        interruptible=rng.random() < 0.3,
    )
    kind = rng.random()
    if kind < 0.3:
        out = replace(lead, duration_s=rng.choice([900, 1800]), leaves_at=hospital)
        low_s, wait_s = rng.choice([HOUR_S, 2 * HOUR_S]), rng.choice([1800, HOUR_S])
        late_s = visit.due_s + low_s + wait_s
        back = Role(1, lead.skills, 1200, low_s, low_s + wait_s, late_s, barred=lead.barred)
        back = replace(back, place=hospital, leaves_at=visit.place)
        return replace(visit, roles=(out, back), same_carer=rng.random() < 0.8)
    if kind < 0.65:
        meal = Meal(kitchen, rng.choice([41, 42, 43]) * 900, rng.choice([1800, HOUR_S]))
        noon = replace(visit, ready_s=11 * HOUR_S, due_s=13 * HOUR_S, told=None)
        return replace(noon, roles=(replace(lead, duration_s=300),), meal=meal, load=rng.choice([1, 2]))
    if kind < 0.75 and len(visit.roles) == 2:
        return replace(visit, roles=(*visit.roles, replace(visit.roles[1], role=2, skills=frozenset())))
    return visit


def _carer(rng: random.Random, carer: PlanCaregiver) -> PlanCaregiver:
    until_s = {rng.choice(sorted(carer.skills)): rng.choice([12, 15]) * HOUR_S} if rng.random() < 0.3 else {}
    return replace(
        carer,
        capacity=rng.choice([None, 4, 6]),
        loading_s=rng.choice([0, 120]),
        mode=rng.choice([None, None, "FOOT"]),
        start_paid=rng.random() < 0.7,
        end_paid=rng.random() < 0.7,
        rested_from_s=rng.choice([None, carer.shift_start_s + 1800]),
        work_left_s=rng.choice([None, 4 * HOUR_S, 7 * HOUR_S]),
        valid_until_s=until_s,
        hour_price_s=rng.choice([0, 50]),
        burden_price_s={"HARD": rng.choice([0, 90])},
    )


def plan_by_hand(problem: Problem, seed: int) -> Plan:
    """A plan that keeps every rule: each visit at the ends of the first routes that can have it."""
    rng, plan = random.Random(seed), nothing_yet(problem)
    fixed = {f.visit_id for c in problem.caregivers for f in c.frozen}
    for visit in sorted(problem.visits, key=lambda v: v.ready_s):
        if visit.visit_id in fixed:
            continue
        who = list(product(problem.caregivers, repeat=len(visit.roles)))
        rng.shuffle(who)
        able = (ones for ones in who[:60] if _could(problem, visit, ones))
        longer = (p for ones in able for p in _with(problem, plan, visit, ones) if not check(problem, p))
        plan = next(longer, plan)
    return plan


def _could(problem: Problem, visit: PlanVisit, who: tuple[PlanCaregiver, ...]) -> bool:
    different = len({c.caregiver_id for c in who}) == len(who)
    return (different or visit.same_carer) and all(
        problem.may_take(c, role) for c, role in zip(who, visit.roles, strict=True)
    )


def _with(problem: Problem, plan: Plan, visit: PlanVisit, who: tuple[PlanCaregiver, ...]) -> Iterator[Plan]:
    """Plans with the visit at the ends of these caregivers' routes, begun early and then later."""
    routes = {route.caregiver_id: route for route in plan.routes}
    ends = [_end(problem, c, routes[c.caregiver_id].stops) for c in who]
    low_s = max(visit.ready_s, visit.told[0] if visit.told else 0)
    for role, (carer, (free_s, place)) in zip(visit.roles, zip(who, ends, strict=True), strict=True):
        way_s = 0 if carer in who[: role.role] else problem.way_s(carer, place, visit.begins_at(role.role))
        low_s = max(low_s, free_s + way_s - role.offset_max_s)
    begins = list(_begins(problem, visit, who[0], plan, low_s))
    for later_s, (left_s, start_s) in product((0, 600, 1800, 2700), begins):
        longer, fetched_s = dict(routes), None if left_s is None else left_s + later_s
        for role, carer in zip(visit.roles, who, strict=True):
            begin_s = start_s + later_s + (0 if role.role == 0 else role.offset_min_s)
            if later_s and role.role and role.offset_max_s:
                begin_s = start_s + role.offset_max_s
            stop = PlannedStop(visit.visit_id, role.role, begin_s, fetched_s)
            own = longer[carer.caregiver_id]
            longer[carer.caregiver_id] = replace(own, stops=(*own.stops, stop))
        named = tuple(item for item in plan.unserved if item[0] != visit.visit_id)
        yield Plan(tuple(longer.values()), named)


def _end(problem: Problem, carer: PlanCaregiver, stops: tuple[PlannedStop, ...]) -> tuple[int, int]:
    """From when and where the caregiver goes on."""
    if not stops:
        return carer.first_s, carer.first_place
    visit = problem.visit_by_id[stops[-1].visit_id]
    return stops[-1].start_s + visit.roles[stops[-1].role].duration_s, visit.ends_at(stops[-1].role)


def _begins(
    problem: Problem, visit: PlanVisit, carer: PlanCaregiver, plan: Plan, low_s: int
) -> Iterator[tuple[int | None, int]]:
    """When it can have left the kitchen, if it must, and its begin then: with the last round, or anew."""
    if visit.meal is None:
        yield None, low_s
        return
    stops = next(route.stops for route in plan.routes if route.caregiver_id == carer.caregiver_id)
    free_s, place = _end(problem, carer, stops)
    last = next((s.left_kitchen_s for s in reversed(stops) if s.left_kitchen_s is not None), None)
    if last is not None:
        yield last, max(low_s, free_s + problem.way_s(carer, place, visit.place))
    ready_s = free_s + problem.way_s(carer, place, visit.meal.kitchen) + carer.loading_s
    left_s = max(visit.meal.cooked_s, ready_s)
    yield left_s, max(low_s, left_s + problem.way_s(carer, visit.meal.kitchen, visit.place))


def frozen_day(problem: Problem, plan: Plan) -> Problem:
    """The same day with the first stop of every route frozen as it is."""
    firsts = {r.caregiver_id: r.stops[:1] for r in plan.routes}

    def freeze(carer: PlanCaregiver) -> PlanCaregiver:
        return replace(carer, frozen=tuple(FrozenStop(*astuple(s)) for s in firsts[carer.caregiver_id]))

    return replace(problem, caregivers=tuple(freeze(c) for c in problem.caregivers))
