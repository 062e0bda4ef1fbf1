"""A desk's day as a problem for the planners, and their plan as proposed stops. Pure.

One planned caregiver is one shift (its id is the shift's), so that somebody with two shifts has two. Stops
that are under way are not planned again: the shift begins where and when the last of them ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dispatcher.core.ahead import is_due
from dispatcher.core.boxes import under_way
from dispatcher.core.desk import Desk
from dispatcher.core.eligible import role_codes, week_over_s
from dispatcher.core.make_room import TOLD_S
from dispatcher.core.plan import NEVER_S, Day, kept_back_s, work_of
from dispatcher.core.plan_adopt import fixed_carer
from dispatcher.core.records import Place, Shift, Visit
from dispatcher.core.times import at, to_s
from dispatcher.planning.desk_rounds import (
    Brought,
    Stop,
    brought,
    halts_led,
    led,
    meal_of,
    round_ids,
    rounds_in_force,
    with_boxes,
)
from dispatcher.planning.desk_ways import Places, by_speed
from dispatcher.planning.desk_wishes import reserve_of, shared_out, usual_of
from dispatcher.planning.plannable import Fault, plannable
from dispatcher.planning.problem import (
    Plan,
    PlanCaregiver,
    PlannedStop,
    PlanVisit,
    Problem,
    Role,
    Route,
    Weights,
)
from schemas.base import StartWindow
from schemas.shapes import ProposedStop

UNSERVED_S = 1_000_000
PROMISED_S = 10_000_000


@dataclass(frozen=True)
class Keys:
    """What leads back from a plan to the desk: origin, caregivers by shift, visits not to propose.

    `waiting` visits' offers wait for a plan; `faults` cannot be planned; `places` are those by number;
    `rounds` are those in force, by visit, and `kitchens` the place where each meal is fetched.
    """

    origin_s: int
    carer_of: dict[str, str]
    pinned: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()
    places: tuple[Place, ...] = ()
    rounds: Mapping[str, str] = field(default_factory=dict)
    kitchens: Mapping[str, int] = field(default_factory=dict)


@dataclass
class _View:
    """The desk as it is looked at, and the sets of shifts already made: visits alike share theirs."""

    desk: Desk
    shifts: dict[str, Shift]
    now_s: int
    origin_s: int
    places: Places
    believed: dict[str, int]
    pinned: frozenset[str]
    led: frozenset[Stop]
    meals: Mapping[str, Brought]
    allowed: dict[tuple[bytes, str | None], frozenset[str]] = field(default_factory=dict)


def to_problem(
    desk: Desk, now: datetime, horizon: StartWindow, without: Collection[str] = ()
) -> tuple[Problem, Keys]:
    """The area's open visits and shifts from `now` to the end of `horizon`, and what leads back.

    `without` are caregivers who would not be there: their visits look for somebody else.
    """
    desk.board.ready(desk)
    now_s, end_s = to_s(now), to_s(horizon.closes_at)
    days = [day for day in _days(desk, now_s, end_s) if day.shift.caregiver_id not in without]
    origin_s = min([now_s, *(day.shift.starts_s for day in days)])
    places = Places()
    carers = [_carer(desk, day, now_s, origin_s, places) for day in days]
    shifts = {day.shift.shift_id: day.shift for day in days}
    chosen = list(_visits(desk, shifts, now_s, end_s, without))
    on_the_way = led(days, now_s)
    pinned = frozenset(v.visit_id for v in chosen if _pinned(desk, v, now_s, on_the_way))
    as_it_is = (_believed(days), pinned, on_the_way, brought(days))
    view = _View(desk, shifts, now_s, origin_s, places, *as_it_is)
    visits, faults = [], []
    for visit in chosen:
        planned = _visit(view, visit)
        if planned is not None:
            visits.append(planned)
        elif visit.visit_id not in pinned:
            faults.append(
                Fault("WINDOW_PAST" if visit.closes_s < now_s else "WINDOW_CONTRADICTS", visit.visit_id)
            )
    carers = with_boxes(desk, days, carers, (desk.visits[v.visit_id] for v in visits))
    late = max(1, desk.settings.late_price_permille // 1000) if desk.settings is not None else 1
    weights = Weights(late=late, worst_late=int(any(v.soft_due for v in visits)), change_s=TOLD_S)
    carer_of = {shift_id: shift.caregiver_id for shift_id, shift in shifts.items()}
    shared, burdened = shared_out(desk, carers, carer_of.__getitem__, visits)
    until_s = min(end_s, max((shift.ends_s for shift in shifts.values()), default=now_s))
    reserve = tuple(reserve_of(desk, places.index, now_s, until_s, origin_s))
    going, travel, by_mode = by_speed(desk, days, shared, places)
    problem = Problem(going, burdened, travel, weights, travel_by_mode=by_mode, reserve=reserve)
    sound, more = plannable(problem)
    waiting = frozenset(v.visit_id for v in chosen if is_due(desk, v, now_s))
    kitchens = {v.visit_id: v.meal.kitchen for v in sound.visits if v.meal is not None}
    told = (*faults, *more), tuple(places.places), rounds_in_force(desk), kitchens
    return sound, Keys(origin_s, carer_of, pinned, waiting, *told)


def incumbent(desk: Desk, problem: Problem, keys: Keys) -> Plan:
    """The plan in force for the visits of the problem, as the desk has it."""
    stops: dict[str, list[PlannedStop]] = {c.caregiver_id: [] for c in problem.caregivers}
    days = [day for day in (desk.board.day(desk, shift_id) for shift_id in stops) if day is not None]
    believed, meals = _believed(days), brought(days)
    unserved = []
    for planned in problem.visits:
        visit = desk.visits[planned.visit_id]
        held = [hand for hand in visit.hands if hand.shift_id in stops]
        if len(held) < len(planned.roles) or len(planned.roles) != len(visit.hands):
            if planned.visit_id not in keys.pinned:
                unserved.append((planned.visit_id, "NO_ROOM"))
                continue
            stands = (planned.roles[0].holder, planned.ready_s + keys.origin_s)
            held = [hand for hand in held if (hand.shift_id, hand.start_s) == stands]
        late_s = 0 if len(held) > 1 else believed.get(planned.visit_id, 0)
        for role, hand in enumerate(held):
            start_s = max(hand.start_s, late_s) - keys.origin_s
            left_s = meals[planned.visit_id].left_s - keys.origin_s if planned.meal is not None else None
            stops[hand.shift_id or ""].append(PlannedStop(planned.visit_id, role, start_s, left_s))
    routes = (Route(c, tuple(sorted(s, key=lambda stop: stop.start_s))) for c, s in stops.items())
    return Plan(tuple(routes), tuple(unserved))


def to_stops(plan: Plan, keys: Keys, only: Collection[str] | None = None) -> tuple[ProposedStop, ...]:
    """A plan as the stops of a proposal, `only` of these visits; what could not be moved is not proposed.

    A meal whose round has another id than in force is proposed too.
    """
    rounds = round_ids(plan, keys.kitchens, keys.rounds)
    other = {visit_id for visit_id, round_id in rounds.items() if keys.rounds.get(visit_id) != round_id}
    return tuple(
        ProposedStop(
            visit_id=stop.visit_id,
            role=stop.role,
            caregiver_id=keys.carer_of[route.caregiver_id],
            start_at=at(keys.origin_s + stop.start_s),
            round_id=rounds.get(stop.visit_id),
        )
        for route in plan.routes
        for stop in route.stops
        if stop.visit_id not in keys.pinned
        and (only is None or stop.visit_id in only or stop.visit_id in other)
    )


def _believed(days: Iterable[Day]) -> dict[str, int]:
    """When each visit of one pair of hands is now believed to start, by the timetables that hold them."""
    starts: dict[str, int] = {}
    for day in days:
        for halt in day.halts:
            if halt.visit_id is not None:
                starts[halt.visit_id] = max(halt.start_s, starts.get(halt.visit_id, 0))
    return starts


def _days(desk: Desk, now_s: int, end_s: int) -> Iterator[Day]:
    """Timetables of active caregivers' shifts that are not over and begin before the end."""
    for shift in desk.shifts.values():
        carer = desk.caregivers[shift.caregiver_id]
        day = desk.board.day(desk, shift.shift_id)
        over = shift.ends_s <= now_s or shift.starts_s >= end_s or shift.ends_s == shift.starts_s
        if day is not None and carer.active and not over:
            yield day


