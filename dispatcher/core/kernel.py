"""The compiled heart of the insertion: every gap of every timetable timed and priced for one role.

Plain IEEE arithmetic in one fixed order, as in `travel`, so that every machine decides the same second.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from dispatcher.compiled import compiled, inlined
from dispatcher.core.plan import NEVER_S
from dispatcher.core.travel import RADIUS_M, Floats, Ints, Shorts, arc

Bytes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
Lines = tuple[Ints, Floats, Ints, Floats]
"""Lines, speeds, gaps and ends of a board."""

OWN, FROM, ROW, GAP, ADDED, TRAVEL = range(6)
TO = 6
"""Lines of what is found: per caregiver the first six, per gap all."""
BY, KIND = range(2)
LATE, BREAK, SHIFT, PROMISE = range(1, 5)
"""Kinds of a miss."""

ROWS, LO, HI, NOW, DURATION, OPENS, CLOSES, LATE_PRICE, EARLY_PRICE, ROAD, INDEX, LEAVES, COLLECT = range(13)
"""Places of the wish's numbers. Prices are per mille of travel, 0 where nothing is charged; `INDEX` and
`LEAVES` are rows in the travel table of where the service begins and ends, -1 without; with `COLLECT` every
feasible gap is listed. A wish's place is both as unit vectors, behind one another."""

_arc = inlined(arc)


@inlined
def _way_s(
    dx: float, dy: float, dz: float, road: int, speed: float, table: Shorts, from_index: int, to_index: int
) -> int:
    if from_index >= 0 and to_index >= 0:
        return table[from_index, to_index]  # type: ignore[no-any-return]
    half = math.sqrt(dx * dx + dy * dy + dz * dz) / 2.0
    return math.ceil(RADIUS_M * _arc(half) * road / speed)


@inlined
def _timed(
    gaps: Ints, ends: Floats, table: Shorts, numbers: Ints, place: Floats, row: int, gap: int, speed: float
) -> tuple[int, int, int, int, int]:
    """(way there, way on, earliest start, latest arrival at the goal less its way, latest end)."""
    dx, dy, dz = ends[row, gap, 0] - place[0], ends[row, gap, 1] - place[1], ends[row, gap, 2] - place[2]
    there = _way_s(dx, dy, dz, numbers[ROAD], speed, table, gaps[row, gap, 8], numbers[INDEX])
    dx, dy, dz = ends[row, gap, 3] - place[3], ends[row, gap, 4] - place[4], ends[row, gap, 5] - place[5]
    onward = _way_s(dx, dy, dz, numbers[ROAD], speed, table, numbers[LEAVES], gaps[row, gap, 9])
    credit = min(max(gaps[row, gap, 6] - numbers[NOW], 0), gaps[row, gap, 5])
    free = max(gaps[row, gap, 0], numbers[NOW])
    from_s = max(numbers[LO], free + max(there - credit, 0))
    arrive_by = gaps[row, gap, 4] - onward
    return there, onward, from_s, arrive_by, min(gaps[row, gap, 3], arrive_by)


@inlined
def _missed(late: int, over: int, is_before_break: bool, is_way_home: bool) -> int:
    if late >= over:
        return LATE
    if is_before_break:
        return BREAK
    return SHIFT if is_way_home else PROMISE


@inlined
def _price(numbers: Ints, added: int, from_s: int) -> int:
    late: int = max(from_s - numbers[CLOSES], 0) * numbers[LATE_PRICE] // 1000
    early: int = max(from_s - numbers[OPENS], 0) * numbers[EARLY_PRICE] // 1000
    return added + late + early


@inlined
def _put(
    lines: Ints, column: int, own: int, from_s: int, row: int, gap: int, added: int, travel: int
) -> None:
    lines[OWN, column], lines[FROM, column], lines[ROW, column] = own, from_s, row
    lines[GAP, column], lines[ADDED, column], lines[TRAVEL, column] = gap, added, travel


@inlined
def _short_by_at_least(gaps: Ints, numbers: Ints, row: int, gap: int) -> int:
    """By how much a service in the gap fails even with no way at all; below one it may fit."""
    free: int = max(gaps[row, gap, 0], numbers[NOW])
    over: int = max(free, numbers[LO]) + numbers[DURATION] - min(gaps[row, gap, 3], gaps[row, gap, 4])
    late: int = free - numbers[HI]
    return max(late, over)


