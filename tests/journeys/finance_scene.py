"""Visits of the small town told from request to bill, for the stories of finance and the wall."""

from datetime import timedelta

from sqlalchemy import select

from schemas.base import Speaker, StartWindow
from schemas.codes import Channel
from schemas.facts import (
    AssignmentAccepted,
    CaregiverCheckedIn,
    CaregiverCheckedOut,
    Fact,
    OfferDelivered,
    ServiceRequested,
)
from schemas.ids import new_id
from schemas.tables import offers, people, stops, visits
from tests.journeys.care_browser import TownPages


def book(pages: TownPages, item: str, *, nth: int = 0) -> str:
    """Book `item` for the n-th recipient by id and have every offer accepted; the visit's id."""
    with pages.engine.connect() as connection:
        query = select(people.c.person_id).where(people.c.kind == "RECIPIENT").order_by(people.c.person_id)
        recipients = list(connection.execute(query).scalars())
    for recipient_id in recipients[nth:]:
        wish = _wish(pages, recipient_id, item)
        pages.town.line.decide(wish)
        visit_id = _visit_of(pages, wish.request_id)
        if visit_id is not None:
            _accept(pages, visit_id)
            return visit_id
    raise AssertionError(f"nobody could be booked for {item}")


def _wish(pages: TownPages, recipient_id: str, item: str) -> ServiceRequested:
    now = pages.town.now
    window = StartWindow(opens_at=now + timedelta(minutes=30), closes_at=now + timedelta(minutes=110))
    return ServiceRequested(
        fact_id=new_id(),
        area=pages.town.area,
        said_at=now,
        by=Speaker(role="OPERATOR", id="seat-7"),
        request_id=new_id(),
        recipient_id=recipient_id,
        item=item,
        window=window,
        channel=Channel.HOTLINE,
    )


def _visit_of(pages: TownPages, request_id: str) -> str | None:
    with pages.engine.connect() as connection:
        query = select(visits.c.visit_id).where(visits.c.request_id == request_id)
        return connection.execute(query).scalar_one_or_none()


def _accept(pages: TownPages, visit_id: str) -> None:
    with pages.engine.connect() as connection:
        query = select(offers).where(offers.c.visit_id == visit_id, offers.c.status == "OPEN")
        asked = connection.execute(query).mappings().all()
    for offer in asked:
        said = _said(pages, offer["caregiver_id"], 0)
        pages.town.line.decide(OfferDelivered(**said, offer_id=offer["offer_id"]))
        said = _said(pages, offer["caregiver_id"], 0)
        pages.town.line.decide(AssignmentAccepted(**said, offer_id=offer["offer_id"]))


def _said(pages: TownPages, caregiver_id: str, after_min: int) -> dict[str, object]:
    return {
        "fact_id": new_id(),
        "area": pages.town.area,
        "said_at": pages.town.now + timedelta(minutes=after_min),
        "by": Speaker(role="CAREGIVER", id=caregiver_id),
    }


def carers(pages: TownPages, visit_id: str) -> list[str]:
    """Who goes, by role."""
    with pages.engine.connect() as connection:
        query = select(stops.c.caregiver_id).where(stops.c.visit_id == visit_id).order_by(stops.c.role)
        return list(connection.execute(query).scalars())


def check_in(pages: TownPages, visit_id: str, *, after_min: int = -75) -> None:
    """Everybody comes at `after_min` from the town's time."""
    for one in carers(pages, visit_id):
        fact: Fact = CaregiverCheckedIn.model_validate(
            _said(pages, one, after_min) | {"visit_id": visit_id, "caregiver_id": one}
        )
        pages.town.line.decide(fact)


def check_out(pages: TownPages, visit_id: str, *, after_min: int = -5) -> None:
    """Everybody leaves; the desk judges and prices."""
    for one in carers(pages, visit_id):
        fact: Fact = CaregiverCheckedOut.model_validate(
            _said(pages, one, after_min) | {"visit_id": visit_id, "caregiver_id": one}
        )
        pages.town.line.decide(fact)
