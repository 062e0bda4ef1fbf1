"""The checker: a plan that keeps the rules passes, and every way to break one is named."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from dispatcher import planning
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
from tests.rules.planning.breaking import Broken, break_one
from tests.rules.planning.days import random_day
from tests.rules.planning.ways_to_break import OF_PEOPLE
from tests.rules.planning.ways_to_break_days import OF_DAYS
from tests.rules.planning.whole_days import frozen_day, plan_by_hand, whole_day

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


ROUNDS = 12
"""How often each way to break a plan is tried."""


@cache
def broken_plans() -> tuple[tuple[str, Broken], ...]:
    """Plans that kept every rule before they were broken in a way that has a name."""
    found = []
    for seed, (number, way) in product(range(ROUNDS), enumerate((*OF_PEOPLE, *OF_DAYS))):
        problem, good = kept(seed)
        for attempt in range(6):
            rng = random.Random(10_000 * seed + 100 * number + attempt)
            broken = break_one(problem, good, way, rng)
            if broken is not None:
                found.append((way.__name__, broken))
    return tuple(found)


@cache
def kept(seed: int) -> tuple[Problem, Plan]:
    """A day and a plan of it that keeps every rule: plain and annealed, by hand, or half under way."""
    if seed % 3 == 0:
        problem = random_day(seed)
        return problem, improve_ruin.improve(problem, None, improve_ruin.Stop(2_000), seed)
    problem = whole_day(seed, visits=24, carers=7)
    plan = plan_by_hand(problem, seed)
    return (problem if seed % 3 == 1 else frozen_day(problem, plan)), plan


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_plans_to_be_broken_keep_every_rule(seed: int) -> None:
    """Were they broken before, catching them would prove nothing."""
    assert check(*kept(seed)) == ()


def test_every_random_way_to_break_a_plan_is_caught_and_named() -> None:
    """What one hole lets through, an engine will find."""
    missed = [name for name, b in broken_plans() if not b.codes & {v.code for v in check(b.problem, b.plan)}]
    assert missed == []


def test_every_rule_is_broken_in_some_random_way_and_five_hundred_are_tried() -> None:
    """A rule that nothing tries to break might not be there at all."""
    codes = set(re.findall(r"\b[A-Z_]{5,}\b", check.__doc__ or ""))
    assert len(broken_plans()) >= 500
    assert {code for _, b in broken_plans() for code in b.codes} == codes
    tried = Counter(name for name, _ in broken_plans())
    assert min(tried[way.__name__] for way in (*OF_PEOPLE, *OF_DAYS)) >= 3


def test_each_rule_stands_in_the_table_of_the_readme() -> None:
    """Whoever plans by this model must find each rule where it is written down."""
    codes = set(re.findall(r"\b[A-Z_]{5,}\b", check.__doc__ or ""))
    table = (Path(planning.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert {code for code in codes if code not in table} == set()
