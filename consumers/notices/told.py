"""Which notices a row leads to: pure functions of the row and of whose its visits and cases are."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.base import Reason
from schemas.codes import AlarmRule
from schemas.decisions import (
    AssignmentBound,
    AssignmentOffered,
    AssignmentWithdrawn,
    CallBackOpened,
    CaseClosed,
    CaseDispatched,
    CaseOpened,
    CheckInOverdue,
    Decision,
    HelpEscalated,
    OfferPassedToClerk,
    PromiseMade,
    VisitCancelled,
    VisitExceptionRaised,
    VisitMissed,
    VisitObstructionNoted,
    VisitPriced,
)
from schemas.facts import AlarmRaised, OfferDelivered
from schemas.rows import Row

CASE_PARTIES = (("FAMILY", "VOICE"), ("STATION", "VOICE"), ("NEIGHBOUR", "SMS"))
"""Who is told of an emergency in parallel; 120 is called by the operator's own key."""


@dataclass(frozen=True)
class Notice:
    """One thing told to one receiver."""

    to_role: str
    to_id: str
    channel: str
    code: str
    numbers: dict[str, int] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parties:
    """To whom visits, offers and cases belong, as the records hold them after the row.

    `visits`: visit -> (recipient, provider, start); `offers`: offer -> (visit, caregiver, provider, start);
    `cases`: case -> (recipient, rule); `told_cases`: cases whose family was told before.
    """

    visits: Mapping[str, tuple[str | None, str | None, datetime]] = field(default_factory=dict)
    offers: Mapping[str, tuple[str, str, str, datetime]] = field(default_factory=dict)
    cases: Mapping[str, tuple[str | None, str]] = field(default_factory=dict)
    told_cases: frozenset[str] = frozenset()

    def recipient(self, visit_id: str | None) -> str | None:
        """Whom a visit is for."""
        return self.visits.get(visit_id or "", (None, None, None))[0]


def subjects_of(row: Row) -> tuple[set[str], set[str], set[str]]:
    """The visits, offers and cases that `row` may speak of."""
    told = [decision.model_dump(include={"visit_id", "offer_id", "case_id"}) for decision in row.decisions]
    visits, offers, cases = ({one[key] for one in told if one.get(key)} for key in _KEYS)
    if isinstance(row.fact, OfferDelivered):
        offers.add(row.fact.offer_id)
    return visits, offers, cases


_KEYS = ("visit_id", "offer_id", "case_id")


def notices_of(row: Row, parties: Parties) -> tuple[Notice, ...]:
    """The notices of a row, in the order of its decisions."""
    found: list[Notice] = []
    for decision in row.decisions:
        handler = _HANDLERS.get(type(decision))
        if handler:
            found += handler(row, decision, parties)
    return tuple(found)


def _s(moment: datetime) -> int:
    return int(moment.timestamp())


def _refs(**ids: str | None) -> dict[str, str]:
    return {name: one for name, one in ids.items() if one}


def _why(reason: Reason) -> tuple[dict[str, int], dict[str, str]]:
    return dict(reason.numbers), {**reason.refs, "why": reason.code}


def _offered(_: Row, decision: AssignmentOffered, parties: Parties) -> Iterator[Notice]:
    refs = _refs(
        offer_id=decision.offer_id,
        visit_id=decision.visit_id,
        case_id=decision.case_id,
        caregiver_id=decision.caregiver_id,
        recipient_id=parties.recipient(decision.visit_id),
    )
    numbers = {"start_s": _s(decision.start_at), "pay_fen": decision.pay_fen}
    if decision.to == "CLERK":
        yield Notice("CLERK", decision.provider_id, "PAGE", "NOTICE_OFFER_CLERK", numbers, refs)
        return
    code = "NOTICE_OFFER_CASE" if decision.case_id else "NOTICE_OFFER"
    yield Notice("CAREGIVER", decision.caregiver_id, "PAGE", code, numbers, refs)


def _passed(_: Row, decision: OfferPassedToClerk, parties: Parties) -> Iterator[Notice]:
    if decision.offer_id not in parties.offers:
        return
    visit_id, caregiver_id, provider_id, start_at = parties.offers[decision.offer_id]
    refs = _refs(
        offer_id=decision.offer_id,
        visit_id=visit_id,
        caregiver_id=caregiver_id,
        recipient_id=parties.recipient(visit_id),
    )
    numbers = {"start_s": _s(start_at)}
    yield Notice("CLERK", provider_id, "PAGE", "NOTICE_OFFER_UNREACHED", numbers, refs)


