"""What decisions on visits change: windows, who has which role, routes, ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dispatcher.core.ahead import offers_from_s
from dispatcher.core.boxes import keep_boxes
from dispatcher.core.desk import Desk
from dispatcher.core.evolve_facts import place_of
from dispatcher.core.punctual import kinds_of
from dispatcher.core.records import Hands, Meal, Need, Trip, Visit
from dispatcher.core.times import to_s
from schemas.codes import Channel
from schemas.decisions import (
    CheckInOverdue,
    PromiseMade,
    RequestAdmitted,
    VisitCancelled,
    VisitMissed,
    VisitMoved,
    VisitObstructionNoted,
    VisitPlanned,
    VisitUnplanned,
    VisitVerified,
)
from schemas.facts import Fact, ServiceRequested
from schemas.shapes import Fetched, Legs, RoleNeed

KEEP_VISIT_S = 10 * 86_400
"""How long a closed visit is still known, so that late words about it are understood."""


def needs_of(roles: tuple[RoleNeed, ...]) -> tuple[Need, ...]:
    """Roles as records."""
    return tuple(
        Need(tuple(sorted(set(r.skills))), r.duration_s, r.offset_min_s, r.offset_max_s) for r in roles
    )


def _there_and_back(needs: tuple[Need, ...], legs: Legs) -> tuple[Need, ...]:
    """An escort's roles with their rides; the way back begins when the way there and the wait are over."""
    there, back = needs
    over_s = there.duration_s + legs.there_s
    return (
        replace(there, duration_s=over_s),
        replace(
            back,
            duration_s=back.duration_s + legs.back_s,
            offset_min_s=over_s + legs.wait_min_s,
            offset_max_s=over_s + legs.wait_max_s,
        ),
    )


def _meal_of(fetched: Fetched | None) -> Meal | None:
    """A meal as it was decided to be fetched."""
    if fetched is None:
        return None
    kitchen = fetched.kitchen
    place = place_of(kitchen.place, kitchen.table_index)
    assert place is not None
    return Meal(
        kitchen.place_id, place, kitchen.loading_s, kitchen.cooked_before_s, fetched.fresh_s, fetched.load
    )


def visit_of(desk: Desk, d: RequestAdmitted, fact: Fact) -> Visit:
    """The visit a request became; what the request said stands in its fact, the item in its tariff."""
    tariff = desk.tariffs.get(d.tariff_id)
    item = tariff.items.get(d.item) if tariff is not None else None
    needs = needs_of(item.roles) if item is not None else (Need(("EMERGENCY",), 1_800),)
    person = desk.recipients.get(d.recipient_id)
    visit = Visit(
        d.visit_id,
        d.request_id,
        d.recipient_id,
        d.item,
        d.help,
        d.tariff_id,
        to_s(d.window.opens_at),
        to_s(d.window.closes_at),
        False,
        needs,
        item.certificates if item is not None else (),
        person.home if person is not None else None,
        (Hands(),) * len(needs),
        provider_id=person.provider_id if person is not None else None,
        gender=person.asks_gender if person is not None else None,
    )
    if not isinstance(fact, ServiceRequested):
        case = desk.cases.get(d.request_id)
        place = case.place if case is not None and case.place is not None else visit.place
        return replace(visit, case_id=d.request_id, place=place, provider_id=None, gender=None)
    if fact.roles:
        needs = needs_of(fact.roles)
    trip = None
    if d.legs is not None:
        needs = _there_and_back(needs, d.legs)
        goal = fact.opened
        trip = Trip(None if goal is None else place_of(goal.goal, goal.table_index))
    return replace(
        visit,
        trip=trip,
        meal=_meal_of(d.meal),
        late_allowed=fact.late_allowed,
        ahead=fact.channel is Channel.CARE_PLAN,
        needs=needs,
        hands=(Hands(),) * len(needs),
        asked_ids=fact.asks.caregiver_ids,
        provider_id=fact.asks.provider_id or visit.provider_id,
        gender=fact.asks.gender or visit.gender,
    )


def _admitted(desk: Desk, d: RequestAdmitted, fact: Fact, now_s: int) -> None:
    visit = visit_of(desk, d, fact)
    desk.requests[d.request_id] = d.visit_id
    desk.put_visit(visit)
    desk.visits_of[d.recipient_id] = (*desk.visits_of.get(d.recipient_id, ()), d.visit_id)
    set_visit_timers(desk, visit, now_s)


