"""Does a plan keep every hard rule? Shares nothing with the engines but the problem.

It reads the plan as a person with a watch would, from the start times it states, and believes no engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dispatcher.planning.problem import Plan, PlanCaregiver, PlannedStop, PlanVisit, Problem, Role, Route


@dataclass(frozen=True)
class Violation:
    """One broken rule: its code, whom it concerns, and the numbers a person needs to see it."""

    code: str
    visit_id: str | None = None
    caregiver_id: str | None = None
    numbers: tuple[tuple[str, int], ...] = ()


Found = Iterator[Violation]


def check(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Every hard rule the plan breaks; empty when it keeps them all.

    Codes: UNKNOWN_CAREGIVER, UNKNOWN_VISIT, UNKNOWN_ROLE, ROUTE_TWICE, ROLE_TWICE, HALF_SERVED,
    SERVED_AND_NOT, FORGOTTEN, NOT_ALLOWED, SKILL_MISSING, TOO_EARLY, TOO_LATE, PROMISE_BROKEN,
    CREW_NOT_DIFFERENT, CREW_APART, BEFORE_SHIFT, NO_TIME_TO_TRAVEL, SHIFT_OVERRUN, NO_BREAK, FROZEN_MOVED,
    OVERLOADED.
    """
    unreadable = tuple(_unreadable(problem, plan))
    if unreadable:
        return unreadable
    return (
        *_served_once(problem, plan),
        *(v for route in plan.routes for v in _entitled(problem, route)),
        *_starts(problem, plan),
        *_crews(problem, plan),
        *(v for route in plan.routes for v in _day(problem, route)),
        *(v for route in plan.routes for v in _carried(problem, route)),
        *_frozen(problem, plan),
    )


def _unreadable(problem: Problem, plan: Plan) -> Found:
    """Names the problem does not know; nothing else can be asked while there are any."""
    for carer, times in Counter(route.caregiver_id for route in plan.routes).items():
        if carer not in problem.caregiver_by_id:
            yield Violation("UNKNOWN_CAREGIVER", caregiver_id=carer)
        if times > 1:
            yield Violation("ROUTE_TWICE", caregiver_id=carer, numbers=(("times", times),))
    named = [s.visit_id for r in plan.routes for s in r.stops] + [visit_id for visit_id, _ in plan.unserved]
    for visit_id in sorted(set(named) - set(problem.visit_by_id)):
        yield Violation("UNKNOWN_VISIT", visit_id)
    for route in plan.routes:
        for stop in route.stops:
            visit = problem.visit_by_id.get(stop.visit_id)
            if visit is not None and not 0 <= stop.role < len(visit.roles):
                yield Violation("UNKNOWN_ROLE", stop.visit_id, route.caregiver_id, (("role", stop.role),))


def _served_once(problem: Problem, plan: Plan) -> Found:
    """Each role of each visit once, all roles or none; a visit left out is named as such, once.

    A crew of which only frozen roles stand may be named as left out: the rest found no one.
    """
    frozen = {(f.visit_id, f.role) for c in problem.caregivers for f in c.frozen}
    told = Counter(visit_id for visit_id, _ in plan.unserved)
    done = Counter((s.visit_id, s.role) for r in plan.routes for s in r.stops)
    for visit in problem.visits:
        counts = [done[(visit.visit_id, role.role)] for role in visit.roles]
        for role, times in enumerate(counts):
            if times > 1:
                yield Violation("ROLE_TWICE", visit.visit_id, numbers=(("role", role), ("times", times)))
        present = sum(1 for times in counts if times)
        free = sum(1 for r, times in enumerate(counts) if times and (visit.visit_id, r) not in frozen)
        if 0 < present < len(counts) and not free and told[visit.visit_id] == 1:
            continue
        if 0 < present < len(counts):
            numbers = (("present", present), ("needed", len(counts)))
            yield Violation("HALF_SERVED", visit.visit_id, numbers=numbers)
        if present and told[visit.visit_id]:
            yield Violation("SERVED_AND_NOT", visit.visit_id)
        if not present and told[visit.visit_id] != 1:
            yield Violation("FORGOTTEN", visit.visit_id, numbers=(("named", told[visit.visit_id]),))


