"""A proposed plan: what of it is still valid is adopted, and only what changed is published.

Each visit's part is judged by itself (known, open, not under way, eligible, in its window and promise),
then each shift it touches by its timetable; a part that does not fit is left as it was, until all shifts
hold. A plan that claims to be dearer than the one in force, or proves to be, changes nothing; offers that
waited for it go out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dispatcher.core.ahead import is_due
from dispatcher.core.boxes import under_way
from dispatcher.core.desk import Desk
from dispatcher.core.draft import Draft, why
from dispatcher.core.eligible import plain_reason, role_codes, week_over_s
from dispatcher.core.funding import reserve
from dispatcher.core.offers import send_out, withdraw
from dispatcher.core.placing import promise
from dispatcher.core.plan import Day
from dispatcher.core.plan_rounds import rounds_hold
from dispatcher.core.records import Hands, Visit
from dispatcher.core.stop_said import stop_said
from dispatcher.core.times import to_s
from schemas.base import Reason
from schemas.codes import Acceptance, Origin
from schemas.decisions import VisitPlanned
from schemas.facts import PlanProposed
from schemas.shapes import ProposedStop


@dataclass(frozen=True)
class Part:
    """One visit as proposed: caregivers and starts by role, the shifts they fall in, and a meal's round."""

    visit_id: str
    carers: tuple[str, ...]
    starts_s: tuple[int, ...]
    shifts: tuple[str, ...]
    round_id: str | None = None


def proposed(draft: Draft, fact: PlanProposed) -> None:
    """Adopt what holds; send out what waited for a plan."""
    parts = [part for part in _parts(draft.desk, fact.stops) if valid(draft.desk, part, draft.now_s)]
    kept = [part for part in parts if _as_it_is(draft.desk, part)]
    as_they_are = {part.visit_id for part in kept}
    changed = {part.visit_id: part for part in parts if part.visit_id not in as_they_are}
    adopted, saved_s = settle_parts(draft, changed)
    gained_s = saved_s + _known_s(draft.desk, adopted)
    whole = {stop.visit_id for stop in fact.stops} == as_they_are | set(adopted)
    worth = _worth_it(draft.desk, adopted, gained_s) or (whole and _weighed(draft.desk, fact))
    if fact.price_s > fact.base_price_s or not worth:
        adopted = {}
    laid = _laid(draft, adopted) if any(part.round_id for part in adopted.values()) else None
    told = {change.visit_id: change.reasons for change in fact.changes or ()}
    for part in adopted.values():
        better = why("PLAN_BETTER", saved_s=max(0, saved_s))
        _publish(draft, part, fact, (better, *told.get(part.visit_id, ())), laid)
    for part in kept:
        if _is_due(draft, part):
            _say_plan(draft, part, fact, (plain_reason("PLAN_KEEPS"),))
    for part in (*adopted.values(), *kept):
        if _is_due(draft, part):
            send_out(draft, part.visit_id, Origin.PLAN)


def _is_due(draft: Draft, part: Part) -> bool:
    """Whether the visit's offers waited for this plan, and may go out."""
    return is_due(draft.desk, draft.desk.visits[part.visit_id], draft.now_s)


def _parts(desk: Desk, stops: tuple[ProposedStop, ...]) -> Iterator[Part]:
    """Complete visits of a proposal: every role once, each in a shift of its caregiver.

    Only linked legs may have one caregiver for both.
    """
    by_visit: dict[str, dict[int, ProposedStop]] = {}
    twice: set[str] = set()
    for stop in stops:
        roles = by_visit.setdefault(stop.visit_id, {})
        if stop.role in roles:
            twice.add(stop.visit_id)
        roles[stop.role] = stop
    for visit_id, roles in by_visit.items():
        visit = desk.visits.get(visit_id)
        if visit is None or visit_id in twice or sorted(roles) != list(range(len(visit.needs))):
            continue
        ordered = [roles[role] for role in range(len(visit.needs))]
        carers = tuple(stop.caregiver_id for stop in ordered)
        starts_s = tuple(to_s(stop.start_at) for stop in ordered)
        shifts = tuple(desk.shift_at(c, s) for c, s in zip(carers, starts_s, strict=True))
        if (len(set(carers)) == len(carers) or visit.trip is not None) and all(shifts):
            held = tuple(s for s in shifts if s is not None)
            round_id = (ordered[0].round_id or visit_id) if visit.meal is not None else None
            yield Part(visit_id, carers, starts_s, held, round_id)


def _as_it_is(desk: Desk, part: Part) -> bool:
    hands = desk.visits[part.visit_id].hands
    if part.round_id is not None and part.round_id != (hands[0].round_id or part.visit_id):
        return False
    return tuple((h.caregiver_id, h.start_s) for h in hands) == tuple(
        zip(part.carers, part.starts_s, strict=True)
    )