@inlined
def _try_gap(
    board: Lines, table: Shorts, numbers: Ints, place: Floats, row: int, gap: int, carer: int, bonus: int,
    best: Ints, miss: Ints, listed: Ints, count: int,
) -> int:  # fmt: skip
    """Measure one gap: put it with the caregiver's best, and into the list, or note the miss."""
    _, speeds, gaps, ends = board
    there, onward, from_s, arrive_by, ends_by = _timed(
        gaps, ends, table, numbers, place, row, gap, speeds[row]
    )
    to_s = min(numbers[HI], ends_by - numbers[DURATION])
    if from_s > to_s:
        late, over = from_s - numbers[HI], from_s + numbers[DURATION] - ends_by
        if max(late, over) < miss[BY, carer]:
            miss[BY, carer] = max(late, over)
            is_before_break = gaps[row, gap, 3] < arrive_by
            miss[KIND, carer] = _missed(late, over, is_before_break, gaps[row, gap, 7] != 0)
        return count
    added = there + onward - gaps[row, gap, 1]
    own = _price(numbers, added, from_s) - bonus
    if own < best[OWN, carer] or (own == best[OWN, carer] and from_s < best[FROM, carer]):
        _put(best, carer, own, from_s, row, gap, added, there)
    if numbers[COLLECT]:
        _put(listed, count, own, from_s, row, gap, added, there)
        listed[TO, count] = to_s
        return count + 1
    return count


@compiled
def measure(
    board: Lines, table: Shorts, codes: Bytes, barred: Flags, bonus: Ints, numbers: Ints, place: Floats,
    best: Ints, miss: Ints, listed: Ints,
) -> int:  # fmt: skip
    """Fill `best` and `miss` per caregiver, and `listed` per feasible gap; how many were listed.

    `board` are its lines, speeds, gaps and ends; `numbers` and `place` tell the wish. First the gaps in which
    the service may fit; where none of a shift did, the others, for the one that fails by the least.
    """
    count = 0
    lines, _, gaps, _ = board
    latest, earliest, now = numbers[HI], max(numbers[LO], numbers[NOW]), numbers[NOW]
    for row in range(numbers[ROWS]):
        carer = lines[0, row]
        if codes[carer] or barred[carer] or lines[1, row] > latest or lines[2, row] <= earliest:
            continue
        nearest, least = -1, NEVER_S
        for gap in range(lines[3, row]):
            if gaps[row, gap, 2] <= now:
                continue
            short = _short_by_at_least(gaps, numbers, row, gap)
            if short <= 0:
                count = _try_gap(
                    board, table, numbers, place, row, gap, carer, bonus[carer], best, miss, listed, count
                )
            elif short < least:
                nearest, least = gap, short
        if best[OWN, carer] >= NEVER_S and least < miss[BY, carer]:
            _try_gap(board, table, numbers, place, row, nearest, carer, 0, best, miss, listed, count)
            for gap in range(lines[3, row]):
                short = _short_by_at_least(gaps, numbers, row, gap)
                if gap != nearest and gaps[row, gap, 2] > now and 0 < short < miss[BY, carer]:
                    _try_gap(board, table, numbers, place, row, gap, carer, 0, best, miss, listed, count)
    return count


@compiled
def stop(codes: Bytes, best: Ints, miss: Ints, named: Ints, first: bool, out: Ints, by: Ints) -> None:
    """Per caregiver the code of what stops them in this role, where it is nearer than in the roles before.

    `named` are the numbers of the codes: has room, first of the misses, no shift.
    """
    able, missed, no_shift = named[0], named[1], named[2]
    floor = NEVER_S
    for carer in range(len(codes)):
        floor = min(floor, best[OWN, carer])
    for carer in range(len(codes)):
        own = best[OWN, carer]
        was_able = not first and out[carer] == able
        if own < NEVER_S:
            if not was_able or own - floor < by[carer]:
                out[carer], by[carer] = able, own - floor
        elif not was_able:
            was_missed = not first and missed <= out[carer] < missed + PROMISE
            if miss[BY, carer] < NEVER_S:
                if not was_missed or miss[BY, carer] < by[carer]:
                    out[carer], by[carer] = missed + miss[KIND, carer] - 1, miss[BY, carer]
            elif not was_missed and (first or codes[carer] == 0):
                out[carer], by[carer] = codes[carer] if codes[carer] else no_shift, 0


@compiled
def cheapest(best: Ints, out: Ints) -> int:
    """Numbers of the cheapest caregivers into `out`: by cost, then start, then number; how many there are."""
    many = 0
    for carer in range(best.shape[1]):
        own, from_s = best[OWN, carer], best[FROM, carer]
        if own >= NEVER_S:
            continue
        at = many
        while at > 0:
            other = out[at - 1]
            if (best[OWN, other], best[FROM, other]) <= (own, from_s):
                break
            at -= 1
        if at == len(out):
            continue
        many = min(many + 1, len(out))
        for k in range(many - 1, at, -1):
            out[k] = out[k - 1]
        out[at] = carer
    return many
