"""Decisions: what the desk made of a fact, each with its reason. Whole numbers and ids only."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from schemas.decisions_case import (
    CaseClosed,
    CaseDispatched,
    CaseNoticeRecorded,
    CaseOpened,
    CasePressedAgain,
    ResponderRanked,
)
from schemas.decisions_choice import (
    AreaTold,
    CallBackClosed,
    CallBackOpened,
    Candidate,
    Continuity,
    FactSetAside,
    NotOffered,
    PersonErased,
    PromiseMade,
    Relaxation,
    RequestAdmitted,
    RequestRefused,
    StopMoved,
    VisitCancelled,
    VisitMoved,
    VisitPlanned,
    VisitUnplanned,
)
from schemas.decisions_offer import (
    AssignmentBound,
    AssignmentLapsed,
    AssignmentOffered,
    AssignmentWithdrawn,
    FuseLit,
    HelpEscalated,
    OfferPassedToClerk,
    PlanRequested,
)
from schemas.decisions_visit import (
    CheckInOverdue,
    MoneyReleased,
    MoneyReserved,
    PriceStep,
    VisitExceptionRaised,
    VisitMissed,
    VisitObstructionNoted,
    VisitPriced,
    VisitStarted,
    VisitVerified,
)

Decision = Annotated[
    FactSetAside
    | AreaTold
    | RequestAdmitted
    | RequestRefused
    | VisitPlanned
    | VisitUnplanned
    | VisitMoved
    | VisitCancelled
    | PromiseMade
    | CallBackOpened
    | CallBackClosed
    | AssignmentOffered
    | OfferPassedToClerk
    | FuseLit
    | AssignmentBound
    | AssignmentLapsed
    | AssignmentWithdrawn
    | PlanRequested
    | HelpEscalated
    | CheckInOverdue
    | VisitStarted
    | VisitVerified
    | VisitObstructionNoted
    | VisitExceptionRaised
    | VisitMissed
    | MoneyReserved
    | MoneyReleased
    | VisitPriced
    | CaseOpened
    | CasePressedAgain
    | CaseDispatched
    | CaseNoticeRecorded
    | CaseClosed
    | PersonErased,
    Field(discriminator="word"),
]
DECISION: TypeAdapter[Decision] = TypeAdapter(Decision)

__all__ = [
    "DECISION",
    "AreaTold",
    "AssignmentBound",
    "AssignmentLapsed",
    "AssignmentOffered",
    "AssignmentWithdrawn",
    "CallBackClosed",
    "CallBackOpened",
    "Candidate",
    "CaseClosed",
    "CaseDispatched",
    "CaseNoticeRecorded",
    "CaseOpened",
    "CasePressedAgain",
    "CheckInOverdue",
    "Continuity",
    "Decision",
    "FactSetAside",
    "FuseLit",
    "HelpEscalated",
    "MoneyReleased",
    "MoneyReserved",
    "NotOffered",
    "OfferPassedToClerk",
    "PersonErased",
    "PlanRequested",
    "PriceStep",
    "PromiseMade",
    "Relaxation",
    "RequestAdmitted",
    "RequestRefused",
    "ResponderRanked",
    "StopMoved",
    "VisitCancelled",
    "VisitExceptionRaised",
    "VisitMissed",
    "VisitMoved",
    "VisitObstructionNoted",
    "VisitPlanned",
    "VisitPriced",
    "VisitStarted",
    "VisitUnplanned",
    "VisitVerified",
]