def valid(desk: Desk, part: Part, now_s: int) -> bool:
    """Whether a part could be adopted by itself."""
    visit = desk.visits[part.visit_id]
    if visit.closed is not None or visit.started or visit.case_id is not None or visit.place is None:
        return False
    if _as_it_is(desk, part):
        return True
    return (
        not under_way(desk, visit, now_s)
        and _keeps_word(desk, visit, part)
        and _in_time(visit, part, now_s)
        and _qualified(desk, visit, part)
    )


def fixed_carer(desk: Desk, visit: Visit, role: int) -> str | None:
    """The caregiver who must keep the role: one who accepted it in person, or whose clerk did."""
    hand = visit.hands[role]
    if not hand.bound or hand.caregiver_id is None:
        return None
    provider = desk.providers.get(desk.caregivers[hand.caregiver_id].provider_id)
    accepts = provider.acceptance if provider is not None else Acceptance.SHIFT
    return None if accepts is Acceptance.SHIFT else hand.caregiver_id


def _keeps_word(desk: Desk, visit: Visit, part: Part) -> bool:
    """One provider for all roles, the promised one; who accepted in person stays."""
    providers = {desk.caregivers[c].provider_id for c in part.carers}
    if len(providers) > 1:
        return False
    if visit.told_provider is not None and not visit.late_allowed and providers != {visit.told_provider}:
        return False
    fixed = [fixed_carer(desk, visit, role) for role in range(len(visit.hands))]
    return all(f is None or f == c for f, c in zip(fixed, part.carers, strict=True))


def _in_time(visit: Visit, part: Part, now_s: int) -> bool:
    """Window, promise, and the crew's offsets."""
    first_s = part.starts_s[0]
    if first_s < max(visit.opens_s, now_s):
        return False
    if not visit.late_allowed:
        lo_s, hi_s = visit.may_start or (visit.opens_s, visit.closes_s)
        if not lo_s <= first_s <= hi_s or first_s > visit.closes_s:
            return False
    return all(
        need.offset_min_s <= start_s - first_s <= need.offset_max_s
        for need, start_s in zip(visit.needs, part.starts_s, strict=True)
    )


def _qualified(desk: Desk, visit: Visit, part: Part) -> bool:
    numbers = desk.board.numbers(desk)
    return all(
        carer in numbers and role_codes(desk, visit, role, part.starts_s[role])[numbers[carer]] == 0
        for role, carer in enumerate(part.carers)
    )


def settle_parts(draft: Draft, parts: dict[str, Part]) -> tuple[dict[str, Part], int]:
    """The parts that hold together, and the seconds they save over the plan in force."""
    parts = dict(parts)
    while parts:
        trial = _laid(draft, parts)
        touched = _touched(draft.desk, parts)
        broken = {s for s in touched if not _holds(draft.desk, trial, s, parts, draft.now_s)}
        if not broken:
            return parts, sum(_price(draft.desk, s) - _price(trial, s) for s in sorted(touched))
        parts = {v: p for v, p in parts.items() if not broken & _shifts_of(draft.desk, p)}
    return {}, 0


def _shifts_of(desk: Desk, part: Part) -> set[str]:
    now = {hand.shift_id for hand in desk.visits[part.visit_id].hands if hand.shift_id is not None}
    return now | set(part.shifts)


def _touched(desk: Desk, parts: dict[str, Part]) -> set[str]:
    return {shift_id for part in parts.values() for shift_id in _shifts_of(desk, part)}


def _laid(draft: Draft, parts: dict[str, Part]) -> Desk:
    """The desk with these parts in it."""
    trial = draft.branch().desk
    for part in parts.values():
        _lay(trial, part)
    return trial


def _lay(desk: Desk, part: Part) -> None:
    """Put a part into a trial desk."""
    visit = desk.visits[part.visit_id]
    for role, hand in enumerate(visit.hands):
        if hand.shift_id is not None:
            desk.drop_stop(hand.shift_id, part.visit_id, role)
    hands = tuple(
        Hands(caregiver_id=carer, shift_id=shift_id, start_s=start_s, round_id=part.round_id)
        for carer, shift_id, start_s in zip(part.carers, part.shifts, part.starts_s, strict=True)
    )
    desk.put_visit(replace(visit, hands=hands))
    for role, shift_id in enumerate(part.shifts):
        desk.put_stop(shift_id, part.visit_id, role)


def _holds(before: Desk, trial: Desk, shift_id: str, parts: dict[str, Part], now_s: int) -> bool:
    """Whether a shift's timetable can be kept with the new stops, and no other stop is worse off."""
    day, old = trial.board.day(trial, shift_id), before.board.day(before, shift_id)
    if day is None or old is None or day.back_s > max(day.shift.ends_s, old.back_s):
        return False
    if week_over_s(trial, day) > max(0, week_over_s(before, old)):
        return False
    if _breaks(day) < _breaks(old) or not rounds_hold(before, trial, shift_id, parts, now_s):
        return False
    believed = {(h.visit_id, h.role): h.start_s for h in old.halts}
    new_before = False
    for halt in day.halts:
        if halt.visit_id is None:
            continue
        planned_s = trial.visits[halt.visit_id].hands[halt.role].start_s
        if halt.visit_id in parts:
            new_before = True
            if halt.start_s != planned_s or planned_s - halt.travel_s < now_s:
                return False
            continue
        if halt.here and new_before:
            return False
        if halt.start_s > max(planned_s, believed.get((halt.visit_id, halt.role), planned_s)):
            return False
    return True


