"""What decisions change in the duties of named humans: call-backs and escalations."""

from collections.abc import Callable
from typing import Any

from consumers.records.changes import Change, patch, put_once, reason_json
from schemas.decisions import CallBackClosed, CallBackOpened, HelpEscalated
from schemas.rows import Row
from schemas.tables import duties


def _callback_opened(row: Row, decision: CallBackOpened) -> list[Change]:
    duty = {
        "duty_id": decision.callback_id,
        "kind": "CALL_BACK",
        "area": row.area,
        "owner": decision.owner,
        "recipient_id": decision.recipient_id,
        "visit_id": decision.visit_id,
        "reason": reason_json(decision.reason),
        "opened_at": row.now,
        "due_at": decision.due_at,
    }
    return [put_once(duties, duty)]


def _callback_closed(row: Row, decision: CallBackClosed) -> list[Change]:
    where = {"duty_id": decision.callback_id}
    return [patch(duties, where, closed_at=row.now, outcome=decision.outcome)]


def _escalated(row: Row, decision: HelpEscalated) -> list[Change]:
    duty = {
        "duty_id": decision.escalation_id,
        "kind": "ESCALATION",
        "area": row.area,
        "owner": decision.to,
        "provider_id": decision.provider_id,
        "visit_id": decision.visit_id,
        "case_id": decision.case_id,
        "reason": reason_json(decision.reason),
        "opened_at": row.now,
    }
    return [put_once(duties, duty)]


def close_escalations(row: Row, visit_id: str, outcome: str) -> list[Change]:
    """What was handed to a human about a visit is over when somebody was bound, came or is not needed."""
    where = {"visit_id": visit_id, "kind": "ESCALATION"}
    closed = patch(duties, where, closed_at=row.now, outcome=outcome)
    return [closed.where(duties.c.closed_at.is_(None))]


HANDLERS: dict[type, Callable[[Row, Any], list[Change]]] = {
    CallBackOpened: _callback_opened,
    CallBackClosed: _callback_closed,
    HelpEscalated: _escalated,
}
