"""VROOM (BSD-2-Clause, by way of pyvroom): one thread, stopped at the limit.

It knows skills, breaks, shifts, speeds, loads and promises as they are. It knows no crews: each role is a job
of its own at a fixed time (`apart`). It does not weigh leaving out against travel but serves by priority
first, so prices are told as priorities from 1 to 100. It takes no seed: repeats differ by the clock only.

Its first routes are made whatever the limit: with 5,000 visits and the deepest exploration it had none after
three times 20 s, so that where time is short for the size it is asked for the shallowest exploration.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dispatcher.planning.problem import PlanCaregiver, Problem
from tests.benchmarks.peers.apart import Single, apart
from tests.benchmarks.peers.mend import Sequences
from tests.benchmarks.peers.timetable import Hand
from tests.benchmarks.works.zones import in_zones

DEEP, SHALLOW = 5, 0
"""Levels of exploration."""
DEEP_PER_S = 80_000
"""Jobs, squared, for each second of the limit, up to which it explores deeply."""
LATEST_S = 1 << 31


def vroom_plan(problem: Problem, limit_s: float, seed: int) -> Sequences:
    """What VROOM finds within the limit; it may end sooner. Raises ImportError where it is absent."""
    import vroom

    singles = apart(problem)
    places = sorted(
        {s.hand.visit.place for s in singles}
        | {p for c in problem.caregivers for p in _ends(c) if p is not None}
    )
    row = {place: number for number, place in enumerate(places)}
    day = vroom.Input()
    day.set_durations_matrix("car", problem.travel.among_s(places).astype("uint32"))
    kinds: dict[Any, int] = {}
    for single in singles:
        role = single.hand.visit.roles[single.hand.role]
        kinds.setdefault((role.skills, role.allowed), len(kinds) + 1)
    for number, carer in enumerate(problem.caregivers):
        day.add_vehicle(_vehicle(vroom, problem, carer, number, row, kinds))
    dearest_s = max((s.price_s for s in singles), default=1)
    for number, single in enumerate(singles):
        day.add_job(_job(vroom, single, number, row, kinds, dearest_s))
    level = DEEP if len(singles) ** 2 <= DEEP_PER_S * limit_s else SHALLOW
    solution = day.solve(level, nb_threads=1, timeout=timedelta(seconds=limit_s))
    table = solution.routes
    said: dict[str, list[Hand]] = {}
    for kind, vehicle, number in zip(table["type"], table["vehicle_id"], table["id"], strict=True):
        if kind == "job":
            carer = problem.caregivers[int(vehicle)]
            said.setdefault(carer.caregiver_id, []).append(singles[int(number)].hand)
    return said


def vroom_in_zones(problem: Problem, limit_s: float, seed: int) -> Sequences:
    """What VROOM finds in zones of 40 caregivers, an equal share of the limit for each."""
    return in_zones(vroom_plan, problem, limit_s, seed)


def _ends(carer: PlanCaregiver) -> tuple[int, int | None]:
    return carer.first_place, carer.end_place


def _vehicle(
    vroom: Any,
    problem: Problem,
    carer: PlanCaregiver,
    number: int,
    row: dict[int, int],
    kinds: dict[Any, int],
) -> Any:
    start, end = _ends(carer)
    skills = {
        kind
        for (skills, allowed), kind in kinds.items()
        if skills <= carer.skills and (allowed is None or carer.caregiver_id in allowed)
    }
    return vroom.Vehicle(
        number,
        start=row[start],
        end=None if end is None else row[end],
        capacity=[LATEST_S if carer.capacity is None else carer.capacity],
        skills=skills,
        time_window=vroom.TimeWindow(carer.first_s, carer.shift_end_s + carer.overtime_s),
        breaks=[
            vroom.Break(n, [vroom.TimeWindow(low_s, high_s)], rest_s)
            for n, (low_s, high_s, rest_s) in enumerate(problem.breaks_left(carer))
        ],
        speed_factor=1000 / carer.pace_permille,
    )


def _job(
    vroom: Any, single: Single, number: int, row: dict[int, int], kinds: dict[Any, int], dearest_s: int
) -> Any:
    hand = single.hand
    role = hand.visit.roles[hand.role]
    return vroom.Job(
        number,
        row[hand.visit.place],
        default_service=role.duration_s,
        delivery=vroom.Amount([hand.visit.load]),
        skills={kinds[role.skills, role.allowed]},
        priority=max(1, round(100 * single.price_s / dearest_s)),
        time_windows=[vroom.TimeWindow(hand.low_s, min(hand.high_s, LATEST_S))],
    )
