"""The plan a dispatcher makes by hand: whoever is free first goes to the nearest visit that still fits.

Of the visits that fit — skills, start window, break, way home in time — the one whose care can begin soonest
is taken, so that nobody waits an hour for a near door. A crew's other caregiver is whoever can be
there soonest; the visit begins when both are. Nothing is ever taken back.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dispatcher.planning.problem import Plan, PlanCaregiver, PlannedStop, PlanVisit, Problem, Role, Route
from tests.benchmarks.peers.timetable import NEVER_S, window
from tests.benchmarks.peers.ways import Whole, home_s, ways_s
from tests.benchmarks.works.grid import Grid

Yes = npt.NDArray[np.bool_]
TRIED = 16
"""Caregivers tried as a crew's second, for each who would lead it."""
Kind = tuple[frozenset[str], frozenset[str] | None]


@dataclass
class Day:
    """One caregiver's day so far."""

    carer: PlanCaregiver
    place: int
    free_s: int
    room: int
    breaks: tuple[tuple[int, int, int], ...]
    stops: list[PlannedStop] = field(default_factory=list)


class Open:
    """The visits nobody has yet, as arrays by the visit's number, and who can do what."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        visits = problem.visits
        self.left: Yes = np.ones(len(visits), dtype=np.bool_)
        self.place: Whole = np.array([v.place for v in visits], dtype=np.int64)
        bounds = np.array([window(v, 0) for v in visits], dtype=np.int64).reshape(-1, 2)
        self.low_s, self.high_s = bounds[:, 0], bounds[:, 1]
        self.care_s: Whole = np.array([v.roles[0].duration_s for v in visits], dtype=np.int64)
        self.load: Whole = np.array([v.load for v in visits], dtype=np.int64)
        kinds: dict[Kind, int] = {}
        self.kind: Whole = np.array(
            [kinds.setdefault((v.roles[0].skills, v.roles[0].allowed), len(kinds)) for v in visits],
            dtype=np.int64,
        )
        self.kinds = tuple(kinds)
        self.grid = Grid(problem.travel, self.place)
        self._masks: dict[frozenset[str], Yes] = {}

    def can(self, carer: PlanCaregiver) -> Yes:
        """By kind of first role: whether the caregiver may take it."""
        if any(allowed is not None for _, allowed in self.kinds):
            return self._mask(carer)
        if carer.skills not in self._masks:
            self._masks[carer.skills] = self._mask(carer)
        return self._masks[carer.skills]

    def _mask(self, carer: PlanCaregiver) -> Yes:
        found = [
            self.problem.may_take(carer, Role(0, skills, 0, allowed=allowed))
            for skills, allowed in self.kinds
        ]
        return np.array(found, dtype=np.bool_)


def nearest_first(problem: Problem, limit_s: float, seed: int) -> Plan:
    """The plan, whatever the limit and the seed. Days without frozen stops are understood."""
    days = [
        Day(
            c, c.first_place, c.first_s, NEVER_S if c.capacity is None else c.capacity, problem.breaks_left(c)
        )
        for c in problem.caregivers
    ]
    opened = Open(problem)
    crews = Crews(problem, days)
    heap = [(day.free_s, number) for number, day in enumerate(days)]
    heapq.heapify(heap)
    while heap:
        free_s, number = heapq.heappop(heap)
        day = days[number]
        if free_s != day.free_s or _go(problem, opened, crews, number):
            heapq.heappush(heap, (day.free_s, number))
    routes = tuple(Route(day.carer.caregiver_id, tuple(day.stops)) for day in days)
    left = (v for v, still in zip(problem.visits, opened.left, strict=True) if still)
    return Plan(routes, tuple((v.visit_id, "NO_ROOM") for v in left))


def _go(problem: Problem, opened: Open, crews: Crews, number: int) -> bool:
    """Give the caregiver its next visit; whether there was one."""
    day = crews.days[number]
    can = opened.can(day.carer)
    for near in opened.grid.rings(day.place, opened.left):
        some = near[can[opened.kind[near]] & (opened.load[near] <= day.room)]
        starts = begin_s(
            problem, day, opened.place[some], opened.low_s[some], opened.high_s[some], opened.care_s[some]
        )
        for at in np.argsort(starts, kind="stable"):
            if starts[at] >= NEVER_S:
                break
            visit = int(some[at])
            hands = crews.together(problem.visits[visit], number, int(starts[at]))
            if hands:
                opened.left[visit] = False
                for who, role, start_s in hands:
                    take(problem, crews.days[who], problem.visits[visit], role, start_s)
                    crews.moved(who)
                return True
    return False


def begin_s(problem: Problem, day: Day, places: Whole, low_s: Whole, high_s: Whole, care_s: Whole) -> Whole:
    """When the caregiver's care at each place could begin at the earliest; `NEVER_S` where it does not fit.

    The next break is taken before the visit if it has to be or its time has come; else it must fit after.
    """
    carer = day.carer
    ways = ways_s(problem.travel, day.place, places, carer.pace_permille)
    home = home_s(problem.travel, carer, places)
    end_s = carer.shift_end_s + carer.overtime_s
    start = np.maximum(day.free_s + ways, low_s)
    fits = (start <= high_s) & (start + care_s + home <= end_s)
    if not day.breaks:
        return np.where(fits, start, NEVER_S)
    earliest_s, latest_s, rest_s = day.breaks[0]
    after = np.maximum(start + care_s, earliest_s) <= latest_s
    after &= (
        np.maximum(np.maximum(start + care_s, earliest_s) + rest_s, start + care_s + home + rest_s) <= end_s
    )
    start = np.where(fits & after & (day.free_s < earliest_s), start, NEVER_S)
    rested_s = max(day.free_s, earliest_s) + rest_s
    before = np.maximum(np.maximum(day.free_s + ways + rest_s, rested_s), low_s)
    held = (before <= high_s) & (before + care_s + home <= end_s) & (rested_s - rest_s <= latest_s)
    return np.minimum(start, np.where(held, before, NEVER_S))


def take(problem: Problem, day: Day, visit: PlanVisit, role: int, start_s: int) -> None:
    """Put the stop at the end of the caregiver's day, and its break before it if it is taken there."""
    if day.breaks:
        earliest_s, latest_s, rest_s = day.breaks[0]
        way_s = problem.travel.travel_s(day.place, visit.place, day.carer.pace_permille)
        begun_s = max(day.free_s, earliest_s)
        if begun_s <= latest_s and start_s >= max(begun_s, day.free_s + way_s) + rest_s:
            day.breaks = day.breaks[1:]
    day.stops.append(PlannedStop(visit.visit_id, role, start_s))
    day.free_s, day.place = start_s + visit.roles[role].duration_s, visit.place
    day.room -= visit.load


