"""The choice among routes met: it keeps every rule, is never dearer, and is the best the routes allow."""

from __future__ import annotations

from itertools import product

import pytest

from dispatcher.planning import improve_ruin
from dispatcher.planning.checker import check
from dispatcher.planning.choose_routes import choose
from dispatcher.planning.engine_rules import nothing_yet
from dispatcher.planning.improve_ruin import Stop
from dispatcher.planning.plan_day import plan_day
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, Problem, Route
from dispatcher.planning.route_pool import Column, RoutePool
from dispatcher.planning.route_variants import Variants
from tests.rules.planning.days import random_day
from tests.rules.planning.whole_days import plan_by_hand, whole_day

OF_THE_DAY = {"FORGOTTEN", "HALF_SERVED", "SERVED_AND_NOT", "CREW_APART", "FROZEN_MOVED"}
"""What the checker says of a day of which only one route is looked at."""


def pooled(problem: Problem, seed: int, steps: int, most: int) -> tuple[RoutePool, Plan]:
    """The routes met while annealing from two seeds, and the cheapest plan that keeps every rule."""
    pool, plans = RoutePool(problem, most), []
    for start in (seed, seed + 100):
        plans.append(
            improve_ruin.improve(problem, None, Stop(steps), start, met=lambda p, s: pool.add(p, s, "RUIN"))
        )
    sound = [plan for plan in (*plans, nothing_yet(problem)) if not check(problem, plan)]
    return pool, min(sound, key=lambda plan: price(problem, plan).total)


@pytest.mark.parametrize("seed", range(25))
def test_a_chosen_plan_keeps_every_rule_and_is_never_dearer(seed: int) -> None:
    """A choice that breaks a rule or costs more would be worse than no choice at all."""
    problem = random_day(seed)
    pool, best = pooled(problem, seed, 6_000, 400)
    plan = choose(problem, pool.columns(best), best, 0.3, seed)
    assert check(problem, plan) == ()
    assert price(problem, plan).total <= price(problem, best).total


@pytest.mark.parametrize("seed", [*range(25), 136])
def test_on_a_tiny_day_the_choice_is_the_best_of_all_choices(seed: int) -> None:
    """A forgotten term or too strict a rule would leave someone without a visit that could be had."""
    problem = random_day(seed, visits=6, carers=3)
    pool, best = pooled(problem, seed, 300, 36)
    columns = pool.columns(best)
    start = nothing_yet(problem)
    plan = choose(problem, columns, start, 5.0, seed)
    assert price(problem, plan).total == _cheapest(problem, columns)


@pytest.mark.parametrize("seed", range(16))
def test_the_choice_is_the_best_on_days_that_ask_everything_too(seed: int) -> None:
    """A reserve or an escort forgotten in the choice would be given away in the last step."""
    problem = whole_day(seed, visits=7, carers=3)
    pool, plans = RoutePool(problem, 30), [plan_by_hand(problem, seed + k) for k in range(5)]
    for plan in plans:
        pool.add(plan, price(problem, plan).total, "RUIN")
    columns = pool.columns(plans[0])
    chosen = choose(problem, columns, nothing_yet(problem), 5.0, seed)
    assert check(problem, chosen) == ()
    assert price(problem, chosen).total == _cheapest(problem, columns)


def _cheapest(problem: Problem, columns: tuple[tuple[Column, ...], ...]) -> int:
    """The price of the cheapest plan that keeps every rule, of all ways to take one column each."""
    prices = []
    for taken in product(*columns):
        plan = _of(problem, [column.route for column in taken])
        if not check(problem, plan):
            prices.append(price(problem, plan).total)
    return min(prices)


def _of(problem: Problem, routes: list[Route]) -> Plan:
    done = {(stop.visit_id, stop.role) for route in routes for stop in route.stops}
    left_out = [v for v in problem.visits if any((v.visit_id, r.role) not in done for r in v.roles)]
    return Plan(tuple(routes), tuple((v.visit_id, "NO_ROOM") for v in left_out))


@pytest.mark.parametrize("seed", range(15))
def test_every_route_offered_can_be_done_by_its_caregiver(seed: int) -> None:
    """One route that cannot be done would spoil every plan chosen with it."""
    problem = random_day(seed)
    pool, best = pooled(problem, seed, 2_000, 300)
    for ones in pool.columns(best):
        for column in ones:
            found = check(problem, _of(problem, [column.route]))
            assert {v.code for v in found} <= OF_THE_DAY
            assert all(v.caregiver_id != column.route.caregiver_id for v in found if v.code == "FROZEN_MOVED")


def test_plans_that_are_each_half_good_become_some_that_are_wholly_good() -> None:
    """Else the better morning of one plan and the better afternoon of another are both lost."""
    saved = []
    for seed in range(3, 9):
        problem = random_day(seed, visits=30, carers=8)
        pool, best = pooled(problem, seed, 2_000, 3_000)
        plan = choose(problem, pool.columns(best), best, 1.0, 1)
        saved.append(price(problem, best).total - price(problem, plan).total)
    assert sum(saved) > 0


def test_a_shorter_route_keeps_its_crews_on_the_timetable_of_the_best_plan() -> None:
    """A crew of routes from two plans could not begin together."""
    problem = random_day(6)
    _, best = pooled(problem, 6, 3_000, 300)
    leads = {s.visit_id: s.start_s for r in best.routes for s in r.stops if s.role == 0}
    variants = Variants(problem, best)
    for route in best.routes:
        for shorter in variants.shorter(route):
            for stop in shorter.stops:
                role = problem.visit_by_id[stop.visit_id].roles[stop.role]
                if stop.role:
                    apart_s = stop.start_s - leads[stop.visit_id]
                    assert role.offset_min_s <= apart_s <= role.offset_max_s


def test_the_same_routes_limit_and_seed_give_the_same_choice() -> None:
    """A replay that differs cannot be explained to anyone."""
    problem = random_day(8, visits=30, carers=8)
    pool, best = pooled(problem, 8, 5_000, 1_000)
    columns = pool.columns(best)
    one, other = (choose(problem, columns, best, 0.2, 5) for _ in range(2))
    assert one == other


def test_a_pool_keeps_for_each_caregiver_the_same_number_from_the_cheapest_plans() -> None:
    """A pool that forgets the good routes first, or those of one caregiver, has nothing to choose from."""
    problem = random_day(9, visits=30, carers=8)
    pool, best = pooled(problem, 9, 10_000, 160)
    columns = pool.columns(best)
    assert all(len(ones) <= 21 for ones in columns)
    assert all(
        any(column.route == route for column in ones)
        for ones, route in zip(columns, best.routes, strict=True)
    )


def test_the_port_says_how_many_routes_each_engine_gave() -> None:
    """Who found a plan is told as it was."""
    problem = random_day(5)
    planned = plan_day(problem, None, 0.5, 1)
    assert planned is not None
    assert sum(planned.routes_by_engine.values()) == sum(1 for route in planned.plan.routes if route.stops)
    assert set(planned.routes_by_engine) <= {"CITY", "RUIN", "ORTOOLS", "IN_FORCE"}
