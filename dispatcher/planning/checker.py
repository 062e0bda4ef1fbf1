"""Does a plan keep every hard rule? Shares nothing with the engines but the problem.

It reads the plan as a person with a watch would, from the start times it states, and believes no engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass

from dispatcher.planning.check_rounds import check_load, check_meals
from dispatcher.planning.problem import Plan, PlanCaregiver, PlannedStop, PlanVisit, Problem, Role, Route
from dispatcher.planning.violation import Found, Violation


def check(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Every hard rule the plan breaks; empty when it keeps them all.

    Codes: UNKNOWN_CAREGIVER, UNKNOWN_VISIT, UNKNOWN_ROLE, ROUTE_TWICE, ROLE_TWICE, HALF_SERVED,
    SERVED_AND_NOT, FORGOTTEN, NOT_ALLOWED, SKILL_MISSING, TOO_EARLY, TOO_LATE, PROMISE_BROKEN,
    CREW_NOT_DIFFERENT, CREW_APART, LEGS_OUT_OF_ORDER, BEFORE_SHIFT, NOT_RESTED, NO_TIME_TO_TRAVEL,
    SHIFT_OVERRUN, NO_BREAK, CERTIFICATE_ENDED, OVER_HOURS, NO_KITCHEN, NO_TIME_AT_KITCHEN, COOKED_LATER,
    STALE, OVERLOADED, FROZEN_MOVED.
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
        *(v for route in plan.routes for v in check_meals(problem, route)),
        *(v for route in plan.routes for v in check_load(problem, route)),
        *(v for route in plan.routes for v in _week(problem, route)),
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
        allowed = role.allowed is None or carer.caregiver_id in role.allowed
        if not allowed or carer.caregiver_id in role.barred:
            yield Violation("NOT_ALLOWED", stop.visit_id, carer.caregiver_id, (("role", stop.role),))
        lacking = len(role.skills - carer.skills)
        if lacking:
            numbers = (("role", stop.role), ("lacking", lacking))
            yield Violation("SKILL_MISSING", stop.visit_id, carer.caregiver_id, numbers)
        ends = [until_s for skill, until_s in carer.valid_until_s.items() if skill in role.skills]
        over_s = stop.start_s + role.duration_s
        if any(until_s < over_s for until_s in ends):
            ended = (("role", stop.role), ("over_s", over_s), ("until_s", min(ends)))
            yield Violation("CERTIFICATE_ENDED", stop.visit_id, carer.caregiver_id, ended)


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
    """Different caregivers for the roles of a visit, or one in order of role; begun at the offsets asked."""
    done: dict[str, dict[int, tuple[str, int]]] = {}
    for route in plan.routes:
        held: dict[str, int] = {}
        for stop in route.stops:
            if stop.role < held.get(stop.visit_id, 0) and problem.visit_by_id[stop.visit_id].same_carer:
                yield Violation(
                    "LEGS_OUT_OF_ORDER", stop.visit_id, route.caregiver_id, (("role", stop.role),)
                )
            held[stop.visit_id] = stop.role
            done.setdefault(stop.visit_id, {})[stop.role] = (route.caregiver_id, stop.start_s)
    for visit_id, roles in done.items():
        visit = problem.visit_by_id[visit_id]
        if not visit.same_carer and len({carer for carer, _ in roles.values()}) < len(roles):
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
    gaps = [gap for gap in _gaps(problem, carer, route) if gap.position >= len(carer.frozen)]
    for gap in gaps:
        short_s = gap.free_s + gap.work_s - gap.by_s
        if short_s <= 0:
            continue
        numbers = (("free_s", gap.free_s), ("work_s", gap.work_s), ("by_s", gap.by_s), ("short_s", short_s))
        yield Violation(_short(carer, gap, short_s), gap.visit_id, carer.caregiver_id, numbers)
    breaks = problem.breaks_left(carer)
    if not _breaks_fit(breaks, [[g.free_s, g.by_s, g.by_s - g.free_s - g.work_s] for g in gaps]):
        yield Violation("NO_BREAK", None, carer.caregiver_id, (("breaks", len(breaks)),))


def _short(carer: PlanCaregiver, gap: _Gap, short_s: int) -> str:
    """The rule that is broken where a gap is too short."""
    if gap.visit_id is None:
        return "SHIFT_OVERRUN"
    if gap.position == 0 and not carer.frozen and gap.first:
        known = [t for t in (carer.shift_start_s, carer.available_from_s) if t is not None]
        return "BEFORE_SHIFT" if gap.free_s - short_s < max(known) else "NOT_RESTED"
    return "NO_TIME_AT_KITCHEN" if gap.kitchen else "NO_TIME_TO_TRAVEL"


def _week(problem: Problem, route: Route) -> Found:
    """Care, loading and ways against the hours left of the week; ways in own time and waits are not work."""
    carer = problem.caregiver_by_id[route.caregiver_id]
    if carer.work_left_s is None or len(route.stops) <= len(carer.frozen):
        return
    care_s = sum(problem.visit_by_id[s.visit_id].roles[s.role].duration_s for s in route.stops)
    work_s = care_s + sum(gap.work_s for gap in _gaps(problem, carer, route))
    if work_s > carer.work_left_s:
        numbers = (("work_s", work_s), ("left_s", carer.work_left_s))
        yield Violation("OVER_HOURS", None, carer.caregiver_id, numbers)


@dataclass(frozen=True)
class _Gap:
    """Time between two halts: free from, must be at the next by, and the work to do in between."""

    position: int
    """Of the stop it leads to; the last gap leads home."""
    free_s: int
    by_s: int
    work_s: int
    visit_id: str | None
    """None: the day's end."""
    kitchen: bool = False
    first: bool = False