def _leading(desk: Desk, day: Day, now_s: int) -> int:
    """How many halts are behind, under way or of an emergency: planning starts after them."""
    count = 0
    for number, halt in enumerate(day.halts):
        if halt.visit_id is None:
            continue
        visit = desk.visits[halt.visit_id]
        left = halt.here or halt.start_s - halt.travel_s <= now_s
        if left or visit.closed is not None or visit.case_id is not None:
            count = number + 1
    return max(count, halts_led(day, now_s))


def _carer(desk: Desk, day: Day, now_s: int, origin_s: int, places: Places) -> PlanCaregiver:
    shift, carer = day.shift, desk.caregivers[day.shift.caregiver_id]
    done = day.halts[: _leading(desk, day, now_s)]
    free_s = max([now_s, shift.starts_s, *(halt.end_s for halt in done)])
    place = done[-1].leaves_at if done else day.first
    taken = {halt.start_s for halt in done if halt.visit_id is None}
    breaks = tuple(
        (earliest - origin_s, latest - origin_s, length)
        for earliest, latest, length in sorted(shift.breaks)
        if latest >= free_s and not any(earliest <= start <= latest for start in taken)
    )
    return PlanCaregiver(
        caregiver_id=shift.shift_id,
        skills=frozenset(carer.skills),
        shift_start_s=shift.starts_s - origin_s,
        shift_end_s=shift.ends_s - origin_s,
        start_place=places.index(day.first),
        end_place=places.index(day.first),
        breaks=breaks,
        available_from_s=free_s - origin_s,
        available_place=places.index(place),
        work_left_s=_work_left_s(desk, day, len(done)),
        rested_from_s=shift.starts_s - origin_s if shift != desk.shifts[shift.shift_id] else None,
    )