def _breaks(day: Day) -> int:
    return sum(1 for halt in day.halts if halt.visit_id is None)


def _price(desk: Desk, shift_id: str) -> int:
    """Seconds of travel of a shift, and the price of its lateness."""
    day = desk.board.day(desk, shift_id)
    if day is None:
        return 0
    stops = [halt for halt in day.halts if halt.visit_id is not None]
    price = desk.settings.late_price_permille if desk.settings is not None else 1000
    total = sum(halt.travel_s for halt in stops) + (day.gaps[-1].way_s if stops else 0)
    total -= sum(round_.meal.loading_s for round_ in day.rounds if day.halts[round_.first].kitchen)
    for halt in stops:
        visit = desk.visits[halt.visit_id or ""]
        total += max(0, halt.start_s - visit.due_s(halt.role)) * price // 1000 if visit.late_allowed else 0
    return total


def liked_by(desk: Desk, visit: Visit) -> set[str]:
    """Who usually comes to the recipient, and who was asked for."""
    person = desk.recipients.get(visit.recipient_id)
    return {*(person.usual if person is not None else ()), *visit.asked_ids}


def _known_s(desk: Desk, adopted: dict[str, Part]) -> int:
    """What it is worth, in seconds of travel, that more people get a caregiver they know or asked for."""
    each_s, count = desk.settings.continuity_s if desk.settings is not None else 0, 0
    for part in adopted.values():
        visit = desk.visits[part.visit_id]
        liked = liked_by(desk, visit)
        count += sum(carer in liked for carer in part.carers)
        count -= sum(hand.caregiver_id in liked for hand in visit.hands)
    return each_s * count


def _worth_it(desk: Desk, adopted: dict[str, Part], gained_s: int) -> bool:
    """It saves, gives somebody a home, or is of a day whose lateness is judged as a whole."""
    if gained_s >= 0:
        return True
    visits = [desk.visits[visit_id] for visit_id in adopted]
    return any(not visit.planned or visit.late_allowed for visit in visits)


def _weighed(desk: Desk, fact: PlanProposed) -> bool:
    """Whether the area weighs more than travel: then a plan that claims to be cheaper may travel further."""
    settings = desk.settings
    if settings is None or not (settings.burden_s or settings.reserve):
        return False
    return fact.price_s < fact.base_price_s


def _publish(
    draft: Draft, part: Part, fact: PlanProposed, reasons: tuple[Reason, ...], laid: Desk | None
) -> None:
    """Take back what goes to others, say the new plan, hold the money, keep the promise."""
    visit_id = part.visit_id
    moved = False
    for role, carer in enumerate(part.carers):
        hand = draft.desk.visits[visit_id].hands[role]
        if hand.caregiver_id not in (None, carer):
            withdraw(draft, draft.desk.visits[visit_id], role, plain_reason("PLAN_ADOPTED"))
            moved = moved or hand.bound or hand.offer_id is not None
    _say_plan(draft, part, fact, reasons, laid)
    reserve(draft, visit_id)
    if moved:
        send_out(draft, visit_id, Origin.PLAN)
    promise(draft, visit_id)


def _say_plan(
    draft: Draft, part: Part, fact: PlanProposed, reasons: tuple[Reason, ...], laid: Desk | None = None
) -> None:
    """Say one part; how a meal is reached is read from the days as they will be, `laid`."""
    desk = draft.desk if laid is None or part.round_id is None else laid
    stops = tuple(
        stop_said(
            draft.desk,
            draft.desk.visits[part.visit_id],
            role,
            carer,
            start_s=start_s,
            travel_s=_way_s(desk, part, role),
            round_id=part.round_id,
        )
        for role, (carer, start_s) in enumerate(zip(part.carers, part.starts_s, strict=True))
    )
    draft.say(
        VisitPlanned(
            visit_id=part.visit_id, stops=stops, origin=Origin.PLAN, engine=fact.engine, reasons=reasons
        )
    )


def _way_s(desk: Desk, part: Part, role: int) -> int:
    """Travel from the stop before, in the plan as it stands."""
    day = desk.board.day(desk, part.shifts[role])
    there = desk.visits[part.visit_id].begins_at(role)
    if day is None or there is None:
        return 0
    place = day.first
    for halt in day.halts:
        if (halt.visit_id, halt.role) == (part.visit_id, role):
            return halt.travel_s
        if halt.visit_id is not None and halt.start_s < part.starts_s[role]:
            place = halt.leaves_at
    return desk.board.ways(desk).travel_s(place, there, day.speed_mm_s)
