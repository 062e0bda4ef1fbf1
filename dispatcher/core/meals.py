"""Where a meal fits: fetched by itself, riding with a round, or brought before a round's first. Exact.

Every gap of every caregiver who may is tried in each way that it allows; the cheapest of all is found, as by
building every such day and checking every rule.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dispatcher.compiled import compiled, inlined
from dispatcher.core.desk import Desk
from dispatcher.core.eligible import NUMBER, role_codes
from dispatcher.core.gaps import (
    BY,
    CAP,
    DURATION,
    FREE,
    FROM_INDEX,
    GOAL_INDEX,
    HI,
    HOME,
    INDEX,
    LEAVE,
    LO,
    NOW,
    ROAD,
    ROWS,
    SLOT,
    WAY,
    Bytes,
    Flags,
    Lines,
    earliest_s,
    price,
    way_s,
)
from dispatcher.core.kernel import BREAK_DUE, KIND, LATE, PROMISE, SHIFT, SHORT_BY, STALE
from dispatcher.core.meal_gaps import (
    DOOR,
    GOES_ON,
    LEAD_BY,
    LEAD_COOKED,
    LEAD_FROM,
    LEAD_KITCHEN,
    LEAD_LOAD,
    LEAD_ROAD,
    LEAD_SPARE,
    RIDE_KITCHEN,
    RIDE_LEFT,
    RIDE_LOAD,
)
from dispatcher.core.plan import NEVER_S
from dispatcher.core.records import Place
from dispatcher.core.rooms import (
    NO_TABLE,
    Choice,
    Reach,
    Seat,
    Wish,
    barred_for,
    role_ends,
    role_numbers,
    worth_of,
)
from dispatcher.core.travel import Floats, Ints, Shorts, vector

OWN, FROM, ROW, GAP, ADDED, TRAVEL, MANNER = range(7)
"""Lines of what is found, as `kernel` has them, and in which way the meal is brought."""
RIDES, LEADS, ALONE = range(3)
KITCHEN, LOADING, COOKED, FRESH, LOAD, KITCHEN_INDEX = range(6)
"""What is asked of a meal: the kitchen's number on the board, its loading, when the meal is cooked, how long
it is fresh, its portions, and the kitchen's row in the travel table or -1."""


@inlined
def _from_gap(
    board: Lines, table: Shorts, road: int, row: int, gap: int, to: Floats, first: int, index: int
) -> int:
    """The way from where the gap begins to a place that begins at `first` in `to`."""
    lines, speeds, gaps, ends = board
    slot = lines[SLOT, row]
    dx, dy = ends[slot, 0, gap] - to[first], ends[slot, 1, gap] - to[first + 1]
    dz = ends[slot, 2, gap] - to[first + 2]
    return way_s(dx, dy, dz, road, speeds[row], table, gaps[slot, FROM_INDEX, gap], index)


@inlined
def _to_goal(board: Lines, table: Shorts, road: int, row: int, gap: int, door: Floats, index: int) -> int:
    """The way from the door to where the gap leads."""
    lines, speeds, gaps, ends = board
    slot = lines[SLOT, row]
    dx, dy, dz = ends[slot, 3, gap] - door[0], ends[slot, 4, gap] - door[1], ends[slot, 5, gap] - door[2]
    return way_s(dx, dy, dz, road, speeds[row], table, index, gaps[slot, GOAL_INDEX, gap])


@inlined
def _to_first(board: Lines, table: Shorts, road: int, row: int, after: int, door: Floats, index: int) -> int:
    """The way from the door to where the gap of number `after` begins."""
    lines, speeds, gaps, ends = board
    slot = lines[SLOT, row]
    dx, dy, dz = (
        ends[slot, 0, after] - door[0],
        ends[slot, 1, after] - door[1],
        ends[slot, 2, after] - door[2],
    )
    return way_s(dx, dy, dz, road, speeds[row], table, index, gaps[slot, FROM_INDEX, after])


