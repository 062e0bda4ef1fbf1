"""What falls due as time passes.

Offers undelivered or unanswered, plans waited for, check-ins, calls, limits.
"""

from __future__ import annotations

from collections.abc import Callable

from dispatcher.core.alarms import case_lapsed, unanswered
from dispatcher.core.desk import Desk
from dispatcher.core.draft import Draft, why
from dispatcher.core.eligible import plain_reason
from dispatcher.core.evidence import miss
from dispatcher.core.funding import release
from dispatcher.core.offers import escalate, pass_to_clerk, send_out
from dispatcher.core.placing import CALL_SOON_S, put_on_record
from dispatcher.core.rehome import after_no
from dispatcher.core.times import at
from schemas.codes import Human, Origin
from schemas.decisions import (
    AssignmentLapsed,
    CallBackClosed,
    CallBackOpened,
    CheckInOverdue,
    VisitExceptionRaised,
    VisitMissed,
)
from schemas.facts import TimePassed

ENOUGH = 120
"""With so many decisions a second is full; what is due beyond them is decided in the next."""

LINES = {"clock:intake": ("intake",), "clock:alarms": ("alarms",)}
"""Which clock drives what: cases by the clock of `alarms`, all else by that of `intake`."""


def lines_of(fact: TimePassed) -> tuple[str, ...]:
    """The timer lists this clock drives; a clock of neither name drives both."""
    return LINES.get(fact.by.id, ("intake", "alarms"))


def anything_due(desk: Desk, fact: TimePassed, now_s: int) -> bool:
    """Whether this second decides anything; nearly all do not."""
    return any(next(desk.timers.passed(line, now_s), None) is not None for line in lines_of(fact))


def passed(draft: Draft, fact: TimePassed) -> None:
    """Decide what is due, in the order of falling due, until the second is full."""
    for line in lines_of(fact):
        for key in tuple(draft.desk.timers.passed(line, draft.now_s)):
            if len(draft.decisions) >= ENOUGH:
                return
            kind, _, name = key.partition("|")
            _KINDS[kind](draft, name)


def _undelivered(draft: Draft, offer_id: str) -> None:
    """A phone that was not reached: the clerk answers. A clerk who does not look: the next."""
    offer = draft.desk.offers.get(offer_id)
    if offer is None or offer.state != "OPEN" or offer.delivered:
        return
    if offer.case_id is None and offer.to == "CAREGIVER":
        pass_to_clerk(draft, offer)
    else:
        _unanswered(draft, offer_id)


def _unanswered(draft: Draft, offer_id: str) -> None:
    offer = draft.desk.offers.get(offer_id)
    if offer is None or offer.state != "OPEN":
        return
    draft.say(AssignmentLapsed(offer_id=offer_id, visit_id=offer.visit_id, caregiver_id=offer.caregiver_id))
    if offer.case_id is not None:
        case_lapsed(draft, offer)
    else:
        after_no(draft, offer, plain_reason("LAPSED"))


def _waited(draft: Draft, visit_id: str) -> None:
    """It is time, and no plan came that asks for more: what stands goes out."""
    visit = draft.desk.visits.get(visit_id)
    if visit is None or visit.closed is not None or not visit.waiting or not visit.planned:
        return
    origin = Origin(visit.origin)
    code = "PLAN_KEEPS" if origin is Origin.PLAN else "PLAN_WAIT_OVER"
    put_on_record(draft, visit, plain_reason(code))
    send_out(draft, visit_id, origin)


def _overdue(draft: Draft, name: str) -> None:
    """Says only that it is late; the operator looks into it."""
    visit_id, _, number = name.partition("|")
    visit = draft.desk.visits.get(visit_id)
    role = int(number)
    if visit is None or visit.closed is not None or role in visit.overdue:
        return
    hand = visit.hands[role]
    if hand.caregiver_id is None or hand.came is not None or hand.left is not None:
        return
    start = at(hand.start_s)
    draft.say(CheckInOverdue(visit_id=visit_id, caregiver_id=hand.caregiver_id, planned_start_at=start))


def _limit(draft: Draft, visit_id: str) -> None:
    """A phone stayed away too long: no record, the visit was missed; half a record needs a person."""
    visit = draft.desk.visits.get(visit_id)
    settings = draft.desk.settings
    if visit is None or visit.closed is not None or settings is None:
        return
    reason = why("UPLOAD_LIMIT", hours=settings.upload_limit_s // 3600)
    if not visit.started:
        miss(draft, visit_id, reason)
        return
    lacking = []
    if any(hand.came is None for hand in visit.hands):
        lacking.append(plain_reason("CHECK_IN_MISSING"))
    if any(hand.left is None for hand in visit.hands):
        lacking.append(plain_reason("CHECK_OUT_MISSING"))
    release(draft, visit_id)
    draft.say(VisitExceptionRaised(visit_id=visit_id, reasons=(*lacking, reason)))
    draft.say(VisitMissed(visit_id=visit_id, reason=reason))
    escalate(draft, Human.SUPERVISOR, "UPLOAD_LIMIT", visit_id=visit_id)


def _call_owed(draft: Draft, callback_id: str) -> None:
    """A call an operator did not make in time is owed by whoever leads the shift."""
    call = draft.desk.callbacks.get(callback_id)
    if call is None or not call.open:
        return
    draft.say(CallBackClosed(callback_id=callback_id, outcome="PASSED_ON"))
    draft.say(
        CallBackOpened(
            callback_id=draft.new_id(),
            recipient_id=call.recipient_id,
            visit_id=call.visit_id,
            owner=Human.SHIFT_LEAD,
            reason=plain_reason("CALL_OVERDUE"),
            due_at=at(draft.now_s + CALL_SOON_S),
        )
    )


_KINDS: dict[str, Callable[[Draft, str], None]] = {
    "DELIVER": _undelivered,
    "FUSE": _unanswered,
    "WAIT": _waited,
    "OVERDUE": _overdue,
    "UPLOAD": _limit,
    "CALLBACK": _call_owed,
    "CASE": unanswered,
}
