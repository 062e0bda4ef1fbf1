"""Small random days for the planning tests: every feature of a problem, from a seed."""

from __future__ import annotations

import random

import numpy as np

from dispatcher.planning.problem import (
    FrozenStop,
    PlanCaregiver,
    PlanVisit,
    Problem,
    Role,
    Weights,
)
from dispatcher.planning.travel import MatrixTravel, Travel

SKILLS = ("bathing", "meal", "nursing")
HOUR_S = 3600


def random_day(seed: int, visits: int = 14, carers: int = 5, frozen: bool = True) -> Problem:
    """A day on a plane of 20 by 20 minutes: shifts, breaks, crews, promises, overtime, frozen stops."""
    rng = random.Random(seed)
    points = np.array([[rng.uniform(0, 1200), rng.uniform(0, 1200)] for _ in range(visits + carers + 1)])
    apart = np.sqrt(((points[:, None] - points[None, :]) ** 2).sum(axis=2))
    travel = MatrixTravel(np.ceil(apart).astype(np.int32))
    asked = [_visit(rng, i) for i in range(visits)]
    staff = [_carer(rng, i, visits + i) for i in range(carers)]
    if frozen:
        _freeze(rng, asked, staff, travel)
    return Problem(tuple(staff), tuple(asked), travel, Weights(1, 2, rng.choice([0, 1]), 2, 300))


def _visit(rng: random.Random, i: int) -> PlanVisit:
    ready_s = rng.randrange(8 * HOUR_S, 15 * HOUR_S, 60)
    due_s = ready_s + rng.choice([1800, HOUR_S, 2 * HOUR_S])
    roles = [_role(rng, 0, 0, 0)]
    kind = rng.random()
    if kind < 0.25:
        roles.append(_role(rng, 1, 0, 0))
    elif kind < 0.4:
        low_s = rng.choice([600, 1800])
        roles.append(_role(rng, 1, low_s, low_s + 1200))
    told = (ready_s + 300, ready_s + 1500) if rng.random() < 0.2 else None
    usual = {f"c{rng.randrange(5)}": -400} if rng.random() < 0.3 else {}
    soft = rng.random() < 0.4
    return PlanVisit(f"v{i}", i, tuple(roles), ready_s, due_s + 2400, soft, 50_000, told, usual)


def _role(rng: random.Random, number: int, low_s: int, high_s: int) -> Role:
    skills = frozenset(rng.sample(SKILLS, rng.choice([0, 1, 1])))
    allowed = frozenset(f"c{i}" for i in range(5) if rng.random() < 0.7) if rng.random() < 0.2 else None
    holder = f"c{rng.randrange(5)}" if rng.random() < 0.3 else None
    return Role(number, skills, rng.choice([900, 1800, 2700]), low_s, high_s, None, allowed, holder)


def _carer(rng: random.Random, i: int, home: int) -> PlanCaregiver:
    start_s = rng.choice([7, 8, 9]) * HOUR_S
    breaks = ((11 * HOUR_S, 13 * HOUR_S, 1800),) if rng.random() < 0.6 else ()
    if rng.random() < 0.3:
        breaks += ((15 * HOUR_S, 16 * HOUR_S, 900),)
    return PlanCaregiver(
        caregiver_id=f"c{i}",
        skills=frozenset(rng.sample(SKILLS, rng.choice([1, 2, 3]))),
        shift_start_s=start_s,
        shift_end_s=start_s + 9 * HOUR_S,
        start_place=home,
        end_place=home if rng.random() < 0.7 else None,
        breaks=breaks,
        overtime_s=rng.choice([0, HOUR_S]),
        pace_permille=rng.choice([1000, 1000, 1300]),
        stop_price_s=rng.choice([0, 60]),
    )


def _freeze(rng: random.Random, asked: list[PlanVisit], staff: list[PlanCaregiver], travel: Travel) -> None:
    """Freeze the first role of one visit for one caregiver who may take it, at a time it can keep."""
    number = rng.randrange(len(staff))
    carer = staff[number]
    for visit in asked:
        role = visit.roles[0]
        way_s = travel.travel_s(carer.first_place, visit.place, carer.pace_permille)
        start_s = max(visit.ready_s, carer.shift_start_s + way_s)
        if role.allowed is not None or not role.skills <= carer.skills or visit.told is not None:
            continue
        if start_s <= visit.due_s and start_s + role.duration_s <= 11 * HOUR_S:
            stop = FrozenStop(visit.visit_id, 0, start_s)
            staff[number] = PlanCaregiver(**{**carer.__dict__, "frozen": (stop,)})
            return
