"""What a fact itself changes: evidence of the door as it was said, shifts, price lists, feedback."""

from typing import Any

from sqlalchemy import func

from consumers.records.cases import answered_changes
from consumers.records.changes import Change, first, kept_if, patch, put
from schemas.facts import (
    AssignmentDeclined,
    CaregiverCheckedIn,
    CaregiverCheckedOut,
    CaregiverDeparted,
    CaseAnswered,
    FeedbackGiven,
    ShiftPublished,
    TariffPublished,
    VisitObstructed,
)
from schemas.reasons import SENTENCES
from schemas.rows import Row
from schemas.tables import offers, shifts, stops, tariff_items, visits


def said_changes(row: Row) -> list[Change]:
    """Changes by the fact of `row`, which was not set aside."""
    match row.fact:
        case CaregiverDeparted() | CaregiverCheckedIn() | CaregiverCheckedOut() | VisitObstructed():
            return _door(row)
        case AssignmentDeclined(offer_id=offer_id, reason=code):
            told = code if code in SENTENCES else "OTHER"
            reason = {"code": told, "numbers": {}, "refs": {}}
            return [patch(offers, {"offer_id": offer_id}, status="DECLINED", reason=reason)]
        case FeedbackGiven(visit_id=visit_id, stars=stars):
            return [patch(visits, {"visit_id": visit_id}, stars=stars, seq=row.seq)]
        case ShiftPublished():
            return [_shift(row.fact)]
        case TariffPublished():
            return _tariff(row.fact)
        case CaseAnswered():
            return answered_changes(row)
    return []


def _door(row: Row) -> list[Change]:
    """What a phone said at the door; it may come late and in any order, the first time of each counts."""
    fact = row.fact
    assert isinstance(fact, CaregiverDeparted | CaregiverCheckedIn | CaregiverCheckedOut | VisitObstructed)
    where: dict[str, Any] = {"visit_id": fact.visit_id, "caregiver_id": fact.caregiver_id}
    if not isinstance(fact, VisitObstructed) and fact.role is not None:
        where["role"] = fact.role
    at = fact.happened_at
    match fact:
        case CaregiverDeparted():
            keep = ("STARTED", "FINISHED", "OBSTRUCTED")
            status = kept_if(stops, "status", keep, "DEPARTED")
            return [patch(stops, where, departed_at=first(stops, "departed_at", at), status=status)]
        case CaregiverCheckedIn():
            earliest = func.least(stops.c.checked_in_at, at)
            status = kept_if(stops, "status", ("FINISHED",), "STARTED")
            return [patch(stops, where, checked_in_at=earliest, status=status, overdue=False)]
        case CaregiverCheckedOut():
            checked_out = first(stops, "checked_out_at", at)
            return [patch(stops, where, checked_out_at=checked_out, status="FINISHED", overdue=False)]
    return [patch(stops, where, status=kept_if(stops, "status", ("FINISHED",), "OBSTRUCTED"))]


def _shift(fact: ShiftPublished) -> Change:
    return put(
        shifts,
        {
            "shift_id": fact.shift_id,
            "area": fact.area,
            "caregiver_id": fact.caregiver_id,
            "starts_at": fact.starts_at,
            "ends_at": fact.ends_at,
            "breaks": [rest.model_dump(mode="json") for rest in fact.breaks],
            "withdrawn": fact.withdrawn,
        },
    )


def _tariff(fact: TariffPublished) -> list[Change]:
    return [
        put(
            tariff_items,
            {
                "area": fact.area,
                "tariff_id": fact.tariff_id,
                "code": item.code,
                "valid_from": fact.valid_from,
                "help": item.help,
                "name_zh": item.name_zh,
                "name_en": item.name_en,
                "unit": item.unit,
                "price_fen": item.price_fen,
                "pay_fen": item.pay_fen,
                "minimum_s": item.minimum_s,
                "crew": 1 if item.escort is not None else len(item.roles),
                "duration_s": max(role.offset_min_s + role.duration_s for role in item.roles),
                "wait_s": item.escort.wait_s if item.escort is not None else None,
            },
        )
        for item in fact.items
    ]
