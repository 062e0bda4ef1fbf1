"""The live plan of one shift: its halts in order, with earliest times forward and latest times backward.

A break is a halt without a place: it is taken where the way leads at that time, and interrupts travel if need
be. Breaks are put in the earliest gap in which they move no stop; one that fits nowhere is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dispatcher.core.records import Place, Shift, Visit
from dispatcher.core.times import city_day
from dispatcher.core.travel import Ways

if TYPE_CHECKING:
    from dispatcher.core.desk import Desk

NEVER_S = 1 << 50
KEPT_BACK_S = 900
"""The last minutes of a promise are not planned away: roads and visits take longer than thought."""


@dataclass(frozen=True, slots=True)
class Halt:
    """A stop (with visit and role), or a break (without).

    It begins at `place` and is left from `leaves_at`: an escort ends elsewhere. `start_s` and `end_s` are the
    earliest now believed, `latest_s` the latest start that breaks nothing behind it; `travel_s` leads there
    from the stop before; `here` closes the gap in front: set out or there.
    """

    visit_id: str | None
    role: int
    place: Place
    leaves_at: Place
    start_s: int
    end_s: int
    latest_s: int
    travel_s: int
    here: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Room between two halts, or between the last and the way home.

    Free at `free_s` in `place`; `way_s` leads straight on to `goal`, and one leaves for it at `leave_s` (the
    gap is closed from then on). A service put in ends by `cap_s`, and with its way to `goal` by `by_s`.
    `credit_s` of travel were possible before the break that began at `break_s` just before this gap.
    """

    free_s: int
    place: Place
    goal: Place
    way_s: int
    leave_s: int
    cap_s: int
    by_s: int
    credit_s: int
    break_s: int
    home: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One shift's halts and the gaps before each and after the last; it starts and ends at `first`."""

    shift: Shift
    first: Place
    speed_mm_s: int
    halts: tuple[Halt, ...]
    gaps: tuple[Gap, ...]
    back_s: int

    @property
    def work_s(self) -> int:
        """Seconds of care and ways, the way home too."""
        return work_of(self.halts) + (self.gaps[-1].way_s if any(h.visit_id for h in self.halts) else 0)

    @property
    def fits(self) -> bool:
        """Whether every stop starts in time and the way home ends with the shift."""
        return self.back_s <= self.shift.ends_s and all(h.start_s <= h.latest_s for h in self.halts)


def work_of(halts: Iterable[Halt]) -> int:
    """Seconds of care and of the ways to it; waits and breaks are no work."""
    return sum(halt.travel_s + halt.end_s - halt.start_s for halt in halts if halt.visit_id is not None)


def start_bounds(visit: Visit, role: int) -> tuple[int, int]:
    """Within which a role's start may move as things stand: window, promise, and the crew's common start."""
    hand = visit.hands[role]
    if len(visit.needs) > 1 or hand.came is not None or visit.case_id is not None:
        return hand.start_s, hand.start_s
    if visit.late_allowed:
        return visit.opens_s, max(visit.closes_s, hand.start_s)
    lo_s, hi_s = visit.opens_s, visit.closes_s
    may_start = visit.may_start
    if may_start is not None:
        lo_s, hi_s = max(lo_s, may_start[0]), min(hi_s, may_start[1])
    return lo_s, hi_s


def planned_by_s(visit: Visit, role: int, start_s: int) -> int:
    """How late a role that starts at `start_s` may be planned; a promise with a leeway keeps its own back."""
    latest_s = start_bounds(visit, role)[1]
    return latest_s if visit.leeway is not None else kept_back_s(latest_s, start_s)


def kept_back_s(latest_s: int, start_s: int) -> int:
    """How late a start of `start_s` may be planned that must not be after `latest_s`.

    Others push it into the last minutes only where it stands there already.
    """
    return min(latest_s, max(start_s, latest_s - KEPT_BACK_S))


def ways_of(desk: Desk) -> Ways:
    """The area's travel."""
    return desk.board.ways(desk)


def speed_of(desk: Desk, caregiver_id: str) -> int:
    """A caregiver's speed in millimetres a second."""
    settings = desk.settings
    mode = desk.caregivers[caregiver_id].mode
    return settings.speed_mm_s.get(mode, 5_000) if settings is not None else 5_000


def rested(desk: Desk, shift: Shift) -> Shift:
    """The shift from when its caregiver has rested since their last working day, where the area asks it."""
    settings = desk.settings
    if settings is None or not settings.rest_s:
        return shift
    zone = settings.time_zone
    today = city_day(shift.starts_s, zone)
    others = (desk.shifts[other] for other in desk.shifts_of.get(shift.caregiver_id, ()))
    ends = [s.ends_s for s in others if s.ends_s > s.starts_s and city_day(s.starts_s, zone) < today]
    from_s = max(ends, default=0) + settings.rest_s
    return shift if from_s <= shift.starts_s else replace(shift, starts_s=min(from_s, shift.ends_s))


def day_of(desk: Desk, shift_id: str) -> Day | None:
    """The timetable of a shift as the desk knows it; None where nobody knows where it starts."""
    shift = rested(desk, desk.shifts[shift_id])
    home = desk.caregivers[shift.caregiver_id].home
    first = shift.station or home
    if first is None:
        return None
    stops = sorted(desk.routes.get(shift_id, ()), key=lambda stop: _turn(desk, stop))
    return timetable(desk, shift, first, tuple(stops))


