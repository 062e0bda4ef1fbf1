"""A day as it would be: a road closed, more caregivers (sick ones are left out by `from_desk.to_problem`).

The same problem goes to the same engines; nothing of it is published. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dispatcher.core.records import Place
from dispatcher.core.travel import FAR_S, RADIUS_M, vector
from dispatcher.planning.problem import PlanVisit, Problem, Role
from dispatcher.planning.travel import MatrixTravel, Travel

MOST_PLACES = 6_000
"""Ways around a closed road are kept as a matrix, 144 MB of so many places."""


@dataclass(frozen=True)
class Closed:
    """A circle that straight ways through it take longer: `slower_permille` of the time, or not at all."""

    place: Place
    radius_m: float
    slower_permille: int | None = None
    """None: nobody goes through; who lives inside is reached at three times the time."""


WITHIN_PERMILLE = 3_000


def with_closed(problem: Problem, places: Sequence[Place], closed: Closed) -> Problem:
    """The day with the circle closed. Raises ValueError for more than `MOST_PLACES` places."""
    if len(places) > MOST_PLACES:
        raise ValueError(f"{len(places)} places are too many, {MOST_PLACES} at most")
    points = np.array([vector(p.lat_udeg, p.lon_udeg) for p in places]).reshape(-1, 3) * RADIUS_M
    centre = np.array(vector(closed.place.lat_udeg, closed.place.lon_udeg)) * RADIUS_M
    inside = np.linalg.norm(points - centre, axis=1) < closed.radius_m
    crossed = np.array([_apart(point, points, centre) < closed.radius_m for point in points])

    def around(travel: Travel) -> Travel:
        ways_s = travel.matrix_s.astype(np.int64)
        for row, through in enumerate(crossed):
            at_end = through & (inside | inside[row])
            if closed.slower_permille is None:
                ways_s[row, through & ~at_end] = FAR_S
                ways_s[row, at_end] = ways_s[row, at_end] * WITHIN_PERMILLE // 1000
            else:
                ways_s[row, through] = ways_s[row, through] * closed.slower_permille // 1000
        return MatrixTravel(np.minimum(ways_s, FAR_S).astype(np.int32))

    by_mode = {mode: around(travel) for mode, travel in problem.travel_by_mode.items()}
    return replace(problem, travel=around(problem.travel), travel_by_mode=by_mode)


def _apart(
    start: npt.NDArray[np.float64], ends: npt.NDArray[np.float64], centre: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Metres from the centre to the straight way from `start` to each of the ends."""
    way = ends - start
    length = np.maximum((way * way).sum(axis=1), 1e-9)
    share = np.clip(((centre - start) * way).sum(axis=1) / length, 0.0, 1.0)
    apart: npt.NDArray[np.float64] = np.linalg.norm(start + way * share[:, None] - centre, axis=1)
    return apart


def with_more(problem: Problem, count: int, like: str | None = None) -> Problem:
    """The day with `count` more caregivers, each like one who is there, from the shift's start.

    Without `like` it is whoever may take most visits. They are named "more-1", "more-2" and so on.
    """
    if not problem.caregivers or count <= 0:
        return problem
    may = {c.caregiver_id: 0 for c in problem.caregivers}
    for visit in problem.visits:
        for carer in problem.caregivers:
            may[carer.caregiver_id] += any(problem.may_take(carer, role) for role in visit.roles)
    model = problem.caregiver_by_id[like or max(may, key=lambda c: (may[c], c))]
    names = [f"more-{number}" for number in range(1, count + 1)]
    more = tuple(replace(model, caregiver_id=name, frozen=()) for name in names)
    shared: dict[frozenset[str], frozenset[str]] = {}

    def widened(role: Role) -> Role:
        if role.allowed is None or model.caregiver_id not in role.allowed:
            return role
        allowed = shared.setdefault(role.allowed, role.allowed | frozenset(names))
        return replace(role, allowed=allowed)

    def opened(visit: PlanVisit) -> PlanVisit:
        return replace(visit, roles=tuple(widened(role) for role in visit.roles))

    visits = tuple(opened(visit) for visit in problem.visits)
    return replace(problem, caregivers=(*problem.caregivers, *more), visits=visits)
