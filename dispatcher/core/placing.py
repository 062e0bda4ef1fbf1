"""From the cheapest insertion to what is said of it.

The plan with its reasons, shifted neighbours, the promise.
"""

from __future__ import annotations

from dataclasses import replace

from dispatcher.core.desk import Desk
from dispatcher.core.draft import Draft, why
from dispatcher.core.eligible import plain_reason, reason_of
from dispatcher.core.funding import quote_visit, reserve
from dispatcher.core.insertion import Found, find
from dispatcher.core.plan import NEVER_S
from dispatcher.core.records import Visit
from dispatcher.core.rooms import TIMED, Choice, Seat, Stopped, Wish
from dispatcher.core.stops import Stops
from dispatcher.core.times import at, window
from schemas.base import Reason
from schemas.codes import Human, Origin
from schemas.decisions import CallBackOpened, Candidate, NotOffered, PromiseMade, VisitPlanned
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
    theirs = find(desk, replace(wish, only=asked)) if len(asked) >= len(wish.roles) else None
    if theirs is None or not theirs.choices:
        return everyone, (plain_reason("CHOICE_IMPOSSIBLE"),)
    first = theirs.choices[0]
    others = [c for c in everyone.choices if _people(c) != _people(first)][:4]
    chosen = {*_people(first), *(p for c in others for p in _people(c))}
    stopped = everyone.stopped.without(chosen)
    return Found((first, *others), stopped), (plain_reason("ASKED_FOR"),)


def _people(choice: Choice) -> tuple[str, ...]:
    return tuple(seat.caregiver_id for seat in choice.seats)


def told_window(desk: Desk, visit: Visit, start_s: int) -> tuple[int, int]:
    """What would be promised of a start: a little before it, and the promise's width on, within the wish."""
    settings = desk.settings
    early_s, width_s = (settings.promise_early_s, settings.promise_width_s) if settings else (300, 1800)
    lo_s = max(visit.opens_s, start_s - early_s)
    hi_s = lo_s + width_s
    if not visit.late_allowed:
        hi_s = min(hi_s, visit.closes_s)
    return lo_s, max(hi_s, start_s)


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
    shifted = [move for seat in best.seats for move in pushed(draft.desk, wish.visit, seat)]
    nearest = found.stopped.nearest_miss()
    draft.say(
        VisitPlanned(
            visit_id=visit_id,
            stops=tuple(stop_of(seat) for seat in best.seats),
            origin=origin,
            candidates=tuple(_candidate(draft.desk, wish, choice) for choice in found.choices),
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


def stop_of(seat: Seat) -> PlannedStop:
    """A seat as it is said."""
    return PlannedStop(
        role=seat.role, caregiver_id=seat.caregiver_id, start_at=at(seat.start_s), travel_s=seat.travel_s
    )


def pushed(desk: Desk, visit: Visit, seat: Seat) -> list[tuple[str, PlannedStop]]:
    """Stops behind a seat that must start later because of it."""
    day = desk.board.day(desk, seat.shift_id)
    if day is None or visit.place is None:
        return []
    ways = desk.board.ways(desk)
    free_s, place, credit_s = seat.start_s + visit.needs[seat.role].duration_s, visit.place, 0
    moves: list[tuple[str, PlannedStop]] = []
    for halt in day.halts[seat.gap :]:
        if halt.visit_id is None:
            begin_s = max(free_s, halt.start_s)
            credit_s += begin_s - free_s
            free_s = begin_s + halt.end_s - halt.start_s
            continue
        way_s = ways.travel_s(place, halt.place, day.speed_mm_s)
        start_s = max(halt.start_s, free_s + max(0, way_s - credit_s))
        if start_s == desk.visits[halt.visit_id].hands[halt.role].start_s:
            break
        stop = PlannedStop(
            role=halt.role, caregiver_id=seat.caregiver_id, start_at=at(start_s), travel_s=way_s
        )
        moves.append((halt.visit_id, stop))
        free_s, place, credit_s = start_s + halt.end_s - halt.start_s, halt.place, 0
    return moves


def _candidate(desk: Desk, wish: Wish, choice: Choice) -> Candidate:
    visit, start_s = wish.visit, choice.seats[0].start_s
    person = desk.recipients.get(visit.recipient_id)
    reasons = [why("CHEAPEST_DETOUR", travel_s=choice.added_s)]
    people = _people(choice)
    if person is not None and any(c in person.usual for c in people):
        reasons.append(plain_reason("KNOWN_CAREGIVER"))
    if any(c in visit.asked_ids for c in people):
        reasons.append(plain_reason("ASKED_FOR"))
    return Candidate(
        caregiver_ids=people,
        start_at=at(start_s),
        told=window(*told_window(desk, visit, start_s)),
        added_travel_s=choice.added_s,
        cost_s=choice.cost_s,
        copay_fen=quote_visit(desk, visit, start_s).copay_fen,
        reasons=tuple(reasons),
    )


def named(desk: Desk, wish: Wish, caregiver_id: str, stop: Stopped) -> NotOffered:
    """One caregiver with what stopped them."""
    if stop.code in TIMED:
        reason = why(stop.code, late_s=stop.by_s)
    elif stop.code == "COSTS_MORE":
        reason = why(stop.code, more_s=stop.by_s)
    else:
        reason = reason_of(desk, wish.visit, caregiver_id, stop.code, wish.lo_s)
    return NotOffered(caregiver_id=caregiver_id, reason=reason)


def not_offered(desk: Desk, wish: Wish, stopped: Stops) -> tuple[NotOffered, ...]:
    """Those of whom somebody may ask why they do not come, with the reason."""
    return tuple(named(desk, wish, caregiver_id, stopped[caregiver_id]) for caregiver_id in stopped.told())


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
    people = tuple(hand.caregiver_id for hand in visit.hands if hand.caregiver_id is not None)
    names = people if visit.bound else ()
    told = visit.told
    keeps = told is not None and told[0] <= visit.start_s <= told[1]
    told = told if keeps and told is not None else told_window(desk, visit, visit.start_s)
    if (told, provider_id, names) == (visit.told, visit.told_provider, visit.told_names):
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
        PlannedStop(
            role=role, caregiver_id=hand.caregiver_id, start_at=at(hand.start_s), travel_s=hand.travel_s
        )
        for role, hand in enumerate(visit.hands)
        if hand.caregiver_id is not None
    )
    origin = Origin(visit.origin)
    draft.say(VisitPlanned(visit_id=visit.visit_id, stops=stops, origin=origin, reasons=(reason,)))
