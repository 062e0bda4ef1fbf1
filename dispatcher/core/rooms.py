"""Room for a role: every gap of every qualified caregiver's timetable, nobody else's time broken.

The cost of a gap, in seconds of travel: the detour, plus a hundredth of the wait after the window opens, plus
the price of lateness where the request allows it, less what a usual caregiver is worth. Exact: equal to
trying all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dispatcher.core import kernel
from dispatcher.core.desk import Desk
from dispatcher.core.eligible import Codes, role_codes
from dispatcher.core.plan import NEVER_S
from dispatcher.core.records import Place, Visit
from dispatcher.core.travel import Ints, Ways, vector

EARLY_PERMILLE = 10
"""Price of a second between the window's opening and the start, in thousandths of a second of travel."""
BEST = 5
NO_TABLE, NOWHERE = np.zeros((0, 0), np.int32), (0.0,) * 6


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
        if self.visit.trip is not None and role and self.kept:
            there_s = self.kept[0][2]
            return max(self.now_s, there_s + need.offset_min_s), there_s + need.offset_max_s
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


class Seat(NamedTuple):
    """One role given to a caregiver, in a gap of a shift; a meal may join a round, or lead it from now on."""

    role: int
    caregiver_id: str
    shift_id: str
    gap: int
    start_s: int
    travel_s: int
    round_id: str | None = None
    leads: bool = False


class Choice(NamedTuple):
    """One way to serve, with its added travel and its cost."""

    seats: tuple[Seat, ...]
    added_s: int
    cost_s: int


class Stopped(NamedTuple):
    """What stopped a caregiver, and by how many seconds where that is a question of time."""

    code: str
    by_s: int = 0


TIMED = frozenset({"ARRIVES_LATE", "BREAKS_PROMISE", "SHIFT_ENDS", "BREAK_DUE", "STALE"})
MISSES = ("", "ARRIVES_LATE", "BREAK_DUE", "SHIFT_ENDS", "BREAKS_PROMISE", "STALE")
"""Codes of `kernel`'s kinds of a miss."""


@dataclass(frozen=True)
class Reach:
    """What one role could have, a column per caregiver number.

    `best` is the cheapest gap and `miss` the nearest miss, as `kernel.measure` leaves them; `codes` the rule
    that stops a caregiver before any question of time.
    """

    role: int
    best: Ints
    miss: Ints
    codes: Codes


@dataclass(frozen=True)
class Room:
    """All feasible gaps for one role, cheapest first, as parallel arrays."""

    reach: Reach
    row: Ints
    gap: Ints
    carer: Ints
    from_s: Ints
    to_s: Ints
    added: Ints
    travel: Ints
    own: Ints

    @property
    def role(self) -> int:
        """The role."""
        return self.reach.role

    def __len__(self) -> int:
        """How many gaps."""
        return len(self.own)


def reach_of(desk: Desk, wish: Wish, role: int) -> Reach:
    """The cheapest feasible gap of every caregiver for one role, or what each misses it by."""
    return _measure(desk, wish, role, collect=False)[0]


def room_for(desk: Desk, wish: Wish, role: int) -> Room:
    """Every feasible gap for one role."""
    reach, listed = _measure(desk, wish, role, collect=True)
    row = listed[kernel.ROW]
    carer = desk.board.lines[0, row]
    order = np.lexsort((listed[kernel.GAP], carer, listed[kernel.FROM], listed[kernel.OWN]))
    names = (kernel.GAP, kernel.FROM, kernel.TO, kernel.ADDED, kernel.TRAVEL, kernel.OWN)
    gap, from_s, to_s, added, travel, own = (listed[name][order] for name in names)
    return Room(reach, row[order], gap, carer[order], from_s, to_s, added, travel, own)


def _measure(desk: Desk, wish: Wish, role: int, *, collect: bool) -> tuple[Reach, Ints]:
    board, place = desk.board, role_ends(wish.visit, role)
    codes = role_codes(desk, wish.visit, role, wish.start_window(role)[0])
    best, miss = np.empty((6, len(codes)), np.int64), np.empty((2, len(codes)), np.int64)
    rows = 0 if place is None else len(board.shift_ids)
    listed = np.empty((7, int(board.lines[3, :rows].sum()) if collect else 0), np.int64)
    table = board.ways(desk).table
    count = kernel.measure(
        (board.lines, board.speeds, board.gaps, board.ends),
        NO_TABLE if table is None else table,
        codes,
        barred_for(desk, wish, len(codes)),
        worth_of(desk, wish.visit, len(codes)),
        role_numbers(desk, wish, role, rows, collect=collect),
        np.array(place or NOWHERE),
        np.empty((kernel.WORK_LINES, board.gaps.shape[2]), np.int64),
        best,
        miss,
        listed,
    )
    return Reach(role, best, miss, codes), listed[:, :count]