class Crews:
    """Where all caregivers stand, to find the others of a crew."""

    def __init__(self, problem: Problem, days: list[Day]) -> None:
        self.problem, self.days = problem, days
        self.place: Whole = np.array([day.place for day in days], dtype=np.int64)
        self.free_s: Whole = np.array([day.free_s for day in days], dtype=np.int64)
        self._masks: dict[Kind, Yes] = {}

    def moved(self, number: int) -> None:
        """A caregiver has a new stop."""
        self.place[number], self.free_s[number] = self.days[number].place, self.days[number].free_s

    def together(self, visit: PlanVisit, lead: int, start_s: int) -> list[tuple[int, int, int]]:
        """(caregiver, role, start) for all roles, the lead being given; empty if nobody fits with it."""
        if len(visit.roles) == 1:
            return [(lead, 0, start_s)]
        for second, own_s in self._partners(visit, lead, start_s):
            role = visit.roles[1]
            first_s = max(start_s, own_s - role.offset_max_s)
            hands = [(lead, 0, first_s), (second, 1, max(own_s, first_s + role.offset_min_s))]
            if all(self._exact(visit, *hand) for hand in hands):
                return hands
        return []

    def _partners(self, visit: PlanVisit, lead: int, start_s: int) -> Iterator[tuple[int, int]]:
        """Of those who could be there soonest, whom it fits, and when they could begin. Crews of two only."""
        role = visit.roles[1]
        if len(visit.roles) > 2:
            return
        least_s, high_s = window(visit, 1)
        low_s = max(start_s + role.offset_min_s, least_s)
        ways = ways_s(self.problem.travel, visit.place, self.place)
        some = np.flatnonzero(self._can(role) & (self.free_s + ways <= high_s))
        soonest = np.maximum(self.free_s + ways, low_s)[some] + ways[some]
        found = []
        for number in some[np.argsort(soonest, kind="stable")[:TRIED]].tolist():
            if number == lead or visit.load > self.days[number].room:
                continue
            begin = self._begin(visit, number, 1, low_s, high_s)
            if begin < NEVER_S:
                found.append((begin, number))
        for begin, number in sorted(found):
            yield number, begin

    def _can(self, role: Role) -> Yes:
        """By caregiver: whether the role may be given to them."""
        kind = (role.skills, role.allowed)
        if kind not in self._masks:
            can = [self.problem.may_take(day.carer, role) for day in self.days]
            self._masks[kind] = np.array(can, dtype=np.bool_)
        return self._masks[kind]

    def _exact(self, visit: PlanVisit, number: int, role: int, start_s: int) -> bool:
        """Whether the caregiver can begin the role at exactly this second."""
        low_s, high_s = window(visit, role)
        return low_s <= start_s <= high_s and self._begin(visit, number, role, start_s, start_s) == start_s

    def _begin(self, visit: PlanVisit, number: int, role: int, low_s: int, high_s: int) -> int:
        one = [
            np.array([value], dtype=np.int64)
            for value in (visit.place, low_s, high_s, visit.roles[role].duration_s)
        ]
        return int(begin_s(self.problem, self.days[number], one[0], one[1], one[2], one[3])[0])
