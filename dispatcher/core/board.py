"""All timetables of an area as arrays: a row per shift, a column per gap. Derived from the desk, beside it.

`lines` holds caregiver number, start, end, number of gaps, seconds of work and slot per shift. Gaps and halts
lie in the slot: `gaps` and `ends` as `gaps` says, `goes` as `nearest.soonest` and `legs` read it. A fork
writes into slots that nobody else has: to try something copies no timetable but those it changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import finalize

import numpy as np
import numpy.typing as npt

from dispatcher.core.gaps import GAPS_AT_ONCE, GOAL_INDEX, LEAVE, SHUT, SLOT
from dispatcher.core.meal_gaps import DOOR, NOTHING, gap_lines
from dispatcher.core.nearest import BOXED, BREAK
from dispatcher.core.plan import NEVER_S, Day, Gap, Halt
from dispatcher.core.records import Place
from dispatcher.core.timetable import day_of
from dispatcher.core.travel import FAR_S, Floats, Ints, Ways, vector

if TYPE_CHECKING:
    from dispatcher.core.desk import Desk


def _numbers_of(gap: Gap) -> tuple[int, ...]:
    """What is known of a gap, in the order of `gaps`."""
    at, goal = gap.place.table_index, gap.goal.table_index
    indexes = (-1 if at is None else at, -1 if goal is None else goal)
    times = (gap.free_s, gap.leave_s, gap.cap_s, gap.by_s, gap.credit_s, gap.break_s)
    return (*times, gap.way_s, gap.home, *indexes)


def _ends_of(gap: Gap) -> tuple[float, ...]:
    """Where a gap begins and where it leads, as unit vectors."""
    at, goal = gap.place, gap.goal
    return (*vector(at.lat_udeg, at.lon_udeg), *vector(goal.lat_udeg, goal.lon_udeg))


def _goes(desk: Desk, halt: Halt) -> tuple[int, ...]:
    """A halt as `nearest` says."""
    boxed_s = NEVER_S if halt.kitchen is None or halt.left_s is None else halt.left_s
    return (*_way_to(desk, halt), halt.start_s, halt.end_s, halt.latest_s, halt.on_s, boxed_s)


def _way_to(desk: Desk, halt: Halt) -> tuple[int, int, int]:
    if halt.visit_id is None:
        return BREAK, NEVER_S, NEVER_S
    hand = desk.visits[halt.visit_id].hands[halt.role]
    serves = hand.left is not None or hand.came is not None
    reached_s = 0 if serves else halt.start_s if hand.bound else NEVER_S
    leaves_s = halt.start_s - halt.travel_s
    if hand.departed_s is not None:
        return reached_s, 0, hand.departed_s
    return reached_s, leaves_s, leaves_s


SPARE_SLOTS = 64
"""So many slots at least are left to forks."""


@dataclass
class Slots:
    """How many slots of shared arrays were ever taken, and which of them were given back."""

    taken: int = 0
    free: list[int] = field(default_factory=list)


class Board:
    """Rows by shift. `ready` brings marked rows up to date; a fork copies the lines at its first change."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything; the next `ready` makes it anew."""
        self.row_of: dict[str, int] = {}
        self.shift_ids: list[str | None] = []
        self.days: list[Day | None] = []
        self.gaps: Ints = np.zeros((0, GOAL_INDEX + 1, 0), np.int64)
        self.ends: Floats = np.zeros((0, 6, 0), np.float64)
        self.goes: Ints = np.zeros((0, 0, BOXED + 1), np.int64)
        self.rounds: Ints = np.zeros((0, DOOR + 1, 0), np.int64)
        self.kitchens: dict[tuple[str, Place], int] = {}
        self.lines: Ints = np.zeros((SLOT + 1, 0), np.int64)
        self.speeds: Floats = np.zeros(0, np.float64)
        self.marked: dict[str, None] = {}
        self.all_marked = True
        self.shared = False
        self.slots = Slots()
        self.own: set[int] | None = None
        self.below: Board | None = None
        self._ways: Ways | None = None
        self.fitness: dict[Any, Any] = {}
        self.free_rows: list[int] = []

    def fork(self) -> Board:
        """A board that shares all until it changes a row; this one must not change while that lives."""
        other = Board.__new__(Board)
        other.__dict__.update(self.__dict__)
        other.marked = dict(self.marked)
        other.shared, other.below = True, self
        return other

    def mark(self, shift_id: str) -> None:
        """This shift's timetable changed."""
        self.marked[shift_id] = None

    def mark_all(self) -> None:
        """Settings or table changed: everything is made anew."""
        self.all_marked = True
        self._ways = None
        self.fitness = {}

    def mark_caregiver(self, desk: Desk, caregiver_id: str) -> None:
        """What is known of a caregiver changed."""
        self.fitness = {}
        self.marked.update(dict.fromkeys(desk.shifts_of.get(caregiver_id, ())))

    def carer_ids(self, desk: Desk) -> tuple[str, ...]:
        """Caregivers by number, in the order of enrolment."""
        ids: tuple[str, ...] | None = self.fitness.get("ids")
        if ids is None:
            ids = self.fitness["ids"] = tuple(desk.caregivers)
        return ids

    def ways(self, desk: Desk) -> Ways:
        """The area's travel."""
        if self._ways is None:
            table = None
            if desk.table is not None and desk.table.data:
                table = np.frombuffer(desk.table.data, "<i4").reshape(desk.table.size, desk.table.size).copy()
                table[table < 0] = FAR_S
            factor = desk.settings.road_factor_permille if desk.settings else 1000
            self._ways = Ways(factor, table)
        return self._ways

    def ready(self, desk: Desk) -> None:
        """Make marked rows true to the desk."""
        if self.all_marked:
            self._begin_anew(desk)
        if not self.marked:
            return
        if self.shared:
            self._own()
        for shift_id in self.marked:
            self._write(desk, shift_id)
        self.marked = {}

    def day(self, desk: Desk, shift_id: str) -> Day | None:
        """The timetable of a shift, up to date."""
        if self.all_marked or self.marked:
            self.ready(desk)
        row = self.row_of.get(shift_id)
        return None if row is None else self.days[row]

    def _begin_anew(self, desk: Desk) -> None:
        ways = self._ways
        self.reset()
        self._ways = ways
        self.all_marked = False
        self.marked = dict.fromkeys(desk.shifts)

    def _own(self) -> None:
        self.row_of = dict(self.row_of)
        self.shift_ids, self.days = list(self.shift_ids), list(self.days)
        self.free_rows = list(self.free_rows)
        self.lines, self.speeds = self.lines.copy(), self.speeds.copy()
        self.shared, self.own = False, set()
        finalize(self, self.slots.free.extend, self.own).atexit = False

    def _write(self, desk: Desk, shift_id: str) -> None:
        day = day_of(desk, shift_id) if shift_id in desk.shifts else None
        row = self.row_of.get(shift_id)
        if day is None:
            if row is not None:
                self._clear(row)
                self.days[row] = self.shift_ids[row] = None
                self.free_rows.append(row)
                del self.row_of[shift_id]
            return
        if row is None:
            row = self._free_row()
            self.row_of[shift_id] = row
            self.shift_ids[row] = shift_id
        columns = self.gaps.shape[2]
        if len(day.gaps) > columns:
            self._grow(len(self.speeds), max(2 * columns, -(-len(day.gaps) // GAPS_AT_ONCE) * GAPS_AT_ONCE))
        self.days[row] = day
        self._fill(desk, row, day, self._slot(row))

    def _free_row(self) -> int:
        if self.free_rows:
            return self.free_rows.pop()
        row = len(self.shift_ids)
        self.shift_ids.append(None)
        self.days.append(None)
        if row >= len(self.speeds):
            self._grow(max(64, 2 * row), max(GAPS_AT_ONCE, self.gaps.shape[2]))
        self.lines[SLOT, row] = -1
        return row

    def _slot(self, row: int) -> int:
        """The slot of a row to write into: its own, else one that nobody has."""
        slot = int(self.lines[SLOT, row])
        if slot >= 0 and (self.own is None or slot in self.own):
            return slot
        if not self.slots.free and self.slots.taken == len(self.gaps):
            self._grow(len(self.speeds), self.gaps.shape[2])
            return self._slot(row)
        if self.slots.free:
            slot = self.slots.free.pop()
        else:
            slot, self.slots.taken = self.slots.taken, self.slots.taken + 1
        if self.own is not None:
            self.own.add(slot)
        return slot

    def _grow(self, rows: int, columns: int) -> None:
        """Larger arrays, of this board alone."""
        held, taken = len(self.speeds), self.slots.taken
        count = taken + rows - len(self.row_of) + max(SPARE_SLOTS, rows // 4)
        for name in ("gaps", "ends"):
            array = getattr(self, name)
            bigger = np.zeros((count, array.shape[1], columns), array.dtype)
            bigger[:taken, :, : array.shape[2]] = array[:taken]
            setattr(self, name, bigger)
        goes = np.zeros((count, columns, self.goes.shape[2]), np.int64)
        goes[:taken, : self.goes.shape[1]] = self.goes[:taken]
        self.goes = goes
        lines, speeds = np.zeros((SLOT + 1, rows), np.int64), np.zeros(rows, np.float64)
        lines[:, :held], speeds[:held] = self.lines, self.speeds
        self.lines, self.speeds = lines, speeds
        kept = set(lines[SLOT, : len(self.shift_ids)].tolist())
        self.slots, self.own = Slots(taken, [slot for slot in range(taken) if slot not in kept]), None

    def _clear(self, row: int) -> None:
        self.lines[:SLOT, row] = 0

    def _fill(self, desk: Desk, row: int, day: Day, slot: int) -> None:
        shift, count = day.shift, len(day.gaps)
        number = self.numbers(desk)[shift.caregiver_id]
        self.lines[:, row] = (number, shift.starts_s, shift.ends_s, count, day.work_s, slot)
        self.speeds[row] = day.speed_mm_s
        filled = [*day.gaps, *day.gaps[-1:] * (-count % GAPS_AT_ONCE)]
        self.gaps[slot, :, : len(filled)] = np.array([_numbers_of(gap) for gap in filled]).T
        self.ends[slot, :, : len(filled)] = np.array([_ends_of(gap) for gap in filled]).T
        self.gaps[slot, LEAVE, count : len(filled)] = SHUT
        if day.rounds or self.rounds.size:
            self._fill_rounds(slot, day)
        if day.halts:
            self.goes[slot, : len(day.halts)] = [_goes(desk, halt) for halt in day.halts]

    def _fill_rounds(self, slot: int, day: Day) -> None:
        """What each gap allows a meal; areas without kitchens never come here."""
        slots, _, columns = self.gaps.shape
        if self.rounds.shape != (slots, DOOR + 1, columns):
            bigger = np.zeros((slots, DOOR + 1, columns), np.int64)
            bigger[:] = np.array(NOTHING)[:, None]
            held = self.rounds[:slots]  # larger arrays may have fewer slots that nobody has
            bigger[: len(held), :, : held.shape[2]] = held
            self.rounds = bigger
        self.rounds[slot, :, : len(day.gaps)] = np.array(gap_lines(day, self.kitchen)).T

    def kitchen(self, place_id: str, place: Place) -> int:
        """The number of a kitchen."""
        return self.kitchens.setdefault((place_id, place), len(self.kitchens))

    def zeros(self, desk: Desk, kind: Any) -> npt.NDArray[Any]:
        """As many zeros as there are caregivers, to be read only."""
        zeros: npt.NDArray[Any] | None = self.fitness.get(kind)
        if zeros is None:
            zeros = self.fitness[kind] = np.zeros(len(self.carer_ids(desk)), kind)
        return zeros

    def numbers(self, desk: Desk) -> dict[str, int]:
        """The number of each caregiver."""
        numbers: dict[str, int] | None = self.fitness.get("numbers")
        if numbers is None:
            numbers = self.fitness["numbers"] = {c: n for n, c in enumerate(self.carer_ids(desk))}
        return numbers
