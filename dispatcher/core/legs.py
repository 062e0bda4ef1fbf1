"""Linked legs: there with the person, a wait known only roughly, and back, by one caregiver or by two. Exact.

Two caregivers, or one in two shifts, are a crew whose second role begins elsewhere (`crew`). One caregiver in
one shift is worked out here, for every pair of gaps, the same gap twice included: what role 0 pushes back may
stand before role 1. With role 0 at s, whatever follows starts at max(a, s + c) for some a and c, ways, breaks
and waits included; so the earliest s that keeps every latest start, and the wait, is read from them.
"""

from __future__ import annotations

import numpy as np

from dispatcher.compiled import compiled, inlined, inner
from dispatcher.core import kernel
from dispatcher.core.crew import join
from dispatcher.core.desk import Desk
from dispatcher.core.gaps import (
    BY,
    CAP,
    CLOSES,
    COLLECT,
    DURATION,
    FREE,
    GOAL_INDEX,
    HI,
    INDEX,
    LATE_PRICE,
    LEAVE,
    LEAVES,
    LO,
    NOW,
    ROAD,
    ROWS,
    SLOT,
    WAY,
    Flags,
    Lines,
    earliest_s,
    price,
    short_by_at_least,
    way_on,
    way_s,
    way_there,
)
from dispatcher.core.nearest import BOXED, BREAK, END, LATEST, ON, REACHED, START
from dispatcher.core.plan import NEVER_S
from dispatcher.core.rooms import (
    BEST,
    NO_TABLE,
    Choice,
    Room,
    Seat,
    Wish,
    barred_for,
    role_ends,
    role_numbers,
    worth_of,
)
from dispatcher.core.travel import Floats, Ints, Shorts

COST, FIRST, SECOND, ROW, GAP_THERE, GAP_BACK, ADDED, WAY_THERE, WAY_BACK = range(9)
"""Lines of the pairs found, a column per caregiver: the cost and the two starts, the shift's row and the two
gaps, the added travel, and the ways to both begins."""
EA, EC, RA, RC = range(4)
"""What is carried behind role 0, as max(a, s + c): the time that is over, and that less travel by then."""


@inlined
def _pass(goes: Ints, slot: int, halt: int, way: int, state: Ints, hi_s: int) -> int:
    """Carry the times past a halt; the latest start of role 0 that it allows, -1 where it allows none.

    What is in front of a round could let it leave later; here its meals must be fresh as it leaves now.
    """
    start, length = goes[slot, halt, START], goes[slot, halt, END] - goes[slot, halt, START]
    latest = goes[slot, halt, LATEST]
    if goes[slot, halt, REACHED] == BREAK:
        if state[EA] > latest:
            return -1
        hi_s = min(hi_s, latest - state[EC])
        state[EA] = max(state[EA], start) + length
        state[EC], state[RA], state[RC] = state[EC] + length, state[RA] + length, state[RC] + length
        return hi_s
    way += goes[slot, halt, ON]
    door = max(start - goes[slot, halt, BOXED], 0)
    a, c = max(state[EA] + door, state[RA] + way, start), max(state[EC] + door, state[RC] + way)
    if a > latest:
        return -1
    state[EA], state[EC], state[RA], state[RC] = a + length, c + length, a + length, c + length
    return min(hi_s, latest - c)  # type: ignore[no-any-return]


@inlined
def _between(table: Shorts, numbers: Ints, places: Floats, speed: float) -> int:
    """From where role 0 ends to where role 1 begins."""
    dx, dy, dz = places[0, 3] - places[1, 0], places[0, 4] - places[1, 1], places[0, 5] - places[1, 2]
    return way_s(dx, dy, dz, numbers[0, ROAD], speed, table, numbers[0, LEAVES], numbers[1, INDEX])


@inner
def _with_back(
    board: Lines, goes: Ints, table: Shorts, numbers: Ints, places: Floats, wait: Ints, state: Ints,
    row: int, gap: int, found: tuple[int, int, int], bonus: int, pair: Ints,
) -> None:  # fmt: skip
    """Try every gap for role 1 behind role 0 in `gap`; `found` is its way there, its way on, its earliest."""
    _, speeds, gaps, ends = board
    lines, back, speed = board[0], numbers[1], speeds[row]
    slot = lines[SLOT, row]
    way_first, onward, from_s = found
    hi_s, alone = numbers[0, HI], True
    state[EA], state[EC], state[RA], state[RC] = 0, numbers[0, DURATION], 0, numbers[0, DURATION]
    for at in range(gap, lines[3, row]):
        if at > gap:
            is_break = goes[slot, at - 1, REACHED] == BREAK
            to_halt = onward if alone else gaps[slot, WAY, at - 1]
            hi_s = _pass(goes, slot, at - 1, to_halt, state, hi_s)
            alone = alone and is_break
        if hi_s < from_s or state[EA] > back[HI] or state[EC] > wait[1]:
            return
        if gaps[slot, LEAVE, at] <= numbers[0, NOW]:
            continue
        way = _between(table, numbers, places, speed)
        if not alone:
            way = way_there(gaps, ends, table, back, places[1], slot, at, speed)
        on = way_on(gaps, ends, table, back, places[1], slot, at, speed)
        to_s = min(back[HI], min(gaps[slot, CAP, at], gaps[slot, BY, at] - on) - back[DURATION])
        a = max(state[EA], state[RA] + way, back[LO])
        c = max(state[EC], state[RC] + way, wait[0])
        first = max(from_s, a - wait[1])
        if a > to_s or c > wait[1] or first > min(hi_s, to_s - c):
            continue
        added = way_first + way + on - gaps[slot, WAY, gap]
        if not alone:
            added += onward - gaps[slot, WAY, at]
        second = max(a, first + c)
        late: int = max(second - back[CLOSES], 0) * back[LATE_PRICE] // 1000
        cost = price(numbers[0], added, first) + late - bonus
        if cost < pair[COST] or (cost == pair[COST] and first < pair[FIRST]):
            pair[COST], pair[FIRST], pair[SECOND], pair[ROW] = cost, first, second, row
            pair[GAP_THERE], pair[GAP_BACK], pair[ADDED] = gap, at, added
            pair[WAY_THERE], pair[WAY_BACK] = way_first, way