def role_numbers(desk: Desk, wish: Wish, role: int, rows: int, *, collect: bool) -> Ints:
    """The wish in the order that `gaps` says."""
    visit, ways = wish.visit, desk.board.ways(desk)
    lo_s, hi_s = wish.start_window(role)
    early = EARLY_PERMILLE if role == 0 or len(wish.roles) == 1 else 0
    times = (lo_s, hi_s, wish.now_s, visit.needs[role].duration_s, visit.opens_s, visit.due_s(role))
    prices = (late_price_permille(desk, visit), early)
    indexes = (_table_row(ways, visit.begins_at(role)), _table_row(ways, visit.ends_at(role)))
    return np.array((rows, *times, *prices, ways.road_factor_permille, *indexes, collect), np.int64)


def role_ends(visit: Visit, role: int) -> tuple[float, ...] | None:
    """Where a role begins and ends, as unit vectors behind one another; None where that is not known."""
    begin, end = visit.begins_at(role), visit.ends_at(role)
    if begin is None or end is None:
        return None
    return (*vector(begin.lat_udeg, begin.lon_udeg), *vector(end.lat_udeg, end.lon_udeg))


def _table_row(ways: Ways, place: Place | None) -> int:
    """A place's row in the travel table; -1 where it has none."""
    return -1 if ways.table is None or place is None or place.table_index is None else place.table_index


def barred_for(desk: Desk, wish: Wish, carers: int) -> npt.NDArray[np.bool_]:
    """Who is not asked: others than those named, and those whose role stays, unless they may have both."""
    if wish.only is None and not wish.kept:
        return desk.board.zeros(desk, np.bool_)
    numbers = desk.board.numbers(desk)
    barred = np.full(carers, wish.only is not None, np.bool_)
    if wish.only is not None:
        barred[[numbers[c] for c in wish.only if c in numbers]] = False
    for _, caregiver_id, _ in wish.kept:
        if caregiver_id in numbers and wish.visit.trip is None:
            barred[numbers[caregiver_id]] = True
    return barred


def worth_of(desk: Desk, visit: Visit, carers: int) -> Ints:
    """What each caregiver is worth to the recipient, in seconds of travel: a usual one is known there."""
    recipient = desk.recipients.get(visit.recipient_id)
    if recipient is None or not recipient.usual or desk.settings is None:
        return desk.board.zeros(desk, np.int64)
    bonus, numbers = np.zeros(carers, np.int64), desk.board.numbers(desk)
    bonus[[numbers[c] for c in recipient.usual if c in numbers]] = desk.settings.continuity_s
    return bonus


def late_price_permille(desk: Desk, visit: Visit) -> int:
    """Price of a second after the window's end, in thousandths of a second of travel; 0 where none may be."""
    if not visit.late_allowed:
        return 0
    return desk.settings.late_price_permille if desk.settings is not None else 1000


def seat_of(desk: Desk, room: Room, i: int, start_s: int) -> Seat:
    """The `i`-th gap of a room as a seat."""
    return _seat(desk, room.role, int(room.row[i]), int(room.gap[i]), start_s, int(room.travel[i]))


def best_choices(desk: Desk, reach: Reach, numbers: Ints) -> list[Choice]:
    """The cheapest gap of each of these caregivers as a way to serve."""
    return [
        Choice((_seat(desk, reach.role, row, gap, from_s, travel),), added, own)
        for own, from_s, row, gap, added, travel in reach.best[:, numbers].T.tolist()
    ]


def _seat(desk: Desk, role: int, row: int, gap: int, start_s: int, travel_s: int) -> Seat:
    shift_id = desk.board.shift_ids[row]
    assert shift_id is not None
    return Seat(role, desk.shifts[shift_id].caregiver_id, shift_id, gap, start_s, travel_s)
