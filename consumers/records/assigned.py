"""What decisions on offers and their acceptance change."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, case, delete, exists, select
from sqlalchemy.dialects.postgresql import insert

from consumers.records.changes import Change, first, patch, put_once, reason_json, touch
from consumers.records.duties import close_escalations
from schemas.decisions import (
    AssignmentBound,
    AssignmentLapsed,
    AssignmentOffered,
    AssignmentWithdrawn,
    FuseLit,
    OfferPassedToClerk,
)
from schemas.rows import Row
from schemas.tables import cases, offers, stops, visits

AT_WORK = ("STARTED", "FINISHED", "OBSTRUCTED")
"""Stops whose evidence stands: no later plan takes it away."""
LIVE_OFFERS = ("OPEN", "DELIVERED")


def _set_stop(values: dict[str, Any], status: str) -> Change:
    """A stop offered or bound; one whose evidence already stands with the same caregiver keeps its status."""
    fresh = insert(stops).values(values | {"status": status})
    same = stops.c.caregiver_id == fresh.excluded.caregiver_id
    standing = and_(same, stops.c.status.in_(("DEPARTED", *AT_WORK)))
    told: dict[str, Any] = {name: fresh.excluded[name] for name in values if name not in ("visit_id", "role")}
    told["status"] = case((standing, stops.c.status), else_=status)
    return fresh.on_conflict_do_update(index_elements=["visit_id", "role"], set_=told)


def _offered(row: Row, decision: AssignmentOffered) -> list[Change]:
    stop = {"visit_id": decision.visit_id, "role": decision.role}
    held = {
        "area": row.area,
        "caregiver_id": decision.caregiver_id,
        "offer_id": decision.offer_id,
        "start_at": decision.start_at,
        "pay_fen": decision.pay_fen,
    }
    offer = decision.model_dump(include={"offer_id", "visit_id", "case_id", "role", "caregiver_id"})
    offer |= decision.model_dump(include={"provider_id", "origin", "start_at", "pay_fen", "deliver_by"})
    offer |= {"area": row.area, "sent_to": decision.to, "status": "OPEN", "offered_at": row.now}
    status = case((visits.c.status == "ADMITTED", "OFFERED"), else_=visits.c.status)
    touched = touch(row, decision.visit_id, status=status, provider_id=decision.provider_id)
    return [put_once(offers, offer), _set_stop(stop | held, "OFFERED"), touched]


def _passed_to_clerk(_: Row, decision: OfferPassedToClerk) -> list[Change]:
    where = {"offer_id": decision.offer_id}
    return [patch(offers, where, sent_to="CLERK", reason=reason_json(decision.reason))]


def _fuse_lit(_: Row, decision: FuseLit) -> list[Change]:
    where = {"offer_id": decision.offer_id, "status": LIVE_OFFERS}
    return [patch(offers, where, status="DELIVERED", lapses_at=decision.lapses_at)]


def _bound(row: Row, decision: AssignmentBound) -> list[Change]:
    """The role is bound; the visit is when all its roles are."""
    stop = {
        "visit_id": decision.visit_id,
        "role": decision.role,
        "area": row.area,
        "caregiver_id": decision.caregiver_id,
        "offer_id": decision.offer_id,
        "start_at": decision.start_at,
        "pay_fen": decision.pay_fen,
    }
    waiting = select(stops.c.role).where(
        stops.c.visit_id == decision.visit_id, stops.c.status.in_(("PLANNED", "OFFERED"))
    )
    when = and_(visits.c.status.in_(("ADMITTED", "OFFERED")), ~exists(waiting))
    status = case((when, "BOUND"), else_=visits.c.status)
    return [
        _set_stop(stop, "BOUND"),
        patch(offers, {"offer_id": decision.offer_id or ""}, status="ACCEPTED"),
        touch(row, decision.visit_id, status=status, provider_id=decision.provider_id),
        patch(
            cases,
            {"visit_id": decision.visit_id},
            accepted_at=first(cases, "accepted_at", row.now),
            caregiver_id=decision.caregiver_id,
        ),
        *close_escalations(row, decision.visit_id, "BOUND"),
    ]


def _lapsed(row: Row, decision: AssignmentLapsed) -> list[Change]:
    return [
        patch(offers, {"offer_id": decision.offer_id, "status": LIVE_OFFERS}, status="LAPSED"),
        patch(stops, {"offer_id": decision.offer_id, "status": "OFFERED"}, status="PLANNED", offer_id=None),
        *_without_offer(row, decision.visit_id),
    ]


def _without_offer(row: Row, visit_id: str) -> list[Change]:
    """A visit with no role offered or bound is only admitted again."""
    asked = select(stops.c.role).where(stops.c.visit_id == visit_id, stops.c.status != "PLANNED")
    back = patch(visits, {"visit_id": visit_id, "status": ("OFFERED", "BOUND")}, status="ADMITTED")
    return [back.where(~exists(asked)), touch(row, visit_id)]


def _withdrawn(row: Row, decision: AssignmentWithdrawn) -> list[Change]:
    taken = delete(stops).where(
        stops.c.visit_id == decision.visit_id,
        stops.c.role == decision.role,
        stops.c.caregiver_id == decision.caregiver_id,
        stops.c.status.not_in(AT_WORK),
    )
    open_offer = {"offer_id": decision.offer_id or "", "status": (*LIVE_OFFERS, "ACCEPTED")}
    reason = reason_json(decision.reason)
    unbound = patch(visits, {"visit_id": decision.visit_id, "status": "BOUND"}, status="OFFERED")
    return [
        patch(offers, open_offer, status="WITHDRAWN", reason=reason),
        taken,
        unbound,
        *_without_offer(row, decision.visit_id),
    ]


HANDLERS: dict[type, Callable[[Row, Any], list[Change]]] = {
    AssignmentOffered: _offered,
    OfferPassedToClerk: _passed_to_clerk,
    FuseLit: _fuse_lit,
    AssignmentBound: _bound,
    AssignmentLapsed: _lapsed,
    AssignmentWithdrawn: _withdrawn,
}
