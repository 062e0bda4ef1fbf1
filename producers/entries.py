"""What can be entered in a register: people with their names, places, and what the stream must know of them.

Names, telephone numbers and addresses go to the tables `people` and `places` only; what the desk must know
of a person goes sealed into the fact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from schemas.base import Point
from schemas.codes import Acceptance, Gender
from schemas.facts import (
    CarePlanApproved,
    ProgrammePublished,
    ShiftPublished,
    TariffPublished,
    TravelTablePublished,
)
from schemas.shapes import AreaSettings, CaregiverSecret, RecipientSecret


@dataclass(frozen=True)
class Person:
    """One row of `people`. `card` is what a seat sees beside the name (its shape: registers/README.md)."""

    person_id: str
    area: str
    name: str
    telephone: str
    gender: Gender
    address: str
    home: Point
    street: str | None = None
    provider_id: str | None = None
    born_on: date | None = None
    card: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PlaceEntry:
    """A street, kitchen, station or hospital: a row of `places`, nothing for the stream."""

    place_id: str
    kind: str
    area: str
    name_zh: str
    name_en: str
    at: Point | None = None
    telephone: str | None = None
    card: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AreaEntry:
    """An area: its row of `places` (kind AREA) and AreaOpened."""

    place: PlaceEntry
    settings: AreaSettings


@dataclass(frozen=True)
class ProviderEntry:
    """A provider: its row of `places` (kind PROVIDER) and ProviderEnrolled."""

    place: PlaceEntry
    acceptance: Acceptance
    fuse_s: int = 900
    active: bool = True


@dataclass(frozen=True)
class CaregiverEntry:
    """A caregiver: row, key and CaregiverEnrolled."""

    person: Person
    secret: CaregiverSecret
    active: bool = True


@dataclass(frozen=True)
class RecipientEntry:
    """A person served: row, key and RecipientEnrolled."""

    person: Person
    secret: RecipientSecret
    active: bool = True


@dataclass(frozen=True)
class EntitlementEntry:
    """A right under a programme. The recipient must stand in the register already, or in the same list."""

    entitlement_id: str
    recipient_id: str
    area: str
    programme_id: str
    class_code: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True)
class EscortPlanEntry:
    """A care plan that leads to a hospital: CarePlanApproved, and beside it what no stream is told.

    `wait_s` is the wait there; the price list's where it is None.
    """

    plan: CarePlanApproved
    goal_place_id: str
    wait_s: int | None = None


KnownFact = TariffPublished | ProgrammePublished | ShiftPublished | CarePlanApproved | TravelTablePublished
"""Facts of the registers that describe no person, and so are entered as they are."""

Entry = (
    AreaEntry
    | PlaceEntry
    | ProviderEntry
    | CaregiverEntry
    | RecipientEntry
    | EntitlementEntry
    | EscortPlanEntry
    | KnownFact
)
