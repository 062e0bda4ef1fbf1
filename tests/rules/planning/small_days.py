"""Tiny days that ask one thing each, small enough to try every plan of them."""

from __future__ import annotations

import random

import numpy as np

from dispatcher.planning.problem import Meal, PlanCaregiver, PlanVisit, Problem, Role, Weights
from dispatcher.planning.travel import MatrixTravel

HOUR_S = 3600
NOON_S = 11 * HOUR_S
CARE = frozenset({"care"})


def meals_day(seed: int, visits: int = 4, carers: int = 2) -> Problem:
    """Lunches of two kitchens beside plain visits: boxes that hold little, meals that cool fast, breaks."""
    rng = random.Random(seed)
    asked = [
        _lunch(rng, i, visits + carers) if rng.random() < 0.75 else _visit(rng, i) for i in range(visits)
    ]
    staff = [_carer(rng, i, visits + i) for i in range(carers)]
    return Problem(tuple(staff), tuple(asked), _town(rng, visits + carers + 2), Weights(1, 2, 0, 2, 0))


def certificates_day(seed: int, visits: int = 4, carers: int = 2) -> Problem:
    """Plain visits and caregivers whose certificates end in the midst of them."""
    rng = random.Random(seed)
    asked = tuple(_visit(rng, i) for i in range(visits))
    staff = tuple(_carer(rng, i, visits + i) for i in range(carers))
    ends = [{"care": NOON_S + rng.randrange(0, 2 * HOUR_S, 300)} if rng.random() < 0.7 else {} for _ in staff]
    ended = tuple(
        PlanCaregiver(**{**c.__dict__, "valid_until_s": e}) for c, e in zip(staff, ends, strict=True)
    )
    return Problem(ended, asked, _town(rng, visits + carers), Weights(1, 2, 0, 2, 0))


def escorts_day(seed: int, escorts: int = 1, visits: int = 2, carers: int = 2) -> Problem:
    """Ways to a hospital and back, which one caregiver may do both of, with visits to do in the wait."""
    rng = random.Random(seed)
    hospital = escorts + visits + carers
    asked = [_escort(rng, i, hospital) for i in range(escorts)]
    asked += [_visit(rng, escorts + i) for i in range(visits)]
    staff = tuple(_carer(rng, i, escorts + visits + i) for i in range(carers))
    return Problem(staff, tuple(asked), _town(rng, hospital + 1), Weights(1, 2, 0, 2, 0))


def _town(rng: random.Random, places: int) -> MatrixTravel:
    points = np.array([[rng.uniform(0, 1500), rng.uniform(0, 1500)] for _ in range(places)])
    apart = np.sqrt(((points[:, None] - points[None, :]) ** 2).sum(axis=2))
    return MatrixTravel(np.ceil(apart).astype(np.int32))


def _lunch(rng: random.Random, i: int, kitchen: int) -> PlanVisit:
    meal = Meal(
        kitchen + rng.choice([0, 0, 1]), NOON_S - rng.choice([0, 900, 1800]), rng.choice([900, 1500, 2700])
    )
    ready_s = NOON_S + rng.choice([0, 0, 900, 2700])
    role = Role(0, CARE, rng.choice([120, 300, 600]))
    late = rng.random() < 0.4
    due_s = ready_s + rng.choice([900, HOUR_S])
    return PlanVisit(f"v{i}", i, (role,), ready_s, due_s, late, 50_000, load=rng.choice([1, 1, 2]), meal=meal)


def _visit(rng: random.Random, i: int) -> PlanVisit:
    ready_s = NOON_S + rng.randrange(-HOUR_S, HOUR_S, 60)
    role = Role(0, CARE, rng.choice([600, 1800]))
    due_s = ready_s + rng.choice([900, HOUR_S])
    return PlanVisit(f"v{i}", i, (role,), ready_s, due_s, rng.random() < 0.4, 50_000, load=rng.choice([0, 1]))


def _escort(rng: random.Random, i: int, hospital: int) -> PlanVisit:
    ready_s, least_s = NOON_S - rng.choice([0, 1800]), rng.choice([HOUR_S, 2 * HOUR_S])
    out = Role(0, CARE, rng.choice([1200, 1800]), leaves_at=hospital)
    most_s = least_s + rng.choice([600, HOUR_S])
    late_s = ready_s + HOUR_S + most_s
    back = Role(1, CARE, 1200, least_s, most_s, late_s, place=hospital, leaves_at=i)
    return PlanVisit(f"v{i}", i, (out, back), ready_s, ready_s + HOUR_S, False, 90_000, same_carer=True)


def _carer(rng: random.Random, i: int, home: int) -> PlanCaregiver:
    start_s = 9 * HOUR_S + rng.choice([0, HOUR_S])
    return PlanCaregiver(
        caregiver_id=f"c{i}",
        skills=CARE,
        shift_start_s=start_s,
        shift_end_s=start_s + rng.choice([4, 6]) * HOUR_S,
        start_place=home,
        end_place=home if rng.random() < 0.7 else None,
        breaks=((NOON_S, NOON_S + 2 * HOUR_S, 1200),) if rng.random() < 0.5 else (),
        overtime_s=rng.choice([0, 1800]),
        pace_permille=rng.choice([1000, 1300]),
        capacity=rng.choice([None, 2, 3]),
        loading_s=rng.choice([0, 120]),
        start_paid=rng.random() < 0.7,
        end_paid=rng.random() < 0.8,
        work_left_s=rng.choice([None, None, 3 * HOUR_S]),
    )
