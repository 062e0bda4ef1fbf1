"""A visit whose caregiver cannot come finds a new home, or a human has it by name."""

from __future__ import annotations

from dataclasses import replace

from dispatcher.core.candidates import not_offered
from dispatcher.core.draft import Draft
from dispatcher.core.insertion import Found, find
from dispatcher.core.make_room import make_room
from dispatcher.core.offers import ask_planners, escalate, forward, role_wish, send_out, withdraw
from dispatcher.core.placing import put_in, seek, wish_for
from dispatcher.core.records import Offer, Visit
from dispatcher.core.rooms import Wish
from dispatcher.core.ways_out import ways_out
from schemas.base import Reason
from schemas.codes import Human, Origin
from schemas.decisions import VisitUnplanned


def after_no(draft: Draft, found: Offer, reason: Reason) -> None:
    """Who declined or did not answer is out: the role goes to the next who can keep the promise."""
    withdraw(draft, draft.desk.visits[found.visit_id], found.role, reason)
    visit = draft.desk.visits[found.visit_id]
    if len(visit.needs) > 1:
        wish = role_wish(draft, visit, found.role)
        way = find(draft.desk, wish)
        if way.choices:
            put_in(draft, wish, way, origin=Origin.INSERTION, reasons=(reason,))
            send_out(draft, visit.visit_id, Origin.INSERTION)
            return
    rehome(draft, visit.visit_id, reason)


def rehome(
    draft: Draft,
    visit_id: str,
    reason: Reason,
    origin: Origin = Origin.INSERTION,
    *,
    others_move: bool = True,
) -> bool:
    """Find a visit a new home: within its promise if that can be, else within its window, else a human.

    Before a human has it another visit may give way to it, unless `others_move` is false. Returns whether it
    has a home. Its former assignments are taken back first.
    """
    visit = draft.desk.visits[visit_id]
    if visit.trip is not None and visit.started:
        return _rest_of_trip(draft, visit, reason, origin)
    for role in range(len(visit.hands)):
        withdraw(draft, draft.desk.visits[visit_id], role, reason)
    found = best_home(draft, visit_id)
    if found is not None:
        wish, ways, why_asked = found
        put_in(draft, wish, ways, origin=origin, reasons=(reason, *why_asked))
    elif not (others_move and _room_made(draft, visit_id, reason, origin)):
        draft.say(_nobody_left(draft, visit_id, reason, origin))
        escalate(draft, Human.OPERATOR, "NOBODY_LEFT", visit_id=visit_id)
        ask_planners(draft, "NOBODY_LEFT")
        return False
    forward(draft, visit_id, origin)
    return True


def _rest_of_trip(draft: Draft, visit: Visit, reason: Reason, origin: Origin) -> bool:
    """An escort that has begun is not begun again: the leg still to come finds somebody, else a human."""
    for role in [k for k, hand in enumerate(visit.hands) if not (hand.came or hand.left)]:
        withdraw(draft, draft.desk.visits[visit.visit_id], role, reason)
        wish = role_wish(draft, draft.desk.visits[visit.visit_id], role)
        way = find(draft.desk, wish)
        if not way.choices:
            escalate(draft, Human.OPERATOR, "NOBODY_LEFT", visit_id=visit.visit_id)
            return False
        put_in(draft, wish, way, origin=origin, reasons=(reason,))
        send_out(draft, visit.visit_id, origin)
    return True


def _room_made(draft: Draft, visit_id: str, reason: Reason, origin: Origin) -> bool:
    """Whether another visit could give way to it."""
    return any(make_room(draft, wish, (reason,), origin) for wish in _wishes(draft, visit_id))


def _nobody_left(draft: Draft, visit_id: str, reason: Reason, origin: Origin) -> VisitUnplanned:
    """Nobody has it: why, and what could be given up, unless somebody waits for a responder."""
    wish = wish_for(draft.desk, draft.desk.visits[visit_id], draft.now_s)
    if origin is Origin.EMERGENCY or wish.lo_s > wish.hi_s:
        return VisitUnplanned(visit_id=visit_id, reason=reason)
    stopped = find(draft.desk, wish).stopped
    return VisitUnplanned(
        visit_id=visit_id,
        reason=reason,
        relaxations=ways_out(draft.desk, wish),
        named=not_offered(draft.desk, wish, stopped),
        tallies=stopped.tallies(),
        stopped=stopped.packed(),
    )


def best_home(draft: Draft, visit_id: str) -> tuple[Wish, Found, tuple[Reason, ...]] | None:
    """Ways within the promise and with its provider, then within the promise, then within the window."""
    for wish in _wishes(draft, visit_id):
        found, reasons = seek(draft.desk, wish)
        if found.choices:
            return replace(wish, visit=draft.desk.visits[visit_id]), found, reasons
    return None


def _wishes(draft: Draft, visit_id: str) -> list[Wish]:
    desk, visit = draft.desk, draft.desk.visits[visit_id]
    wishes: list[Wish] = []
    if visit.told is not None and not visit.late_allowed:
        within = wish_for(desk, visit, draft.now_s, within_told=True)
        wishes.append(replace(within, visit=replace(visit, provider_id=visit.told_provider)))
        wishes.append(within)
    wishes.append(wish_for(desk, visit, draft.now_s))
    return [wish for wish in wishes if wish.lo_s <= wish.hi_s]
