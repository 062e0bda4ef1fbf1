"""The lower bound: no plan costs less than it says."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest

from dispatcher.planning import improve_ruin
from dispatcher.planning.bound import lower_bound
from dispatcher.planning.checker import check
from dispatcher.planning.engine_rules import nothing_yet
from dispatcher.planning.improve_ruin import Stop
from dispatcher.planning.price import price
from dispatcher.planning.problem import PlanCaregiver, PlanVisit, Problem, Role
from dispatcher.planning.ruin_arrays import Ints, arrays, freeze, held, plan_of
from dispatcher.planning.ruin_decode import decode
from dispatcher.planning.travel import MatrixTravel
from tests.rules.planning.days import random_day


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("frozen", [False, True])
def test_no_plan_of_a_tiny_day_costs_less_than_the_bound(seed: int, frozen: bool) -> None:
    """A gap that is told too small hides savings; a bound above the optimum would be a lie."""
    problem = random_day(seed, visits=4, carers=2 + seed % 2, frozen=frozen)
    best = _cheapest(problem)
    assert lower_bound(problem, nothing_yet(problem)) <= best
    assert lower_bound(problem, nothing_yet(problem), rounds=2) <= best


def _cheapest(problem: Problem) -> int:
    """The least price over all orders of the visits and all caregivers for their roles."""
    given = arrays(problem)
    carer = np.full(given.due.shape, -1, dtype=np.int64)
    freeze(problem, carer)
    roles = [(v, r) for v in given.movable for r in range(given.n_roles[v]) if given.fixed[v, r] < 0]
    can = [[-1, *np.flatnonzero(given.fit[v, r])] for v, r in roles]
    best, plan = 1 << 60, nothing_yet(problem)
    for order in permutations(given.movable):
        h = held(given, np.array(order, dtype=np.int64), carer, 1)
        for taken in product(*can):
            for (v, r), c in zip(roles, taken, strict=True):
                h.carer[v, r] = c
            if not _apart(h.carer):
                continue
            cost = decode(given, h)
            if cost < best:
                best, plan = cost, plan_of(problem, given, h)
    assert check(problem, plan) == ()
    return price(problem, plan).total


def _apart(carer: Ints) -> bool:
    """Whether every crew is of different caregivers."""
    return all(len(set(row[row >= 0])) == (row >= 0).sum() for row in carer)


@pytest.mark.parametrize("seed", range(8))
def test_the_bound_of_a_day_is_not_idle(seed: int) -> None:
    """A bound of nothing says nothing of a plan."""
    problem = random_day(seed)
    plan = improve_ruin.improve(problem, None, Stop(5_000), seed)
    bound, known = lower_bound(problem, plan), price(problem, plan).total
    assert known * 0.5 <= bound <= known


def test_on_a_day_of_one_caregiver_without_choice_the_bound_is_the_price() -> None:
    """What must be paid in any case is all in the bound: travel, lateness, the worst, overtime, the stop."""
    travel = MatrixTravel(np.array([[0, 700], [900, 0]], dtype=np.int32))
    visit = PlanVisit("v", 1, (Role(0, frozenset(), 1800),), 0, 300, soft_due=True, usual={"a": 70})
    carer = PlanCaregiver("a", frozenset(), 0, 3000, 0, 0, overtime_s=3600, stop_price_s=5)
    problem = Problem((carer,), (visit,), travel)
    problem = replace(problem, weights=replace(problem.weights, worst_late=3))
    plan = improve_ruin.improve(problem, None, Stop(10), 1)
    assert price(problem, plan).total == 700 + 900 + (1 + 3) * 400 + 70 + 2 * 400 + 5
    assert lower_bound(problem, nothing_yet(problem)) == price(problem, plan).total


def test_a_role_without_duration_has_no_bound() -> None:
    """A walk without end would be found for ever."""
    travel = MatrixTravel(np.zeros((1, 1), dtype=np.int32))
    visit = PlanVisit("v", 0, (Role(0, frozenset(), 0),), 0, 300)
    problem = Problem((PlanCaregiver("a", frozenset(), 0, 3000, 0),), (visit,), travel)
    with pytest.raises(ValueError, match="without duration"):
        lower_bound(problem, nothing_yet(problem))