def _gaps(problem: Problem, carer: PlanCaregiver, route: Route) -> Iterator[_Gap]:
    """The gap before each stop, or two by the kitchen where a round begins; then the one to the day's end."""
    free_s, place = carer.first_s, carer.first_place
    own_time = not carer.start_paid and carer.available_from_s is None
    fetched: tuple[int, int] | None = None
    for number, stop in enumerate(route.stops):
        visit = problem.visit_by_id[stop.visit_id]
        first = number == 0
        if visit.meal is not None and stop.left_kitchen_s is not None:
            kitchen, left_s = visit.meal.kitchen, stop.left_kitchen_s
            if (kitchen, left_s) != fetched:
                way_s = 0 if first and own_time else _way_s(problem, carer, place, kitchen)
                work_s = way_s + carer.loading_s
                yield _Gap(number, free_s, left_s, work_s, stop.visit_id, True, first)
                free_s, place, first, own_time = left_s, kitchen, False, False
            fetched = kitchen, left_s
        own = visit.roles[stop.role].place
        at = visit.place if own is None else own
        way_s = 0 if first and own_time else _way_s(problem, carer, place, at)
        yield _Gap(number, free_s, stop.start_s, way_s, stop.visit_id, False, first)
        leaves_at = visit.roles[stop.role].leaves_at
        place = at if leaves_at is None else leaves_at
        free_s = stop.start_s + visit.roles[stop.role].duration_s
    unpaid = carer.end_place is None or not carer.end_paid
    home_s = 0 if unpaid else _way_s(problem, carer, place, carer.end_place or 0)
    yield _Gap(len(route.stops), free_s, carer.shift_end_s + carer.overtime_s, home_s, None)


def _way_s(problem: Problem, carer: PlanCaregiver, a: int, b: int) -> int:
    """The way's seconds by this caregiver's mode at this caregiver's pace, rounded up."""
    travel = problem.travel if carer.mode is None else problem.travel_by_mode[carer.mode]
    return -(-travel.travel_s(a, b) * carer.pace_permille // 1000)


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
            stands = has is not None and astuple(has) == astuple(want)
            if not stands:
                numbers = (("position", number), ("start_s", want.start_s))
                yield Violation("FROZEN_MOVED", want.visit_id, carer.caregiver_id, numbers)
