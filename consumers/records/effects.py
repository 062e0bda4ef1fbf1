"""What a row changes in the records: `effects(row)`, a pure function."""

from consumers.records.cases import case_changes
from consumers.records.changes import Change, put
from consumers.records.decided import decided_changes
from consumers.records.said import said_changes
from schemas.base import Reason
from schemas.decisions import CaseDispatched, CaseOpened, FactSetAside, RequestAdmitted, RequestRefused
from schemas.rows import Row
from schemas.tables import refusals

OPENERS = (CaseOpened, RequestAdmitted, CaseDispatched)
"""Decisions that make the row that others of the same fact refer to; they go first."""


def effects(row: Row) -> tuple[Change, ...]:
    """The statements that put `row` into the records, in order.

    A fact that was set aside changes nothing but the supervisor's list.
    """
    changes: list[Change] = []
    refused = _reasons_of_refusal(row)
    if refused:
        changes.append(_refusal(row, refused))
    if not any(isinstance(decision, FactSetAside) for decision in row.decisions):
        changes += said_changes(row)
    for decision in sorted(row.decisions, key=lambda decision: not isinstance(decision, OPENERS)):
        changes += case_changes(row, decision)
        changes += decided_changes(row, decision)
    return tuple(changes)


def _reasons_of_refusal(row: Row) -> list[Reason]:
    return [
        reason
        for decision in row.decisions
        if isinstance(decision, FactSetAside | RequestRefused)
        for reason in decision.reasons
    ]


def _refusal(row: Row, reasons: list[Reason]) -> Change:
    return put(
        refusals,
        {
            "area": row.area,
            "seq": row.seq,
            "fact_id": row.fact_id,
            "fact_word": row.fact.word,
            "said_by": row.fact.by.model_dump(mode="json"),
            "reasons": [reason.model_dump(mode="json") for reason in reasons],
            "at": row.now,
        },
    )
