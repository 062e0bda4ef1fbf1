"""Which visits are best done just before or after one another, and whose day begins near: linear memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from dispatcher.planning.problem import Problem
from dispatcher.planning.travel import PointTravel

NEAR = 100
"""Neighbours listed per visit: fewer made plans of 5,000 visits dearer (10: by half)."""
LOOKED_AT = 3
"""Of so many times as many nearest on the ground, the nearest in ground and time are listed."""
CAREGIVERS = 24
ROWS = 2_000
"""Visits ranked at a time."""
WAIT_SHARE = 0.2
"""What a second of unavoidable waiting counts against a second of travel (Vidal et al. 2013)."""

Index = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """Travel of a whole city: points with a speed for each mode, or else a matrix for each."""

    points_m: Floats
    """[places, 3]; empty where there are matrices."""
    matrix: npt.NDArray[np.int32]
    s_per_m: Floats
    modes: dict[str | None, int]

    def of_nodes(
        self, begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], kitchens: list[int]
    ) -> Floats:
        """[., 6] metres where nodes begin and end; what is nowhere (-1) stands at the first place, unused."""
        if not len(self.points_m):
            return np.zeros((0, 6))
        begins, ends = (np.append(nodes, np.array(kitchens, dtype=np.int64)) for nodes in (begins, ends))
        return np.hstack([self.points_m[np.maximum(places, 0)] for places in (begins, ends)])


def city_ground(problem: Problem) -> Ground:
    """The ways of every mode that a caregiver of the day goes by."""
    used = sorted({c.mode for c in problem.caregivers}, key=lambda mode: mode or "")
    ways = [problem.travel if mode is None else problem.travel_by_mode[mode] for mode in used]
    modes = {mode: number for number, mode in enumerate(used)}
    first = ways[0] if ways else problem.travel
    if isinstance(first, PointTravel):
        same = [w for w in ways if isinstance(w, PointTravel) and np.array_equal(w.points_m, first.points_m)]
        if len(same) == len(ways):
            speeds = np.array([w.s_per_m for w in same] or [first.s_per_m], dtype=np.float64)
            return Ground(first.points_m, np.zeros((0, 0, 0), np.int32), speeds, modes)
    matrix = np.stack([np.ascontiguousarray(w.matrix_s, np.int32) for w in ways or [first]])
    return Ground(np.zeros((0, 3)), matrix, np.zeros(len(matrix)), modes)


def near_visits(problem: Problem) -> Index:
    """[V, K] the other visits of least travel, waiting and lateness, whichever goes first; nearest first."""
    count = len(problem.visits)
    keep = min(NEAR, count - 1)
    if keep < 1:
        return np.zeros((count, 0), dtype=np.int32)
    ready = np.array([v.ready_s for v in problem.visits], dtype=np.float64)
    due = np.array([v.due_s for v in problem.visits], dtype=np.float64)
    care = np.array([max(r.duration_s for r in v.roles) for v in problem.visits], dtype=np.float64)
    near = np.empty((count, keep), dtype=np.int32)
    for rows, some, away, back in _ground(problem, min(count, keep * LOOKED_AT + 1)):
        after = _gap(ready[rows, None], due[rows, None], care[rows, None], away, ready[some], due[some])
        before = _gap(ready[some], due[some], care[some], back, ready[rows, None], due[rows, None])
        price = np.minimum(after, before)
        price[some == rows[:, None]] = np.inf
        first = np.argsort(price, axis=1, kind="stable")[:, :keep]
        near[rows] = np.take_along_axis(some, first, axis=1)
    return near


def _gap(
    ready: Floats, due: Floats, care: Floats, way: Floats, next_ready: Floats, next_due: Floats
) -> Floats:
    """Travel, unavoidable lateness and a share of the unavoidable wait from one visit to the next."""
    late = np.maximum(0.0, ready + care + way - next_due)
    wait = np.maximum(0.0, next_ready - (due + care + way))
    return np.asarray(way + late + WAIT_SHARE * wait, dtype=np.float64)


def _ground(
    problem: Problem, look: int
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats, Floats]]:
    """Visits in rows, `look` others for each, and the ways there and back in seconds."""
    place = np.array([v.place for v in problem.visits], dtype=np.int64)
    travel, count = problem.travel, len(place)
    tree = cKDTree(travel.points_m[place]) if isinstance(travel, PointTravel) else None
    for begin in range(0, count, ROWS):
        rows = np.arange(begin, min(count, begin + ROWS))
        if isinstance(travel, PointTravel) and tree is not None:
            metres, some = tree.query(travel.points_m[place[rows]], k=look)
            metres, some = metres.reshape(len(rows), look), some.reshape(len(rows), look)
            yield rows, some, metres * travel.s_per_m, metres * travel.s_per_m
            continue
        away = travel.matrix_s[np.ix_(place[rows], place)].astype(np.float64)
        back = travel.matrix_s[np.ix_(place, place[rows])].T.astype(np.float64)
        everyone = np.broadcast_to(np.arange(count), (len(rows), count))
        yield rows, everyone, away, back


def near_caregivers(problem: Problem) -> Index:
    """[V, C] the caregivers with least travel from where their day begins."""
    count, m = len(problem.visits), len(problem.caregivers)
    keep = min(CAREGIVERS, m)
    if keep == 0 or count == 0:
        return np.zeros((count, keep), dtype=np.int32)
    place = np.array([v.place for v in problem.visits], dtype=np.int64)
    home = np.array([problem.free_place(c) for c in problem.caregivers], dtype=np.int64)
    if isinstance(problem.travel, PointTravel):
        points = problem.travel.points_m
        return np.asarray(cKDTree(points[home]).query(points[place], k=keep)[1], np.int32).reshape(
            count, keep
        )
    ways = problem.travel.matrix_s[np.ix_(home, place)]
    return np.ascontiguousarray(np.argsort(ways, axis=0, kind="stable")[:keep].T, dtype=np.int32)


def side_by_side(problem: Problem) -> Problem:
    """The same day with visits, and caregivers, that begin near one another numbered one after another.

    What a step reads then stands together in memory. Where travel is a matrix, all stays as it is.
    """
    travel = problem.travel
    if not isinstance(travel, PointTravel):
        return problem

    def order(places: list[int]) -> list[int]:
        """By the leaves of a tree that halves the ground again and again."""
        return cKDTree(travel.points_m[places]).indices.tolist() if places else []

    visits, carers = problem.visits, problem.caregivers
    return replace(
        problem,
        visits=tuple(visits[v] for v in order([v.place for v in visits])),
        caregivers=tuple(carers[c] for c in order([problem.free_place(c) for c in carers])),
    )
