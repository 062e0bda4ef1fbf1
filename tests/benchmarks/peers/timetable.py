"""One caregiver's stops in time: the earliest start of each, breaks put between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.planning.price import due_of
from dispatcher.planning.problem import PlanCaregiver, PlanVisit, Problem

NEVER_S = 1 << 40


@dataclass(frozen=True, slots=True)
class Hand:
    """One role of one visit with the bounds of its start."""

    visit: PlanVisit
    role: int
    low_s: int
    high_s: int

    @property
    def duration_s(self) -> int:
        """Seconds of care."""
        return self.visit.roles[self.role].duration_s


@dataclass(frozen=True)
class Timed:
    """Starts of the first stops that hold, and whether all do, the way home included."""

    starts_s: tuple[int, ...]
    holds: bool


def window(visit: PlanVisit, role: int) -> tuple[int, int]:
    """First and last second at which the role may begin."""
    low_s = visit.ready_s
    high_s = NEVER_S if visit.soft_due else due_of(visit, visit.roles[role])
    if visit.told is not None and role == 0:
        return max(low_s, visit.told[0]), min(high_s, visit.told[1])
    return low_s, high_s


def timed(problem: Problem, carer: PlanCaregiver, stops: Sequence[Hand]) -> Timed:
    """The stops in this order, each as early as it can be.

    A state is (free from, breaks taken): for each number of breaks taken only the earliest is kept.
    """
    breaks = problem.breaks_left(carer)
    free: list[int] = [carer.first_s] + [NEVER_S] * len(breaks)
    chosen: list[list[tuple[int, int]]] = []
    place, pace = carer.first_place, carer.pace_permille
    for stop in stops:
        way_s = problem.travel.travel_s(place, stop.visit.place, pace)
        step = _over(free, way_s, breaks, stop.low_s, stop.high_s)
        if min(step)[0] >= NEVER_S:
            return Timed(_back(chosen, None), False)
        chosen.append(step)
        free = [start_s + stop.duration_s if start_s < NEVER_S else NEVER_S for start_s, _ in step]
        place = stop.visit.place
    way_s = 0 if carer.end_place is None else problem.travel.travel_s(place, carer.end_place, pace)
    last = _over(free, way_s, breaks, 0, carer.shift_end_s + carer.overtime_s)[-1]
    if stops and last[0] >= NEVER_S:
        return Timed(_back(chosen, None), False)
    return Timed(_back(chosen, last[1] if stops else None), True)


def _over(
    free: list[int], way_s: int, breaks: Sequence[tuple[int, int, int]], low_s: int, high_s: int
) -> list[tuple[int, int]]:
    """For each number of breaks taken so far: earliest arrival within [low, high], breaks taken before it."""
    best = [(NEVER_S, -1)] * len(free)
    for before, free_s in enumerate(free):
        if free_s >= NEVER_S:
            continue
        rested_s, work_s = free_s, way_s
        for taken in range(before, len(free)):
            if taken > before:
                earliest_s, latest_s, duration_s = breaks[taken - 1]
                begin_s = max(rested_s, earliest_s)
                if begin_s > latest_s:
                    break
                rested_s, work_s = begin_s + duration_s, work_s + duration_s
            start_s = max(free_s + work_s, rested_s, low_s)
            if start_s <= high_s and start_s < best[taken][0]:
                best[taken] = (start_s, before)
    return best


def _back(chosen: list[list[tuple[int, int]]], taken: int | None) -> tuple[int, ...]:
    """The starts that lead to the last state; of the earliest one, where none is named."""
    if not chosen:
        return ()
    at = min(range(len(chosen[-1])), key=lambda k: chosen[-1][k][0]) if taken is None else taken
    starts = []
    for step in reversed(chosen):
        start_s, before = step[at]
        starts.append(start_s)
        at = before
    return tuple(reversed(starts))