def put_hand(desk: Desk, visit_id: str, role: int, **changes: Any) -> None:
    """Change one role of a visit."""
    visit = desk.visits[visit_id]
    hands = list(visit.hands)
    hands[role] = replace(hands[role], **changes)
    desk.put_visit(replace(visit, hands=tuple(hands)))


def take_off(desk: Desk, visit_id: str, role: int, now_s: int) -> None:
    """Nobody has this role any more."""
    keep_boxes(desk, visit_id, role, now_s)
    visit = desk.visits[visit_id]
    hand = visit.hands[role]
    if hand.shift_id is not None:
        desk.drop_stop(hand.shift_id, visit_id, role)
    hands = list(visit.hands)
    hands[role] = Hands()
    desk.put_visit(replace(visit, hands=tuple(hands)))
    desk.timers.clear("alarms" if visit.case_id else "intake", f"OVERDUE|{visit_id}|{role}")


def set_visit_timers(desk: Desk, visit: Visit, now_s: int) -> None:
    """When a plan has been waited for long enough, a check-in is overdue, the upload limit is reached."""
    settings = desk.settings
    if settings is None or visit.closed is not None:
        return
    line = "alarms" if visit.case_id else "intake"
    if visit.waiting and f"WAIT|{visit.visit_id}" not in desk.timers.due["intake"]:
        due_s = max(now_s, offers_from_s(desk, visit)) + settings.plan_wait_s
        desk.timers.set("intake", f"WAIT|{visit.visit_id}", due_s)
    end_s = max(visit.closes_s, *(hand.start_s for hand in visit.hands))
    desk.timers.set("intake", f"UPLOAD|{visit.visit_id}", end_s + settings.upload_limit_s)
    for role, hand in enumerate(visit.hands):
        if hand.bound and not (hand.came or hand.left) and role not in visit.overdue:
            key = f"OVERDUE|{visit.visit_id}|{role}"
            desk.timers.set(line, key, visit.waits_until_s(role) + settings.overdue_s)


def _planned(desk: Desk, d: VisitPlanned, fact: Fact, now_s: int) -> None:
    visit = desk.visits[d.visit_id]
    hands = list(visit.hands)
    for stop in d.stops:
        old, start_s = hands[stop.role], to_s(stop.start_at)
        shift_id = desk.shift_at(stop.caregiver_id, start_s)
        if old.shift_id is not None and old.shift_id != shift_id:
            desk.drop_stop(old.shift_id, d.visit_id, stop.role)
        same = old.caregiver_id == stop.caregiver_id
        if not same:
            line = "alarms" if visit.case_id else "intake"
            desk.timers.clear(line, f"OVERDUE|{d.visit_id}|{stop.role}")
        base = old if same else Hands(caregiver_id=stop.caregiver_id)
        rides_on = (shift_id, stop.round_id) == (old.shift_id, old.round_id)
        hands[stop.role] = replace(
            base,
            shift_id=shift_id,
            start_s=start_s,
            travel_s=stop.travel_s,
            round_id=stop.round_id,
            boxed_s=base.boxed_s if rides_on else None,
        )
    waiting = not any(hand.bound or hand.offer_id for hand in hands) and visit.case_id is None
    visit = replace(visit, hands=tuple(hands), origin=d.origin.value, waiting=waiting)
    desk.put_visit(visit)
    for stop in d.stops:
        put_in = hands[stop.role].shift_id
        if put_in is not None:
            desk.put_stop(put_in, d.visit_id, stop.role)
    set_visit_timers(desk, visit, now_s)


def _unplanned(desk: Desk, d: VisitUnplanned, fact: Fact, now_s: int) -> None:
    for role in range(len(desk.visits[d.visit_id].hands)):
        take_off(desk, d.visit_id, role, now_s)
    desk.visits[d.visit_id] = replace(desk.visits[d.visit_id], waiting=False)
    desk.timers.clear("intake", f"WAIT|{d.visit_id}")