def _turn(desk: Desk, stop: tuple[str, int]) -> tuple[int, int]:
    """Stops in the order they are lived: those begun as they began, the one set out for, then by plan."""
    hand = desk.visits[stop[0]].hands[stop[1]]
    begun = hand.came or hand.left
    if begun is not None:
        return 0, begun.at_s
    return (2 if hand.departed_s is None else 1), hand.start_s


def timetable(desk: Desk, shift: Shift, first: Place, stops: tuple[tuple[str, int], ...]) -> Day:
    """The timetable of `shift` with these stops, in this order, starting and ending at `first`."""
    ways, speed = ways_of(desk), speed_of(desk, shift.caregiver_id)
    breaks = sorted(shift.breaks)
    halts: list[Halt] = []
    free_s, place = shift.starts_s, first
    for visit_id, role in stops:
        visit = desk.visits[visit_id]
        hand, there = visit.hands[role], visit.begins_at(role) or place
        leaves_at = visit.ends_at(role) or there
        way_s = ways.travel_s(place, there, speed)
        came_s = hand.came.at_s if hand.came else None
        begin_s = hand.start_s if came_s is None else came_s
        free_s, way_left_s = _take_breaks(halts, breaks, free_s, way_s, begin_s, place)
        start_s = max(begin_s, free_s + way_left_s) if came_s is None else came_s
        end_s = start_s + visit.needs[role].duration_s if hand.left is None else hand.left.at_s
        here = hand.came is not None or hand.departed_s is not None or hand.left is not None
        latest_s = planned_by_s(visit, role, start_s) if not here else NEVER_S
        end_s = max(end_s, start_s)
        halts.append(Halt(visit_id, role, there, leaves_at, start_s, end_s, latest_s, way_s, here))
        free_s, place = end_s, leaves_at
    way_s = ways.travel_s(place, first, speed)
    free_s, way_left_s = _take_breaks(halts, breaks, free_s, way_s, shift.ends_s, place)
    back_s = free_s + way_left_s
    halts, limits = _backward(halts, shift.ends_s, way_s)
    gaps = tuple(_gaps(shift, first, halts, limits, way_s))
    return Day(shift, first, speed, tuple(halts), gaps, back_s if stops else shift.starts_s)


def _take_breaks(
    halts: list[Halt],
    breaks: list[tuple[int, int, int]],
    free_s: int,
    way_s: int,
    by_s: int,
    place: Place,
) -> tuple[int, int]:
    """Put breaks that fit before `by_s` into `halts`; when one is free then, and the way that is left."""
    while breaks:
        earliest_s, latest_s, duration_s = breaks[0]
        begin_s = max(free_s, earliest_s)
        if begin_s > latest_s:
            del breaks[0]
            continue
        left_s = max(0, way_s - (begin_s - free_s))
        if begin_s + duration_s + left_s > by_s:
            break
        halts.append(Halt(None, 0, place, place, begin_s, begin_s + duration_s, latest_s, 0))
        free_s, way_s = begin_s + duration_s, left_s
        del breaks[0]
    return free_s, way_s


def _backward(halts: list[Halt], ends_s: int, home_s: int) -> tuple[list[Halt], list[tuple[int, int]]]:
    """Halts with latest starts made true from the shift's end, and per gap (latest end, latest arrival).

    Whoever is put into a gap must end by the first number, and with the way to the next place by the second.
    """
    cap_s, bound_s, way_s = NEVER_S, ends_s, home_s
    made: list[Halt] = []
    limits = [(cap_s, bound_s)]
    for halt in reversed(halts):
        length_s = halt.end_s - halt.start_s
        if halt.visit_id is None:
            cap_s, bound_s = min(halt.latest_s, cap_s - length_s), bound_s - length_s
            made.append(halt)
        else:
            latest_s = min(halt.latest_s, min(cap_s, bound_s - way_s) - length_s)
            made.append(replace(halt, latest_s=latest_s))
            cap_s, bound_s, way_s = NEVER_S, latest_s, halt.travel_s
        limits.append((cap_s, bound_s))
    return made[::-1], limits[::-1]


def _gaps(
    shift: Shift, first: Place, halts: list[Halt], limits: list[tuple[int, int]], home_s: int
) -> Iterator[Gap]:
    """The gaps before each halt and before the way home."""
    free_s, place, credit_s, break_s = shift.starts_s, first, 0, 0
    for number in range(len(halts) + 1):
        rest_s, after = 0, number
        while after < len(halts) and halts[after].visit_id is None:
            rest_s += halts[after].end_s - halts[after].start_s
            after += 1
        home = after == len(halts)
        goal = first if home else halts[after].place
        way_s = home_s if home else halts[after].travel_s
        leave_s = NEVER_S if home else halts[after].start_s - way_s - rest_s
        if not home and halts[after].here:
            leave_s = 0
        if number < len(halts) and halts[number].visit_id is None:
            leave_s = min(leave_s, halts[number].start_s)
        cap_s, by_s = limits[number]
        yield Gap(free_s, place, goal, way_s, leave_s, cap_s, by_s, credit_s, break_s, home)
        if number == len(halts):
            return
        halt = halts[number]
        if halt.visit_id is None:
            credit_s, break_s = credit_s + halt.start_s - free_s, halt.start_s
        else:
            credit_s, break_s, place = 0, 0, halt.leaves_at
        free_s = halt.end_s
