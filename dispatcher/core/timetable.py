"""The live plan of one shift: its halts in order, with earliest times forward and latest times backward.

A break is a halt without a place: it is taken where the way leads at that time, and interrupts travel if need
be. Breaks are put in the earliest gap in which they move no stop; one that fits nowhere is left out.

The first stop of a round of meals is reached by the kitchen; a break before it is over before the kitchen
is left. The gap in front of it leads to the kitchen, and what is put in there lets the round leave later;
what is put in behind does not, so there nothing of the round is pushed beyond where it is fresh.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from dispatcher.core.plan import NEVER_S, Day, Gap, Halt, planned_by_s, speed_of, ways_of
from dispatcher.core.records import Place, Shift, Visit
from dispatcher.core.rounds import Round, opened, rounds_of
from dispatcher.core.times import city_day
from dispatcher.core.travel import Ways

if TYPE_CHECKING:
    from dispatcher.core.desk import Desk


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


class _Way(NamedTuple):
    """How a stop is reached: to the `kitchen`, loading there, from it to the door; or only to the door."""

    to_s: int
    load_s: int = 0
    door_s: int = 0
    kitchen: Place | None = None

    @property
    def before_s(self) -> int:
        """What a break may interrupt."""
        return self.to_s + self.load_s

    @property
    def all_s(self) -> int:
        """All of it."""
        return self.to_s + self.load_s + self.door_s


def timetable(desk: Desk, shift: Shift, first: Place, stops: tuple[tuple[str, int], ...]) -> Day:
    """The timetable of `shift` with these stops, in this order, starting and ending at `first`."""
    ways, speed = ways_of(desk), speed_of(desk, shift.caregiver_id)
    breaks = sorted(shift.breaks)
    halts: list[Halt] = []
    free_s, place, left_s = shift.starts_s, first, None
    opens = opened(desk.visits, stops)
    for number, (visit_id, role) in enumerate(stops):
        visit = desk.visits[visit_id]
        if number in opens:
            left_s = visit.hands[role].boxed_s
        fetched = number in opens and left_s is None
        way = _way(ways, speed, place, visit, role, fetched=fetched)
        cooked_s = opens[number] if fetched else 0
        free_s = _reach(halts, breaks, free_s, place, way, cooked_s, (visit, role))
        if fetched:
            left_s = halts[-1].start_s - way.door_s
        if visit.meal is not None and left_s is not None:
            boxed = visit.hands[role].boxed_s is not None
            halts[-1] = _of_round(halts[-1], visit.meal.fresh_s, left_s, boxed=boxed)
        place = halts[-1].leaves_at
    way_s = ways.travel_s(place, first, speed)
    free_s, way_left_s = _take_breaks(halts, breaks, free_s, way_s, shift.ends_s, place)
    back_s = free_s + way_left_s
    halts, limits = _backward(halts, shift.ends_s, way_s)
    rounds = tuple(rounds_of(desk.visits, halts)) if opens else ()
    gaps = tuple(_gaps(shift, first, halts, limits, way_s))
    if rounds:
        gaps = tuple(_among_rounds(gaps, halts, rounds))
    return Day(shift, first, speed, tuple(halts), gaps, back_s if stops else shift.starts_s, rounds)


def _way(ways: Ways, speed: int, place: Place, visit: Visit, role: int, *, fetched: bool) -> _Way:
    there = visit.begins_at(role) or place
    if not fetched or visit.meal is None:
        return _Way(ways.travel_s(place, there, speed))
    kitchen = visit.meal.kitchen
    to_s, door_s = ways.travel_s(place, kitchen, speed), ways.travel_s(kitchen, there, speed)
    return _Way(to_s, visit.meal.loading_s, door_s, kitchen)


def _reach(
    halts: list[Halt],
    breaks: list[tuple[int, int, int]],
    free_s: int,
    place: Place,
    way: _Way,
    cooked_s: int,
    stop: tuple[Visit, int],
) -> int:
    """Put the breaks before a stop, and the stop, into `halts`; when one is free then."""
    visit, role = stop
    hand, there = visit.hands[role], visit.begins_at(role) or place
    came_s = hand.came.at_s if hand.came else None
    begin_s = hand.start_s if came_s is None else came_s
    free_s, left_s = _take_breaks(halts, breaks, free_s, way.before_s, begin_s - way.door_s, place)
    start_s = max(begin_s, max(free_s + left_s, cooked_s) + way.door_s) if came_s is None else came_s
    end_s = start_s + visit.needs[role].duration_s if hand.left is None else hand.left.at_s
    here = hand.came is not None or hand.departed_s is not None or hand.left is not None
    latest_s = planned_by_s(visit, role, start_s) if not here else NEVER_S
    end_s = max(end_s, start_s)
    leaves_at, on_s = visit.ends_at(role) or there, way.all_s - way.to_s
    halts.append(
        Halt(
            *(visit.visit_id, role, there, leaves_at, start_s, end_s, latest_s, way.all_s, here),
            kitchen=way.kitchen,
            on_s=on_s,
        )
    )
    return end_s


def _of_round(halt: Halt, fresh_s: int, left_s: int, *, boxed: bool) -> Halt:
    """A meal's halt with when its round leaves: the first moves that itself, nothing moves what is boxed."""
    if halt.kitchen is not None or halt.here:
        return halt._replace(left_s=left_s)
    if boxed:
        return halt._replace(left_s=left_s, latest_s=min(halt.latest_s, left_s + fresh_s))
    return halt._replace(left_s=left_s, fresh_by_s=left_s + fresh_s)


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