def _moved(desk: Desk, d: VisitMoved, fact: Fact, now_s: int) -> None:
    visit = desk.visits[d.visit_id]
    lo_s, hi_s = to_s(d.window.opens_at), to_s(d.window.closes_at)
    visit = replace(
        visit,
        opens_s=lo_s,
        closes_s=hi_s,
        told=None,
        told_start_s=None,
        told_kinds=(),
        told_as_seen=False,
        leeway=None,
        told_provider=None,
        told_names=(),
        refused=(),
    )
    desk.put_visit(visit)
    desk.timers.clear("intake", f"WAIT|{d.visit_id}")
    set_visit_timers(desk, visit, now_s)


def _promised(desk: Desk, d: PromiseMade, fact: Fact, now_s: int) -> None:
    told = (to_s(d.told.opens_at), to_s(d.told.closes_at))
    visit = desk.visits[d.visit_id]
    if told != visit.told:
        kinds = kinds_of(desk, visit.hands[0].shift_id, visit.start_s, now_s)
        as_seen = d.basis is not None and d.basis.code == "TOLD_AS_SEEN"
        visit = replace(visit, told_start_s=visit.start_s, told_kinds=kinds, told_as_seen=as_seen)
    leeway = (to_s(d.leeway.opens_at), to_s(d.leeway.closes_at)) if d.leeway is not None else None
    names = d.caregiver_ids or visit.told_names
    desk.put_visit(replace(visit, told=told, leeway=leeway, told_provider=d.provider_id, told_names=names))


def close(desk: Desk, visit_id: str, state: str, now_s: int) -> None:
    """A visit is over: it falls out of routes unless it was served, and its timers go."""
    visit = desk.visits[visit_id]
    for role, hand in enumerate(visit.hands):
        if hand.shift_id is not None and hand.left is None and state != "DONE":
            keep_boxes(desk, visit_id, role, now_s)
            desk.drop_stop(hand.shift_id, visit_id, role)
        desk.timers.clear("alarms" if visit.case_id else "intake", f"OVERDUE|{visit_id}|{role}")
        if visit.case_id and hand.caregiver_id and desk.busy.get(hand.caregiver_id) == visit.case_id:
            del desk.busy[hand.caregiver_id]
    for kind in ("WAIT", "UPLOAD"):
        desk.timers.clear("intake", f"{kind}|{visit_id}")
    cancelled_s = now_s if state == "CANCELLED" else visit.cancelled_s
    desk.put_visit(replace(visit, closed=state, waiting=False, cancelled_s=cancelled_s))
    desk.timers.set("keep", f"VISIT|{visit_id}", max(now_s, visit.closes_s) + KEEP_VISIT_S)


def _cancelled(desk: Desk, d: VisitCancelled, fact: Fact, now_s: int) -> None:
    close(desk, d.visit_id, "CANCELLED", now_s)


def _missed(desk: Desk, d: VisitMissed, fact: Fact, now_s: int) -> None:
    close(desk, d.visit_id, "MISSED", now_s)


def _obstructed(desk: Desk, d: VisitObstructionNoted, fact: Fact, now_s: int) -> None:
    close(desk, d.visit_id, "OBSTRUCTED", now_s)


def _verified(desk: Desk, d: VisitVerified, fact: Fact, now_s: int) -> None:
    close(desk, d.visit_id, "DONE", now_s)
    desk.visits[d.visit_id] = replace(desk.visits[d.visit_id], verified=True)


def _overdue(desk: Desk, d: CheckInOverdue, fact: Fact, now_s: int) -> None:
    visit, start_s = desk.visits[d.visit_id], to_s(d.planned_start_at)
    for role, hand in enumerate(visit.hands):
        if (hand.caregiver_id, hand.start_s) == (d.caregiver_id, start_s):
            visit = replace(visit, overdue=(*visit.overdue, role))
            desk.timers.clear("alarms" if visit.case_id else "intake", f"OVERDUE|{d.visit_id}|{role}")
    desk.visits[d.visit_id] = visit


VISIT_CHANGES: dict[str, Callable[[Desk, Any, Fact, int], None]] = {
    "RequestAdmitted": _admitted,
    "VisitPlanned": _planned,
    "VisitUnplanned": _unplanned,
    "VisitMoved": _moved,
    "VisitCancelled": _cancelled,
    "PromiseMade": _promised,
    "CheckInOverdue": _overdue,
    "VisitVerified": _verified,
    "VisitObstructionNoted": _obstructed,
    "VisitMissed": _missed,
}
