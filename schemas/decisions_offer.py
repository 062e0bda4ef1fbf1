"""Decisions on offers and their acceptance."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import FenPaid, Ident, Instant, Reason, StartWindow, Word, is_unset
from schemas.codes import Human, Origin

Role = Annotated[int, Field(strict=True, ge=0, le=2)]


class AssignmentOffered(Word):
    """A visit's role asked of a caregiver, through whoever accepts for the provider (`to`)."""

    word: Literal["AssignmentOffered"] = "AssignmentOffered"
    offer_id: Ident
    visit_id: Ident
    role: Role
    caregiver_id: Ident
    provider_id: Ident
    to: Annotated[str, Field(pattern="^(CAREGIVER|CLERK)$")]
    origin: Origin
    start_at: Instant
    pay_fen: FenPaid
    deliver_by: Instant
    case_id: Ident | None = None


class OfferPassedToClerk(Word):
    """The phone was not reached: the provider's clerk answers for it, until `answer_by`."""

    word: Literal["OfferPassedToClerk"] = "OfferPassedToClerk"
    offer_id: Ident
    reason: Reason
    answer_by: Instant | None = Field(default=None, exclude_if=is_unset)


class FuseLit(Word):
    """The offer was delivered; it lapses at `lapses_at`."""

    word: Literal["FuseLit"] = "FuseLit"
    offer_id: Ident
    lapses_at: Instant


class AssignmentBound(Word):
    """A role of a visit is bound to a caregiver: accepted by shift, clerk or caregiver."""

    word: Literal["AssignmentBound"] = "AssignmentBound"
    visit_id: Ident
    role: Role
    caregiver_id: Ident
    provider_id: Ident
    offer_id: Ident | None
    accepted_by: Annotated[str, Field(pattern="^(SHIFT|CLERK|CAREGIVER)$")]
    origin: Origin
    start_at: Instant
    pay_fen: FenPaid


class AssignmentLapsed(Word):
    """Nobody answered in time."""

    word: Literal["AssignmentLapsed"] = "AssignmentLapsed"
    offer_id: Ident
    visit_id: Ident
    caregiver_id: Ident


class AssignmentWithdrawn(Word):
    """An offer or a bound assignment was taken back, or somebody nobody had asked yet is planned no more."""

    word: Literal["AssignmentWithdrawn"] = "AssignmentWithdrawn"
    visit_id: Ident
    role: Role
    caregiver_id: Ident
    offer_id: Ident | None
    reason: Reason
    unasked: Literal[True] | None = Field(default=None, exclude_if=is_unset)
    """Set where the caregiver was planned only and heard nothing of it."""


class PlanRequested(Word):
    """The planners are asked to improve the area's plan as it stands after this row."""

    word: Literal["PlanRequested"] = "PlanRequested"
    horizon: StartWindow
    reason: Reason


class HelpEscalated(Word):
    """Handed to a human by role: nobody is left, or an exception needs a person."""

    word: Literal["HelpEscalated"] = "HelpEscalated"
    escalation_id: Ident
    to: Human
    visit_id: Ident | None = None
    case_id: Ident | None = None
    provider_id: Ident | None = None
    reason: Reason
