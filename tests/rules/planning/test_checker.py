"""The checker: a plan that keeps the rules passes, and every way to break one is named."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from dispatcher.planning import improve_ruin
from dispatcher.planning.checker import check
from dispatcher.planning.problem import (
    FrozenStop,
    Plan,
    PlanCaregiver,
    PlannedStop,
    PlanVisit,
    Problem,
    Role,
    Route,
)
from dispatcher.planning.travel import MatrixTravel
from tests.rules.planning.days import random_day

CARE = frozenset({"care"})
TRAVEL = MatrixTravel(np.array([[0, 600, 900], [600, 0, 300], [900, 300, 0]], dtype=np.int32))
ANNA = PlanCaregiver("anna", CARE, 28_800, 61_200, 0, 0)
BO = PlanCaregiver("bo", CARE, 28_800, 61_200, 0, 0)
BATH = PlanVisit("bath", 1, (Role(0, CARE, 1800), Role(1, CARE, 1800)), 32_400, 36_000)
MEAL = PlanVisit("meal", 2, (Role(0, CARE, 900),), 36_000, 43_200)


def day(*visits: PlanVisit, anna: PlanCaregiver = ANNA, bo: PlanCaregiver = BO) -> Problem:
    return Problem((anna, bo), visits, TRAVEL)


def plan(anna: tuple[PlannedStop, ...] = (), bo: tuple[PlannedStop, ...] = (), left_out: str = "") -> Plan:
    unserved = ((left_out, "NO_ROOM"),) if left_out else ()
    return Plan((Route("anna", anna), Route("bo", bo)), unserved)


def at(visit: str, start_s: int, role: int = 0) -> PlannedStop:
    return PlannedStop(visit, role, start_s)


GOOD = plan((at("bath", 33_000), at("meal", 36_000)), (at("bath", 33_000, 1),))

RUSHED = plan((at("bath", 34_000), at("meal", 36_000)), (at("bath", 34_000, 1),))
FOR_BO = replace(MEAL, roles=(Role(0, CARE, 900, allowed=frozenset({"bo"})),))
DRIVEN = replace(MEAL, roles=(Role(0, CARE | {"drive"}, 900),))
LUNCH = replace(ANNA, breaks=((32_400, 34_200, 1800),))
FROZEN = replace(ANNA, frozen=(FrozenStop("bath", 0, 33_000),))

BROKEN = [
    ("UNKNOWN_CAREGIVER", day(BATH), Plan((Route("eve"),), (("bath", "NO_ROOM"),))),
    ("ROUTE_TWICE", day(BATH), Plan((Route("anna"), Route("anna")), (("bath", "NO_ROOM"),))),
    ("UNKNOWN_VISIT", day(), plan((at("bath", 33_000),))),
    ("UNKNOWN_ROLE", day(MEAL), plan((at("meal", 36_000, 1),))),
    ("ROLE_TWICE", day(MEAL), plan((at("meal", 36_000),), (at("meal", 36_000),))),
    ("HALF_SERVED", day(BATH), plan((at("bath", 33_000),))),
    ("SERVED_AND_NOT", day(MEAL), plan((at("meal", 36_000),), (), "meal")),
    ("FORGOTTEN", day(MEAL), plan()),
    ("NOT_ALLOWED", day(FOR_BO), plan((at("meal", 36_000),))),
    ("SKILL_MISSING", day(DRIVEN), plan((at("meal", 36_000),))),
    ("TOO_EARLY", day(MEAL), plan((at("meal", 35_999),))),
    ("TOO_LATE", day(MEAL), plan((at("meal", 43_201),))),
    ("PROMISE_BROKEN", day(replace(MEAL, told=(36_000, 36_600))), plan((at("meal", 36_601),))),
    ("CREW_NOT_DIFFERENT", day(BATH), plan((at("bath", 33_000), at("bath", 33_000, 1)))),
    ("CREW_APART", day(BATH), plan((at("bath", 33_000),), (at("bath", 33_001, 1),))),
    ("BEFORE_SHIFT", day(MEAL, anna=replace(ANNA, shift_start_s=35_200)), plan((at("meal", 36_000),))),
    ("NO_TIME_TO_TRAVEL", day(BATH, MEAL), RUSHED),
    ("SHIFT_OVERRUN", day(MEAL, anna=replace(ANNA, shift_end_s=37_799)), plan((at("meal", 36_000),))),
    ("NO_BREAK", day(BATH, anna=LUNCH), plan((at("bath", 33_000),), (at("bath", 33_000, 1),))),
    (
        "OVERLOADED",
        day(replace(MEAL, load=6), anna=replace(ANNA, capacity=5)),
        plan((at("meal", 36_000),)),
    ),
    ("FROZEN_MOVED", day(BATH, anna=FROZEN), plan((at("bath", 33_060),), (at("bath", 33_060, 1),))),
]


@pytest.mark.parametrize(("code", "problem", "broken"), BROKEN, ids=[code for code, _, _ in BROKEN])
def test_each_broken_rule_is_named(code: str, problem: Problem, broken: Plan) -> None:
    """A rule without a name would be broken in silence."""
    assert code in {v.code for v in check(problem, broken)}


def test_a_plan_that_keeps_the_rules_passes() -> None:
    """A checker that finds fault with everything would stop the line."""
    assert check(day(BATH, MEAL), GOOD) == ()


def test_limits_themselves_are_allowed() -> None:
    """The last second told to a recipient is still a promise kept."""
    told = replace(MEAL, told=(36_000, 36_600))
    assert check(day(told), plan((at("meal", 36_600),))) == ()
    assert check(day(MEAL), plan((at("meal", 43_200),))) == ()
    exact = replace(ANNA, shift_start_s=35_100, shift_end_s=37_800)
    assert check(day(MEAL, anna=exact), plan((at("meal", 36_000),))) == ()


def test_a_break_may_interrupt_travel_but_not_care() -> None:
    """A caregiver who may stop at a canteen on the way has her lunch."""
    lunch = replace(ANNA, breaks=((34_900, 35_000, 600),))
    late = replace(MEAL, ready_s=35_700)
    kept = plan((at("bath", 33_000), at("meal", 35_700)), (at("bath", 33_000, 1),))
    assert check(day(BATH, late, anna=lunch), kept) == ()
    longer = replace(ANNA, breaks=((34_900, 35_000, 601),))
    assert {v.code for v in check(day(BATH, late, anna=longer), kept)} == {"NO_BREAK"}


def test_two_breaks_do_not_share_one_pause() -> None:
    """Half an hour free is not two breaks of half an hour."""
    both = replace(ANNA, shift_end_s=38_700, breaks=((34_000, 36_000, 900), (34_000, 36_000, 1000)))
    kept = plan((at("meal", 36_000),))
    assert {v.code for v in check(day(MEAL, anna=replace(both, shift_start_s=34_000)), kept)} == {"NO_BREAK"}
    assert check(day(MEAL, anna=replace(both, shift_start_s=33_200)), kept) == ()


def test_the_rest_of_a_crew_may_be_missing_only_when_its_first_half_is_frozen_and_it_is_named() -> None:
    """When the second caregiver falls ill, the first one's stop stands and a person is told."""
    alone = plan((at("bath", 33_000),), (), "bath")
    assert check(day(BATH, anna=FROZEN), alone) == ()
    assert "HALF_SERVED" in {v.code for v in check(day(BATH), alone)}


