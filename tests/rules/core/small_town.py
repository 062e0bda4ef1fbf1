"""A small town told by facts: one area, its rules of money, caregivers and recipients."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from dispatcher.core.decide import DECIDER, decide
from dispatcher.core.desk import Desk, empty_desk
from dispatcher.core.evolve import evolve
from schemas.base import Point, Sealed, Speaker, StartWindow
from schemas.codes import Acceptance, Channel, Gender, HelpKind, Payer, TravelMode
from schemas.decisions import Decision
from schemas.facts import (
    AreaOpened,
    CaregiverCheckedIn,
    CaregiverCheckedOut,
    CaregiverEnrolled,
    EntitlementGranted,
    Fact,
    ProgrammePublished,
    ProviderEnrolled,
    RecipientEnrolled,
    ServiceRequested,
    ShiftPublished,
    TariffPublished,
    TimePassed,
)
from schemas.rows import GENESIS, Row
from schemas.shapes import (
    AreaSettings,
    CaregiverSecret,
    Certificate,
    EntitlementSecret,
    Escort,
    EvidenceSecret,
    QuotaClass,
    RecipientSecret,
    RoleNeed,
    TariffItem,
)

DAY = datetime.fromisoformat("2026-03-02T00:00:00+08:00")
CENTRE = (32_990_000, 112_530_000)
SETTINGS = AreaSettings(
    south_west=Point(lat_udeg=32_900_000, lon_udeg=112_400_000),
    north_east=Point(lat_udeg=33_080_000, lon_udeg=112_660_000),
)
SKILLS = ("BATHING", "CLEANING", "EMERGENCY", "MEAL", "MEDICAL")


def clock(text: str, days: int = 0) -> datetime:
    """`HH:MM` (or `HH:MM:SS`) of the day, city time."""
    parts = [int(part) for part in text.split(":")]
    hours, minutes, seconds = (*parts, 0)[:3]
    return DAY + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def span(opens: str, closes: str, days: int = 0) -> StartWindow:
    """A start window of the day."""
    return StartWindow(opens_at=clock(opens, days), closes_at=clock(closes, days))


def sealed(person_id: str) -> Sealed:
    """A seal nobody opens here."""
    return Sealed(person_id=person_id, nonce="bm9uY2U=", data="ZGF0YQ==")


def point(lat_udeg: int, lon_udeg: int) -> Point:
    """A point by micro-degrees from the centre of the town."""
    return Point(lat_udeg=CENTRE[0] + lat_udeg, lon_udeg=CENTRE[1] + lon_udeg)


def item(code: str, kind: HelpKind, price_fen: int, minutes: int, crew: int = 1, **more: Any) -> TariffItem:
    """A tariff item with one skill, its help."""
    skill = more.pop("skill", kind.value)
    return TariffItem(
        code=code,
        help=kind,
        name_zh=code,
        name_en=code,
        unit=more.pop("unit", "VISIT"),
        price_fen=price_fen,
        pay_fen=price_fen // 2,
        minimum_s=minutes * 40,
        roles=(RoleNeed(skills=(skill,), duration_s=minutes * 60),) * crew,
        **more,
    )


TARIFF = (
    item("BATH_HOME", HelpKind.BATHING, 12_000, 60, crew=2, certificates=("BATHING_CERT",)),
    item("BATH_BED", HelpKind.BATHING, 8_000, 45),
    item("MEAL_LUNCH", HelpKind.MEAL, 1_500, 10),
    item("CLEAN_HOME", HelpKind.CLEANING, 6_000, 60, unit="HOUR"),
    item("BLOOD_PRESSURE", HelpKind.MEDICAL, 500, 15),
    item("EMERGENCY_RESPONSE", HelpKind.EMERGENCY, 0, 30),
    item(
        "ESCORT_HOSPITAL",
        HelpKind.MEDICAL,
        10_000,
        20,
        crew=2,
        escort=Escort(wait_s=3_600, spread_s=1_800, ride_mode=TravelMode.CAR),
    ),
)


@dataclass
class Town:
    """A desk with its journal: `tell` decides a fact, keeps the row, and folds it."""

    area: str = "a1"
    desk: Desk = field(default_factory=lambda: empty_desk("a1"))
    rows: list[Row] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)
    hash: bytes = GENESIS
    now: datetime = DAY
    count: int = 0

    def new_id(self) -> str:
        """Ids in order, the same in every run."""
        self.count += 1
        return str(uuid.UUID(int=(7 << 76) | (2 << 62) | self.count))

    def base(self, role: str = "OPERATOR", who: str = "x1") -> dict[str, Any]:
        """What every fact tells."""
        by = Speaker(role=role, id=who)
        return {"fact_id": self.new_id(), "area": self.area, "said_at": self.now, "by": by}

    def tell(self, fact: Fact, now: datetime | None = None) -> tuple[Decision, ...]:
        """Decide and fold a fact; a TimePassed that decides nothing leaves no row."""
        self.now = now or self.now
        decisions = decide(self.desk, fact, self.now)
        if decisions or not isinstance(fact, TimePassed):
            row = Row(
                area=self.area,
                seq=len(self.rows) + 1,
                now=self.now,
                decider=DECIDER,
                fact=fact,
                decisions=decisions,
            )
            self.hash = row.hashed(self.hash)
            self.rows.append(row)
            self.facts[fact.fact_id] = fact
            self.desk = evolve(self.desk, row)
        return decisions

    def tick(self, now: datetime, who: str = "clock:both") -> tuple[Decision, ...]:
        """Time passes to `now`."""
        self.now = now
        return self.tell(TimePassed(**self.base("CLOCK", who), partition=0))

    def ask(self, recipient_id: str, code: str, window: StartWindow, **more: Any) -> tuple[Decision, ...]:
        """A request for help."""
        request_id = more.pop("request_id", None) or self.new_id()
        channel = more.pop("channel", Channel.HOTLINE)
        fact = ServiceRequested(
            **self.base(),
            request_id=request_id,
            recipient_id=recipient_id,
            item=code,
            window=window,
            channel=channel,
            **more,
        )
        return self.tell(fact)

    def check_in(self, visit_id: str, caregiver_id: str, when: datetime, **seen: Any) -> tuple[Decision, ...]:
        """我到了, heard now, pressed at `when`."""
        base = {**self.base("CAREGIVER", caregiver_id), "said_at": when}
        return self.tell(
            CaregiverCheckedIn(
                **base, visit_id=visit_id, caregiver_id=caregiver_id, opened=EvidenceSecret(**seen)
            )
        )

    def check_out(
        self, visit_id: str, caregiver_id: str, when: datetime, **seen: Any
    ) -> tuple[Decision, ...]:
        """做完了, heard now, pressed at `when`."""
        base = {**self.base("CAREGIVER", caregiver_id), "said_at": when}
        return self.tell(
            CaregiverCheckedOut(
                **base, visit_id=visit_id, caregiver_id=caregiver_id, opened=EvidenceSecret(**seen)
            )
        )

    def open(self, settings: AreaSettings = SETTINGS) -> None:
        """Open the area with tariff and programme."""
        self.tell(AreaOpened(**self.base("REGISTER"), settings=settings))
        self.tell(
            TariffPublished(
                **self.base("REGISTER"), tariff_id="t1", valid_from=date(2026, 1, 1), items=TARIFF
            )
        )
        self.tell(
            ProgrammePublished(
                **self.base("REGISTER"),
                programme_id="NANYANG-2021",
                name_zh="南阳",
                name_en="Nanyang",
                payer=Payer.BUREAU,
                valid_from=date(2021, 1, 1),
                helps=(HelpKind.BATHING, HelpKind.MEAL, HelpKind.CLEANING),
                classes=(
                    QuotaClass(code="DISABLED", quota_fen=30_000),
                    QuotaClass(code="SEMI_DISABLED", quota_fen=20_000),
                ),
            )
        )

    def provider(self, provider_id: str, acceptance: Acceptance = Acceptance.SHIFT, **more: Any) -> None:
        """Enrol a provider."""
        fact = ProviderEnrolled(
            **self.base("REGISTER"), provider_id=provider_id, acceptance=acceptance, **more
        )
        self.tell(fact)

    def caregiver(
        self,
        caregiver_id: str,
        provider_id: str = "p1",
        home: Point | None = None,
        shift: tuple[str, str] | None = ("08:00", "18:00"),
        **more: Any,
    ) -> tuple[Decision, ...]:
        """Enrol a caregiver, with a shift of the day."""
        certificate = Certificate(
            code="BATHING_CERT", valid_from=date(2025, 1, 1), valid_until=date(2027, 1, 1)
        )
        secret = CaregiverSecret(
            home=home or point(0, 0),
            gender=more.pop("gender", Gender.FEMALE),
            skills=more.pop("skills", SKILLS),
            certificates=more.pop("certificates", (certificate,)),
            travel_mode=more.pop("mode", TravelMode.E_SCOOTER),
            barred_recipient_ids=more.pop("barred", ()),
            week_s=more.pop("week_s", None),
        )
        said = self.tell(
            CaregiverEnrolled(
                **self.base("REGISTER"),
                caregiver_id=caregiver_id,
                provider_id=provider_id,
                sealed=sealed(caregiver_id),
                opened=secret,
                **more,
            )
        )
        if shift is not None:
            self.shift(f"s-{caregiver_id}", caregiver_id, *shift)
        return said

    def shift(
        self, shift_id: str, caregiver_id: str, starts: str, ends: str, **more: Any
    ) -> tuple[Decision, ...]:
        """Publish a shift of the day."""
        days = more.pop("days", 0)
        return self.tell(
            ShiftPublished(
                **self.base("REGISTER"),
                shift_id=shift_id,
                caregiver_id=caregiver_id,
                starts_at=clock(starts, days),
                ends_at=clock(ends, days),
                **more,
            )
        )

    def recipient(self, recipient_id: str, home: Point | None = None, **more: Any) -> tuple[Decision, ...]:
        """Enrol a recipient."""
        class_code = more.pop("class_code", None)
        known = {key: more.pop(key) for key in ("provider_id", "active") if key in more}
        said = self.tell(
            RecipientEnrolled(
                **self.base("REGISTER"),
                recipient_id=recipient_id,
                street="st1",
                sealed=sealed(recipient_id),
                opened=RecipientSecret(home=home or point(5_000, 5_000), gender=Gender.FEMALE, **more),
                **known,
            )
        )
        if class_code is not None:
            self.tell(
                EntitlementGranted(
                    **self.base("REGISTER"),
                    entitlement_id=f"e-{recipient_id}",
                    recipient_id=recipient_id,
                    programme_id="NANYANG-2021",
                    valid_from=date(2026, 1, 1),
                    valid_until=date(2027, 1, 1),
                    sealed=sealed(recipient_id),
                    opened=EntitlementSecret(class_code=class_code),
                )
            )
        return said


def small_town(
    carers: int = 3, recipients: int = 3, acceptance: Acceptance = Acceptance.SHIFT, seed: int = 1
) -> Town:
    """A town with one provider; everybody has every skill and a home somewhere near the centre."""
    town, dice = Town(), Random(seed)
    town.open()
    town.provider("p1", acceptance)
    for n in range(carers):
        home = point(dice.randint(-30_000, 30_000), dice.randint(-30_000, 30_000))
        town.caregiver(f"c{n + 1}", home=home)
    for n in range(recipients):
        home = point(dice.randint(-30_000, 30_000), dice.randint(-30_000, 30_000))
        town.recipient(f"r{n + 1}", home=home, class_code="DISABLED" if n % 2 == 0 else None)
    town.now = clock("07:00")
    return town


def words(decisions: tuple[Decision, ...]) -> list[str]:
    """The words of some decisions."""
    return [decision.word for decision in decisions]


def only(decisions: tuple[Decision, ...], word: str) -> Any:
    """The one decision of a word."""
    (found,) = [decision for decision in decisions if decision.word == word]
    return found


def visits(town: Town) -> Iterator[str]:
    """Ids of all visits."""
    yield from town.desk.visits