@inlined
def _kind(gaps: Ints, slot: int, gap: int, late: int, over: int, stale: int, ends_by: int) -> int:
    """What a way to bring it fails by."""
    if stale > max(late, over):
        return STALE
    if late >= over:
        return LATE
    if gaps[slot, CAP, gap] <= ends_by:
        return BREAK_DUE
    return SHIFT if gaps[slot, HOME, gap] != 0 else PROMISE


@inlined
def _keep(
    board: Lines, numbers: Ints, row: int, gap: int, carer: int, bonus: int, manner: int,
    found: tuple[int, int, int, int, int], best: Ints, miss: Ints,
) -> None:  # fmt: skip
    """Put one way with the caregiver's best, or note the miss.

    `found` is the earliest start, the latest end, by how much something is not fresh, travel added, travel.
    """
    from_s, ends_by, stale, added, travel = found
    late, over = from_s - numbers[HI], from_s + numbers[DURATION] - ends_by
    short = max(late, over, stale)
    if short > 0:
        if short < miss[SHORT_BY, carer]:
            miss[SHORT_BY, carer] = short
            miss[KIND, carer] = _kind(board[2], board[0][SLOT, row], gap, late, over, stale, ends_by)
        return
    own = price(numbers, added, from_s) - bonus
    if own < best[OWN, carer] or (own == best[OWN, carer] and from_s < best[FROM, carer]):
        best[OWN, carer], best[FROM, carer], best[ROW, carer], best[GAP, carer] = own, from_s, row, gap
        best[ADDED, carer], best[TRAVEL, carer], best[MANNER, carer] = added, travel, manner


@inlined
def _alone(
    board: Lines, table: Shorts, numbers: Ints, meal: Ints, places: Floats, row: int, gap: int, door: int
) -> tuple[int, int, int, int, int]:
    """Fetched by itself: to the kitchen, loading, to the door, and on to where the gap leads."""
    gaps, road, slot = board[2], numbers[ROAD], board[0][SLOT, row]
    there = _from_gap(board, table, road, row, gap, places, 3, meal[KITCHEN_INDEX])
    onward = _to_goal(board, table, road, row, gap, places, numbers[INDEX])
    leaves = max(earliest_s(gaps, slot, gap, there + meal[LOADING], 0, numbers[NOW]), meal[COOKED])
    ends_by = min(gaps[slot, CAP, gap], gaps[slot, BY, gap] - onward)
    added = there + door + onward - gaps[slot, WAY, gap]
    travel = there + meal[LOADING] + door
    return max(numbers[LO], leaves + door), ends_by, door - meal[FRESH], added, travel


@inlined
def _riding(
    board: Lines, table: Shorts, numbers: Ints, meal: Ints, places: Floats, row: int, gap: int, left: int
) -> tuple[int, int, int, int, int]:
    """In the box of the round that is on its way in the gap, or has just been brought."""
    gaps, road, slot = board[2], numbers[ROAD], board[0][SLOT, row]
    there = _from_gap(board, table, road, row, gap, places, 0, numbers[INDEX])
    onward = _to_goal(board, table, road, row, gap, places, numbers[INDEX])
    from_s = earliest_s(gaps, slot, gap, there, numbers[LO], numbers[NOW])
    ends_by = min(gaps[slot, CAP, gap], gaps[slot, BY, gap] - onward)
    return from_s, ends_by, from_s - left - meal[FRESH], there + onward - gaps[slot, WAY, gap], there


