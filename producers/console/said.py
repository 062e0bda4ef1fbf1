"""The facts a seat says."""

from dataclasses import dataclass
from datetime import datetime

from schemas.base import StartWindow
from schemas.codes import AlarmKind, CallBackOutcome, Channel, CloseProof, Gender
from schemas.facts import (
    AlarmRaised,
    Asks,
    CallBackDone,
    CaseAnswered,
    CaseCloseAsked,
    CaseNoticeAnswered,
    FeedbackGiven,
    RequestCancelled,
    RequestMoved,
    ResponderChosen,
    ServiceRequested,
    VisitReportedMissed,
)
from schemas.ids import new_id
from schemas.web import Who


@dataclass(frozen=True)
class Seat:
    """Who speaks, of which area, when (city time), under which id."""

    who: Who
    area: str
    now: datetime
    fact_id: str

    @classmethod
    def of(cls, who: Who, area: str, now: datetime, fact_id: str | None = None) -> "Seat":
        """With a fresh id unless the page made one already (so that a second press says nothing new)."""
        return cls(who, area, now, fact_id or new_id())


def requested(
    seat: Seat,
    *,
    request_id: str,
    recipient_id: str,
    item: str,
    window: StartWindow,
    asks: Asks,
    wish_text_id: str | None = None,
) -> ServiceRequested:
    """A wish for help, heard on the hotline."""
    return ServiceRequested(
        fact_id=seat.fact_id,
        area=seat.area,
        said_at=seat.now,
        by=seat.who.speaker,
        request_id=request_id,
        recipient_id=recipient_id,
        item=item,
        window=window,
        channel=Channel.HOTLINE,
        asks=asks,
        wish_text_id=wish_text_id,
    )


def asks_of(caregiver_ids: tuple[str, ...], provider_id: str | None, gender: str | None) -> Asks:
    """What the caller asks beside the item."""
    return Asks(
        caregiver_ids=caregiver_ids,
        provider_id=provider_id or None,
        gender=Gender(gender) if gender else None,
    )


def moved(seat: Seat, request_id: str, window: StartWindow) -> RequestMoved:
    """改期."""
    return RequestMoved(
        fact_id=seat.fact_id,
        area=seat.area,
        said_at=seat.now,
        by=seat.who.speaker,
        request_id=request_id,
        window=window,
    )


def cancelled(seat: Seat, request_id: str, reason: str) -> RequestCancelled:
    """取消."""
    return RequestCancelled(
        fact_id=seat.fact_id,
        area=seat.area,
        said_at=seat.now,
        by=seat.who.speaker,
        request_id=request_id,
        reason=reason,
    )


def missed(seat: Seat, visit_id: str) -> VisitReportedMissed:
    """The recipient says nobody came."""
    return VisitReportedMissed(
        fact_id=seat.fact_id, area=seat.area, said_at=seat.now, by=seat.who.speaker, visit_id=visit_id
    )


def feedback(seat: Seat, visit_id: str, stars: int, complaints: tuple[str, ...]) -> FeedbackGiven:
    """What the recipient thought."""
    return FeedbackGiven(
        fact_id=seat.fact_id,
        area=seat.area,
        said_at=seat.now,
        by=seat.who.speaker,
        visit_id=visit_id,
        stars=stars,
        complaints=complaints,
    )


def alarm(seat: Seat, case_id: str, recipient_id: str | None) -> AlarmRaised:
    """助急, pressed at the seat."""
    return AlarmRaised(
        fact_id=seat.fact_id,
        area=seat.area,
        said_at=seat.now,
        by=seat.who.speaker,
        case_id=case_id,
        kind=AlarmKind.OPERATOR,
        recipient_id=recipient_id,
    )


def answered(seat: Seat, case_id: str, outcome: str) -> CaseAnswered:
    """What the call back brought."""
    return CaseAnswered(
        fact_id=seat.fact_id,
        area=seat.area,
        said_at=seat.now,
        by=seat.who.speaker,
        case_id=case_id,
        outcome=CallBackOutcome(outcome),
    )


def responder(seat: Seat, case_id: str, caregiver_id: str) -> ResponderChosen:
    """This one is sent."""
    return ResponderChosen(
        fact_id=seat.fact_id,
        area=seat.area,
        said_at=seat.now,
        by=seat.who.speaker,
        case_id=case_id,
        caregiver_id=caregiver_id,
    )


def notice(seat: Seat, case_id: str, party: str, answer: str) -> CaseNoticeAnswered:
    """One told in parallel answered."""
    return CaseNoticeAnswered(
        fact_id=seat.fact_id,
        area=seat.area,
        said_at=seat.now,
        by=seat.who.speaker,
        case_id=case_id,
        party=party,
        answer=answer,
    )


def closed(seat: Seat, case_id: str, proof: str) -> CaseCloseAsked:
    """A voice heard, or somebody there."""
    return CaseCloseAsked(
        fact_id=seat.fact_id,
        area=seat.area,
        said_at=seat.now,
        by=seat.who.speaker,
        case_id=case_id,
        proof=CloseProof(proof),
    )


def called_back(seat: Seat, callback_id: str, outcome: str) -> CallBackDone:
    """An owed call was made."""
    return CallBackDone(
        fact_id=seat.fact_id,
        area=seat.area,
        said_at=seat.now,
        by=seat.who.speaker,
        callback_id=callback_id,
        outcome=outcome,
    )
