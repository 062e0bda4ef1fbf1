"""An area's desk that hears the world's facts: entered by registers, told by callers and phones."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dispatcher.core.decide import DECIDER, decide
from dispatcher.core.desk import Desk, empty_desk
from dispatcher.core.evolve import evolve
from dispatcher.core.records import Place
from dispatcher.core.times import at
from schemas.base import Point, Sealed, Speaker
from schemas.codes import Acceptance, Gender, HelpKind
from schemas.decisions import Decision
from schemas.facts import (
    AreaOpened,
    CaregiverEnrolled,
    Fact,
    ProviderEnrolled,
    RecipientEnrolled,
    ShiftPublished,
    TariffPublished,
    TimePassed,
)
from schemas.rows import Row
from schemas.shapes import AreaSettings, CaregiverSecret, RecipientSecret, RoleNeed, TariffItem
from tests.benchmarks.virtual.world import ALARM_S, DAY0_S, ITEMS, ROAD_FACTOR_PERMILLE, World

AREA, PROVIDER, RESPONSE = "a1", "p1", "EMERGENCY"
AROUND_UDEG = 500_000


def point(place: Place) -> Point:
    """A place as it is said."""
    return Point(lat_udeg=place.lat_udeg, lon_udeg=place.lon_udeg)


def sealed(person_id: str) -> Sealed:
    """A seal that nobody opens here."""
    return Sealed(person_id=person_id, nonce="bm9uY2U=", data="ZGF0YQ==")


@dataclass
class Heard:
    """The desk, and every row folded so far counted but not kept."""

    desk: Desk = field(default_factory=lambda: empty_desk(AREA))
    rows: int = 0
    said: int = 0

    def base(self, role: str, who: str, now_s: int) -> dict[str, Any]:
        """What every fact tells; ids follow in order."""
        self.said += 1
        fact_id = str(uuid.UUID(int=(7 << 76) | (2 << 62) | self.said))
        return {"fact_id": fact_id, "area": AREA, "said_at": at(now_s), "by": Speaker(role=role, id=who)}

    def tell(self, fact: Fact, now_s: int) -> tuple[Decision, ...]:
        """Decide a fact and fold its row."""
        decisions = decide(self.desk, fact, at(now_s))
        if decisions or not isinstance(fact, TimePassed):
            self.rows += 1
            row = Row(
                area=AREA, seq=self.rows, now=at(now_s), decider=DECIDER, fact=fact, decisions=decisions
            )
            self.desk = evolve(self.desk, row)
        return decisions

    def due(self, now_s: int) -> bool:
        """Whether a clock would decide anything now."""
        timers = self.desk.timers
        return any(next(timers.passed(line, now_s), None) is not None for line in ("intake", "alarms"))

    def tick(self, now_s: int) -> tuple[Decision, ...]:
        """Time passes."""
        fact = TimePassed(**self.base("CLOCK", "clock:both", now_s), partition=0)
        return self.tell(fact, now_s)


def settings(**more: Any) -> AreaSettings:
    """How the area is run: as areas are by default, but for what is named."""
    low, high = (32_900_000, 112_400_000), (32_900_000 + AROUND_UDEG, 112_400_000 + AROUND_UDEG)
    return AreaSettings(
        south_west=Point(lat_udeg=low[0], lon_udeg=low[1]),
        north_east=Point(lat_udeg=high[0], lon_udeg=high[1]),
        road_factor_permille=ROAD_FACTOR_PERMILLE,
        **more,
    )


def _items() -> Iterator[TariffItem]:
    named = [(skill, seconds) for skill, _, seconds in ITEMS]
    for skill, seconds in (*named, (RESPONSE, ALARM_S)):
        yield TariffItem(
            code=skill if skill != RESPONSE else "EMERGENCY_RESPONSE",
            help=HelpKind(skill),
            name_zh=skill,
            name_en=skill,
            unit="VISIT",
            price_fen=3_000,
            pay_fen=1_500,
            minimum_s=0,
            roles=(RoleNeed(skills=(skill,), duration_s=seconds),),
        )


def enter(heard: Heard, world: World, area: AreaSettings) -> None:
    """Enter the area, one provider whose shifts count as acceptance, its caregivers and all recipients."""
    now_s = DAY0_S

    def base() -> dict[str, Any]:
        return heard.base("REGISTER", "register", now_s)

    heard.tell(AreaOpened(**base(), settings=area), now_s)
    tariff = TariffPublished(**base(), tariff_id="t1", valid_from=date(2026, 1, 1), items=tuple(_items()))
    heard.tell(tariff, now_s)
    heard.tell(ProviderEnrolled(**base(), provider_id=PROVIDER, acceptance=Acceptance.SHIFT), now_s)
    for carer in world.carers:
        secret = CaregiverSecret(
            home=point(carer.home), gender=Gender.FEMALE, skills=tuple(sorted((*carer.skills, RESPONSE)))
        )
        told = CaregiverEnrolled(
            **base(),
            caregiver_id=carer.carer_id,
            provider_id=PROVIDER,
            sealed=sealed(carer.carer_id),
            opened=secret,
        )
        heard.tell(told, now_s)
    for person in world.people:
        known = RecipientSecret(
            home=point(person.home), gender=Gender.FEMALE, usual_caregiver_ids=person.usual
        )
        enrolled = RecipientEnrolled(
            **base(),
            recipient_id=person.person_id,
            street="st1",
            sealed=sealed(person.person_id),
            opened=known,
        )
        heard.tell(enrolled, now_s)


def shift_id(carer_id: str, day: int) -> str:
    """The id of a caregiver's shift on a day."""
    return f"{carer_id}-{day}"


def publish_shifts(heard: Heard, world: World, day: int, now_s: int) -> None:
    """Everybody's shift on a day."""
    starts_s, ends_s = world.shift_s(day)
    for carer in world.carers:
        fact = ShiftPublished(
            **heard.base("REGISTER", "roster", now_s),
            shift_id=shift_id(carer.carer_id, day),
            caregiver_id=carer.carer_id,
            starts_at=at(starts_s),
            ends_at=at(ends_s),
        )
        heard.tell(fact, now_s)