def _bound(_: Row, decision: AssignmentBound, parties: Parties) -> Iterator[Notice]:
    if decision.accepted_by == "CAREGIVER":
        return
    refs = _refs(
        visit_id=decision.visit_id,
        offer_id=decision.offer_id,
        recipient_id=parties.recipient(decision.visit_id),
    )
    numbers = {"start_s": _s(decision.start_at), "pay_fen": decision.pay_fen}
    yield Notice("CAREGIVER", decision.caregiver_id, "PAGE", "NOTICE_ASSIGNED", numbers, refs)


def _withdrawn(_: Row, decision: AssignmentWithdrawn, parties: Parties) -> Iterator[Notice]:
    if decision.unasked or decision.reason.code in ("DECLINED", "LAPSED"):
        return
    numbers, refs = _why(decision.reason)
    refs |= _refs(visit_id=decision.visit_id, recipient_id=parties.recipient(decision.visit_id))
    yield Notice("CAREGIVER", decision.caregiver_id, "PAGE", "NOTICE_TAKEN_BACK", numbers, refs)


def _promised(_: Row, decision: PromiseMade, parties: Parties) -> Iterator[Notice]:
    recipient_id = parties.recipient(decision.visit_id)
    if recipient_id is None:
        return
    code = "NOTICE_PROMISE_NAMED" if decision.caregiver_ids else "NOTICE_PROMISE"
    if decision.changed:
        code = "NOTICE_PROMISE_CHANGED"
    numbers = {"from_s": _s(decision.told.opens_at), "until_s": _s(decision.told.closes_at)}
    refs = _refs(
        visit_id=decision.visit_id,
        provider_id=decision.provider_id,
        caregiver_id=decision.caregiver_ids[0] if decision.caregiver_ids else None,
    )
    yield Notice("RECIPIENT", recipient_id, "SMS", code, numbers, refs)


def _cancelled(_: Row, decision: VisitCancelled, parties: Parties) -> Iterator[Notice]:
    recipient_id, _provider, start_at = parties.visits.get(decision.visit_id, (None, None, None))
    if recipient_id is None or start_at is None:
        return
    numbers, refs = _why(decision.reason)
    numbers["start_s"] = _s(start_at)
    refs |= _refs(visit_id=decision.visit_id)
    yield Notice("RECIPIENT", recipient_id, "SMS", "NOTICE_CANCELLED", numbers, refs)


def _priced(_: Row, decision: VisitPriced, parties: Parties) -> Iterator[Notice]:
    own = sum(share.amount_fen for share in decision.shares if share.payer == "SELF")
    start_at = parties.visits.get(decision.visit_id, (None, None, None))[2]
    if own == 0 or start_at is None or decision.held:
        return
    numbers = {"start_s": _s(start_at), "total_fen": decision.total_fen, "self_fen": own}
    refs = _refs(visit_id=decision.visit_id)
    yield Notice("RECIPIENT", decision.recipient_id, "SMS", "NOTICE_BILL", numbers, refs)


def _callback(row: Row, decision: CallBackOpened, _: Parties) -> Iterator[Notice]:
    numbers, refs = _why(decision.reason)
    numbers["due_s"] = _s(decision.due_at)
    refs |= _refs(
        callback_id=decision.callback_id, visit_id=decision.visit_id, recipient_id=decision.recipient_id
    )
    yield Notice(decision.owner, row.area, "PAGE", "NOTICE_CALL_BACK", numbers, refs)


def _escalated(row: Row, decision: HelpEscalated, parties: Parties) -> Iterator[Notice]:
    numbers, refs = _why(decision.reason)
    refs |= _refs(
        visit_id=decision.visit_id,
        case_id=decision.case_id,
        recipient_id=parties.recipient(decision.visit_id),
    )
    to_id = decision.provider_id if decision.to == "CLERK" and decision.provider_id else row.area
    yield Notice(decision.to, to_id, "PAGE", "NOTICE_ESCALATED", numbers, refs)


def _case_opened(row: Row, decision: CaseOpened, parties: Parties) -> Iterator[Notice]:
    if isinstance(row.fact, AlarmRaised) and row.fact.for_case_id is not None:
        return  # everybody was told of it by the area that asks
    numbers, refs = _why(decision.reason)
    refs |= _refs(case_id=decision.case_id, recipient_id=decision.recipient_id or "-")
    yield Notice("OPERATOR", row.area, "PAGE", "NOTICE_CASE", numbers, refs)
    if decision.rule == AlarmRule.AT_ONCE:
        yield from _tell_parties(decision.case_id, decision.recipient_id, parties)


