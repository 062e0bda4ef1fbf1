"""PyVRP (MIT): its own defaults, stopped at the limit, prizes for visits that may be left out.

It knows shifts, loads, and prizes as they are; skills and speeds by one pair of matrices for each kind of
caregiver, in which doors out of bounds are too far away. It knows no crews: each role is a visit of its own
at a fixed time (`apart`). It knows no breaks: a day is as much shorter as its breaks are long, beginning when
PyVRP likes, and `mend` finds when they are taken. (Days cut in two by their break came out no better.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dispatcher.planning.problem import PlanCaregiver, Problem
from tests.benchmarks.peers import clock
from tests.benchmarks.peers.apart import Single, apart
from tests.benchmarks.peers.mend import Sequences
from tests.benchmarks.peers.timetable import Hand

FAR_S = 10_000_000
"""The way to a door that is out of bounds: more than any prize."""


def pyvrp_plan(problem: Problem, limit_s: float, seed: int) -> Sequences:
    """What PyVRP finds within the limit, its rules kept or not. Raises ImportError where it is absent."""
    import pyvrp

    end_s = clock.now_s() + limit_s
    singles = apart(problem)
    data, groups = _data(pyvrp, problem, singles)
    found = pyvrp.solve(data, lambda _: clock.now_s() >= end_s, seed=seed, collect_stats=False, display=False)
    said: dict[str, list[Hand]] = {}
    free = [list(group) for group in groups]
    for route in found.best.routes():
        carer = free[route.vehicle_type()].pop()
        hands = [singles[int(number)].hand for number in _clients(route)]
        said[carer.caregiver_id] = hands
    return said


def _clients(route: Any) -> list[int]:
    """Numbers of the clients of a route in order."""
    return [int(stop.idx) for stop in route if stop.is_client()]


def _data(pyvrp: Any, problem: Problem, singles: Sequence[Single]) -> tuple[Any, list[list[PlanCaregiver]]]:
    """The problem as PyVRP's data, and who is meant by each of its vehicle types."""
    homes = sorted({p for c in problem.caregivers for p in (c.first_place, _end(c))})
    depot = {place: number for number, place in enumerate(homes)}
    places = [*homes, *(s.hand.visit.place for s in singles)]
    loads = any(c.capacity is not None for c in problem.caregivers)
    clients = [_client(pyvrp, single, len(homes) + n, loads) for n, single in enumerate(singles)]
    groups: dict[Any, list[PlanCaregiver]] = {}
    for carer in problem.caregivers:
        groups.setdefault(_same(problem, carer), []).append(carer)
    profiles: dict[Any, int] = {}
    types = []
    for group in groups.values():
        carer = group[0]
        profile = profiles.setdefault(_profile(singles, carer), len(profiles))
        rest_s = sum(duration_s for _, _, duration_s in problem.breaks_left(carer))
        latest_s = carer.shift_end_s + carer.overtime_s
        capacity = sum(s.hand.visit.load for s in singles) if carer.capacity is None else carer.capacity
        types.append(
            pyvrp.VehicleType(
                len(group),
                [capacity] if loads else [],
                depot[carer.first_place],
                depot[_end(carer)],
                tw_early=carer.first_s,
                tw_late=latest_s,
                shift_duration=latest_s - carer.first_s - rest_s,
                profile=profile,
            )
        )
    matrices = [_matrix(problem, singles, places, len(homes), key) for key in profiles]
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in places],
        clients,
        [pyvrp.Depot(number) for number in range(len(homes))],
        types,
        matrices,
        matrices,
    )
    return data, list(groups.values())


def _end(carer: PlanCaregiver) -> int:
    """Where the day ends; where it may end anywhere, at its start with no way there."""
    return carer.first_place if carer.end_place is None else carer.end_place


def _same(problem: Problem, carer: PlanCaregiver) -> Any:
    """Caregivers with the same answer are one vehicle type."""
    own = carer.caregiver_id if any(r.allowed for v in problem.visits for r in v.roles) else None
    ends = (carer.first_place, carer.end_place, carer.shift_end_s + carer.overtime_s)
    return carer.skills, own, carer.first_s, ends, carer.breaks, carer.capacity, carer.pace_permille


def _profile(singles: Sequence[Single], carer: PlanCaregiver) -> Any:
    """What its matrices depend on: speed, the doors it may go to, and whether it must go home."""
    may = tuple(
        role.skills <= carer.skills and (role.allowed is None or carer.caregiver_id in role.allowed)
        for role in (s.hand.visit.roles[s.hand.role] for s in singles)
    )
    return carer.pace_permille, may, carer.end_place is None


def _matrix(
    problem: Problem, singles: Sequence[Single], places: list[int], homes: int, profile: Any
) -> npt.NDArray[np.int64]:
    pace, may, ends_anywhere = profile
    ways: npt.NDArray[np.int64] = (problem.travel.among_s(places).astype(np.int64) * pace + 999) // 1000
    barred = homes + np.flatnonzero(~np.array(may, dtype=np.bool_))
    ways[barred, :] = FAR_S
    ways[:, barred] = FAR_S
    if ends_anywhere:
        ways[homes:, :homes] = 0
    np.fill_diagonal(ways, 0)
    return ways


def _client(pyvrp: Any, single: Single, location: int, loads: bool) -> Any:
    hand = single.hand
    return pyvrp.Client(
        location,
        [hand.visit.load] if loads else [],
        service_duration=hand.duration_s,
        tw_early=hand.low_s,
        tw_late=hand.high_s,
        prize=single.price_s,
        required=False,
    )
