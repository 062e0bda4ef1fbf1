"""What each decision changes in a desk. Nothing is weighed here.

What it needs stands in the fact or the decision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dispatcher.core.desk import Desk, purse_key
from dispatcher.core.evolve_cases import CASE_CHANGES
from dispatcher.core.evolve_facts import close_offer, refuse
from dispatcher.core.evolve_visits import (
    VISIT_CHANGES,
    put_hand,
    set_visit_timers,
    take_off,
)
from dispatcher.core.forgetting import erase
from dispatcher.core.records import CallBack, Hold, Offer, Purse
from dispatcher.core.times import to_s
from schemas.codes import Human
from schemas.decisions import (
    AssignmentBound,
    AssignmentLapsed,
    AssignmentOffered,
    AssignmentWithdrawn,
    CallBackClosed,
    CallBackOpened,
    Decision,
    FuseLit,
    MoneyReleased,
    MoneyReserved,
    OfferPassedToClerk,
    PersonErased,
    VisitPriced,
)
from schemas.facts import AlarmRaised, Fact

KEEP_OFFER_S = 12 * 86_400


def apply_decision(desk: Desk, decision: Decision, fact: Fact, now_s: int) -> None:
    """Fold one decision."""
    change = _CHANGES.get(decision.word)
    if change is not None:
        change(desk, decision, fact, now_s)


def _offered(desk: Desk, d: AssignmentOffered, fact: Fact, now_s: int) -> None:
    due_s = to_s(d.deliver_by)
    desk.offers[d.offer_id] = Offer(
        d.offer_id,
        d.visit_id,
        d.role,
        d.caregiver_id,
        d.provider_id,
        d.to,
        due_s,
        d.origin.value,
        d.pay_fen,
        d.case_id,
    )
    put_hand(desk, d.visit_id, d.role, offer_id=d.offer_id)
    _no_longer_waiting(desk, d.visit_id, d.origin.value)
    desk.timers.set("alarms" if d.case_id else "intake", f"DELIVER|{d.offer_id}", due_s)
    desk.timers.set("keep", f"OFFER|{d.offer_id}", now_s + KEEP_OFFER_S)
    if d.case_id:
        desk.busy[d.caregiver_id] = d.case_id


def _no_longer_waiting(desk: Desk, visit_id: str, origin: str) -> None:
    visit = desk.visits[visit_id]
    if visit.waiting or visit.origin != origin:
        desk.visits[visit_id] = replace(visit, waiting=False, origin=origin)
    desk.timers.clear("intake", f"WAIT|{visit_id}")


def _to_clerk(desk: Desk, d: OfferPassedToClerk, fact: Fact, now_s: int) -> None:
    """The clerk has until `answer_by`; in rows of the first rules, as long as the provider's fuse."""
    offer = desk.offers[d.offer_id]
    provider = desk.providers.get(offer.provider_id)
    due_s = to_s(d.answer_by) if d.answer_by else now_s + (provider.fuse_s if provider else 900)
    desk.offers[d.offer_id] = replace(offer, to="CLERK", deliver_by_s=due_s)
    desk.timers.set("alarms" if offer.case_id else "intake", f"DELIVER|{d.offer_id}", due_s)


def _fuse(desk: Desk, d: FuseLit, fact: Fact, now_s: int) -> None:
    offer = desk.offers[d.offer_id]
    desk.offers[d.offer_id] = replace(offer, delivered=True)
    line = "alarms" if offer.case_id else "intake"
    desk.timers.clear(line, f"DELIVER|{d.offer_id}")
    desk.timers.set(line, f"FUSE|{d.offer_id}", to_s(d.lapses_at))


def _bound(desk: Desk, d: AssignmentBound, fact: Fact, now_s: int) -> None:
    if d.offer_id is not None:
        close_offer(desk, d.offer_id, "ACCEPTED")
    put_hand(desk, d.visit_id, d.role, bound=True, offer_id=None)
    _no_longer_waiting(desk, d.visit_id, d.origin.value)
    visit = desk.visits[d.visit_id]
    if visit.case_id:
        desk.busy[d.caregiver_id] = visit.case_id
    set_visit_timers(desk, desk.visits[d.visit_id], now_s)


def _lapsed(desk: Desk, d: AssignmentLapsed, fact: Fact, now_s: int) -> None:
    offer = desk.offers[d.offer_id]
    close_offer(desk, d.offer_id, "LAPSED")
    refuse(desk, d.visit_id, offer.role, d.caregiver_id, "LAPSED_BEFORE")