@inlined
def _leading(
    board: Lines, rounds: Ints, table: Shorts, numbers: Ints, meal: Ints, places: Floats, row: int, gap: int,
    door: int,
) -> tuple[int, int, int, int, int]:  # fmt: skip
    """In front of a round's first stop: fetched with it, so that it leaves for this door, in due time."""
    gaps, road, slot = board[2], numbers[ROAD], board[0][SLOT, row]
    there = _from_gap(board, table, road, row, gap, places, 3, meal[KITCHEN_INDEX])
    onward = _to_first(board, table, road, row, rounds[slot, DOOR, gap], places, numbers[INDEX])
    leaves = max(earliest_s(gaps, slot, gap, there + meal[LOADING], 0, numbers[NOW]), meal[COOKED])
    leaves = max(leaves, rounds[slot, LEAD_COOKED, gap], rounds[slot, LEAD_FROM, gap])
    ends_by = min(gaps[slot, CAP, gap], rounds[slot, LEAD_BY, gap] - onward)
    stale = max(door - meal[FRESH], door + numbers[DURATION] + onward - rounds[slot, LEAD_SPARE, gap])
    added = there + door + onward - gaps[slot, WAY, gap] - rounds[slot, LEAD_ROAD, gap]
    return max(numbers[LO], leaves + door), ends_by, stale, added, there + meal[LOADING] + door


@inlined
def _try_gap(
    board: Lines, rounds: Ints, table: Shorts, numbers: Ints, meal: Ints, places: Floats, row: int, gap: int,
    carer: int, bonus: int, box: int, door: int, best: Ints, miss: Ints,
) -> None:  # fmt: skip
    """Bring the meal in one gap, in each way that it allows."""
    slot, kitchen, held = board[0][SLOT, row], meal[KITCHEN], rounds.shape[0] > 0
    goes_on = False
    if held:
        goes_on = rounds[slot, GOES_ON, gap] != 0
        left, load = rounds[slot, RIDE_LEFT, gap], rounds[slot, RIDE_LOAD, gap] + meal[LOAD]
        waits = left > numbers[NOW] and left >= meal[COOKED]
        if waits and rounds[slot, RIDE_KITCHEN, gap] == kitchen and load <= box:
            found = _riding(board, table, numbers, meal, places, row, gap, left)
            _keep(board, numbers, row, gap, carer, bonus, RIDES, found, best, miss)
        if rounds[slot, LEAD_KITCHEN, gap] == kitchen and rounds[slot, LEAD_LOAD, gap] + meal[LOAD] <= box:
            found = _leading(board, rounds, table, numbers, meal, places, row, gap, door)
            _keep(board, numbers, row, gap, carer, bonus, LEADS, found, best, miss)
    if not goes_on:
        found = _alone(board, table, numbers, meal, places, row, gap, door)
        _keep(board, numbers, row, gap, carer, bonus, ALONE, found, best, miss)


@compiled
def bring(
    board: Lines, rounds: Ints, table: Shorts, codes: Bytes, barred: Flags, bonus: Ints, boxes: Ints,
    numbers: Ints, meal: Ints, places: Floats, best: Ints, miss: Ints,
) -> None:  # fmt: skip
    """Fill `best` and `miss` per caregiver; `places` are door and kitchen, `boxes` what each carries."""
    lines, speeds, gaps, _ = board
    latest, earliest, now = numbers[HI], max(numbers[LO], numbers[NOW]), numbers[NOW]
    dx, dy, dz = places[3] - places[0], places[4] - places[1], places[5] - places[2]
    for row in range(numbers[ROWS]):
        carer = lines[0, row]
        if codes[carer] or barred[carer] or lines[1, row] > latest or lines[2, row] <= earliest:
            continue
        slot = lines[SLOT, row]
        door = way_s(dx, dy, dz, numbers[ROAD], speeds[row], table, meal[KITCHEN_INDEX], numbers[INDEX])
        for gap in range(lines[3, row]):
            if gaps[slot, LEAVE, gap] <= now or (
                gaps[slot, FREE, gap] > latest and best[OWN, carer] < NEVER_S
            ):
                continue
            _try_gap(
                board, rounds, table, numbers, meal, places, row, gap, carer, bonus[carer], boxes[carer],
                door, best, miss,
            )  # fmt: skip