@dataclass(slots=True)
class _Limits:
    """What stands behind allows: the latest end and the latest arrival there, and the way."""

    cap_s: int
    bound_s: int
    way_s: int

    def before(self, halt: Halt, latest_s: int) -> int:
        """Go in front of a halt; the latest start that it has then."""
        length_s = halt.end_s - halt.start_s
        if halt.visit_id is None:
            self.cap_s, self.bound_s = min(latest_s, self.cap_s - length_s), self.bound_s - length_s
            return latest_s
        latest_s = min(latest_s, min(self.cap_s, self.bound_s - self.way_s) - length_s)
        self.cap_s, self.bound_s, self.way_s = NEVER_S, latest_s - halt.on_s, halt.travel_s - halt.on_s
        return latest_s


def _backward(halts: list[Halt], ends_s: int, home_s: int) -> tuple[list[Halt], list[tuple[int, int]]]:
    """Halts with latest starts made true from the shift's end, and per gap (latest end, latest arrival).

    Whoever is put into a gap must end by the first number, and with the way to the next place by the second.
    What is in front of a round's first stop moves its leaving, what is behind it does not.
    """
    left, moving = _Limits(NEVER_S, ends_s, home_s), None
    made: list[Halt] = []
    limits = [(left.cap_s, left.bound_s)]
    for halt in reversed(halts):
        if moving is None and halt.fresh_by_s < NEVER_S:
            moving = replace(left)
        latest_s = left.before(halt, min(halt.latest_s, halt.fresh_by_s))
        if moving is not None:
            moving_s = moving.before(halt, halt.latest_s)
            if halt.kitchen is not None:
                left, moving, latest_s = moving, None, moving_s
        made.append(halt if halt.visit_id is None else halt._replace(latest_s=latest_s))
        limits.append((left.cap_s, left.bound_s))
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
        goal = first if home else halts[after].kitchen or halts[after].place
        way_s = home_s if home else halts[after].travel_s - halts[after].on_s
        leave_s = NEVER_S if home else halts[after].start_s - halts[after].travel_s - rest_s
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


def _among_rounds(gaps: Sequence[Gap], halts: Sequence[Halt], rounds: Sequence[Round]) -> Iterator[Gap]:
    """The gaps with the rounds a meal put in there may go with."""
    at = -1
    for number, gap in enumerate(gaps):
        if at + 1 < len(rounds) and rounds[at + 1].first < number:
            at += 1
        after = next((k for k in range(number, len(halts)) if halts[k].visit_id is not None), -1)
        leads = at + 1 < len(rounds) and rounds[at + 1].first == after and halts[after].kitchen is not None
        inside = at >= 0 and number <= rounds[at].last
        yield gap._replace(rides=at, leads=at + 1 if leads else -1, inside=inside)
