"""The peer of one insertion: the same question answered by vectorised numpy over the same timetables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dispatcher.core.desk import Desk
from dispatcher.core.eligible import role_codes
from dispatcher.core.gaps import SLOT
from dispatcher.core.rooms import BEST, EARLY_PERMILLE, Wish
from dispatcher.core.travel import RADIUS_M, vector

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def numpy_find(desk: Desk, wish: Wish) -> tuple[list[tuple[int, str]], Ints, Ints]:
    """The five cheapest (cost, caregiver); per caregiver a stopping code (-1: has room) and by how much."""
    board, visit, role = desk.board, wish.visit, wish.roles[0]
    assert visit.place is not None
    lo_s, hi_s = wish.start_window(role)
    codes = role_codes(desk, visit, role, lo_s)
    rows = np.flatnonzero(
        (codes[board.lines[0]] == 0)
        & (board.lines[1] <= hi_s)
        & (board.lines[2] > max(lo_s, wish.now_s))
        & (board.lines[3] > 0)
    )
    slots = board.lines[SLOT, rows]
    free_s, leave_s, cap_s, by_s, credit_s, break_s, way_s, _, _, _ = np.moveaxis(board.gaps[slots], 1, 0)
    speeds = board.speeds[rows][:, None]
    x, y, z = vector(visit.place.lat_udeg, visit.place.lon_udeg)
    road = board.ways(desk).road_factor_permille
    ends = np.moveaxis(board.ends[slots], 1, 0)
    there = _seconds(ends[:3], (x, y, z), road, speeds)
    onward = _seconds(ends[3:], (x, y, z), road, speeds)
    credit = np.clip(break_s - wish.now_s, 0, credit_s)
    from_s = np.maximum(lo_s, np.maximum(free_s, wish.now_s) + np.maximum(there - credit, 0))
    ends_by = np.minimum(cap_s, by_s - onward)
    duration_s = visit.needs[role].duration_s
    able = (leave_s > wish.now_s) & (from_s <= np.minimum(hi_s, ends_by - duration_s))
    cost = there + onward - way_s + np.maximum(from_s - visit.opens_s, 0) * EARLY_PERMILLE // 1000
    cost = np.where(able, cost, np.iinfo(np.int64).max)
    least = cost.min(axis=1) if len(rows) else np.zeros(0, np.int64)
    short = np.where(leave_s > wish.now_s, np.maximum(from_s - hi_s, from_s + duration_s - ends_by), 1 << 50)
    missed = short.min(axis=1) if len(rows) else np.zeros(0, np.int64)
    carers = board.lines[0, rows]
    stopped, by = codes.astype(np.int64), np.zeros(len(codes), np.int64)
    has = least < np.iinfo(np.int64).max
    stopped[carers[has]], by[carers[has]] = -1, least[has] - (least.min() if has.any() else 0)
    stopped[carers[~has]], by[carers[~has]] = len(codes), missed[~has]
    first = np.lexsort((carers[has], least[has]))[:BEST]
    ids = board.carer_ids(desk)
    best = [(int(least[has][k]), ids[carers[has][k]]) for k in first.tolist()]
    return best, stopped, by


def _seconds(ends: Floats, place: tuple[float, float, float], road: int, speeds: Floats) -> Ints:
    dx, dy, dz = ends[0] - place[0], ends[1] - place[1], ends[2] - place[2]
    half = np.sqrt(dx * dx + dy * dy + dz * dz) / 2.0
    x2 = half * half
    arc = 2.0 * half * (1.0 + x2 * (1 / 6 + x2 * (3 / 40 + x2 * (15 / 336 + x2 * (105 / 3456)))))
    seconds: Ints = np.ceil(RADIUS_M * arc * road / speeds).astype(np.int64)
    return seconds
