"""Entering the town into the registers, once: one transaction for each area."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, select

from producers.daily import CITY_ZONE
from producers.enrol import Pen, enrol
from producers.entries import CaregiverEntry, Entry
from producers.roster import DAYS_AHEAD, shift_on
from producers.simulator.care import care_plans, with_usual_caregivers
from producers.simulator.chance import dice, uuid7_at
from producers.simulator.city import AREAS, City, build_city
from producers.simulator.people import REGISTERED_AT, Resident, caregivers, residents
from producers.simulator.tariff import programme, tariff
from schemas.facts import CarePlanApproved, ShiftPublished
from schemas.tables import places


@dataclass(frozen=True)
class Size:
    """How large the town is."""

    recipients: int = 3_000
    caregivers: int = 200
    visits_per_day: int = 800


@dataclass(frozen=True)
class Town:
    """Everybody and everything that is entered."""

    seed: int
    first_day: date
    enrolled_at: datetime
    city: City
    caregivers: tuple[CaregiverEntry, ...]
    residents: tuple[Resident, ...]
    plans: tuple[CarePlanApproved, ...]


def build_town(seed: int, size: Size, first_day: date, enrolled_at: datetime) -> Town:
    """The whole town; the same for the same arguments."""
    city = build_city(seed)
    workers = caregivers(seed, city, size.caregivers, first_day)
    people = residents(seed, city, size.recipients, first_day)
    plans = care_plans(seed, people, size.visits_per_day, first_day, enrolled_at)
    known = with_usual_caregivers(seed, people, plans, workers)
    return Town(seed, first_day, enrolled_at, city, workers, known, plans)


def entries_of(town: Town, area: str) -> tuple[Entry, ...]:
    """What is entered of one area, in order: rules first, then providers, people, rights and plans."""
    rng = dice(town.seed, "rules", area)
    year_start = date(town.first_day.year, 1, 1)
    city = town.city
    workers = [_rostered(w, town) for w in town.caregivers if w.person.area == area]
    homes = [resident for resident in town.residents if resident.entry.person.area == area]
    rules: tuple[Entry, ...] = (
        tariff(area, uuid7_at(REGISTERED_AT, rng), town.enrolled_at, year_start),
        programme(area, uuid7_at(REGISTERED_AT, rng), town.enrolled_at, year_start),
    )
    return (
        *(entry for entry in city.areas if entry.place.place_id == area),
        *(place for place in city.others if place.area == area),
        *rules,
        *(entry for entry in city.providers if entry.place.area == area),
        *workers,
        *(shift for worker in workers for shift in _shifts(worker, town)),
        *(resident.entry for resident in homes),
        *(resident.entitlement for resident in homes if resident.entitlement is not None),
        *(plan for plan in town.plans if plan.area == area),
    )


def _first_days(town: Town) -> list[date]:
    return [town.first_day + timedelta(days=n) for n in range(DAYS_AHEAD)]


def _rostered(worker: CaregiverEntry, town: Town) -> CaregiverEntry:
    """The caregiver, noted as published for the first days."""
    until = (town.first_day + timedelta(days=DAYS_AHEAD)).isoformat()
    roster = {**worker.person.card["roster"], "published_until": until}
    card = {**worker.person.card, "roster": roster}
    return replace(worker, person=replace(worker.person, card=card))


def _shifts(worker: CaregiverEntry, town: Town) -> list[ShiftPublished]:
    """The first days' shifts stand before anybody asks for a visit."""
    person, said_at = worker.person, town.enrolled_at
    roster = person.card["roster"]
    days = _first_days(town)
    told = [shift_on(person.person_id, person.area, roster, day, said_at, CITY_ZONE) for day in days]
    return [shift for shift in told if shift is not None]


def settle(engine: Engine, town: Town) -> Iterable[tuple[str, int]]:
    """Enter each area that does not stand in the register yet; yields (area, facts told)."""
    for plan in AREAS:
        with engine.begin() as conn:
            stands = conn.execute(select(places.c.place_id).where(places.c.place_id == plan.area)).first()
            if stands is not None:
                continue
            pen = Pen(said_at=town.enrolled_at)
            told = enrol(conn, pen, entries_of(town, plan.area))
        yield plan.area, len(told)
