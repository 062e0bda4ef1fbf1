"""Room for a role: every gap of every qualified caregiver's timetable, nobody else's time broken.

The cost of a gap, in seconds of travel: the detour, plus a tenth of the wait after the window opens, plus
the price of lateness where the request allows it, less what a usual caregiver is worth. Exact: equal to
trying all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dispatcher.core.desk import Desk
from dispatcher.core.eligible import Codes, role_codes
from dispatcher.core.plan import NEVER_S
from dispatcher.core.records import Visit
from dispatcher.core.travel import Ints

EARLY_PERMILLE = 100
"""Price of a second between the window's opening and the start, in thousandths of a second of travel."""
BEST = 5


@dataclass(frozen=True)
class Wish:
    """What is sought: roles of a visit, role 0 starting from `lo_s` to `hi_s`.

    `kept` are roles that stay as they are: (role, caregiver, start). `only` restricts to these caregivers.
    """

    visit: Visit
    roles: tuple[int, ...]
    lo_s: int
    hi_s: int
    now_s: int
    only: frozenset[str] | None = None
    kept: tuple[tuple[int, str, int], ...] = ()

    def start_window(self, role: int) -> tuple[int, int]:
        """From when to when this role may start, by the window and the roles that are kept."""
        need = self.visit.needs[role]
        lo_s, hi_s = self.lo_s + need.offset_min_s, min(self.hi_s + need.offset_max_s, NEVER_S)
        for other, _, start_s in self.kept:
            beside = self.visit.needs[other]
            if other == 0:
                lo_s = max(lo_s, start_s + need.offset_min_s)
                hi_s = min(hi_s, start_s + need.offset_max_s)
            elif role == 0:
                lo_s = max(lo_s, start_s - beside.offset_max_s)
                hi_s = min(hi_s, start_s - beside.offset_min_s)
        return lo_s, hi_s


@dataclass(frozen=True)
class Seat:
    """One role given to a caregiver, in a gap of a shift."""

    role: int
    caregiver_id: str
    shift_id: str
    gap: int
    start_s: int
    travel_s: int


@dataclass(frozen=True)
class Choice:
    """One way to serve, with its added travel and its cost."""

    seats: tuple[Seat, ...]
    added_s: int
    cost_s: int


class Stopped(NamedTuple):
    """What stopped a caregiver, and by how many seconds where that is a question of time."""

    code: str
    by_s: int = 0


TIMED = frozenset({"ARRIVES_LATE", "BREAKS_PROMISE", "SHIFT_ENDS", "BREAK_DUE"})


@dataclass
class Room:
    """All feasible gaps for one role, cheapest first, as parallel arrays; misses per caregiver number."""

    role: int
    row: Ints
    gap: Ints
    carer: Ints
    from_s: Ints
    to_s: Ints
    added: Ints
    travel: Ints
    own: Ints
    codes: Codes
    misses: dict[int, Stopped] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many gaps."""
        return len(self.own)


def room_for(desk: Desk, wish: Wish, role: int) -> Room:
    """Every feasible gap for one role."""
    board = desk.board
    lo_s, hi_s = wish.start_window(role)
    codes = role_codes(desk, wish.visit, role, lo_s)
    fit = codes == 0
    _restrict(desk, wish, fit)
    count = len(board.shift_ids)
    carers = board.carer[:count]
    near = (board.starts_s[:count] <= hi_s) & (board.ends_s[:count] > max(lo_s, wish.now_s))
    rows = np.flatnonzero(near & fit[carers]) if len(fit) else np.zeros(0, np.int64)
    room = _measure(desk, wish, role, rows, (lo_s, hi_s))
    room.codes = codes
    return room


def _restrict(desk: Desk, wish: Wish, fit: npt.NDArray[np.bool_]) -> None:
    kept = {caregiver_id for _, caregiver_id, _ in wish.kept}
    ids = desk.board.carer_ids(desk)
    if wish.only is not None or kept:
        for number, caregiver_id in enumerate(ids):
            if caregiver_id in kept or (wish.only is not None and caregiver_id not in wish.only):
                fit[number] = False


def _measure(desk: Desk, wish: Wish, role: int, rows: Ints, start: tuple[int, int]) -> Room:
    """Time and cost of every gap of these rows."""
    board, visit, need = desk.board, wish.visit, wish.visit.needs[role]
    place = visit.place
    if place is None or not len(rows):
        return _no_room(role)
    a = {name: array[rows] for name, array in board.arrays.items()}
    ways, speeds = board.ways(desk), board.speeds[rows][:, None]
    from_xyz, to_xyz = (a["from_x"], a["from_y"], a["from_z"]), (a["to_x"], a["to_y"], a["to_z"])
    there = ways.many_s(from_xyz, a["from_index"], place, speeds, to_them=False)
    onward = ways.many_s(to_xyz, a["to_index"], place, speeds, to_them=True)
    free = np.maximum(a["free_s"], wish.now_s)
    credit = np.clip(a["break_s"] - wish.now_s, 0, a["credit_s"])
    from_s = np.maximum(start[0], free + np.maximum(there - credit, 0))
    ends_by = np.minimum(a["cap_s"], a["by_s"] - onward)
    to_s = np.minimum(start[1], ends_by - need.duration_s)
    shut = a["leave_s"] <= wish.now_s
    added = there + onward - a["way_s"]
    own = _own_cost(desk, wish, role, from_s, added, board.carer[rows])
    open_rows, open_gaps = np.nonzero(~shut & (from_s <= to_s))
    room = _sorted_room(role, rows, board.carer, open_rows, open_gaps, from_s, to_s, added, there, own)
    late = from_s - start[1]
    over = from_s + need.duration_s - ends_by
    room.misses = _misses(room, board.carer[rows], shut, late, over, a, onward)
    return room


def _own_cost(desk: Desk, wish: Wish, role: int, from_s: Ints, added: Ints, carers: Ints) -> Ints:
    """What a gap costs on its own, starting as early as it can."""
    own = added + lateness_cost(desk, wish.visit, from_s)
    if role == 0 or len(wish.roles) == 1:
        own = own + np.maximum(from_s - wish.visit.opens_s, 0) * EARLY_PERMILLE // 1000
    bonus = usual_numbers(desk, wish.visit)
    if bonus and desk.settings is not None:
        liked = np.isin(carers, bonus)
        own = own - (liked * desk.settings.continuity_s)[:, None]
    return own


def lateness_cost(desk: Desk, visit: Visit, start_s: Ints) -> Ints:
    """The price of starts after the window's end, where the request allows them."""
    price = desk.settings.late_price_permille if desk.settings is not None else 1000
    if not visit.late_allowed:
        return np.zeros_like(start_s)
    return np.maximum(start_s - visit.closes_s, 0) * price // 1000