@compiled
def both_ways(
    board: Lines, goes: Ints, table: Shorts, barred: Flags, bonus: Ints, numbers: Ints, places: Floats,
    wait: Ints, state: Ints, pairs: Ints,
) -> None:  # fmt: skip
    """Fill `pairs` with the cheapest pair of gaps of each caregiver who is not barred.

    `numbers` and `places` have a row per role; `wait` is how long after role 0 role 1 starts, at least and at
    most; `bonus` is what a caregiver is worth to the recipient, for each role.
    """
    lines, speeds, gaps, ends = board
    there, now, hi = numbers[0], numbers[0, NOW], numbers[0, HI]
    for row in range(there[ROWS]):
        carer = lines[0, row]
        if barred[carer] or lines[1, row] > hi or lines[2, row] <= max(there[LO], now):
            continue
        slot = lines[SLOT, row]
        for gap in range(lines[3, row]):
            if gaps[slot, FREE, gap] > hi:
                break
            if gaps[slot, LEAVE, gap] <= now or short_by_at_least(gaps, there, slot, gap) > 0:
                continue
            way = way_there(gaps, ends, table, there, places[0], slot, gap, speeds[row])
            from_s = earliest_s(gaps, slot, gap, way, there[LO], now)
            if from_s <= hi:
                onward = way_on(gaps, ends, table, there, places[0], slot, gap, speeds[row])
                found = (way, onward, from_s)
                _with_back(
                    board, goes, table, numbers, places, wait, state, row, gap, found, 2 * bonus[carer],
                    pairs[:, carer],
                )  # fmt: skip


def linked(desk: Desk, wish: Wish, rooms: list[Room]) -> list[Choice]:
    """The five cheapest ways to have both legs done; `rooms` are those of there and back."""
    ways = [*join(desk, wish, rooms), *_by_one(desk, wish, rooms)]
    best: dict[tuple[str, ...], Choice] = {}
    for way in sorted(ways, key=lambda way: (way.cost_s, way.seats[0].start_s)):
        best.setdefault(tuple(seat.caregiver_id for seat in way.seats), way)
    return list(best.values())[:BEST]


def _by_one(desk: Desk, wish: Wish, rooms: list[Room]) -> list[Choice]:
    """The five caregivers who can do both in one shift at the least cost."""
    board, visit = desk.board, wish.visit
    places = [role_ends(visit, role) for role in wish.roles]
    rows, carers = len(board.shift_ids), len(rooms[0].reach.codes)
    if any(place is None for place in places) or not rows or not carers:
        return []
    barred = barred_for(desk, wish, carers)
    for room in rooms:
        barred = barred | (room.reach.codes != 0)
    back, table = visit.needs[1], board.ways(desk).table
    pairs = np.full((WAY_BACK + 1, carers), NEVER_S, np.int64)
    both_ways(
        (board.lines, board.speeds, board.gaps, board.ends),
        board.goes,
        NO_TABLE if table is None else table,
        barred,
        worth_of(desk, visit, carers),
        np.array([role_numbers(desk, wish, role, rows, collect=False) for role in wish.roles]),
        np.array(places),
        np.array([back.offset_min_s, back.offset_max_s]),
        np.zeros(4, np.int64),
        pairs,
    )
    cheapest = np.empty(BEST, np.int64)
    many = kernel.cheapest(pairs, cheapest)
    return [_choice(desk, pairs[:, number].tolist()) for number in cheapest[:many].tolist()]


def _choice(desk: Desk, pair: list[int]) -> Choice:
    shift_id = desk.board.shift_ids[pair[ROW]]
    assert shift_id is not None
    carer = desk.shifts[shift_id].caregiver_id
    there = Seat(0, carer, shift_id, pair[GAP_THERE], pair[FIRST], pair[WAY_THERE])
    back = Seat(1, carer, shift_id, pair[GAP_BACK], pair[SECOND], pair[WAY_BACK])
    return Choice((there, back), pair[ADDED], pair[COST])


def warm_up() -> None:
    """Compile what `linked` needs, or load what was kept."""
    none, wide = np.zeros(0, np.int64), np.zeros((WAY_BACK + 1, 0), np.int64)
    gaps, ends = np.zeros((0, GOAL_INDEX + 1, 0), np.int64), np.zeros((0, 6, 0))
    board = (np.zeros((SLOT + 1, 0), np.int64), np.zeros(0), gaps, ends)
    numbers, places = np.zeros((2, COLLECT + 1), np.int64), np.zeros((2, 6))
    wait, state, barred = np.zeros(2, np.int64), np.zeros(4, np.int64), np.zeros(0, np.bool_)
    goes = np.zeros((0, 0, BOXED + 1), np.int64)
    both_ways(board, goes, NO_TABLE, barred, none, numbers, places, wait, state, wide)
