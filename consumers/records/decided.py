"""What decisions on requests, offers, visits and duties change."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, case, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from consumers.records import assigned
from consumers.records import duties as duties_of_humans
from consumers.records.assigned import AT_WORK, LIVE_OFFERS
from consumers.records.changes import Change, first, joined, kept_if, patch, put, reason_json, touch
from consumers.records.duties import close_escalations
from schemas.decisions import (
    CheckInOverdue,
    Decision,
    PromiseMade,
    RequestAdmitted,
    VisitCancelled,
    VisitExceptionRaised,
    VisitMissed,
    VisitMoved,
    VisitPlanned,
    VisitPriced,
    VisitStarted,
    VisitUnplanned,
    VisitVerified,
)
from schemas.facts import ServiceRequested
from schemas.rows import Row
from schemas.tables import cases, offers, stops, tariff_items, visits

TOLD = ("area", "caregiver_id", "start_at", "travel_s", "round_id", "from_kitchen_s", "duration_s")
"""What each plan says of a stop anew."""


def decided_changes(row: Row, decision: Decision) -> list[Change]:
    """Changes by one decision; none for those that records do not keep."""
    handler = _HANDLERS.get(type(decision))
    return handler(row, decision) if handler else []


def _admitted(row: Row, decision: RequestAdmitted) -> list[Change]:
    of_case = select(cases.c.case_id).where(cases.c.case_id == decision.request_id).scalar_subquery()
    values: dict[str, Any] = {
        "visit_id": decision.visit_id,
        "area": row.area,
        "request_id": decision.request_id,
        "case_id": of_case,
        "recipient_id": decision.recipient_id,
        "item": decision.item,
        "help": decision.help,
        "status": "ADMITTED",
        "opens_at": decision.window.opens_at,
        "closes_at": decision.window.closes_at,
        "requested_at": row.now,
        "seq": row.seq,
    }
    if decision.legs is not None:
        goal = row.fact.goal_text_id if isinstance(row.fact, ServiceRequested) else None
        values["trip"] = decision.legs.model_dump() | {"goal_text_id": goal}
    if decision.meal is not None:
        values["meal"] = decision.meal.model_dump(mode="json")
    return [put(visits, values)]


def _planned(row: Row, decision: VisitPlanned) -> list[Change]:
    """The plan in force. A stop that stays with its caregiver keeps its offer and acceptance."""
    changes: list[Change] = [
        touch(
            row,
            decision.visit_id,
            choice=decision.model_dump(mode="json"),
            origin=decision.origin,
            engine=decision.engine,
        )
    ]
    for stop in decision.stops:
        fresh = insert(stops).values(
            {
                "visit_id": decision.visit_id,
                "role": stop.role,
                "area": row.area,
                "caregiver_id": stop.caregiver_id,
                "status": "PLANNED",
                "start_at": stop.start_at,
                "travel_s": stop.travel_s,
                "round_id": stop.round_id,
                "from_kitchen_s": stop.from_kitchen_s,
                "duration_s": _duration(row, decision.visit_id, stop.role),
            }
        )
        changes.append(_keep_same_caregiver(fresh))
    return changes


def _duration(row: Row, visit_id: str, role: int) -> Any:
    """Service time of a role: the request's own where it brought one, else that of the price list.

    An escort's ride comes on top.
    """
    ride_s = func.coalesce(visits.c.trip["back_s" if role else "there_s"].as_integer(), 0)
    if isinstance(row.fact, ServiceRequested) and role < len(row.fact.roles):
        own_s = row.fact.roles[role].duration_s
        return select(own_s + ride_s).where(visits.c.visit_id == visit_id).scalar_subquery()
    return (
        select(func.coalesce(stops.c.duration_s, tariff_items.c.duration_s + ride_s))
        .select_from(visits)
        .outerjoin(stops, and_(stops.c.visit_id == visits.c.visit_id, stops.c.role == role))
        .outerjoin(
            tariff_items, and_(tariff_items.c.area == visits.c.area, tariff_items.c.code == visits.c.item)
        )
        .where(visits.c.visit_id == visit_id)
        .order_by(tariff_items.c.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )


def _keep_same_caregiver(fresh: Any) -> Change:
    same = stops.c.caregiver_id == fresh.excluded.caregiver_id
    emptied: dict[str, Any] = {
        name: case((same, stops.c[name]), else_=None)
        for name in ("offer_id", "pay_fen", "departed_at", "checked_in_at", "checked_out_at")
    }
    emptied["status"] = case((same, stops.c.status), else_="PLANNED")
    emptied["overdue"] = and_(same, stops.c.overdue)
    told = {name: fresh.excluded[name] for name in TOLD}
    result: Change = fresh.on_conflict_do_update(
        index_elements=["visit_id", "role"],
        set_={**told, **emptied},
        where=or_(stops.c.status.not_in(AT_WORK), same),
    )
    return result


def _unplanned(row: Row, decision: VisitUnplanned) -> list[Change]:
    return [
        _drop_stops(decision.visit_id),
        touch(
            row,
            decision.visit_id,
            choice=None,
            status=kept_if(visits, "status", ("STARTED", "FINISHED", "CANCELLED", "MISSED"), "ADMITTED"),
        ),
    ]


def _drop_stops(visit_id: str) -> Change:
    return delete(stops).where(stops.c.visit_id == visit_id, stops.c.status.not_in(AT_WORK))


def _moved(row: Row, decision: VisitMoved) -> list[Change]:
    window = decision.window
    return [touch(row, decision.visit_id, opens_at=window.opens_at, closes_at=window.closes_at)]


def _cancelled(row: Row, decision: VisitCancelled) -> list[Change]:
    return [
        touch(row, decision.visit_id, status="CANCELLED"),
        _drop_stops(decision.visit_id),
        patch(offers, {"visit_id": decision.visit_id, "status": LIVE_OFFERS}, status="WITHDRAWN"),
        *close_escalations(row, decision.visit_id, "CANCELLED"),
    ]


def _promised(row: Row, decision: PromiseMade) -> list[Change]:
    return [
        touch(
            row,
            decision.visit_id,
            told_from=decision.told.opens_at,
            told_until=decision.told.closes_at,
            told_names=bool(decision.caregiver_ids),
            provider_id=decision.provider_id,
        )
    ]


def _overdue(_: Row, decision: CheckInOverdue) -> list[Change]:
    where = {"visit_id": decision.visit_id, "caregiver_id": decision.caregiver_id}
    return [patch(stops, where | {"start_at": decision.planned_start_at}, overdue=True)]


def _started(row: Row, decision: VisitStarted) -> list[Change]:
    keep = ("FINISHED", "CANCELLED", "MISSED")
    return [
        touch(
            row,
            decision.visit_id,
            status=kept_if(visits, "status", keep, "STARTED"),
            started_at=first(visits, "started_at", decision.started_at),
        ),
        patch(
            cases,
            {"visit_id": decision.visit_id},
            arrived_at=first(cases, "arrived_at", decision.started_at),
        ),
        *close_escalations(row, decision.visit_id, "STARTED"),
    ]


def _verified(row: Row, decision: VisitVerified) -> list[Change]:
    return [
        touch(
            row,
            decision.visit_id,
            status="FINISHED",
            started_at=decision.started_at,
            finished_at=decision.finished_at,
            billed_s=decision.billed_s,
            grade=decision.grade,
            findings=[reason_json(finding) for finding in decision.findings],
        ),
        patch(
            stops,
            {"visit_id": decision.visit_id, "caregiver_id": decision.caregiver_ids},
            status="FINISHED",
            overdue=False,
        ),
        *close_escalations(row, decision.visit_id, "FINISHED"),
    ]


def _exception(row: Row, decision: VisitExceptionRaised) -> list[Change]:
    pieces = [reason_json(reason) for reason in decision.reasons]
    return [touch(row, decision.visit_id, exceptions=joined(visits, "exceptions", pieces))]


def _missed(row: Row, decision: VisitMissed) -> list[Change]:
    pieces = [reason_json(decision.reason)]
    exceptions = joined(visits, "exceptions", pieces)
    return [touch(row, decision.visit_id, status="MISSED", exceptions=exceptions)]


def _priced(row: Row, decision: VisitPriced) -> list[Change]:
    return [
        touch(
            row,
            decision.visit_id,
            total_fen=decision.total_fen,
            held=decision.held,
            provider_id=decision.provider_id,
            bill=decision.model_dump(mode="json"),
        )
    ]


_OWN: dict[type, Callable[[Row, Any], list[Change]]] = {
    RequestAdmitted: _admitted,
    VisitPlanned: _planned,
    VisitUnplanned: _unplanned,
    VisitMoved: _moved,
    VisitCancelled: _cancelled,
    PromiseMade: _promised,
    CheckInOverdue: _overdue,
    VisitStarted: _started,
    VisitVerified: _verified,
    VisitExceptionRaised: _exception,
    VisitMissed: _missed,
    VisitPriced: _priced,
}

_HANDLERS = {**_OWN, **assigned.HANDLERS, **duties_of_humans.HANDLERS}
