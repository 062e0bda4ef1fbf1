"""A planner's day by the ways of a road router, where the city has one; a desk never asks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dispatcher.core.desk import Desk
from dispatcher.core.plan import speed_of
from dispatcher.planning.desk_ways import MATRIX_PLACES
from dispatcher.planning.from_desk import Keys
from dispatcher.planning.problem import Problem
from dispatcher.routers.by_mode import Moving, with_roads
from dispatcher.routers.roads import Roads


@dataclass(frozen=True)
class Paved:
    """A problem by a router's ways, and how many of a thousand of them are estimates."""

    problem: Problem
    estimated_permille: int


Pave = Callable[[Problem, Keys, Moving], Paved | None]


def moving_of(desk: Desk, keys: Keys) -> Moving | None:
    """How the caregivers of a problem move; None where a published table says all ways."""
    settings = desk.settings
    if settings is None or (desk.table is not None and desk.table.data):
        return None
    mode_of = {shift: desk.caregivers[carer].mode.value for shift, carer in keys.carer_of.items()}
    speeds = {mode_of[shift]: speed_of(desk, carer) for shift, carer in keys.carer_of.items()}
    return Moving(mode_of, speeds, settings.road_factor_permille)


def paver(roads: Roads, limit_s: float) -> Pave:
    """Asks the router within about `limit_s`; None for a day with too many places to ask for."""

    def pave(problem: Problem, keys: Keys, moving: Moving) -> Paved | None:
        if not problem.caregivers or len(keys.places) > MATRIX_PLACES:
            return None
        paved, tables = with_roads(problem, keys.places, moving, roads, limit_s)
        ways = sum(table.marks.size - len(table.marks) for table in tables.values())
        estimated = sum(table.estimated for table in tables.values())
        return Paved(paved, 1000 * estimated // max(1, ways))

    return pave
