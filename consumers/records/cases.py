"""What decisions on emergencies change."""

from datetime import datetime, timedelta

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert

from consumers.records.changes import Change, first, joined, patch, put_once
from schemas.codes import HelpKind
from schemas.decisions import (
    CaseClosed,
    CaseDispatched,
    CaseNoticeRecorded,
    CaseOpened,
    CasePressedAgain,
    Decision,
)
from schemas.facts import AlarmRaised, CaseAnswered
from schemas.rows import Row
from schemas.tables import cases, duties, visits

RESPONSE_ITEM = "EMERGENCY_RESPONSE"
TRUSTED_DELAY = timedelta(minutes=10)
"""A sender's clock within this of the desk's is believed; a device's may be years off."""


def raised_at(row: Row) -> datetime:
    """When the alarm of `row` was raised, in city time."""
    delay = row.now - row.fact.said_at
    return row.fact.said_at if timedelta(0) <= delay <= TRUSTED_DELAY else row.now


def case_changes(row: Row, decision: Decision) -> list[Change]:
    """Changes by one decision on a case; none for any other decision."""
    match decision:
        case CaseOpened():
            return [] if _asked_in_vain(row) else [_opened(row, decision)]
        case CasePressedAgain(case_id=case_id, times=times):
            return [patch(cases, {"case_id": case_id}, presses=times)]
        case CaseDispatched():
            return _dispatched(row, decision)
        case CaseNoticeRecorded(case_id=case_id, party=party, answer=answer):
            piece = {party: {"answer": answer, "at": row.now.isoformat()}}
            return [patch(cases, {"case_id": case_id}, notices=joined(cases, "notices", piece))]
        case CaseClosed(case_id=case_id, proof=proof):
            open_duty = patch(duties, {"case_id": case_id}, closed_at=row.now, outcome="CASE_CLOSED")
            return [
                patch(cases, {"case_id": case_id}, closed_at=row.now, proof=proof),
                open_duty.where(duties.c.closed_at.is_(None)),
            ]
    return []


def answered_changes(row: Row) -> list[Change]:
    """The call back to the person of a case was made."""
    if not isinstance(row.fact, CaseAnswered):
        return []
    where = {"case_id": row.fact.case_id}
    return [patch(cases, where, answered_at=first(cases, "answered_at", row.now))]


def _asked_in_vain(row: Row) -> bool:
    """Whether a neighbour asked this area for help that it does not have: the neighbour's case is shown."""
    asked = isinstance(row.fact, AlarmRaised) and row.fact.for_case_id is not None
    return asked and not any(isinstance(each, CaseDispatched) for each in row.decisions)


def _opened(row: Row, decision: CaseOpened) -> Change:
    return put_once(
        cases,
        {
            "case_id": decision.case_id,
            "area": row.area,
            "recipient_id": decision.recipient_id,
            "kind": decision.kind,
            "rule": decision.rule,
            "raised_at": raised_at(row) if isinstance(row.fact, AlarmRaised) else row.now,
        },
    )


def _dispatched(row: Row, decision: CaseDispatched) -> list[Change]:
    """The case with its responder, and the visit that the response is."""
    visit = select(
        literal(decision.visit_id),
        literal(row.area),
        cases.c.case_id,
        cases.c.recipient_id,
        literal(RESPONSE_ITEM),
        literal(HelpKind.EMERGENCY.value),
        literal("ADMITTED"),
        literal(row.now, cases.c.raised_at.type),
        literal(max(decision.arrive_at, row.now), cases.c.raised_at.type),
        literal(row.now, cases.c.raised_at.type),
        literal(row.seq),
    ).where(cases.c.case_id == decision.case_id)
    columns = [
        "visit_id",
        "area",
        "case_id",
        "recipient_id",
        "item",
        "help",
        "status",
        "opens_at",
        "closes_at",
        "requested_at",
        "seq",
    ]
    return [
        patch(
            cases,
            {"case_id": decision.case_id},
            dispatched_at=first(cases, "dispatched_at", row.now),
            visit_id=decision.visit_id,
            caregiver_id=decision.caregiver_id,
            arrive_at=decision.arrive_at,
            dispatch=decision.model_dump(mode="json"),
        ),
        insert(visits).from_select(columns, visit).on_conflict_do_nothing(),
        patch(visits, {"visit_id": decision.visit_id}, case_id=decision.case_id),
    ]