def meal_reach(desk: Desk, wish: Wish, role: int) -> Reach:
    """The cheapest way of every caregiver to bring a meal, or what each misses it by."""
    board, visit = desk.board, wish.visit
    codes = role_codes(desk, visit, role, wish.start_window(role)[0]).copy()
    best = np.full((MANNER + 1, len(codes)), NEVER_S, np.int64)
    miss = np.full((KIND + 1, len(codes)), NEVER_S, np.int64)
    ends, rows, meal = role_ends(visit, role), len(board.shift_ids), visit.meal
    assert meal is not None
    boxes = boxes_of(desk)
    codes[(codes == 0) & (boxes < meal.load)] = NUMBER["BOX_SMALL"]
    if ends is not None and rows and len(codes):
        ways, kitchen = board.ways(desk), meal.kitchen
        index = -1 if ways.table is None or kitchen.table_index is None else kitchen.table_index
        cooked_s = visit.opens_s - meal.cooked_before_s
        number = board.kitchen(meal.kitchen_id, kitchen)
        asked = (number, meal.loading_s, cooked_s, meal.fresh_s, meal.load, index)
        bring(
            (board.lines, board.speeds, board.gaps, board.ends),
            board.rounds,
            NO_TABLE if ways.table is None else ways.table,
            codes,
            barred_for(desk, wish, len(codes)),
            worth_of(desk, visit, len(codes)),
            boxes,
            role_numbers(desk, wish, role, rows, collect=False),
            np.array(asked, np.int64),
            np.array((*ends[:3], *_vector(kitchen))),
            best,
            miss,
        )
    return Reach(role, best, miss, codes)


def _vector(place: Place) -> tuple[float, float, float]:
    return vector(place.lat_udeg, place.lon_udeg)


def boxes_of(desk: Desk) -> Ints:
    """How many portions each caregiver carries, by number."""
    memo: dict[Any, Any] = desk.board.fitness
    boxes: Ints | None = memo.get("boxes")
    if boxes is None:
        carries = desk.settings.carries if desk.settings is not None else None
        each = [(carries or {}).get(carer.mode, NEVER_S) for carer in desk.caregivers.values()]
        boxes = memo["boxes"] = np.array(each, np.int64)
    return boxes


def meal_choices(desk: Desk, reach: Reach, numbers: Ints) -> list[Choice]:
    """The cheapest way of each of these caregivers to bring a meal."""
    return [_choice(desk, reach.role, found) for found in reach.best[:, numbers].T.tolist()]


def _choice(desk: Desk, role: int, found: list[int]) -> Choice:
    own, from_s, row, gap, added, travel, manner = found
    shift_id, day = desk.board.shift_ids[row], desk.board.days[row]
    assert shift_id is not None
    assert day is not None
    joined = {RIDES: day.gaps[gap].rides, LEADS: day.gaps[gap].leads}.get(manner)
    round_id = day.rounds[joined].round_id if joined is not None else None
    carer = desk.shifts[shift_id].caregiver_id
    seat = Seat(role, carer, shift_id, gap, from_s, travel, round_id, leads=manner == LEADS)
    return Choice((seat,), added, own)


def warm_up() -> None:
    """Compile what `meal_reach` needs, or load what was kept."""
    none, codes = np.zeros(0, np.int64), np.zeros(0, np.int8)
    gaps, ends = np.zeros((0, GOAL_INDEX + 1, 0), np.int64), np.zeros((0, 6, 0))
    board = (np.zeros((5, 0), np.int64), np.zeros(0), gaps, ends)
    barred, numbers, places = np.zeros(0, np.bool_), np.zeros(13, np.int64), np.zeros(6)
    wide, rounds = np.zeros((MANNER + 1, 0), np.int64), np.zeros((0, DOOR + 1, 0), np.int64)
    meal = np.zeros(KITCHEN_INDEX + 1, np.int64)
    bring(board, rounds, NO_TABLE, codes, barred, none, none, numbers, meal, places, wide, wide[:2])
