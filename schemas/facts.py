"""Facts: what was said. Past tense, subject first; each with an id made where it arose."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from schemas.facts_alarm import (
    AlarmRaised,
    CaseAnswered,
    CaseCloseAsked,
    CaseNoticeAnswered,
    PersonForgotten,
    PlanProposed,
    ResponderChosen,
    TimePassed,
)
from schemas.facts_base import DeviceFact, FactBase
from schemas.facts_known import (
    AreaOpened,
    CaregiverEnrolled,
    CarePlanApproved,
    EntitlementGranted,
    ProgrammePublished,
    ProviderEnrolled,
    RecipientEnrolled,
    ShiftPublished,
    TariffPublished,
    TravelTablePublished,
)
from schemas.facts_said import (
    Asks,
    AssignmentAccepted,
    AssignmentDeclined,
    CallBackDone,
    CaregiverCheckedIn,
    CaregiverCheckedOut,
    CaregiverDeparted,
    FeedbackGiven,
    OfferDelivered,
    RequestCancelled,
    RequestMoved,
    ServiceRequested,
    VisitObstructed,
    VisitReportedMissed,
)

Fact = Annotated[
    AreaOpened
    | ProviderEnrolled
    | CaregiverEnrolled
    | ShiftPublished
    | RecipientEnrolled
    | TariffPublished
    | ProgrammePublished
    | EntitlementGranted
    | CarePlanApproved
    | TravelTablePublished
    | ServiceRequested
    | RequestMoved
    | RequestCancelled
    | OfferDelivered
    | AssignmentAccepted
    | AssignmentDeclined
    | CaregiverDeparted
    | CaregiverCheckedIn
    | CaregiverCheckedOut
    | VisitObstructed
    | VisitReportedMissed
    | FeedbackGiven
    | CallBackDone
    | AlarmRaised
    | CaseAnswered
    | ResponderChosen
    | CaseNoticeAnswered
    | CaseCloseAsked
    | PlanProposed
    | PersonForgotten
    | TimePassed,
    Field(discriminator="word"),
]
FACT: TypeAdapter[Fact] = TypeAdapter(Fact)

SealedFact = (
    CaregiverEnrolled
    | RecipientEnrolled
    | EntitlementGranted
    | CaregiverCheckedIn
    | CaregiverCheckedOut
    | AlarmRaised
    | ServiceRequested
)
"""The facts with a sealed part that the shell opens before it decides or folds."""

ALARM_WORDS = frozenset(
    {"AlarmRaised", "CaseAnswered", "ResponderChosen", "CaseNoticeAnswered", "CaseCloseAsked"}
)
"""Words that always travel on `alarms`; offers and visits of a case do too (the speaker knows its case)."""

__all__ = [
    "ALARM_WORDS",
    "FACT",
    "AlarmRaised",
    "AreaOpened",
    "Asks",
    "AssignmentAccepted",
    "AssignmentDeclined",
    "CallBackDone",
    "CarePlanApproved",
    "CaregiverCheckedIn",
    "CaregiverCheckedOut",
    "CaregiverDeparted",
    "CaregiverEnrolled",
    "CaseAnswered",
    "CaseCloseAsked",
    "CaseNoticeAnswered",
    "DeviceFact",
    "EntitlementGranted",
    "Fact",
    "FactBase",
    "FeedbackGiven",
    "OfferDelivered",
    "PersonForgotten",
    "PlanProposed",
    "ProgrammePublished",
    "ProviderEnrolled",
    "RecipientEnrolled",
    "RequestCancelled",
    "RequestMoved",
    "ResponderChosen",
    "SealedFact",
    "ServiceRequested",
    "ShiftPublished",
    "TariffPublished",
    "TimePassed",
    "TravelTablePublished",
    "VisitObstructed",
    "VisitReportedMissed",
]
