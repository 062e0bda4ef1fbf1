"""The checker on escorts, meal rounds, certificates, hours and modes: what is broken is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dispatcher.planning.checker import check
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
from dispatcher.planning.travel import MatrixTravel

HOUR_S = 3600
HOME, FLAT, KITCHEN, DOOR, HOSPITAL = range(5)
WAYS = MatrixTravel(
    np.array(
        [
            [0, 600, 300, 500, 900],
            [600, 0, 400, 300, 700],
            [300, 400, 0, 200, 800],
            [500, 300, 200, 0, 600],
            [900, 700, 800, 600, 0],
        ],
        dtype=np.int32,
    )
)
CARE = frozenset({"care"})
ANNA = PlanCaregiver("anna", CARE, 8 * HOUR_S, 17 * HOUR_S, HOME, HOME)
BO = replace(ANNA, caregiver_id="bo")

OUT = Role(0, CARE, 1800, leaves_at=HOSPITAL)
BACK = Role(1, CARE, 1200, 2 * HOUR_S, 4 * HOUR_S, due_s=15 * HOUR_S, place=HOSPITAL, leaves_at=FLAT)
ESCORT = PlanVisit("escort", FLAT, (OUT, BACK), 9 * HOUR_S, 10 * HOUR_S, same_carer=True)

MEAL = Meal(KITCHEN, 11 * HOUR_S, 1500)
NOON = PlanVisit("noon", DOOR, (Role(0, CARE, 300),), 11 * HOUR_S, 13 * HOUR_S, load=2, meal=MEAL)
NEXT = replace(NOON, visit_id="next", place=FLAT)
RIDER = replace(ANNA, capacity=4, loading_s=120)


def plan(anna: tuple[PlannedStop, ...] = (), bo: tuple[PlannedStop, ...] = ()) -> Plan:
    return Plan((Route("anna", anna), Route("bo", bo)))


def escort(out_s: int, back_s: int) -> tuple[PlannedStop, PlannedStop]:
    return PlannedStop("escort", 0, out_s), PlannedStop("escort", 1, back_s)


def meals(left_s: int, noon_s: int, next_left_s: int, next_s: int) -> tuple[PlannedStop, PlannedStop]:
    return PlannedStop("noon", 0, noon_s, left_s), PlannedStop("next", 0, next_s, next_left_s)


def codes(visits: tuple[PlanVisit, ...], planned: Plan, anna: PlanCaregiver = ANNA) -> set[str]:
    return {v.code for v in check(Problem((anna, BO), visits, WAYS), planned)}


NINE, ELEVEN = 9 * HOUR_S, 11 * HOUR_S


def test_an_escort_goes_home_with_the_one_who_came_or_with_another() -> None:
    """The wait at a hospital is hours: who brought her there need not sit it out, but may."""
    out, back = escort(NINE, NINE + 2 * HOUR_S)
    assert codes((ESCORT,), plan((out, back))) == set()
    assert codes((ESCORT,), plan((out,), (back,))) == set()


def test_an_escort_leaves_its_caregiver_at_the_hospital() -> None:
    """A next stop reckoned from the flat would be reached too late."""
    out, back = escort(NINE, NINE + 2 * HOUR_S)
    there = PlanVisit("there", DOOR, (Role(0, CARE, 300),), 0, 12 * HOUR_S)
    for start_s, found in ((NINE + 2400, set()), (NINE + 2399, {"NO_TIME_TO_TRAVEL"})):
        assert codes((ESCORT, there), plan((out, PlannedStop("there", 0, start_s)), (back,))) == found


def test_a_round_goes_by_the_kitchen_and_loads_there() -> None:
    """Two meals fetched together are one way to the kitchen; a meal is not conjured at the door."""
    kept = meals(ELEVEN, ELEVEN + 200, ELEVEN, ELEVEN + 800)
    assert codes((NOON, NEXT), plan(kept), RIDER) == set()
    again_s = ELEVEN + 500 + 200 + 120
    twice = meals(ELEVEN, ELEVEN + 200, again_s, again_s + 400)
    assert codes((NOON, NEXT), plan(twice), RIDER) == set()
    rushed = meals(ELEVEN, ELEVEN + 200, again_s - 1, again_s + 400)
    assert codes((NOON, NEXT), plan(rushed), RIDER) == {"NO_TIME_AT_KITCHEN"}


def test_each_round_has_the_capacity_to_itself() -> None:
    """The box is empty again at the kitchen; what is carried all day is not."""
    again_s = ELEVEN + 500 + 200 + 120
    twice = meals(ELEVEN, ELEVEN + 200, again_s, again_s + 400)
    once = meals(ELEVEN, ELEVEN + 200, ELEVEN, ELEVEN + 800)
    assert codes((NOON, NEXT), plan(twice), replace(RIDER, capacity=2)) == set()
    assert codes((NOON, NEXT), plan(once), replace(RIDER, capacity=3)) == {"OVERLOADED"}
    bed = PlanVisit("bed", FLAT, (Role(0, CARE, 300),), 0, 16 * HOUR_S, load=1)
    carried = (*twice, PlannedStop("bed", 0, 14 * HOUR_S))
    assert codes((NOON, NEXT, bed), plan(carried), replace(RIDER, capacity=2)) == {"OVERLOADED"}


def test_a_round_under_way_goes_on_without_another_way_to_the_kitchen() -> None:
    """At noon her box still holds the meal for the next door."""
    frozen = replace(RIDER, frozen=(FrozenStop("noon", 0, ELEVEN + 200, ELEVEN),))
    assert codes((NOON, NEXT), plan(meals(ELEVEN, ELEVEN + 200, ELEVEN, ELEVEN + 800)), frozen) == set()
    other = meals(ELEVEN + 10, ELEVEN + 200, ELEVEN, ELEVEN + 800)
    assert "FROZEN_MOVED" in codes((NOON, NEXT), plan(other), frozen)


def test_a_break_fits_at_the_kitchen_but_not_twice_into_one_pause() -> None:
    """Waiting for the cook is a pause as good as any."""
    kept = plan(meals(ELEVEN, ELEVEN + 200, ELEVEN, ELEVEN + 800))
    lunch = replace(RIDER, breaks=((ELEVEN - 1800, ELEVEN - 600, 600),))
    assert codes((NOON, NEXT), kept, lunch) == set()
    late = replace(RIDER, breaks=((ELEVEN - 599, ELEVEN + 700, 600),))
    assert codes((NOON, NEXT), kept, late) == {"NO_BREAK"}


ONE = PlanVisit("one", FLAT, (Role(0, CARE, 1800),), 0, 16 * HOUR_S)
AT_NINE = (PlannedStop("one", 0, NINE),)
SAME = (PlannedStop("escort", 1, NINE + 2 * HOUR_S), PlannedStop("escort", 0, NINE))

BROKEN = [
    ("LEGS_OUT_OF_ORDER", ESCORT, ANNA, SAME),
    ("CREW_NOT_DIFFERENT", replace(ESCORT, same_carer=False), ANNA, escort(NINE, NINE + 2 * HOUR_S)),
    ("CREW_APART", ESCORT, ANNA, escort(NINE, NINE + 2 * HOUR_S - 1)),
    ("CREW_APART", ESCORT, ANNA, escort(NINE, NINE + 4 * HOUR_S + 1)),
    ("NO_KITCHEN", NOON, RIDER, (PlannedStop("noon", 0, ELEVEN),)),
    ("NO_KITCHEN", ONE, RIDER, (PlannedStop("one", 0, NINE, NINE),)),
    ("COOKED_LATER", NOON, RIDER, (PlannedStop("noon", 0, ELEVEN + 300, ELEVEN - 1),)),
    ("STALE", NOON, RIDER, (PlannedStop("noon", 0, ELEVEN + 1501, ELEVEN),)),
    ("NO_TIME_TO_TRAVEL", NOON, RIDER, (PlannedStop("noon", 0, ELEVEN + 199, ELEVEN),)),
    (
        "BEFORE_SHIFT",
        NOON,
        replace(RIDER, shift_start_s=ELEVEN - 419),
        (PlannedStop("noon", 0, ELEVEN + 200, ELEVEN),),
    ),
    ("NOT_RESTED", ONE, replace(ANNA, rested_from_s=NINE - 599), AT_NINE),
    ("BEFORE_SHIFT", ONE, replace(ANNA, rested_from_s=NINE - 599, shift_start_s=NINE - 599), AT_NINE),
    ("CERTIFICATE_ENDED", ONE, replace(ANNA, valid_until_s={"care": NINE + 1799}), AT_NINE),
    ("OVER_HOURS", ONE, replace(ANNA, work_left_s=2999), AT_NINE),
    ("NOT_ALLOWED", replace(ONE, roles=(Role(0, CARE, 1800, barred=frozenset({"anna"})),)), ANNA, AT_NINE),
    ("SHIFT_OVERRUN", ONE, replace(ANNA, shift_end_s=NINE + 2399), AT_NINE),
]


@pytest.mark.parametrize(("code", "visit", "anna", "stops"), BROKEN, ids=[row[0] for row in BROKEN])
def test_each_broken_rule_is_named_alone(
    code: str, visit: PlanVisit, anna: PlanCaregiver, stops: tuple[PlannedStop, ...]
) -> None:
    """A name for the wrong rule sends a person to look in the wrong place."""
    found = codes((visit,), plan(stops), anna)
    assert code in found
    assert found <= {code, "NO_TIME_TO_TRAVEL", "CREW_APART"}


EDGE = [
    (ONE, replace(ANNA, rested_from_s=NINE - 600)),
    (ONE, replace(ANNA, valid_until_s={"care": NINE + 1800, "other": 0})),
    (ONE, replace(ANNA, work_left_s=3000)),
    (ONE, replace(ANNA, work_left_s=2400, start_paid=False)),
    (ONE, replace(ANNA, work_left_s=2400, end_paid=False)),
    (ONE, replace(ANNA, shift_start_s=NINE, start_paid=False)),
    (ONE, replace(ANNA, shift_end_s=NINE + 1800, end_paid=False)),
]


@pytest.mark.parametrize(("visit", "anna"), EDGE)
def test_limits_themselves_are_allowed(visit: PlanVisit, anna: PlanCaregiver) -> None:
    """A second too strict and nobody can be found on a full day."""
    assert codes((visit,), plan(AT_NINE), anna) == set()


def test_a_way_from_where_she_is_at_noon_is_never_own_time() -> None:
    """Unpaid is the way from home before the shift, not one between two doors."""
    noon = replace(ANNA, start_paid=False, available_from_s=NINE - 599, available_place=HOME)
    assert codes((ONE,), plan(AT_NINE), noon) == {"BEFORE_SHIFT"}


def test_each_goes_by_the_ways_of_her_own_mode() -> None:
    """On foot there is no ring road, by car no footbridge."""
    walked = MatrixTravel(WAYS.matrix_s * 2)
    anna = replace(ANNA, mode="FOOT", shift_start_s=NINE - 1199)
    problem = Problem((anna, BO), (ONE,), WAYS, travel_by_mode={"FOOT": walked})
    assert {v.code for v in check(problem, plan(AT_NINE))} == {"BEFORE_SHIFT"}
    assert (
        check(replace(problem, caregivers=(replace(anna, shift_start_s=NINE - 1200), BO)), plan(AT_NINE))
        == ()
    )
