"""The compiled heart of the insertion: every gap of every timetable timed and priced for one role."""

from __future__ import annotations

from dispatcher.compiled import compiled, inlined
from dispatcher.core.gaps import (
    BY,
    CAP,
    COLLECT,
    DURATION,
    GAPS_AT_ONCE,
    HI,
    HOME,
    LEAVE,
    LO,
    NOW,
    ROWS,
    SLOT,
    WAY,
    Bytes,
    Flags,
    Lines,
    earliest_s,
    price,
    short_by_at_least,
    ways_of_slot,
)
from dispatcher.core.plan import NEVER_S
from dispatcher.core.travel import Floats, Ints, Shorts

OWN, FROM, ROW, GAP, ADDED, TRAVEL = range(6)
TO = 6
"""Lines of what is found: per caregiver the first six, per gap all."""
SHORT_BY, KIND = range(2)
"""Lines of a miss."""
LATE, BREAK_DUE, SHIFT, PROMISE, STALE = range(1, 6)
"""Kinds of a miss; the last is of meals."""
THERE, ONWARD, START, FAILS_BY = range(4)
WORK_LINES = 4
"""Lines of a row at work, a column per gap: both ways, the earliest start, by how much a service there fails
(at most 0 where it fits)."""


@inlined
def _time(board: Lines, table: Shorts, numbers: Ints, place: Floats, row: int, work: Ints) -> int:
    """Time a service in every gap of a row; by how much it fails where it fails by the least."""
    lines, speeds, gaps, _ = board
    slot = lines[SLOT, row]
    many = (lines[3, row] + GAPS_AT_ONCE - 1) & -GAPS_AT_ONCE
    ways_of_slot(board, table, numbers, place, slot, speeds[row], many, work[THERE], work[ONWARD])
    lo, hi, now, duration = numbers[LO], numbers[HI], numbers[NOW], numbers[DURATION]
    least = NEVER_S
    for gap in range(many):
        from_s = earliest_s(gaps, slot, gap, work[THERE, gap], lo, now)
        ends_by = min(gaps[slot, CAP, gap], gaps[slot, BY, gap] - work[ONWARD, gap])
        fails_by = max(from_s - hi, from_s + duration - ends_by)
        fails_by = fails_by if gaps[slot, LEAVE, gap] > now else NEVER_S
        work[START, gap], work[FAILS_BY, gap] = from_s, fails_by
        least = min(least, fails_by)
    return least


@inlined
def _put(
    lines: Ints, column: int, own: int, from_s: int, row: int, gap: int, added: int, travel: int
) -> None:
    lines[OWN, column], lines[FROM, column], lines[ROW, column] = own, from_s, row
    lines[GAP, column], lines[ADDED, column], lines[TRAVEL, column] = gap, added, travel


@inlined
def _take(
    board: Lines, numbers: Ints, row: int, work: Ints, bonus: int, best: Ints, listed: Ints, count: int
) -> int:
    """Put a row's cheapest gap with the caregiver's best, and all that fit into the list."""
    lines, _, gaps, _ = board
    carer, slot = lines[0, row], lines[SLOT, row]
    for gap in range(lines[3, row]):
        if work[FAILS_BY, gap] > 0:
            continue
        from_s, there, onward = work[START, gap], work[THERE, gap], work[ONWARD, gap]
        added = there + onward - gaps[slot, WAY, gap]
        own = price(numbers, added, from_s) - bonus
        if own < best[OWN, carer] or (own == best[OWN, carer] and from_s < best[FROM, carer]):
            _put(best, carer, own, from_s, row, gap, added, there)
        if numbers[COLLECT]:
            ends_by = min(gaps[slot, CAP, gap], gaps[slot, BY, gap] - onward)
            _put(listed, count, own, from_s, row, gap, added, there)
            listed[TO, count] = min(numbers[HI], ends_by - numbers[DURATION])
            count += 1
    return count


