"""From the cheapest insertion to what is decided: the plan, its reasons, shifted neighbours, the promise."""

from __future__ import annotations

from dataclasses import replace

from dispatcher.core.candidates import candidate, named, not_offered, people_of, pushed
from dispatcher.core.desk import Desk
from dispatcher.core.draft import Draft
from dispatcher.core.eligible import plain_reason
from dispatcher.core.funding import reserve
from dispatcher.core.insertion import Found, find
from dispatcher.core.plan import NEVER_S
from dispatcher.core.records import Visit
from dispatcher.core.rooms import Seat, Wish
from dispatcher.core.stop_said import stop_said
from dispatcher.core.times import at, window
from dispatcher.core.told import told_of
from schemas.base import Reason
from schemas.codes import Human, Origin
from schemas.decisions import CallBackOpened, PromiseMade, VisitPlanned
from schemas.shapes import PlannedStop

CALL_SOON_S = 1_800
"""A changed promise is told to the recipient within this."""


def wish_for(desk: Desk, visit: Visit, now_s: int, *, within_told: bool = False) -> Wish:
    """All roles of a visit in its window, or within what was promised."""
    lo_s, hi_s = visit.opens_s, NEVER_S if visit.late_allowed else visit.closes_s
    if within_told and visit.told is not None and not visit.late_allowed:
        lo_s, hi_s = max(lo_s, visit.told[0]), min(hi_s, visit.told[1])
    return Wish(visit, tuple(range(len(visit.needs))), max(lo_s, now_s), hi_s, now_s)


def seek(desk: Desk, wish: Wish) -> tuple[Found, tuple[Reason, ...]]:
    """The ways to fulfil a wish: with the caregivers asked for if that can be, else with anyone who may."""
    everyone = find(desk, wish)
    asked = frozenset(wish.visit.asked_ids)
    if not asked:
        return everyone, ()
    enough = len(asked) >= len(wish.roles) or wish.visit.trip is not None
    theirs = find(desk, replace(wish, only=asked)) if enough else None
    if theirs is None or not theirs.choices:
        return everyone, (plain_reason("CHOICE_IMPOSSIBLE"),)
    first = theirs.choices[0]
    others = [c for c in everyone.choices if people_of(c) != people_of(first)][:4]
    chosen = {*people_of(first), *(p for c in others for p in people_of(c))}
    stopped = everyone.stopped.without(chosen)
    return Found((first, *others), stopped), (plain_reason("ASKED_FOR"),)


def put_in(
    draft: Draft,
    wish: Wish,
    found: Found,
    *,
    origin: Origin,
    reasons: tuple[Reason, ...] = (),
) -> None:
    """Say the cheapest choice, shift who stands behind it, hold the money, make the promise."""
    visit_id = wish.visit.visit_id
    best = found.choices[0]
    shifted = pushed(draft.desk, wish.visit, best.seats)
    nearest = found.stopped.nearest_miss()
    draft.say(
        VisitPlanned(
            visit_id=visit_id,
            stops=tuple(_stop_of(draft, wish.visit, seat) for seat in best.seats),
            origin=origin,
            candidates=tuple(candidate(draft.desk, wish, choice) for choice in found.choices),
            nearest_miss=named(draft.desk, wish, *nearest) if nearest is not None else None,
            not_offered=not_offered(draft.desk, wish, found.stopped),
            tallies=found.stopped.tallies(),
            reasons=reasons,
            stopped=found.stopped.packed(),
        )
    )
    for other_id, stop in shifted:
        say_shifted(draft, other_id, stop)
    reserve(draft, visit_id)
    promise(draft, visit_id)


def say_shifted(draft: Draft, visit_id: str, stop: PlannedStop) -> None:
    """A neighbour starts a little later: within what it was promised, unless it allows lateness."""
    origin = Origin(draft.desk.visits[visit_id].origin)
    reasons = (plain_reason("PLAN_CHANGED"),)
    draft.say(VisitPlanned(visit_id=visit_id, stops=(stop,), origin=origin, reasons=reasons))
    promise(draft, visit_id)


def _stop_of(draft: Draft, visit: Visit, seat: Seat) -> PlannedStop:
    """A seat as it is said; a meal that rides with none opens a round."""
    return stop_said(
        draft.desk,
        visit,
        seat.role,
        seat.caregiver_id,
        start_s=seat.start_s,
        travel_s=seat.travel_s,
        round_id=seat.round_id or (draft.new_id() if visit.meal is not None else None),
    )


def promise(draft: Draft, visit_id: str) -> None:
    """Tell the recipient what holds now; what changes of an earlier promise opens a call-back with an owner.

    A request that allows lateness gets its promise when it is bound, and so does one that a care plan asked
    for ahead: until then the planners have the whole window. Names are told after acceptance.
    """
    desk, visit = draft.desk, draft.desk.visits[visit_id]
    first = visit.hands[0].caregiver_id
    if first is None or ((visit.late_allowed or (visit.ahead and visit.told is None)) and not visit.bound):
        return
    provider_id = desk.caregivers[first].provider_id
    people = visit.people
    names = people if visit.bound else ()
    told = visit.told
    keeps = told is not None and told[0] <= visit.start_s <= told[1]
    leeway, basis = visit.leeway, None
    if told is None or not keeps:
        lo_s, hi_s, leeway, basis = told_of(desk, visit, visit.start_s, visit.hands[0].shift_id, draft.now_s)
        told = (lo_s, hi_s)
    if (told, provider_id) == (visit.told, visit.told_provider) and names in ((), visit.told_names):
        return
    changed = visit.told is not None and (
        not keeps
        or provider_id != visit.told_provider
        or bool(names and visit.told_names and names != visit.told_names)
    )
    draft.say(
        PromiseMade(
            visit_id=visit_id,
            told=window(*told),
            provider_id=provider_id,
            caregiver_ids=names,
            changed=changed,
            leeway=window(*leeway) if leeway is not None else None,
            basis=basis,
        )
    )
    if changed and not visit.late_allowed:
        call_back(draft, visit, "PROMISE_CHANGED")


def call_back(draft: Draft, visit: Visit, code: str, *, within_s: int = CALL_SOON_S) -> None:
    """An operator owes the recipient a call."""
    draft.say(
        CallBackOpened(
            callback_id=draft.new_id(),
            recipient_id=visit.recipient_id,
            visit_id=visit.visit_id,
            owner=Human.OPERATOR,
            reason=plain_reason(code),
            due_at=at(draft.now_s + within_s),
        )
    )


def put_on_record(draft: Draft, visit: Visit, reason: Reason) -> None:
    """Say a visit's plan as it stands once more, with why it stands."""
    stops = tuple(
        stop_said(
            draft.desk,
            visit,
            role,
            hand.caregiver_id,
            start_s=hand.start_s,
            travel_s=hand.travel_s,
            round_id=hand.round_id,
        )
        for role, hand in enumerate(visit.hands)
        if hand.caregiver_id is not None
    )
    origin = Origin(visit.origin)
    draft.say(VisitPlanned(visit_id=visit.visit_id, stops=stops, origin=origin, reasons=(reason,)))