def test_a_violation_carries_the_numbers_a_person_needs() -> None:
    """A bare "too late" helps no one."""
    (found,) = check(day(MEAL), plan((at("meal", 43_300),)))
    assert found.visit_id == "meal"
    assert dict(found.numbers) == {"role": 0, "start_s": 43_300, "due_s": 43_200}


@pytest.mark.parametrize("seed", range(40))
def test_every_random_way_to_break_a_plan_is_caught(seed: int) -> None:
    """What one hole lets through, an engine will find."""
    problem = random_day(seed)
    good = improve_ruin.improve(problem, None, improve_ruin.Stop(2_000), seed)
    assert check(problem, good) == ()
    rng = random.Random(seed)
    for damage in (_drop_stop, _double_stop, _too_early, _to_a_stranger, _forget, _swap_starts):
        broken = damage(rng, problem, good)
        assert broken is None or check(problem, broken), damage.__name__


def _pick(rng: random.Random, problem: Problem, good: Plan) -> tuple[int, int] | None:
    """A route and a stop in it that is not frozen."""
    free = [
        (r, s)
        for r, route in enumerate(good.routes)
        for s in range(len(problem.caregivers[r].frozen), len(route.stops))
    ]
    return rng.choice(free) if free else None


def _with(good: Plan, r: int, stops: tuple[PlannedStop, ...]) -> Plan:
    routes = list(good.routes)
    routes[r] = replace(routes[r], stops=stops)
    return replace(good, routes=tuple(routes))


