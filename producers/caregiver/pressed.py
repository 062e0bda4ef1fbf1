"""What a phone sent, read word by word, and the facts made of it. No database, no stream."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from producers.caregiver.queries import About
from schemas.base import Ident, Instant, Sealed, Speaker, Whole
from schemas.codes import EvidenceMethod, Obstruction
from schemas.facts import (
    AssignmentAccepted,
    AssignmentDeclined,
    CaregiverCheckedIn,
    CaregiverCheckedOut,
    CaregiverDeparted,
    Fact,
    OfferDelivered,
    VisitObstructed,
)
from schemas.places import point_of
from schemas.sealing import seal_once
from schemas.shapes import EvidenceSecret

FactId = Annotated[str, AfterValidator(lambda value: str(UUID(value)))]


class _Pressed(BaseModel):
    """A button, when it was pressed by the phone's own clock, and the offset measured at upload."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fact_id: FactId
    said_at: Instant
    clock_offset_ms: Whole = 0


class OfferAnswer(_Pressed):
    """What was done with an offer."""

    word: Literal["OfferDelivered", "AssignmentAccepted"]
    offer_id: Ident


class OfferDeclined(_Pressed):
    """An offer declined, and why."""

    word: Literal["AssignmentDeclined"]
    offer_id: Ident
    reason: Literal["ILL", "TOO_FAR", "BUSY", "OTHER"]


Role = Annotated[int, Field(ge=0, le=2)] | None


class SetOut(_Pressed):
    """出发; `role` names the leg of an escort."""

    word: Literal["CaregiverDeparted"]
    visit_id: Ident
    role: Role = None


class AtTheDoor(_Pressed):
    """我到了 or 做完了. What is wrong with a position makes it worth nothing; it never stops the button."""

    word: Literal["CaregiverCheckedIn", "CaregiverCheckedOut"]
    visit_id: Ident
    role: Role = None
    position: Any = None
    method: Any = None


class CannotServe(_Pressed):
    """今天做不了."""

    word: Literal["VisitObstructed"]
    visit_id: Ident
    reason: Obstruction


Pressed = Annotated[
    OfferAnswer | OfferDeclined | SetOut | AtTheDoor | CannotServe, Field(discriminator="word")
]
PRESSED: TypeAdapter[Pressed] = TypeAdapter(Pressed)


class NotPressed(Exception):
    """An entry that can never be a fact. `code` is a reason of `schemas.reasons`, `place` names the field."""

    def __init__(self, code: str, place: str) -> None:
        super().__init__(f"{code}: {place}")
        self.code = code
        self.place = place


def read_pressed(entry: Any) -> Pressed:
    """One entry of a phone's list. Raises NotPressed."""
    try:
        return PRESSED.validate_python(entry)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        codes = {"extra_forbidden": "FIELD_UNKNOWN", "union_tag_invalid": "TYPE_UNKNOWN"}
        place = ".".join(str(part) for part in first["loc"])[:80]
        raise NotPressed(codes.get(first["type"], "FIELD_WRONG"), place) from None


def evidence_of(position: Any, method: Any) -> EvidenceSecret:
    """Where the phone was and how it was proven; whatever cannot be read is left out."""
    try:
        how = EvidenceMethod(method)
    except ValueError:
        how = EvidenceMethod.POSITION if isinstance(position, dict) else EvidenceMethod.NONE
    if not isinstance(position, dict):
        return EvidenceSecret(method=EvidenceMethod.NONE if how is EvidenceMethod.POSITION else how)
    mocked = position.get("mocked") is True
    try:
        accuracy_m = max(0, round(float(position["accuracy_m"])))
    except (KeyError, TypeError, ValueError, OverflowError):
        accuracy_m = None
    try:
        point = point_of(float(position["lat"]), float(position["lon"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return EvidenceSecret(mocked=mocked, method=how)
    return EvidenceSecret(point=point, accuracy_m=accuracy_m, mocked=mocked, method=how)


def sealed_for(secret: EvidenceSecret, about: About, fact_id: str) -> Sealed | None:
    """The evidence sealed with the recipient's key; None when that key is gone."""
    if about.key is None or about.recipient_id is None:
        return None
    return seal_once(secret, about.recipient_id, about.key, fact_id)


def fact_of(pressed: Pressed, about: About, caregiver_id: str) -> Fact:
    """The fact that a press is, of the area that holds its visit."""
    by = Speaker(role="CAREGIVER", id=caregiver_id)
    said: dict[str, Any] = {
        "fact_id": pressed.fact_id,
        "area": about.area,
        "said_at": pressed.said_at,
        "by": by,
    }
    if pressed.word == "OfferDelivered":
        return OfferDelivered(**said, offer_id=pressed.offer_id)
    said["clock_offset_ms"] = pressed.clock_offset_ms
    if isinstance(pressed, OfferAnswer):
        return AssignmentAccepted(**said, offer_id=pressed.offer_id)
    if isinstance(pressed, OfferDeclined):
        return AssignmentDeclined(**said, offer_id=pressed.offer_id, reason=pressed.reason)
    said |= {"visit_id": pressed.visit_id, "caregiver_id": caregiver_id}
    if isinstance(pressed, SetOut):
        return CaregiverDeparted(**said, role=pressed.role)
    if isinstance(pressed, CannotServe):
        return VisitObstructed(**said, reason=pressed.reason)
    sealed = sealed_for(evidence_of(pressed.position, pressed.method), about, pressed.fact_id)
    word = CaregiverCheckedIn if pressed.word == "CaregiverCheckedIn" else CaregiverCheckedOut
    return word(**said, role=pressed.role, sealed=sealed)
