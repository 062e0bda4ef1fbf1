"""A planner's problem with a router's ways in place of straight ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dispatcher.core.records import Place
from dispatcher.planning.problem import Problem
from dispatcher.planning.travel import MatrixTravel
from dispatcher.routers.roads import Roads
from dispatcher.routers.table import Estimate, Table


@dataclass(frozen=True)
class Moving:
    """How caregivers of a problem move: mode by caregiver id, and what to estimate with."""

    mode_of: Mapping[str, str]
    speed_mm_s: Mapping[str, int]
    road_factor_permille: int


def with_roads(
    problem: Problem, places: Sequence[Place], moving: Moving, roads: Roads, limit_s: float
) -> tuple[Problem, Mapping[str, Table]]:
    """The problem with each caregiver's ways by its own mode at pace 1000, and the tables with their marks.

    No way is shorter than its estimate: that is how the desk reckons, and it adopts what keeps its own clock.
    `places` are the problem's, in their order. Where everyone moves alike the table is the problem's own
    travel, which every engine can plan by. Each mode has an even share of the limit; blocks.
    """
    modes = sorted(set(moving.mode_of.values()))
    estimates = {mode: Estimate(moving.speed_mm_s[mode], moving.road_factor_permille) for mode in modes}
    tables = {mode: roads.among(places, mode, estimates[mode], limit_s / len(modes)) for mode in modes}
    alike = len(modes) == 1
    staff = tuple(
        replace(c, mode=None if alike else moving.mode_of[c.caregiver_id], pace_permille=1000)
        for c in problem.caregivers
    )
    if not modes:
        return problem, tables
    travel = {
        mode: MatrixTravel(np.maximum(table.seconds, estimates[mode].among(places)))
        for mode, table in tables.items()
    }
    own = travel[modes[0]] if alike else problem.travel
    return replace(problem, caregivers=staff, travel=own, travel_by_mode={} if alike else travel), tables
