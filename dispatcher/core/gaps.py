"""How the timetables of an area lie in arrays, and the ways from and to their gaps, for compiled code.

Plain IEEE arithmetic in one fixed order, as in `travel`, so that every machine decides the same second.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from dispatcher.compiled import inlined
from dispatcher.core.plan import NEVER_S
from dispatcher.core.travel import RADIUS_M, SERIES_REACH, Floats, Ints, Shorts, arc

Bytes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
Lines = tuple[Ints, Floats, Ints, Floats]
"""Lines, speeds, gaps and ends of a board: per slot ten lines of gaps and six of ends, a gap a column."""

SLOT = 5
"""The line of a board's lines that holds in which slot the gaps of a row lie."""
FREE, LEAVE, CAP, BY, CREDIT, BREAK, WAY, HOME, FROM_INDEX, GOAL_INDEX = range(10)
"""Lines of a slot's gaps: `plan.Gap`'s numbers, and the rows of both ends in the travel table or -1."""
GAPS_AT_ONCE = 8
"""A slot is filled up to a multiple of these with its last gap, shut: the machine takes so many at a time."""
SHUT = -NEVER_S
"""When a gap that only fills up was left."""

ROWS, LO, HI, NOW, DURATION, OPENS, CLOSES, LATE_PRICE, EARLY_PRICE, ROAD, INDEX, LEAVES, COLLECT = range(13)
"""Places of the wish's numbers. Prices are per mille of travel, 0 where nothing is charged; `INDEX` and
`LEAVES` are rows in the travel table of where the service begins and ends, -1 without; with `COLLECT` every
feasible gap is listed. A wish's place is both as unit vectors, behind one another."""

_arc = inlined(arc)


@inlined
def way_s(
    dx: float, dy: float, dz: float, road: int, speed: float, table: Shorts, from_index: int, to_index: int
) -> int:
    """Seconds along a chord, or what the table says where it knows both ends."""
    if from_index >= 0 and to_index >= 0:
        return table[from_index, to_index]  # type: ignore[no-any-return]
    half = math.sqrt(dx * dx + dy * dy + dz * dz) / 2.0
    return math.ceil(RADIUS_M * _arc(half) * road / speed)


@inlined
def way_there(
    gaps: Ints, ends: Floats, table: Shorts, numbers: Ints, place: Floats, slot: int, gap: int, speed: float
) -> int:
    """From where the gap begins to where the service begins."""
    dx, dy, dz = ends[slot, 0, gap] - place[0], ends[slot, 1, gap] - place[1], ends[slot, 2, gap] - place[2]
    return way_s(dx, dy, dz, numbers[ROAD], speed, table, gaps[slot, FROM_INDEX, gap], numbers[INDEX])


@inlined
def way_on(
    gaps: Ints, ends: Floats, table: Shorts, numbers: Ints, place: Floats, slot: int, gap: int, speed: float
) -> int:
    """From where the service ends to where the gap leads."""
    dx, dy, dz = ends[slot, 3, gap] - place[3], ends[slot, 4, gap] - place[4], ends[slot, 5, gap] - place[5]
    return way_s(dx, dy, dz, numbers[ROAD], speed, table, numbers[LEAVES], gaps[slot, GOAL_INDEX, gap])


@inlined
def _is_near(
    ends: Floats, place: Floats, slot: int, side: int, road: int, speed: float, many: int, out: Ints
) -> bool:
    """Ways along the chords of a slot's gaps, all at once; whether all are so near that the series holds."""
    x, y, z = place[side], place[side + 1], place[side + 2]
    near = True
    for gap in range(many):
        dx, dy, dz = ends[slot, side, gap] - x, ends[slot, side + 1, gap] - y, ends[slot, side + 2, gap] - z
        half = math.sqrt(dx * dx + dy * dy + dz * dz) / 2.0
        x2 = half * half
        terms = 1.0 + x2 * (1 / 6 + x2 * (3 / 40 + x2 * (15 / 336 + x2 * (105 / 3456 + x2 * (945 / 42240)))))
        out[gap] = math.ceil(RADIUS_M * (2.0 * half * terms) * road / speed)
        near &= half <= SERIES_REACH
    return near


@inlined
def ways_of_slot(
    board: Lines,
    table: Shorts,
    numbers: Ints,
    place: Floats,
    slot: int,
    speed: float,
    many: int,
    there: Ints,
    onward: Ints,
) -> None:
    """`way_there` and `way_on` of the first `many` gaps in a slot."""
    _, _, gaps, ends = board
    road = numbers[ROAD]
    if numbers[INDEX] >= 0 or not _is_near(ends, place, slot, 0, road, speed, many, there):
        for gap in range(many):
            there[gap] = way_there(gaps, ends, table, numbers, place, slot, gap, speed)
    if numbers[LEAVES] >= 0 or not _is_near(ends, place, slot, 3, road, speed, many, onward):
        for gap in range(many):
            onward[gap] = way_on(gaps, ends, table, numbers, place, slot, gap, speed)


@inlined
def earliest_s(gaps: Ints, slot: int, gap: int, there: int, lo_s: int, now_s: int) -> int:
    """When a service in the gap could start, with a way of `there` seconds to it."""
    credit = min(max(gaps[slot, BREAK, gap] - now_s, 0), gaps[slot, CREDIT, gap])
    return max(lo_s, max(gaps[slot, FREE, gap], now_s) + max(there - credit, 0))  # type: ignore[no-any-return]


@inlined
def short_by_at_least(gaps: Ints, numbers: Ints, slot: int, gap: int) -> int:
    """By how much a service in the gap fails even with no way at all; below one it may fit."""
    free: int = max(gaps[slot, FREE, gap], numbers[NOW])
    over: int = max(free, numbers[LO]) + numbers[DURATION] - min(gaps[slot, CAP, gap], gaps[slot, BY, gap])
    late: int = free - numbers[HI]
    return max(late, over)


@inlined
def price(numbers: Ints, added: int, from_s: int) -> int:
    """What a start costs with so much added travel, in seconds of travel."""
    late: int = max(from_s - numbers[CLOSES], 0) * numbers[LATE_PRICE] // 1000
    early: int = max(from_s - numbers[OPENS], 0) * numbers[EARLY_PRICE] // 1000
    return added + late + early