@inlined
def _nearest(board: Lines, numbers: Ints, row: int, work: Ints, least: int) -> int:
    """The gap that fails by the least.

    Of several the first that might have fit, else the one that is nearest with no way at all, else the first.
    """
    lines, _, gaps, _ = board
    slot, first, equal = lines[SLOT, row], -1, 0
    for gap in range(lines[3, row] - 1, -1, -1):
        if work[FAILS_BY, gap] == least:
            first, equal = gap, equal + 1
    if equal == 1:
        return first
    nearest, shortest = -1, NEVER_S
    for gap in range(lines[3, row]):
        short = short_by_at_least(gaps, numbers, slot, gap)
        if gaps[slot, LEAVE, gap] > numbers[NOW] and 0 < short < shortest:
            nearest, shortest = gap, short
        if work[FAILS_BY, gap] == least and short <= 0:
            return gap
    return nearest if work[FAILS_BY, nearest] == least else first


@inlined
def _kind(board: Lines, numbers: Ints, row: int, gap: int, work: Ints) -> int:
    """What a service in the gap fails by."""
    lines, _, gaps, _ = board
    slot = lines[SLOT, row]
    if work[START, gap] - numbers[HI] >= work[FAILS_BY, gap]:
        return LATE
    if gaps[slot, CAP, gap] < gaps[slot, BY, gap] - work[ONWARD, gap]:
        return BREAK_DUE
    return SHIFT if gaps[slot, HOME, gap] != 0 else PROMISE


@compiled
def measure(
    board: Lines, table: Shorts, codes: Bytes, barred: Flags, bonus: Ints, numbers: Ints, place: Floats,
    work: Ints, best: Ints, miss: Ints, listed: Ints,
) -> int:  # fmt: skip
    """Fill `best` and `miss` per caregiver, and `listed` per feasible gap; how many were listed.

    `board` are its lines, speeds, gaps and ends; `numbers` and `place` tell the wish. Whoever has no room
    has `NEVER_S` as the cost of the best, and who is not asked also as the seconds of the miss.
    """
    count, lines = 0, board[0]
    latest, earliest = numbers[HI], max(numbers[LO], numbers[NOW])
    for carer in range(len(codes)):
        best[OWN, carer], miss[SHORT_BY, carer] = NEVER_S, NEVER_S
    for row in range(numbers[ROWS]):
        carer = lines[0, row]
        if codes[carer] or barred[carer] or lines[1, row] > latest or lines[2, row] <= earliest:
            continue
        least = _time(board, table, numbers, place, row, work)
        if least <= 0:
            count = _take(board, numbers, row, work, bonus[carer], best, listed, count)
        elif least < miss[SHORT_BY, carer]:
            miss[SHORT_BY, carer] = least
            miss[KIND, carer] = _kind(board, numbers, row, _nearest(board, numbers, row, work, least), work)
    return count


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


@compiled
def stop(
    codes: Bytes, best: Ints, miss: Ints, named: Ints, first: bool, out: Ints, by: Ints, top: Ints
) -> int:
    """Per caregiver the code of what stops them in this role, where it is nearer than in the roles before.

    `named` are the numbers of the codes: has room, first of the misses, no shift. `top` gets the `cheapest`;
    how many they are.
    """
    able, missed, no_shift = named[0], named[1], named[2]
    many = cheapest(best, top)
    floor = best[OWN, top[0]] if many else NEVER_S
    for carer in range(len(codes)):
        own = best[OWN, carer]
        was_able = not first and out[carer] == able
        if own < NEVER_S:
            if not was_able or own - floor < by[carer]:
                out[carer], by[carer] = able, own - floor
        elif not was_able:
            was_missed = not first and missed <= out[carer] < missed + STALE
            if miss[SHORT_BY, carer] < NEVER_S:
                if not was_missed or miss[SHORT_BY, carer] < by[carer]:
                    out[carer], by[carer] = missed + miss[KIND, carer] - 1, miss[SHORT_BY, carer]
            elif not was_missed and (first or codes[carer] == 0):
                out[carer], by[carer] = codes[carer] if codes[carer] else no_shift, 0
    return many
