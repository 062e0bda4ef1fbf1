"""The city engine on meal rounds, certificates and escorts, beside every plan there is of tiny days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from dispatcher.planning.checker import check
from dispatcher.planning.engine_rules import nothing_yet
from dispatcher.planning.improve_city import CityRun, improve
from dispatcher.planning.improve_ruin import Stop
from dispatcher.planning.price import price
from dispatcher.planning.problem import (
    FrozenStop,
    Meal,
    Plan,
    PlanCaregiver,
    PlannedStop,
    PlanVisit,
    Problem,
    Role,
    Route,
)
from dispatcher.planning.travel import MatrixTravel, PointTravel
from tests.rules.planning.by_trying import cheapest
from tests.rules.planning.city_state import whole
from tests.rules.planning.small_days import CARE, HOUR_S, NOON_S, certificates_day, escorts_day, meals_day
from tests.rules.planning.whole_days import frozen_day, plan_by_hand, whole_day

Day = Callable[[int], Problem]
NEXT_TO = 1.02
"""Times the cheapest price."""


def _best_of_two(problem: Problem, seed: int) -> Plan:
    plans = [improve(problem, None, Stop(300), s) for s in (seed, seed + 99)]
    assert all(check(problem, plan) == () for plan in plans)
    return min(plans, key=lambda plan: price(problem, plan).total)


@pytest.mark.parametrize(
    ("day", "seed"),
    [(meals_day, seed) for seed in range(20)] + [(certificates_day, seed) for seed in range(6)],
)
def test_on_a_tiny_day_it_is_next_to_the_cheapest_plan_there_is(day: Day, seed: int) -> None:
    """A lunch left out although a box had room for it is somebody's hunger."""
    problem = day(seed)
    for _ in range(2):
        best = cheapest(problem)
        cheapest_s, ours_s = price(problem, best).total, price(problem, _best_of_two(problem, seed)).total
        assert cheapest_s <= ours_s <= NEXT_TO * cheapest_s
        problem = frozen_day(problem, best)


@pytest.mark.parametrize("seed", range(12))
def test_on_a_tiny_day_every_escort_that_can_be_made_is_made(seed: int) -> None:
    """Who is not fetched misses the doctor."""
    problem = escorts_day(seed)
    for _ in range(2):
        best = cheapest(problem)
        ours = _best_of_two(problem, seed)
        assert price(problem, ours).unserved == price(problem, best).unserved
        assert price(problem, ours).total >= price(problem, best).total
        problem = frozen_day(problem, best)


@pytest.mark.parametrize("seed", range(8))
def test_after_every_step_rounds_are_what_their_routes_say(seed: int) -> None:
    """A step taken back by half would have a meal ride in a box that never saw its kitchen."""
    day = replace(whole_day(seed, visits=20), reserve=())
    problem = replace(day, weights=replace(day.weights, worst_late=0))
    run = CityRun(problem, None, seed)
    for _ in range(30):
        run.go_on(5, 2.0, 0.5, 20.0)
        whole(*run.state)
    assert check(problem, run.best()) == ()


@pytest.mark.parametrize("seed", range(10))
def test_its_price_of_such_a_day_is_the_published_price(seed: int) -> None:
    """Ways to the kitchen are ways: who forgets them sends someone there for one bowl of soup."""
    problem = meals_day(seed, 12, 4)
    run = CityRun(problem, None, seed)
    for _ in range(3):
        run.go_on(100, 1.0, 0.1)
        assert run.price_s == price(problem, run.best()).total


@pytest.mark.parametrize("seed", range(8))
def test_a_round_under_way_is_gone_on_with(seed: int) -> None:
    """At noon half the boxes are on the road; what rides in them must still come to its door."""
    day = replace(whole_day(seed, visits=24, carers=9), reserve=())
    problem = frozen_day(replace(day, weights=replace(day.weights, worst_late=0)), plan_by_hand(day, seed))
    start = plan_by_hand(problem, seed)
    plan = improve(problem, start, Stop(200), seed)
    assert check(problem, plan) == ()
    assert price(problem, plan).total <= price(problem, start).total


def _street(lunches: int, fresh_s: int, **carer: int) -> Problem:
    """Doors on a line, a minute apart, a kitchen at its begin where the one caregiver lives too."""
    ways = np.abs(np.arange(lunches + 1)[:, None] - np.arange(lunches + 1)[None, :]) * 60
    meal = Meal(lunches, NOON_S, fresh_s)
    visits = tuple(
        PlanVisit(f"v{i}", lunches - 1 - i, (Role(0, CARE, 60),), NOON_S, NOON_S + HOUR_S, load=1, meal=meal)
        for i in range(lunches)
    )
    only = PlanCaregiver("c0", CARE, 8 * HOUR_S, 16 * HOUR_S, lunches, lunches, **carer)
    return Problem((only,), visits, MatrixTravel(ways.astype(np.int32)))


