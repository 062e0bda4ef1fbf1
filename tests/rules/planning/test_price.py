"""The price: each term by a day small enough to work out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dispatcher.planning.engine_rules import nothing_yet
from dispatcher.planning.price import price, ready_for, reserve_price, role_price, route_price, terms
from dispatcher.planning.problem import (
    Plan,
    PlanCaregiver,
    PlannedStop,
    PlanVisit,
    Problem,
    ReserveCheck,
    Role,
    Route,
    Weights,
)
from dispatcher.planning.travel import MatrixTravel
from tests.rules.planning import naive
from tests.rules.planning.whole_days import plan_by_hand, whole_day

TRAVEL = MatrixTravel(np.array([[0, 600, 900], [500, 0, 300], [800, 300, 0]], dtype=np.int32))
ROLE = Role(0, frozenset(), 1800)
FIRST = PlanVisit("first", 1, (ROLE,), 0, 1000, soft_due=True, unserved_price_s=7_000)
SECOND = PlanVisit("second", 2, (ROLE,), 0, 2500, soft_due=True, unserved_price_s=9_000)
CARER = PlanCaregiver("a", frozenset(), 0, 10_000, 0, 0)
WEIGHTS = Weights(travel=1, late=3, worst_late=5, overtime=2, change_s=40)
PLAN = Plan((Route("a", (PlannedStop("first", 0, 1100), PlannedStop("second", 0, 3200))),))


def day(first: PlanVisit = FIRST, carer: PlanCaregiver = CARER) -> Problem:
    return Problem((carer,), (first, SECOND), TRAVEL, WEIGHTS)


def test_travel_and_lateness_are_priced_by_their_weights() -> None:
    """A weight that does nothing is a wish that is not heard."""
    got = terms(price(day(), PLAN))
    assert got["travel"] == 600 + 300 + 800
    assert got["late"] == 3 * (100 + 700)
    assert got["worst_late"] == 5 * 700
    assert sum(got.values()) == price(day(), PLAN).total


def test_a_visit_left_out_costs_its_own_price() -> None:
    """Else the cheapest plan is to stay at home."""
    got = price(day(), Plan((Route("a", PLAN.routes[0].stops[:1]),), (("second", "NO_ROOM"),)))
    assert got.unserved == 9_000
    assert got.travel == 600 + 500


def test_half_a_crew_is_not_a_served_visit() -> None:
    """Two are asked for because one cannot lift alone."""
    crew = replace(FIRST, roles=(ROLE, replace(ROLE, role=1)))
    assert price(day(crew), PLAN).unserved == 7_000


def test_continuity_change_and_stops_are_priced_per_role() -> None:
    """The usual face, and the face that was told, are worth something."""
    known = replace(FIRST, usual={"a": -250}, roles=(replace(ROLE, holder="b"),))
    got = price(day(known, replace(CARER, stop_price_s=15)), PLAN)
    assert (got.usual, got.change, got.stops) == (-250, 40, 30)


def test_overtime_counts_the_way_home() -> None:
    """The day ends at home, not at the last door."""
    assert price(day(carer=replace(CARER, shift_end_s=5_500, overtime_s=900)), PLAN).overtime == 2 * 300
    nowhere = replace(CARER, shift_end_s=4_990, overtime_s=900, end_place=None)
    assert price(day(carer=nowhere), PLAN).overtime == 2 * 10


def test_a_slow_pace_is_priced_and_rounded_up() -> None:
    """On a bicycle the same way takes longer."""
    assert price(day(carer=replace(CARER, pace_permille=1333)), PLAN).travel == 800 + 400 + 1067


@pytest.mark.parametrize("seed", range(40))
def test_every_term_adds_up_to_what_a_second_way_of_counting_finds(seed: int) -> None:
    """An engine makes small what the price says: a term counted wrongly moves people for nothing."""
    problem = whole_day(seed)
    for plan in (nothing_yet(problem), plan_by_hand(problem, seed)):
        assert price(problem, plan).total == naive.total(problem, plan)


@pytest.mark.parametrize("seed", range(40))
def test_a_route_is_priced_alike_beside_whatever_else_is_planned(seed: int) -> None:
    """Whoever changes one route prices that one again: the rest must not have changed by it."""
    problem = whole_day(seed)
    plan = plan_by_hand(problem, seed)
    alone = sum(route_price(problem, route).total for route in plan.routes)
    day = price(problem, plan)
    assert alone == day.total - day.worst_late - day.unserved - day.reserve
    ready = [ready_for(problem, route) for route in plan.routes]
    assert reserve_price(problem, [sum(column) for column in zip(*ready, strict=True)]) == day.reserve


@pytest.mark.parametrize("seed", range(40))
def test_what_a_role_adds_is_in_every_term_that_does_not_know_when(seed: int) -> None:
    """Engines keep this in a table: one term forgotten there and they search for another day's plan."""
    problem = whole_day(seed)
    for route in plan_by_hand(problem, seed).routes:
        priced, carer = route_price(problem, route), problem.caregiver_by_id[route.caregiver_id]
        visits = [(problem.visit_by_id[s.visit_id], s.role) for s in route.stops]
        fixed = sum(role_price(problem, carer, visit, visit.roles[r]) for visit, r in visits)
        assert fixed == priced.total - priced.travel - priced.late - priced.overtime


def test_a_reserve_counts_who_could_leave_and_be_there_in_time() -> None:
    """Help that is promised within ten minutes must be somebody who is free, skilled and near."""
    nurse = replace(CARER, skills=frozenset({"EMERGENCY"}))
    wish = ReserveCheck(at_s=1_200, place=1, reach_s=500, least=1, price_s=900)
    for first, carer, missing in (
        (FIRST, nurse, 900),
        (replace(FIRST, interruptible=True), nurse, 0),
        (FIRST, CARER, 900),
        (replace(FIRST, interruptible=True), replace(nurse, shift_end_s=1_200), 900),
    ):
        assert price(replace(day(first, carer), reserve=(wish,)), PLAN).reserve == missing
    idle = Plan((), (("first", "NO_ROOM"), ("second", "NO_ROOM")))
    for reach_s, missing in ((600, 0), (599, 900)):
        near = replace(day(carer=nurse), reserve=(replace(wish, reach_s=reach_s),))
        assert price(near, idle).reserve == missing