def _tell_parties(case_id: str, recipient_id: str | None, parties: Parties) -> Iterator[Notice]:
    if recipient_id is None or case_id in parties.told_cases:
        return
    refs = {"case_id": case_id, "recipient_id": recipient_id}
    for role, channel in CASE_PARTIES:
        yield Notice(role, recipient_id, channel, "NOTICE_CASE_TOLD", {}, dict(refs))


def _case_dispatched(_: Row, decision: CaseDispatched, parties: Parties) -> Iterator[Notice]:
    recipient_id, rule = parties.cases.get(decision.case_id, (None, ""))
    if recipient_id is None:
        return
    if rule == AlarmRule.CALL_BACK:
        yield from _tell_parties(decision.case_id, recipient_id, parties)
    refs = {"case_id": decision.case_id, "recipient_id": recipient_id, "caregiver_id": decision.caregiver_id}
    numbers = {"arrive_s": _s(decision.arrive_at)}
    yield Notice("FAMILY", recipient_id, "SMS", "NOTICE_CASE_ON_WAY", numbers, refs)


def _case_closed(_: Row, decision: CaseClosed, parties: Parties) -> Iterator[Notice]:
    recipient_id = parties.cases.get(decision.case_id, (None, ""))[0]
    if recipient_id and decision.case_id in parties.told_cases:
        refs = {"case_id": decision.case_id, "recipient_id": recipient_id}
        yield Notice("FAMILY", recipient_id, "SMS", "NOTICE_CASE_CLOSED", {}, refs)


def _overdue(row: Row, decision: CheckInOverdue, parties: Parties) -> Iterator[Notice]:
    provider_id = parties.visits.get(decision.visit_id, (None, None, None))[1]
    refs = _refs(
        visit_id=decision.visit_id,
        caregiver_id=decision.caregiver_id,
        recipient_id=parties.recipient(decision.visit_id),
    )
    numbers = {"start_s": _s(decision.planned_start_at)}
    yield Notice("CLERK", provider_id or row.area, "PAGE", "NOTICE_OVERDUE", numbers, refs)


def _missed(row: Row, decision: VisitMissed, parties: Parties) -> Iterator[Notice]:
    numbers, refs = _why(decision.reason)
    yield _to_clerk(row, decision.visit_id, "NOTICE_MISSED", numbers, refs, parties)


def _obstructed(row: Row, decision: VisitObstructionNoted, parties: Parties) -> Iterator[Notice]:
    refs = {"caregiver_id": decision.caregiver_id}
    yield _to_clerk(row, decision.visit_id, "NOTICE_OBSTRUCTED", {}, refs, parties)


def _exception(row: Row, decision: VisitExceptionRaised, parties: Parties) -> Iterator[Notice]:
    if not decision.reasons:
        return
    numbers, refs = _why(decision.reasons[0])
    notice = _to_clerk(row, decision.visit_id, "NOTICE_EXCEPTION", numbers, refs, parties)
    yield notice
    yield Notice("FINANCE", row.area, "PAGE", notice.code, notice.numbers, notice.refs)


def _to_clerk(
    row: Row, visit_id: str, code: str, numbers: dict[str, int], refs: dict[str, str], parties: Parties
) -> Notice:
    recipient_id, provider_id, _ = parties.visits.get(visit_id, (None, None, None))
    refs = refs | _refs(visit_id=visit_id, recipient_id=recipient_id)
    return Notice("CLERK", provider_id or row.area, "PAGE", code, numbers, refs)


_HANDLERS: dict[type[Decision], Callable[[Row, Any, Parties], Iterator[Notice]]] = {
    AssignmentOffered: _offered,
    OfferPassedToClerk: _passed,
    AssignmentBound: _bound,
    AssignmentWithdrawn: _withdrawn,
    PromiseMade: _promised,
    VisitCancelled: _cancelled,
    VisitPriced: _priced,
    CallBackOpened: _callback,
    HelpEscalated: _escalated,
    CaseOpened: _case_opened,
    CaseDispatched: _case_dispatched,
    CaseClosed: _case_closed,
    CheckInOverdue: _overdue,
    VisitMissed: _missed,
    VisitObstructionNoted: _obstructed,
    VisitExceptionRaised: _exception,
}
