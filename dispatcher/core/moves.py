"""When the recipient changes their mind: another time, or no more need."""

from __future__ import annotations

from dispatcher.core.admit import window_faults
from dispatcher.core.draft import Draft
from dispatcher.core.eligible import plain_reason
from dispatcher.core.funding import release
from dispatcher.core.make_room import make_room
from dispatcher.core.offers import ask_planners, forward, withdraw
from dispatcher.core.placing import put_in, seek, wish_for
from dispatcher.core.records import Visit
from dispatcher.core.times import to_s
from schemas.base import Reason
from schemas.codes import Origin
from schemas.decisions import CallBackClosed, VisitCancelled, VisitMoved
from schemas.facts import CallBackDone, RequestCancelled, RequestMoved


def _open_visit(draft: Draft, request_id: str) -> Visit | Reason:
    visit_id = draft.desk.requests.get(request_id)
    if visit_id is None:
        return plain_reason("REQUEST_UNKNOWN")
    visit = draft.desk.visits[visit_id]
    if visit.closed is not None:
        return plain_reason("REQUEST_CLOSED")
    if visit.started:
        return plain_reason("VISIT_STARTED")
    return visit


def moved(draft: Draft, fact: RequestMoved) -> Reason | None:
    """Another window: it is kept only if somebody can come then; else the visit stays as it was."""
    found = _open_visit(draft, fact.request_id)
    if isinstance(found, Reason):
        return found
    visit = found
    lo_s, hi_s = to_s(fact.window.opens_at), to_s(fact.window.closes_at)
    for fault in window_faults(lo_s, hi_s, draft.now_s):
        return fault
    trial = draft.branch()
    reason = plain_reason("MOVED")
    for role in range(len(visit.hands)):
        withdraw(trial, trial.desk.visits[visit.visit_id], role, reason)
    trial.say(VisitMoved(visit_id=visit.visit_id, window=fact.window))
    now_visit = trial.desk.visits[visit.visit_id]
    wish = wish_for(trial.desk, now_visit, draft.now_s)
    ways, reasons = seek(trial.desk, wish)
    if ways.choices:
        put_in(trial, wish, ways, origin=Origin.INSERTION, reasons=(reason, *reasons))
    elif not make_room(trial, wish, (reason, *reasons)):
        return plain_reason("NOBODY_CAN")
    draft.absorb(trial)
    forward(draft, visit.visit_id, Origin.INSERTION)
    return None


def cancelled(draft: Draft, fact: RequestCancelled) -> Reason | None:
    """No more need: whoever was to come is told, and the money is given back."""
    found = _open_visit(draft, fact.request_id)
    if isinstance(found, Reason):
        return found
    cancel(draft, found.visit_id, plain_reason("NOT_WANTED"))
    ask_planners(draft, "PLAN_CHANGED")
    return None


def cancel(draft: Draft, visit_id: str, reason: Reason) -> None:
    """Take a visit off the books before it began."""
    for role in range(len(draft.desk.visits[visit_id].hands)):
        withdraw(draft, draft.desk.visits[visit_id], role, reason)
    release(draft, visit_id)
    draft.say(VisitCancelled(visit_id=visit_id, reason=reason))


def called_back(draft: Draft, fact: CallBackDone) -> Reason | None:
    """An owed call was made."""
    call = draft.desk.callbacks.get(fact.callback_id)
    if call is None or not call.open:
        return plain_reason("CALLBACK_UNKNOWN")
    draft.say(CallBackClosed(callback_id=fact.callback_id, outcome=fact.outcome))
    return None
