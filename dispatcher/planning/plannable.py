"""Turn a day as it was told into one that can be planned, and name what could not be taken as it was.

Whatever the world sends, the rest of the day is planned: a visit that contradicts itself, or a caregiver who
is nowhere, is set aside with a reason, and nothing raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import numpy.typing as npt

from dispatcher.core.travel import FAR_S
from dispatcher.planning.problem import PlanCaregiver, PlanVisit, Problem, Role
from dispatcher.planning.travel import PointTravel, Travel

_Asked = tuple[frozenset[str], frozenset[str] | None, frozenset[str]]
"""What a role asks of its caregiver."""


@dataclass(frozen=True)
class Fault:
    """One thing that could not be planned as it was asked: the code, and whose fault it is."""

    code: str
    visit_id: str | None = None
    caregiver_id: str | None = None


def plannable(problem: Problem) -> tuple[Problem, tuple[Fault, ...]]:
    """The problem without what contradicts itself, and what that was. Does nothing the second time.

    Codes: ID_REPEATED (the first of the id stays), DURATION_WRONG, WINDOW_CONTRADICTS, PLACE_UNKNOWN,
    ROLES_WRONG, SHIFT_REVERSED, TOO_FAR_AWAY (no visit can be reached in the shift), NO_CAREGIVER (no set of
    different caregivers may take it). The last two stay in the problem, which can be planned with them.
    """
    faults: list[Fault] = []
    visits = _sound_visits(problem, faults)
    carers = _sound_carers(problem, visits, faults)
    kept = problem
    if len(visits) < len(problem.visits) or carers != list(problem.caregivers):
        kept = replace(problem, caregivers=tuple(carers), visits=tuple(visits))
    faults.extend(Fault("NO_CAREGIVER", visit_id) for visit_id in _without_crew(kept))
    faults.extend(Fault("TOO_FAR_AWAY", caregiver_id=c) for c in _far_away(kept))
    return kept, tuple(faults)


def without_holes(ways_s: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """A travel matrix in which what is below zero (nobody measured it) is longer than any day."""
    return np.where(ways_s < 0, np.int32(FAR_S), ways_s) if (ways_s < 0).any() else ways_s


def _sound_visits(problem: Problem, faults: list[Fault]) -> list[PlanVisit]:
    begun = {f.visit_id for carer in problem.caregivers for f in carer.frozen}
    seen: set[str] = set()
    sound = []
    for visit in problem.visits:
        code = "ID_REPEATED" if visit.visit_id in seen else _wrong_with(visit, problem.travel.places)
        if code is None and visit.visit_id not in begun and not _has_start(visit):
            code = "WINDOW_CONTRADICTS"
        seen.add(visit.visit_id)
        if code is None:
            sound.append(visit)
        else:
            faults.append(Fault(code, visit.visit_id))
    return sound


def _wrong_with(visit: PlanVisit, places: int) -> str | None:
    """What a visit contradicts itself in; None when it can be planned."""
    if not visit.roles or [role.role for role in visit.roles] != list(range(len(visit.roles))):
        return "ROLES_WRONG"
    if any(role.duration_s <= 0 for role in visit.roles):
        return "DURATION_WRONG"
    known = [visit.place, *(p for role in visit.roles for p in (role.place, role.leaves_at))]
    known.append(None if visit.meal is None else visit.meal.kitchen)
    return None if all(p is None or 0 <= p < places for p in known) else "PLACE_UNKNOWN"


def _has_start(visit: PlanVisit) -> bool:
    """Whether there is a start of role 0 that its window, its promise and the offsets of the others allow."""
    lo_s, hi_s = visit.told if visit.told is not None else (visit.ready_s, visit.ready_s + FAR_S)
    lo_s = max(lo_s, visit.ready_s)
    for number, role in enumerate(visit.roles):
        if role.offset_min_s > role.offset_max_s:
            return False
        least_s, most_s = (role.offset_min_s, role.offset_max_s) if number else (0, 0)
        lo_s = max(lo_s, visit.ready_s - most_s)
        if not visit.soft_due:
            hi_s = min(hi_s, (visit.due_s if role.due_s is None else role.due_s) - least_s)
    return lo_s <= hi_s


def _sound_carers(problem: Problem, visits: Sequence[PlanVisit], faults: list[Fault]) -> list[PlanCaregiver]:
    roles = {visit.visit_id: len(visit.roles) for visit in visits}
    places = problem.travel.places
    seen: set[str] = set()
    sound = []
    for carer in problem.caregivers:
        code = "ID_REPEATED" if carer.caregiver_id in seen else _wrong_about(carer, places)
        seen.add(carer.caregiver_id)
        if code is None:
            sound.append(_with_known_stops(carer, roles))
        else:
            faults.append(Fault(code, caregiver_id=carer.caregiver_id))
    return sound


def _wrong_about(carer: PlanCaregiver, places: int) -> str | None:
    ends = [p for p in (carer.start_place, carer.end_place, carer.available_place) if p is not None]
    if not all(0 <= place < places for place in ends):
        return "PLACE_UNKNOWN"
    if carer.shift_end_s < carer.shift_start_s or any(b[2] < 0 or b[0] > b[1] for b in carer.breaks):
        return "SHIFT_REVERSED"
    return None


def _with_known_stops(carer: PlanCaregiver, roles: dict[str, int]) -> PlanCaregiver:
    """The caregiver without frozen stops of visits that were set aside; free no earlier than they began."""
    kept = tuple(f for f in carer.frozen if 0 <= f.role < roles.get(f.visit_id, 0))
    if len(kept) == len(carer.frozen):
        return carer
    gone_s = max(f.start_s for f in carer.frozen if f not in kept)
    return replace(carer, frozen=kept, available_from_s=max(carer.first_s, gone_s))


def _without_crew(problem: Problem) -> Iterator[str]:
    """Visits whose roles no set of different caregivers may take; frozen roles have theirs."""
    frozen = {(f.visit_id, f.role) for c in problem.caregivers for f in c.frozen}
    enough = max((len(visit.roles) for visit in problem.visits), default=0)
    able: dict[_Asked, tuple[str, ...]] = {}
    for visit in problem.visits:
        wanted = [role for role in visit.roles if (visit.visit_id, role.role) not in frozen]
        for role in wanted:
            key = (role.skills, role.allowed, role.barred)
            if key not in able:
                able[key] = _able(problem, role, enough)
        ones = [able[role.skills, role.allowed, role.barred] for role in wanted]
        if not (all(ones) if visit.same_carer else _match(ones, frozenset())):
            yield visit.visit_id


def _able(problem: Problem, role: Role, enough: int) -> tuple[str, ...]:
    """Who may take a role: as many as a crew has, for more decide nothing."""
    may = (carer.caregiver_id for carer in problem.caregivers if problem.may_take(carer, role))
    return tuple(islice(may, enough))


def _match(able: Sequence[Sequence[str]], taken: frozenset[str]) -> bool:
    """Whether each role can have somebody of its own."""
    if not able:
        return True
    return any(_match(able[1:], taken | {one}) for one in able[0] if one not in taken)


def _far_away(problem: Problem) -> Iterator[str]:
    """Caregivers who can be at no visit before their day ends."""
    places = np.array(sorted({visit.place for visit in problem.visits}), dtype=np.int64)
    if not len(places):
        return
    nearest = {id(travel): _nearest(travel, places) for travel in map(problem.ways, problem.caregivers)}
    for carer in problem.caregivers:
        nearest_s = nearest[id(problem.ways(carer))]
        left_s = carer.shift_end_s + carer.overtime_s - carer.first_s
        way_s = nearest_s(carer.first_place) * carer.pace_permille // 1000
        if not carer.frozen and not problem.first_way_in_own_time(carer) and 0 < left_s < way_s:
            yield carer.caregiver_id


def _nearest(travel: Travel, places: npt.NDArray[np.int64]) -> Callable[[int], int]:
    """Seconds from a place to the nearest of these; between points, to the box around them: never more."""
    if not isinstance(travel, PointTravel):
        matrix_s = travel.matrix_s
        return lambda place: int(matrix_s[place, places].min())
    points = travel.points_m
    low, high = points[places].min(axis=0), points[places].max(axis=0)

    def to_box_s(place: int) -> int:
        apart = np.maximum(np.maximum(low - points[place], points[place] - high), 0.0)
        return int(np.sqrt((apart * apart).sum()) * travel.s_per_m)

    return to_box_s
