"""The price: each term by a day small enough to work out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dispatcher.planning.price import price, terms
from dispatcher.planning.problem import (
    Plan,
    PlanCaregiver,
    PlannedStop,
    PlanVisit,
    Problem,
    Role,
    Route,
    Weights,
)
from dispatcher.planning.travel import MatrixTravel

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
