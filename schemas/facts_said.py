"""Said facts: requests, offers, at the door."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Code, Ident, Sealed, StartWindow, Word, is_unset
from schemas.codes import (
    Channel,
    Gender,
    Obstruction,
)
from schemas.facts_base import DeviceFact, FactBase
from schemas.shapes import (
    EvidenceSecret,
    RoleNeed,
    TripSecret,
)

Leg = Annotated[int, Field(strict=True, ge=0, le=2)] | None
"""Which role of a visit is meant, where its caregiver has more than one."""


class Asks(Word):
    """What the caller asks beside the item. `caregiver_ids`, by role, is a choice, kept if it can be."""

    caregiver_ids: Annotated[tuple[Ident, ...], Field(max_length=3)] = ()
    provider_id: Ident | None = None
    gender: Gender | None = None


class ServiceRequested(FactBase):
    """A wish for help.

    `roles` replaces the item's own where a day brings its own durations; `late_allowed` makes the end of
    the window soft (lateness has a price); `wish_text_id` refers to what the caller said. Where an escort
    leads travels sealed; `goal_text_id` refers to it in words.
    """

    word: Literal["ServiceRequested"] = "ServiceRequested"
    request_id: Ident
    recipient_id: Ident
    item: Code
    window: StartWindow
    channel: Channel
    asks: Asks = Asks()
    roles: Annotated[tuple[RoleNeed, ...], Field(max_length=3)] = ()
    late_allowed: bool = False
    wish_text_id: Ident | None = None
    plan_id: Ident | None = None
    goal_text_id: Ident | None = Field(default=None, exclude_if=is_unset)
    sealed: Sealed | None = Field(default=None, exclude_if=is_unset)
    opened: TripSecret | None = Field(default=None, exclude=True)


class RequestMoved(FactBase):
    """The recipient wants another time (改期)."""

    word: Literal["RequestMoved"] = "RequestMoved"
    request_id: Ident
    window: StartWindow


class RequestCancelled(FactBase):
    """The recipient no longer wants it."""

    word: Literal["RequestCancelled"] = "RequestCancelled"
    request_id: Ident
    reason: Code = "NOT_WANTED"


class OfferDelivered(FactBase):
    """An offer provably reached the phone or the clerk's screen; its fuse starts now."""

    word: Literal["OfferDelivered"] = "OfferDelivered"
    offer_id: Ident


class AssignmentAccepted(DeviceFact):
    """An offer was accepted; a clerk may name another caregiver of the same provider."""

    word: Literal["AssignmentAccepted"] = "AssignmentAccepted"
    offer_id: Ident
    caregiver_id: Ident | None = None


class AssignmentDeclined(DeviceFact):
    """An offer was declined."""

    word: Literal["AssignmentDeclined"] = "AssignmentDeclined"
    offer_id: Ident
    reason: Code


class CaregiverDeparted(DeviceFact):
    """The caregiver set out; `role` says to which leg, where one has both."""

    word: Literal["CaregiverDeparted"] = "CaregiverDeparted"
    visit_id: Ident
    caregiver_id: Ident
    role: Leg = Field(default=None, exclude_if=is_unset)


class CaregiverCheckedIn(DeviceFact):
    """我到了: evidence of arrival."""

    word: Literal["CaregiverCheckedIn"] = "CaregiverCheckedIn"
    visit_id: Ident
    caregiver_id: Ident
    role: Leg = Field(default=None, exclude_if=is_unset)
    sealed: Sealed | None = None
    opened: EvidenceSecret | None = Field(default=None, exclude=True)


class CaregiverCheckedOut(DeviceFact):
    """做完了: evidence of the end. It may arrive before its check-in."""

    word: Literal["CaregiverCheckedOut"] = "CaregiverCheckedOut"
    visit_id: Ident
    caregiver_id: Ident
    role: Leg = Field(default=None, exclude_if=is_unset)
    sealed: Sealed | None = None
    opened: EvidenceSecret | None = Field(default=None, exclude=True)


class VisitObstructed(DeviceFact):
    """At the door, but the service could not be given."""

    word: Literal["VisitObstructed"] = "VisitObstructed"
    visit_id: Ident
    caregiver_id: Ident
    reason: Obstruction


class VisitReportedMissed(FactBase):
    """A person's word that nobody came."""

    word: Literal["VisitReportedMissed"] = "VisitReportedMissed"
    visit_id: Ident


class FeedbackGiven(FactBase):
    """What the recipient thought: one to five stars, and codes of complaint."""

    word: Literal["FeedbackGiven"] = "FeedbackGiven"
    visit_id: Ident
    stars: Annotated[int, Field(strict=True, ge=1, le=5)]
    complaints: tuple[Code, ...] = ()
    text_id: Ident | None = None


class CallBackDone(FactBase):
    """An owed call was made."""

    word: Literal["CallBackDone"] = "CallBackDone"
    callback_id: Ident
    outcome: Code = "TOLD"
