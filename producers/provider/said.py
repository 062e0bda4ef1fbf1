"""What a clerk says, as facts: offers answered, doubts settled, shifts published."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import RowMapping

from producers.provider.queries import receipt_id
from schemas.decisions import FactSetAside
from schemas.facts import (
    AssignmentAccepted,
    AssignmentDeclined,
    CallBackDone,
    CaregiverCheckedOut,
    Fact,
    OfferDelivered,
    ShiftPublished,
    VisitReportedMissed,
)
from schemas.ids import new_id
from schemas.ports import EventSink
from schemas.reasons import sentence
from schemas.shapes import Break
from schemas.shown import ZONE
from schemas.web import Refused, Who

DECLINE_REASONS = ("NOBODY_FREE", "TOO_FAR", "ILL", "OTHER")


@dataclass(frozen=True)
class Told:
    """What the clerk is told after something was said: kept, or the desk's reason against it."""

    is_kept: bool
    is_decided: bool
    code: str = ""
    zh: str = ""
    en: str = ""


async def say(sink: EventSink, fact: Fact, *, of_case: bool = False) -> Told:
    """Say a fact and tell what became of it. Raises SinkClosed when neither store takes it."""
    said = await sink.say(fact, of_case=of_case)
    for decision in said.row.decisions if said.row else ():
        if isinstance(decision, FactSetAside) and decision.reasons:
            first = decision.reasons[0]
            return Told(False, True, first.code, sentence(first, "zh"), sentence(first, "en"))
    return Told(True, said.row is not None)


def worst(told: Iterable[Told]) -> Told | None:
    """What must be shown of several: the first refusal, else the first not yet decided."""
    every = list(told)
    return next((each for each in every if not each.is_kept), None) or next(
        (each for each in every if not each.is_decided), None
    )


def accepted(
    offer: RowMapping, who: Who, now: datetime, fact_id: str, caregiver_id: str | None
) -> AssignmentAccepted:
    """接受; `caregiver_id` names another than the one suggested."""
    other = caregiver_id if caregiver_id and caregiver_id != offer["caregiver_id"] else None
    return AssignmentAccepted(
        fact_id=fact_id,
        area=offer["area"],
        said_at=now,
        by=who.speaker,
        offer_id=offer["offer_id"],
        caregiver_id=other,
    )


def declined(offer: RowMapping, who: Who, now: datetime, fact_id: str, reason: str) -> AssignmentDeclined:
    """退回. Raises Refused for a reason that is not on the list."""
    if reason not in DECLINE_REASONS:
        raise Refused("FORM_WRONG", place="reason")
    return AssignmentDeclined(
        fact_id=fact_id,
        area=offer["area"],
        said_at=now,
        by=who.speaker,
        offer_id=offer["offer_id"],
        reason=reason,
    )


def delivered(offer: RowMapping, who: Who, now: datetime) -> OfferDelivered:
    """The offer stood on the clerk's screen; the same offer gives the same fact."""
    return OfferDelivered(
        fact_id=receipt_id(offer["offer_id"]),
        area=offer["area"],
        said_at=now,
        by=who.speaker,
        offer_id=offer["offer_id"],
    )


def checked_out(stop: RowMapping, who: Who, fact_id: str, ended_at: datetime) -> CaregiverCheckedOut:
    """The clerk's word that service ended at `ended_at`; without evidence, and so never verified by it."""
    return CaregiverCheckedOut(
        fact_id=fact_id,
        area=stop["area"],
        said_at=ended_at,
        by=who.speaker,
        visit_id=stop["visit_id"],
        caregiver_id=stop["caregiver_id"],
        role=stop["role"] if stop["trip"] else None,
    )


def missed(stop: RowMapping, who: Who, now: datetime, fact_id: str) -> VisitReportedMissed:
    """The clerk's word that nobody went."""
    return VisitReportedMissed(
        fact_id=fact_id, area=stop["area"], said_at=now, by=who.speaker, visit_id=stop["visit_id"]
    )


def called_back(duty: RowMapping, who: Who, now: datetime, fact_id: str) -> CallBackDone:
    """An owed call was made."""
    return CallBackDone(
        fact_id=fact_id, area=duty["area"], said_at=now, by=who.speaker, callback_id=duty["duty_id"]
    )


@dataclass(frozen=True)
class ShiftForm:
    """A shift as it is filled in: `days` days running from `on`; the break may be left out."""

    caregiver_id: str
    on: date
    starts: time
    ends: time
    days: int = 1
    rest_at: time | None = None
    rest_min: int = 40


def published(
    form: ShiftForm, area: str, who: Who, now: datetime, standing: Mapping[date, str]
) -> Sequence[ShiftPublished]:
    """One fact for each day; it replaces the shift that stands on that day (`standing`: its id by day).

    Raises Refused when it ends before it begins, or the break lies outside it.
    """
    if form.ends <= form.starts:
        raise Refused("WINDOW_REVERSED", place="ends")
    if form.rest_at is not None and not form.starts <= form.rest_at < form.ends:
        raise Refused("BREAK_OUTSIDE", place="rest_at")
    days = [form.on + timedelta(days=ahead) for ahead in range(form.days)]
    return tuple(
        _shift_on(form, on, standing.get(on, f"s-{form.caregiver_id}-{on:%Y%m%d}"), area, who, now)
        for on in days
    )


def _shift_on(form: ShiftForm, on: date, shift_id: str, area: str, who: Who, now: datetime) -> ShiftPublished:
    breaks: tuple[Break, ...] = ()
    if form.rest_at is not None:
        begins = datetime.combine(on, form.rest_at, tzinfo=ZONE)
        breaks = (Break(earliest_at=begins, latest_at=begins, duration_s=form.rest_min * 60),)
    return ShiftPublished(
        fact_id=new_id(),
        area=area,
        said_at=now,
        by=who.speaker,
        shift_id=shift_id,
        caregiver_id=form.caregiver_id,
        starts_at=datetime.combine(on, form.starts, tzinfo=ZONE),
        ends_at=datetime.combine(on, form.ends, tzinfo=ZONE),
        breaks=breaks,
    )


def withdrawn(shift: RowMapping, who: Who, now: datetime) -> ShiftPublished:
    """Take a shift back."""
    told: dict[str, Any] = {
        "fact_id": new_id(), "area": shift["area"], "said_at": now, "by": who.speaker,
    }  # fmt: skip
    return ShiftPublished(
        **told,
        shift_id=shift["shift_id"],
        caregiver_id=shift["caregiver_id"],
        starts_at=shift["starts_at"],
        ends_at=shift["ends_at"],
        withdrawn=True,
    )