def _work_left_s(desk: Desk, day: Day, done: int) -> int | None:
    """What the contract leaves this shift of its week, and no less than what it still holds."""
    if desk.caregivers[day.shift.caregiver_id].week_s is None:
        return None
    return max(0, -week_over_s(desk, day)) + day.work_s - work_of(day.halts[:done])


def _visits(
    desk: Desk, shifts: dict[str, Shift], now_s: int, end_s: int, without: Collection[str]
) -> Iterator[Visit]:
    """Open routine visits that have a stop in these shifts, or none yet and a window before the end."""
    for visit in desk.visits.values():
        if visit.closed is not None or visit.case_id is not None or visit.place is None:
            continue
        roles = _rest(visit, now_s, frozenset()) if visit.started else range(len(visit.hands))
        if visit.started and (visit.trip is None or not roles):
            continue
        held = [visit.hands[k] for k in roles if visit.hands[k].caregiver_id not in (None, *without)]
        if held:
            if all(hand.shift_id in shifts for hand in held):
                yield visit
        elif visit.opens_s < end_s and (visit.late_allowed or visit.closes_s >= now_s):
            yield visit


def _visit(view: _View, visit: Visit) -> PlanVisit | None:
    """A visit to plan; one that is partly under way keeps only the rest of its crew, where it stands.

    What is already late may be as late as it is believed to be, else no plan could hold it. The desk adopts
    no start outside a promise: such a stop stays where it is, and the rest is planned around it.
    """
    assert visit.place is not None
    now_s, origin_s = view.now_s, view.origin_s
    pinned = visit.visit_id in view.pinned
    roles = _roles(view, visit, pinned)
    if not roles:
        return None
    late_s = view.believed.get(visit.visit_id, 0) if len(visit.hands) == 1 and not visit.late_allowed else 0
    ready_s, due_s = max(visit.opens_s, now_s), max(visit.closes_s, late_s)
    told = None
    if visit.told is not None and not visit.late_allowed:
        told_by_s = min(max(_told_by_s(visit), late_s), due_s)
        told = (max((visit.may_start or visit.told)[0], ready_s) - origin_s, told_by_s - origin_s)
    if pinned:
        start_s = visit.hands[_rest(visit, now_s, view.led)[0]].start_s
        ready_s = due_s = start_s
        told = (start_s - origin_s, start_s - origin_s)
    if (told is not None and told[0] > told[1]) or (due_s < ready_s and not visit.late_allowed):
        return None
    return PlanVisit(
        visit_id=visit.visit_id,
        place=view.places.index(visit.place),
        roles=tuple(roles),
        ready_s=ready_s - origin_s,
        due_s=max(due_s, ready_s) - origin_s if not visit.late_allowed else due_s - origin_s,
        soft_due=visit.late_allowed,
        unserved_price_s=PROMISED_S if visit.told is not None or visit.planned else UNSERVED_S,
        told=told,
        usual=usual_of(view.desk, visit),
        load=0 if visit.meal is None else visit.meal.load,
        meal=meal_of(visit, view.meals.get(visit.visit_id), origin_s, view.places),
        same_carer=visit.trip is not None and len(roles) > 1,
    )