def _entitled(problem: Problem, route: Route) -> Found:
    """The caregiver is allowed and skilled, save for stops that were frozen as they are."""
    carer = problem.caregiver_by_id[route.caregiver_id]
    for stop in route.stops[len(carer.frozen) :]:
        role = problem.visit_by_id[stop.visit_id].roles[stop.role]
        if role.allowed is not None and carer.caregiver_id not in role.allowed:
            yield Violation("NOT_ALLOWED", stop.visit_id, carer.caregiver_id, (("role", stop.role),))
        lacking = len(role.skills - carer.skills)
        if lacking:
            numbers = (("role", stop.role), ("lacking", lacking))
            yield Violation("SKILL_MISSING", stop.visit_id, carer.caregiver_id, numbers)


def _starts(problem: Problem, plan: Plan) -> Found:
    """Start windows and promises."""
    frozen = {(f.visit_id, f.role) for c in problem.caregivers for f in c.frozen}
    for route in plan.routes:
        for stop in route.stops:
            if (stop.visit_id, stop.role) not in frozen:
                yield from _start(problem.visit_by_id[stop.visit_id], stop, route.caregiver_id)


def _start(visit: PlanVisit, stop: PlannedStop, caregiver_id: str) -> Found:
    role: Role = visit.roles[stop.role]
    due_s = role.due_s if role.due_s is not None else visit.due_s
    seen = (("role", stop.role), ("start_s", stop.start_s))
    if stop.start_s < visit.ready_s:
        yield Violation("TOO_EARLY", visit.visit_id, caregiver_id, (*seen, ("ready_s", visit.ready_s)))
    if stop.start_s > due_s and not visit.soft_due:
        yield Violation("TOO_LATE", visit.visit_id, caregiver_id, (*seen, ("due_s", due_s)))
    if visit.told is not None and stop.role == 0 and not visit.told[0] <= stop.start_s <= visit.told[1]:
        numbers = (*seen, ("lo_s", visit.told[0]), ("hi_s", visit.told[1]))
        yield Violation("PROMISE_BROKEN", visit.visit_id, caregiver_id, numbers)


def _crews(problem: Problem, plan: Plan) -> Found:
    """Different caregivers for the roles of a visit, beginning at the offsets it asks."""
    done: dict[str, dict[int, tuple[str, int]]] = {}
    for route in plan.routes:
        for stop in route.stops:
            done.setdefault(stop.visit_id, {})[stop.role] = (route.caregiver_id, stop.start_s)
    for visit_id, roles in done.items():
        visit = problem.visit_by_id[visit_id]
        if len({carer for carer, _ in roles.values()}) < len(roles):
            yield Violation("CREW_NOT_DIFFERENT", visit_id, numbers=(("roles", len(roles)),))
        yield from _offsets(visit, roles)


def _offsets(visit: PlanVisit, roles: Mapping[int, tuple[str, int]]) -> Found:
    if 0 not in roles:
        return
    for number, (carer, start_s) in roles.items():
        role = visit.roles[number]
        apart_s = start_s - roles[0][1]
        if number and not role.offset_min_s <= apart_s <= role.offset_max_s:
            limits = (("min_s", role.offset_min_s), ("max_s", role.offset_max_s))
            numbers = (("role", number), ("apart_s", apart_s), *limits)
            yield Violation("CREW_APART", visit.visit_id, carer, numbers)