def _withdrawn(desk: Desk, d: AssignmentWithdrawn, fact: Fact, now_s: int) -> None:
    if d.offer_id is not None:
        close_offer(desk, d.offer_id, "WITHDRAWN")
    visit = desk.visits[d.visit_id]
    if visit.case_id and desk.busy.get(d.caregiver_id) == visit.case_id:
        del desk.busy[d.caregiver_id]
    take_off(desk, d.visit_id, d.role, now_s)


def _callback(desk: Desk, d: CallBackOpened, fact: Fact, now_s: int) -> None:
    case_id = None
    if isinstance(fact, AlarmRaised) and d.reason.code == "ALARM_CALL_BACK":
        case_id = d.reason.refs.get("case_id")
    desk.callbacks[d.callback_id] = CallBack(d.callback_id, d.recipient_id, d.visit_id, d.owner, case_id)
    if case_id is not None and case_id in desk.cases:
        desk.cases[case_id] = replace(desk.cases[case_id], callback_id=d.callback_id)
        desk.timers.set("alarms", f"CASE|{case_id}", to_s(d.due_at))
    elif d.owner is Human.OPERATOR:
        desk.timers.set("intake", f"CALLBACK|{d.callback_id}", to_s(d.due_at))
    desk.timers.set("keep", f"CALLBACK|{d.callback_id}", now_s + KEEP_OFFER_S)
    if d.visit_id is not None and d.reason.code in ("RUNS_LATE", "MEAL_COLD"):
        desk.visits[d.visit_id] = replace(desk.visits[d.visit_id], late_known=True)


def _callback_closed(desk: Desk, d: CallBackClosed, fact: Fact, now_s: int) -> None:
    call = desk.callbacks[d.callback_id]
    desk.callbacks[d.callback_id] = replace(call, open=False)
    desk.timers.clear("intake", f"CALLBACK|{d.callback_id}")
    if call.case_id is not None:
        desk.timers.clear("alarms", f"CASE|{call.case_id}")


def _purse(
    desk: Desk, recipient_id: str, programme_id: str, period: str, reserved: int, settled: int
) -> None:
    key = purse_key(recipient_id, programme_id, period)
    purse = desk.purses.get(key, Purse())
    desk.purses[key] = Purse(purse.reserved_fen + reserved, purse.settled_fen + settled)


def _reserved(desk: Desk, d: MoneyReserved, fact: Fact, now_s: int) -> None:
    _purse(desk, d.recipient_id, d.programme_id, d.period, d.amount_fen, 0)
    visit = desk.visits[d.visit_id]
    desk.visits[d.visit_id] = replace(visit, hold=Hold(d.programme_id, d.period, d.amount_fen))


def _released(desk: Desk, d: MoneyReleased, fact: Fact, now_s: int) -> None:
    _purse(desk, d.recipient_id, d.programme_id, d.period, -d.amount_fen, 0)
    visit = desk.visits[d.visit_id]
    if visit.hold is not None:
        left = visit.hold.amount_fen - d.amount_fen
        hold = replace(visit.hold, amount_fen=left) if left > 0 else None
        desk.visits[d.visit_id] = replace(visit, hold=hold)


def _priced(desk: Desk, d: VisitPriced, fact: Fact, now_s: int) -> None:
    """What the visit still held is used up by its bill; the shares of programmes are booked."""
    visit = desk.visits[d.visit_id]
    if visit.hold is not None:
        _purse(desk, d.recipient_id, visit.hold.programme_id, visit.hold.period, -visit.hold.amount_fen, 0)
        desk.visits[d.visit_id] = replace(visit, hold=None)
    for share in d.shares:
        if share.programme_id is not None:
            _purse(desk, d.recipient_id, share.programme_id, d.period, 0, share.amount_fen)


def _erased(desk: Desk, d: PersonErased, fact: Fact, now_s: int) -> None:
    erase(desk, d.person_id)


_CHANGES: dict[str, Callable[[Desk, Any, Fact, int], None]] = {
    **VISIT_CHANGES,
    **CASE_CHANGES,
    "AssignmentOffered": _offered,
    "OfferPassedToClerk": _to_clerk,
    "FuseLit": _fuse,
    "AssignmentBound": _bound,
    "AssignmentLapsed": _lapsed,
    "AssignmentWithdrawn": _withdrawn,
    "CallBackOpened": _callback,
    "CallBackClosed": _callback_closed,
    "MoneyReserved": _reserved,
    "MoneyReleased": _released,
    "VisitPriced": _priced,
    "PersonErased": _erased,
}