def _told_by_s(visit: Visit) -> int:
    """The latest start that a plan may give to a promise: with its leeway, or with minutes kept back."""
    assert visit.told is not None
    if visit.leeway is not None and visit.may_start is not None:
        return visit.may_start[1]
    alone = visit.planned and len(visit.hands) == 1
    return kept_back_s(visit.told[1], visit.start_s if alone else NEVER_S)


def _pinned(desk: Desk, visit: Visit, now_s: int, on_the_way: frozenset[Stop]) -> bool:
    """Whether somebody has left for it, or it has begun: what is to come of it stays where it stands."""
    held = any((visit.visit_id, role) in on_the_way for role in range(len(visit.hands)))
    return held or visit.started or under_way(desk, visit, now_s)


def _rest(visit: Visit, now_s: int, on_the_way: frozenset[Stop]) -> list[int]:
    """Roles that nobody has set out for yet."""
    return [
        role
        for role, hand in enumerate(visit.hands)
        if hand.departed_s is None
        and hand.came is None
        and hand.start_s - hand.travel_s > now_s
        and (visit.visit_id, role) not in on_the_way
    ]


def _roles(view: _View, visit: Visit, pinned: bool) -> list[Role]:
    shifts = view.shifts
    numbers = _rest(visit, view.now_s, view.led) if pinned else list(range(len(visit.needs)))
    roles = []
    for position, role in enumerate(numbers):
        need, hand = visit.needs[role], visit.hands[role]
        holder = hand.shift_id if hand.shift_id in shifts else None
        keeps = holder if pinned or fixed_carer(view.desk, visit, role) is not None else None
        if pinned and holder is None:
            continue
        allowed = frozenset({keeps}) if keeps is not None else _allowed(view, visit, role)
        offset = (0, 0) if position == 0 or pinned else (need.offset_min_s, need.offset_max_s)
        roles.append(
            Role(
                role=position,
                skills=frozenset(need.skills) if keeps is None else frozenset(),
                duration_s=need.duration_s,
                offset_min_s=offset[0],
                offset_max_s=offset[1],
                allowed=allowed,
                holder=None if visit.waiting and not pinned else holder,
                place=_leg_end(view, visit, visit.begins_at(role)),
                leaves_at=_leg_end(view, visit, visit.ends_at(role)),
                due_s=visit.due_s(role) - view.origin_s if visit.trip and role and not pinned else None,
            )
        )
    return roles


def _leg_end(view: _View, visit: Visit, place: Place | None) -> int | None:
    """The number of a place where a linked leg begins or ends; None where it is no linked leg."""
    return None if visit.trip is None or place is None else view.places.index(place)


def _allowed(view: _View, visit: Visit, role: int) -> frozenset[str]:
    """Shifts whose caregiver may take the role: eligible, and of the provider that was promised.

    Whoever holds it may keep it: a caregiver who is busy with an emergency has not lost tomorrow's visits.
    """
    desk = view.desk
    able = role_codes(desk, visit, role, visit.opens_s) == 0
    told = visit.told_provider if not visit.late_allowed else None
    key = (able.tobytes(), told)
    if key not in view.allowed:
        numbers = desk.board.numbers(desk)
        view.allowed[key] = frozenset(
            shift.shift_id
            for shift in view.shifts.values()
            if able[numbers[shift.caregiver_id]]
            and (told is None or desk.caregivers[shift.caregiver_id].provider_id == told)
        )
    allowed, holder = view.allowed[key], visit.hands[role].shift_id
    return allowed if holder is None or holder not in view.shifts else allowed | {holder}