def _day(problem: Problem, route: Route) -> Found:
    """One caregiver's day after the frozen stops: travel between stops, the way home, and the breaks."""
    carer = problem.caregiver_by_id[route.caregiver_id]
    if len(route.stops) <= len(carer.frozen):
        return
    halts = list(_halts(problem, carer, route))[len(carer.frozen) :]
    for number, (free_s, by_s, travel_s, visit_id) in enumerate(halts):
        short_s = free_s + travel_s - by_s
        if short_s <= 0:
            continue
        code = "NO_TIME_TO_TRAVEL" if number or carer.frozen else "BEFORE_SHIFT"
        numbers = (("free_s", free_s), ("travel_s", travel_s), ("by_s", by_s), ("short_s", short_s))
        yield Violation(code if visit_id else "SHIFT_OVERRUN", visit_id, carer.caregiver_id, numbers)
    gaps = [[free_s, by_s, by_s - free_s - travel_s] for free_s, by_s, travel_s, _ in halts]
    breaks = problem.breaks_left(carer)
    if not _breaks_fit(breaks, gaps):
        yield Violation("NO_BREAK", None, carer.caregiver_id, (("breaks", len(breaks)),))


def _carried(problem: Problem, route: Route) -> Found:
    """What all stops weigh together against what the caregiver can carry."""
    capacity = problem.caregiver_by_id[route.caregiver_id].capacity
    load = sum(problem.visit_by_id[stop.visit_id].load for stop in route.stops)
    if capacity is not None and load > capacity:
        yield Violation("OVERLOADED", None, route.caregiver_id, (("load", load), ("capacity", capacity)))


def _halts(
    problem: Problem, carer: PlanCaregiver, route: Route
) -> Iterator[tuple[int, int, int, str | None]]:
    """(free from, must begin by, travel between, visit) before each stop, then before the day's end."""
    free_s, place = carer.first_s, carer.first_place
    for stop in route.stops:
        visit = problem.visit_by_id[stop.visit_id]
        yield free_s, stop.start_s, _way_s(problem, carer, place, visit.place), visit.visit_id
        free_s, place = stop.start_s + visit.roles[stop.role].duration_s, visit.place
    home_s = 0 if carer.end_place is None else _way_s(problem, carer, place, carer.end_place)
    yield free_s, carer.shift_end_s + carer.overtime_s, home_s, None


def _way_s(problem: Problem, carer: PlanCaregiver, a: int, b: int) -> int:
    """The way's seconds at this caregiver's pace, rounded up."""
    return -(-problem.travel.travel_s(a, b) * carer.pace_permille // 1000)


def _breaks_fit(breaks: tuple[tuple[int, int, int], ...], gaps: list[list[int]]) -> bool:
    """Whether each break can be put in a gap [free, next] with idle time left, after trying every gap.

    A gap's own start moves on when a break is put in it, so that two breaks never overlap.
    """
    if not breaks:
        return True
    earliest_s, latest_s, duration_s = breaks[0]
    for gap in gaps:
        begin_s = max(gap[0], earliest_s)
        if begin_s > latest_s or begin_s + duration_s > gap[1] or gap[2] < duration_s:
            continue
        kept = list(gap)
        gap[0], gap[2] = begin_s + duration_s, gap[2] - duration_s
        fits = _breaks_fit(breaks[1:], gaps)
        gap[:] = kept
        if fits:
            return True
    return False


def _frozen(problem: Problem, plan: Plan) -> Found:
    """Stops that may not move stand where they stood, first in their route."""
    routes = {route.caregiver_id: route for route in plan.routes}
    for carer in problem.caregivers:
        stops = routes[carer.caregiver_id].stops if carer.caregiver_id in routes else ()
        for number, want in enumerate(carer.frozen):
            has = stops[number] if number < len(stops) else None
            if has is None or (has.visit_id, has.role, has.start_s) != (
                want.visit_id,
                want.role,
                want.start_s,
            ):
                numbers = (("position", number), ("start_s", want.start_s))
                yield Violation("FROZEN_MOVED", want.visit_id, carer.caregiver_id, numbers)