def usual_numbers(desk: Desk, visit: Visit) -> list[int]:
    """Numbers of the recipient's usual caregivers."""
    recipient = desk.recipients.get(visit.recipient_id)
    if recipient is None or not recipient.usual:
        return []
    numbers = desk.board.numbers(desk)
    return [numbers[c] for c in recipient.usual if c in numbers]


def _no_room(role: int) -> Room:
    none = np.zeros(0, np.int64)
    return Room(role, none, none, none, none, none, none, none, none, np.zeros(0, np.int8))


def _sorted_room(
    role: int,
    rows: Ints,
    carer: Ints,
    at_row: npt.NDArray[np.intp],
    gap: npt.NDArray[np.intp],
    from_s: Ints,
    to_s: Ints,
    added: Ints,
    there: Ints,
    own: Ints,
) -> Room:
    pick = (at_row, gap)
    order = np.lexsort((gap, carer[rows[at_row]], from_s[pick], own[pick]))
    row = rows[at_row][order]
    lines = (from_s[pick], to_s[pick], added[pick], there[pick], own[pick])
    from_o, to_o, added_o, there_o, own_o = (line[order] for line in lines)
    codes = np.zeros(0, np.int8)
    return Room(role, row, gap[order], carer[row], from_o, to_o, added_o, there_o, own_o, codes)


def _misses(
    room: Room,
    carers: Ints,
    shut: npt.NDArray[np.bool_],
    late: Ints,
    over: Ints,
    a: dict[str, npt.NDArray[np.int64]],
    onward: Ints,
) -> dict[int, Stopped]:
    """For caregivers without any room: the gap that fails by the least."""
    failing = np.flatnonzero(~np.isin(carers, room.carer))
    if not len(failing):
        return {}
    worst = np.where(shut, NEVER_S, np.maximum(late, over))[failing]
    best = worst.argmin(axis=1)
    misses: dict[int, Stopped] = {}
    for line, gap in zip(failing.tolist(), best.tolist(), strict=True):
        by_s = int(worst[np.searchsorted(failing, line), gap])
        number = int(carers[line])
        if number in misses and misses[number].by_s <= by_s:
            continue
        if late[line, gap] >= over[line, gap]:
            code = "ARRIVES_LATE"
        elif a["cap_s"][line, gap] < a["by_s"][line, gap] - onward[line, gap]:
            code = "BREAK_DUE"
        else:
            code = "SHIFT_ENDS" if a["home"][line, gap] else "BREAKS_PROMISE"
        misses[number] = Stopped(code, by_s)
    return misses


def seat_of(desk: Desk, room: Room, i: int, start_s: int) -> Seat:
    """The `i`-th gap of a room as a seat."""
    board = desk.board
    shift_id = board.shift_ids[int(room.row[i])]
    assert shift_id is not None
    caregiver_id = board.carer_ids(desk)[int(room.carer[i])]
    return Seat(room.role, caregiver_id, shift_id, int(room.gap[i]), start_s, int(room.travel[i]))