def _left(plan: Plan) -> list[int | None]:
    return [stop.left_kitchen_s for stop in plan.routes[0].stops]


def test_a_box_that_holds_all_goes_out_once_and_a_small_one_more_often() -> None:
    """Three lunches in one box of two are a lunch on the pavement."""
    once = improve(_street(6, HOUR_S), None, Stop(200), 1)
    assert len(set(_left(once))) == 1
    often = improve(_street(6, HOUR_S, capacity=2), None, Stop(200), 1)
    assert check(_street(6, HOUR_S, capacity=2), often) == ()
    assert often.unserved == ()
    assert len(set(_left(often))) == 3


def test_what_cools_fast_goes_out_in_more_rounds() -> None:
    """Warm on the sheet and cold on the table is a complaint."""
    plan = improve(_street(6, 400), None, Stop(300), 1)
    assert check(_street(6, 400), plan) == ()
    assert plan.unserved == ()
    assert len(set(_left(plan))) == 3


def test_a_round_waits_at_the_kitchen_and_not_at_a_door() -> None:
    """Who leaves at eleven for a door that opens at twelve carries soup for an hour."""
    day = _street(2, 600)
    late = replace(day.visits[1], ready_s=NOON_S + 1800, due_s=NOON_S + HOUR_S)
    problem = replace(day, visits=(day.visits[0], late))
    plan = improve(problem, None, Stop(100), 1)
    assert check(problem, plan) == ()
    assert len(set(_left(plan))) == 1
    assert (_left(plan)[0] or 0) >= NOON_S + 1200


def test_no_meal_joins_a_round_that_left_before_it_was_cooked() -> None:
    """It is not in the box."""
    day = _street(2, 2 * HOUR_S)
    begun = FrozenStop("v0", 0, NOON_S + 120, NOON_S)
    later = replace(day.visits[1], meal=Meal(2, NOON_S + 60, HOUR_S))
    problem = replace(
        day, caregivers=(replace(day.caregivers[0], frozen=(begun,)),), visits=(day.visits[0], later)
    )
    plan = improve(problem, None, Stop(50), 1)
    assert check(problem, plan) == ()
    assert plan.unserved == ()
    assert _left(plan)[1] != NOON_S
    joined = replace(problem, visits=day.visits)
    assert _left(improve(joined, None, Stop(50), 1)) == [NOON_S, NOON_S]


def test_rounds_of_a_whole_city_are_planned_without_a_matrix() -> None:
    """A city of canteens has no room for all ways between its doors."""
    rng = np.random.default_rng(3)
    points = np.zeros((130, 3))
    points[:, :2] = rng.uniform(0, 6_000, (130, 2))
    visits = tuple(
        PlanVisit(
            f"v{i}",
            i,
            (Role(0, CARE, 120),),
            NOON_S,
            NOON_S + 5400,
            load=1,
            meal=Meal(120 + i % 4, NOON_S - 900, 1800),
        )
        for i in range(100)
    )
    staff = tuple(
        PlanCaregiver(f"c{i}", CARE, 8 * HOUR_S, 16 * HOUR_S, 100 + i, capacity=6) for i in range(20)
    )
    problem = Problem(staff, visits, PointTravel(points, 5_000))
    plan = improve(problem, None, Stop(400), 1)
    assert check(problem, plan) == ()
    assert plan.unserved == ()


def test_who_waits_at_the_hospital_herself_brings_the_patient_home() -> None:
    """Two caregivers for one escort are a way across the town too many."""
    day = escorts_day(3, escorts=1, visits=0, carers=2)
    alone = replace(day, caregivers=day.caregivers[:1])
    plan = improve(alone, None, Stop(50), 1)
    assert check(alone, plan) == ()
    assert [stop.role for stop in plan.routes[0].stops] == [0, 1]
    apart = replace(alone, visits=tuple(replace(v, same_carer=False) for v in alone.visits))
    assert len(improve(apart, None, Stop(50), 1).unserved) == 1


def test_an_escort_in_force_by_one_caregiver_is_taken_over() -> None:
    """A plan begun without it would leave someone at the hospital."""
    problem = replace(escorts_day(3, visits=1), weights=replace(escorts_day(3).weights, late=1))
    best = cheapest(problem)
    again = improve(problem, best, Stop(1), 1)
    assert again.routes == best.routes or price(problem, again).total <= price(problem, best).total


def test_where_nothing_is_begun_nothing_is_lost() -> None:
    """The first call of the morning finds meals and nobody on the road."""
    problem = _street(3, HOUR_S)
    plan = improve(problem, nothing_yet(problem), Stop(20), 1)
    assert plan.unserved == ()
    empty = replace(problem, caregivers=())
    assert len(improve(empty, None, Stop(20), 1).unserved) == 3
    assert Route("c0", (PlannedStop("v0", 0, NOON_S),)) not in plan.routes