def _drop_stop(rng: random.Random, problem: Problem, good: Plan) -> Plan | None:
    if (at_ := _pick(rng, problem, good)) is None:
        return None
    stops = good.routes[at_[0]].stops
    return _with(good, at_[0], stops[: at_[1]] + stops[at_[1] + 1 :])


def _double_stop(rng: random.Random, problem: Problem, good: Plan) -> Plan | None:
    if (at_ := _pick(rng, problem, good)) is None:
        return None
    stops = good.routes[at_[0]].stops
    return _with(good, at_[0], (*stops, stops[at_[1]]))


def _too_early(rng: random.Random, problem: Problem, good: Plan) -> Plan | None:
    """Every start of a plan is the earliest its caregivers can keep, so a second earlier breaks something."""
    if (at_ := _pick(rng, problem, good)) is None:
        return None
    stops = list(good.routes[at_[0]].stops)
    if len(problem.visit_by_id[stops[at_[1]].visit_id].roles) > 1:
        return None
    stops[at_[1]] = replace(stops[at_[1]], start_s=stops[at_[1]].start_s - 1)
    return _with(good, at_[0], tuple(stops))


def _to_a_stranger(rng: random.Random, problem: Problem, good: Plan) -> Plan | None:
    """Move a stop to someone who may not take it."""
    if (at_ := _pick(rng, problem, good)) is None:
        return None
    stop = good.routes[at_[0]].stops[at_[1]]
    role = problem.visit_by_id[stop.visit_id].roles[stop.role]
    strangers = [i for i, c in enumerate(problem.caregivers) if not problem.may_take(c, role)]
    if not strangers:
        return None
    stops = good.routes[at_[0]].stops
    without = _with(good, at_[0], stops[: at_[1]] + stops[at_[1] + 1 :])
    other = rng.choice(strangers)
    ranked = sorted((*without.routes[other].stops, stop), key=lambda s: s.start_s)
    return _with(without, other, tuple(ranked))


def _forget(rng: random.Random, problem: Problem, good: Plan) -> Plan | None:
    return replace(good, unserved=good.unserved[1:]) if good.unserved else None


def _swap_starts(rng: random.Random, problem: Problem, good: Plan) -> Plan | None:
    """Let the first stop of a day begin after the second ends: it cannot be in two places."""
    long = [
        r for r, route in enumerate(good.routes) if len(route.stops) > 1 + len(problem.caregivers[r].frozen)
    ]
    if not long:
        return None
    r = rng.choice(long)
    stops = list(good.routes[r].stops)
    stops[-2], stops[-1] = stops[-1], stops[-2]
    a, b = (problem.visit_by_id[s.visit_id].roles[s.role].duration_s for s in stops[-2:])
    return _with(good, r, tuple(stops)) if a and b else None
