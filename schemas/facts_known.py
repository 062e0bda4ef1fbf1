"""Known facts: registers, rosters, rules."""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from schemas.base import Code, Ident, Instant, Point, Sealed, StartWindow
from schemas.codes import (
    Acceptance,
    HelpKind,
    Payer,
)
from schemas.facts_base import FactBase, Minute
from schemas.shapes import (
    AreaSettings,
    Break,
    CaregiverSecret,
    EntitlementSecret,
    QuotaClass,
    RecipientSecret,
    TariffItem,
)


class AreaOpened(FactBase):
    """An area and how it is run; said again, it replaces the settings."""

    word: Literal["AreaOpened"] = "AreaOpened"
    settings: AreaSettings


class ProviderEnrolled(FactBase):
    """A provider (服务组织) and how it accepts offers; `fuse_s` runs from provable delivery."""

    word: Literal["ProviderEnrolled"] = "ProviderEnrolled"
    provider_id: Ident
    acceptance: Acceptance
    fuse_s: Annotated[int, Field(strict=True, gt=0, le=86_400)] = 900
    active: bool = True


class CaregiverEnrolled(FactBase):
    """A caregiver of a provider."""

    word: Literal["CaregiverEnrolled"] = "CaregiverEnrolled"
    caregiver_id: Ident
    provider_id: Ident
    active: bool = True
    sealed: Sealed
    opened: CaregiverSecret | None = Field(default=None, exclude=True)


class ShiftPublished(FactBase):
    """Working time of a caregiver; the same `shift_id` again replaces it, `withdrawn` takes it back.

    It starts and ends at `station`, or at the caregiver's home where there is none.
    """

    word: Literal["ShiftPublished"] = "ShiftPublished"
    shift_id: Ident
    caregiver_id: Ident
    starts_at: Instant
    ends_at: Instant
    breaks: tuple[Break, ...] = ()
    station: Point | None = None
    station_table_index: Annotated[int, Field(strict=True, ge=0)] | None = None
    withdrawn: bool = False

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("WINDOW_REVERSED")
        return self


class RecipientEnrolled(FactBase):
    """A person served; bound to `provider_id`, or free to choose."""

    word: Literal["RecipientEnrolled"] = "RecipientEnrolled"
    recipient_id: Ident
    street: Ident
    provider_id: Ident | None = None
    active: bool = True
    sealed: Sealed
    opened: RecipientSecret | None = Field(default=None, exclude=True)


class TariffPublished(FactBase):
    """A price list that holds from `valid_from` until the next one."""

    word: Literal["TariffPublished"] = "TariffPublished"
    tariff_id: Ident
    valid_from: date
    items: Annotated[tuple[TariffItem, ...], Field(min_length=1, max_length=500)]


class ProgrammePublished(FactBase):
    """A subsidy programme: a money quota per class and calendar month, for the helps it names."""

    word: Literal["ProgrammePublished"] = "ProgrammePublished"
    programme_id: Ident
    name_zh: str
    name_en: str
    payer: Payer
    valid_from: date
    helps: tuple[HelpKind, ...]
    classes: Annotated[tuple[QuotaClass, ...], Field(min_length=1, max_length=20)]


class EntitlementGranted(FactBase):
    """A recipient's right under a programme, from and until which day (the end is not included)."""

    word: Literal["EntitlementGranted"] = "EntitlementGranted"
    entitlement_id: Ident
    recipient_id: Ident
    programme_id: Ident
    valid_from: date
    valid_until: date
    sealed: Sealed
    opened: EntitlementSecret | None = Field(default=None, exclude=True)


class CarePlanApproved(FactBase):
    """Recurring help: on `weekdays` (0 is Monday) service may begin from `opens` to `closes`, city time."""

    word: Literal["CarePlanApproved"] = "CarePlanApproved"
    plan_id: Ident
    recipient_id: Ident
    item: Code
    weekdays: Annotated[tuple[Annotated[int, Field(strict=True, ge=0, le=6)], ...], Field(min_length=1)]
    opens: Minute
    closes: Minute
    valid_from: date
    valid_until: date
    ended: bool = False

    def window_on(self, day: date, zone: Any) -> StartWindow:
        """The start window on `day` in time zone `zone` (a tzinfo)."""
        return StartWindow(
            opens_at=datetime.combine(day, time.fromisoformat(self.opens), tzinfo=zone),
            closes_at=datetime.combine(day, time.fromisoformat(self.closes), tzinfo=zone),
        )


class TravelTablePublished(FactBase):
    """A travel table of `size` x `size` whole seconds; stored as little-endian int32 in blob `sha256`."""

    word: Literal["TravelTablePublished"] = "TravelTablePublished"
    table_id: Ident
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Field(strict=True, gt=0, le=20_000)]
    opened: bytes | None = Field(default=None, exclude=True)
