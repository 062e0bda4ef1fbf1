"""Bad input: whatever the world sends gives a plan for the rest and a named reason, never an exception."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from dispatcher.planning.checker import check
from dispatcher.planning.plan_day import plan_day
from dispatcher.planning.plannable import FAR_S, Fault, plannable, without_holes
from dispatcher.planning.problem import FrozenStop, Plan, PlanCaregiver, PlannedStop, PlanVisit, Problem, Role
from dispatcher.planning.travel import MatrixTravel, PointTravel
from tests.rules.planning.days import HOUR_S, random_day
from tests.rules.planning.whole_days import whole_day

CARE = frozenset({"care"})


def visit(number: int, **other: object) -> PlanVisit:
    """A visit of half an hour at place `number`, some time in the morning."""
    sound = PlanVisit(f"v{number}", number, (Role(0, CARE, 1800),), 8 * HOUR_S, 12 * HOUR_S)
    return replace(sound, **other)  # type: ignore[arg-type]


def carer(number: int, **other: object) -> PlanCaregiver:
    """A caregiver who starts from place 0 for a day of eight hours."""
    return replace(PlanCaregiver(f"c{number}", CARE, 8 * HOUR_S, 16 * HOUR_S, 0, 0), **other)  # type: ignore[arg-type]


def day(
    visits: tuple[PlanVisit, ...], carers: tuple[PlanCaregiver, ...] = (carer(1), carer(2)), places: int = 8
) -> Problem:
    """These visits and caregivers on a line of places five minutes apart."""
    line = np.arange(places, dtype=np.int32) * 300
    return Problem(carers, visits, MatrixTravel(np.abs(line[:, None] - line[None, :])))


SOUND = (visit(1), visit(2), visit(3))
WRONG: dict[str, tuple[Problem, tuple[Fault, ...]]] = {
    "no caregivers": (day(SOUND, ()), tuple(Fault("NO_CAREGIVER", f"v{n}") for n in (1, 2, 3))),
    "a visit nobody can do": (
        day((*SOUND, visit(4, roles=(Role(0, frozenset({"nursing"}), 1800),)))),
        (Fault("NO_CAREGIVER", "v4"),),
    ),
    "a crew of three where there are two": (
        day((*SOUND, visit(4, roles=tuple(Role(n, CARE, 1800) for n in range(3))))),
        (Fault("NO_CAREGIVER", "v4"),),
    ),
    "a window that ends before it begins": (
        day((*SOUND, visit(4, ready_s=12 * HOUR_S, due_s=8 * HOUR_S))),
        (Fault("WINDOW_CONTRADICTS", "v4"),),
    ),
    "a promise outside the window": (
        day((*SOUND, visit(4, told=(13 * HOUR_S, 14 * HOUR_S)))),
        (Fault("WINDOW_CONTRADICTS", "v4"),),
    ),
    "a second role that can never follow": (
        day((*SOUND, visit(4, roles=(Role(0, CARE, 1800), Role(1, CARE, 1800, 7200, 3600))))),
        (Fault("WINDOW_CONTRADICTS", "v4"),),
    ),
    "no duration": (day((*SOUND, visit(4, roles=(Role(0, CARE, 0),)))), (Fault("DURATION_WRONG", "v4"),)),
    "a negative duration": (
        day((*SOUND, visit(4, roles=(Role(0, CARE, -60),)))),
        (Fault("DURATION_WRONG", "v4"),),
    ),
    "a visit without a role": (day((*SOUND, visit(4, roles=()))), (Fault("ROLES_WRONG", "v4"),)),
    "a visit nowhere": (day((*SOUND, visit(4, place=99))), (Fault("PLACE_UNKNOWN", "v4"),)),
    "a visit told twice": (day((*SOUND, visit(4, visit_id="v1"))), (Fault("ID_REPEATED", "v1"),)),
    "a caregiver told twice": (
        day(SOUND, (carer(1), carer(2), carer(1, start_place=3))),
        (Fault("ID_REPEATED", caregiver_id="c1"),),
    ),
    "a shift that ends before it begins": (
        day(SOUND, (carer(1), carer(2, shift_end_s=HOUR_S))),
        (Fault("SHIFT_REVERSED", caregiver_id="c2"),),
    ),
    "a caregiver nowhere": (
        day(SOUND, (carer(1), carer(2, start_place=-1))),
        (Fault("PLACE_UNKNOWN", caregiver_id="c2"),),
    ),
    "a frozen stop of a visit that is gone": (
        day(SOUND, (carer(1), carer(2, frozen=(FrozenStop("gone", 0, 9 * HOUR_S),)))),
        (),
    ),
}


def served(plan: Plan) -> set[str]:
    """Visits with a stop."""
    return {stop.visit_id for route in plan.routes for stop in route.stops}


@pytest.mark.parametrize("what", WRONG)
def test_what_contradicts_itself_is_named_and_the_rest_is_planned(what: str) -> None:
    """One mistyped form must not leave a whole district without its plan."""
    problem, faults = WRONG[what]
    sound, found = plannable(problem)
    assert found == faults
    assert plannable(sound)[0] is sound
    planned = plan_day(problem, None, 0.1, 1)
    assert planned is not None
    assert planned.faults == faults
    wrong = {fault.visit_id: fault.code for fault in faults if fault.code != "ID_REPEATED" and fault.visit_id}
    assert served(planned.plan) == {v.visit_id for v in problem.visits} - set(wrong)
    assert dict(planned.plan.unserved) == wrong


def test_sound_days_pass_unchanged() -> None:
    """Whoever mends what is whole breaks it: every feature of a day must pass as it is."""
    days = [random_day(seed) for seed in range(100)] + [whole_day(seed) for seed in range(40)]
    for problem in days:
        sound, faults = plannable(problem)
        assert sound is problem
        assert {fault.code for fault in faults} <= {"NO_CAREGIVER"}


@pytest.mark.parametrize("far_m", [9_000_000.0, 3_000_000.0], ids=["at (0, 0)", "3,000 km away"])
def test_a_caregiver_on_the_other_side_of_the_world_is_named(far_m: float) -> None:
    """A phone without a position says (0, 0), and the day must not wait for it."""
    points = np.array([[0.0, 0, 0], [1500, 0, 0], [0, 1500, 0], [1500, 1500, 0], [far_m, 0, 0]])
    carers = (carer(1), carer(2, start_place=4, end_place=4))
    travels = (PointTravel(points, 5_000), MatrixTravel(PointTravel(points, 5_000).matrix_s))
    for travel in travels:
        problem = Problem(carers, SOUND, travel)
        assert plannable(problem) == (problem, (Fault("TOO_FAR_AWAY", caregiver_id="c2"),))
        planned = plan_day(problem, None, 0.1, 1)
        assert planned is not None
        assert served(planned.plan) == {"v1", "v2", "v3"}
        assert check(problem, planned.plan) == ()


def holed() -> MatrixTravel:
    """A line of places of which nobody knows the way to place 3, and the way back is twice as long."""
    line = np.arange(8, dtype=np.int32) * 300
    ways = line[:, None] - line[None, :]
    ways = np.where(ways > 0, 2 * ways, -ways).astype(np.int32)
    ways[:3, 3] = ways[4:, 3] = -1
    return MatrixTravel(without_holes(ways))


def test_a_matrix_with_holes_and_one_way_streets_plans_what_can_be_reached() -> None:
    """A travel table is measured by machines, and a street may be missing from it."""
    problem = Problem((carer(1), carer(2)), SOUND, holed())
    assert problem.travel.travel_s(0, 3) == FAR_S
    planned = plan_day(problem, None, 0.1, 1)
    assert planned is not None
    assert served(planned.plan) == {"v1", "v2"}
    assert planned.plan.unserved == (("v3", "NO_ROOM"),)
    assert check(problem, planned.plan) == ()


@pytest.mark.parametrize("count", [2, 300])
def test_many_visits_at_one_door_are_planned(count: int) -> None:
    """A care home, or a file whose positions were all left at one point."""
    visits = tuple(
        replace(visit(n), place=1, roles=(Role(0, CARE, 60),), due_s=16 * HOUR_S) for n in range(count)
    )
    problem = day(visits)
    planned = plan_day(problem, None, 0.2, 1)
    assert planned is not None
    assert served(planned.plan) == {v.visit_id for v in visits}
    assert check(problem, planned.plan) == ()


BROKEN: dict[str, Callable[[], Plan]] = {
    "two at once": lambda: _in_force((8 * HOUR_S + 300, 8 * HOUR_S + 300, 8 * HOUR_S + 600)),
    "past their windows": lambda: _in_force((15 * HOUR_S, 15 * HOUR_S + 1, 20 * HOUR_S)),
    "before the shift": lambda: _in_force((-HOUR_S, 0, HOUR_S)),
    "of visits that are gone": lambda: _in_force((9 * HOUR_S, 10 * HOUR_S, 11 * HOUR_S), "w"),
}


def _in_force(starts_s: tuple[int, ...], prefix: str = "v") -> Plan:
    from dispatcher.planning.problem import Route

    return Plan((Route("c1", tuple(PlannedStop(f"{prefix}{n}", 0, s) for n, s in enumerate(starts_s, 1))),))


@pytest.mark.parametrize("what", BROKEN)
def test_a_plan_in_force_that_the_world_broke_is_mended(what: str) -> None:
    """A caregiver who is stuck makes the plan in force impossible; that is when planning is needed most."""
    problem = day(SOUND)
    broken = BROKEN[what]()
    assert check(problem, broken)
    planned = plan_day(problem, broken, 0.1, 1)
    assert planned is not None
    assert check(problem, planned.plan) == ()
    assert served(planned.plan) == {"v1", "v2", "v3"}
