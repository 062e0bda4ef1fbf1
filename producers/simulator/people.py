"""Who works and who lives in the town: caregivers with skills and rosters, recipients with needs."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from producers.entries import CaregiverEntry, EntitlementEntry, Person, RecipientEntry
from producers.simulator import names
from producers.simulator.chance import dealt, dice, pick, uuid7_at
from producers.simulator.city import AREAS, City, Street
from producers.simulator.geometry import spot_inside, to_point
from producers.simulator.tariff import BATHING_CERT, PROGRAMME_ID
from schemas.codes import Gender, TravelMode
from schemas.shapes import CaregiverSecret, Certificate, RecipientSecret

REGISTERED_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""The moment in every id of the town: ids depend on the seed alone, so a second start knows its people."""
CAREGIVERS_PERMILLE = {"a1": 320, "a2": 285, "a3": 245, "a4": 150}

TRADES: tuple[tuple[tuple[str, tuple[str, ...], bool], float], ...] = (
    # what they can do; whether they hold the bathing certificate; weight
    (("meals", ("MEAL", "VISITING"), False), 13.0),
    (("cleaning", ("CLEANING", "MEAL", "HOUSEHOLD"), False), 34.0),
    (("bathing", ("BATHING", "CARE", "VISITING"), True), 20.0),
    (("care", ("CARE", "BATHING", "MOBILITY", "COMFORT", "VISITING", "EMERGENCY"), True), 17.0),
    (("nursing", ("MEDICAL", "MOBILITY", "EMERGENCY", "CARE"), False), 14.0),
    (("response", ("EMERGENCY", "MOBILITY", "MEDICAL", "HOUSEHOLD"), False), 8.0),
)
ROSTERS: tuple[tuple[tuple[str, str, tuple[str, str, int] | None], float], ...] = (
    (("07:30", "16:00", ("13:00", "14:30", 1_800)), 52.0),
    (("09:30", "18:00", ("13:30", "15:00", 1_800)), 28.0),
    (("12:00", "20:30", ("15:00", "16:30", 1_800)), 17.0),
    (("21:00", "23:59", None), 3.0),
)
GOLDEN, SILVER = (5**0.5 - 1) / 2, 2**0.5 - 1
"""Trades and hours are dealt, not thrown: an area with few at noon by chance would refuse its lunches."""
LEVELS = (("ABLE", 44.0), ("MILD", 28.0), ("MODERATE", 16.0), ("SEVERE", 8.0), ("TOTAL", 4.0))
CLASS_OF_LEVEL = {"MODERATE": "SEMI_DISABLED", "SEVERE": "DISABLED", "TOTAL": "DISABLED"}


@dataclass(frozen=True)
class Neighbourhood:
    """What a newly drawn person needs to know of the town: its seed, their number, where and for whom."""

    seed: int
    number: int
    street: Street
    provider_ids: tuple[str, ...]
    first_day: date


@dataclass(frozen=True)
class Resident:
    """A recipient with what they are entitled to."""

    entry: RecipientEntry
    entitlement: EntitlementEntry | None


def caregivers(seed: int, city: City, count: int, first_day: date) -> tuple[CaregiverEntry, ...]:
    """The caregivers of all areas, by area."""
    found = []
    for plan in AREAS:
        share = round(count * CAREGIVERS_PERMILLE[plan.area] / 1000)
        for number, place in enumerate(_places(seed, city, plan.area, share, "caregiver", first_day)):
            found.append(_caregiver(number, place))
    return tuple(found)


def residents(seed: int, city: City, count: int, first_day: date) -> tuple[Resident, ...]:
    """The recipients of all areas, by area."""
    found = []
    for plan in AREAS:
        share = round(count * plan.recipients_permille / 1000)
        for place in _places(seed, city, plan.area, share, "recipient", first_day):
            found.append(_resident(place))
    return tuple(found)


def _places(seed: int, city: City, area: str, count: int, kind: str, first_day: date) -> list[Neighbourhood]:
    streets = [street for street in city.streets if street.area == area]
    providers = tuple(entry.place.place_id for entry in city.providers if entry.place.area == area)
    rng = dice(seed, kind, area)
    return [Neighbourhood(seed, number, rng.choice(streets), providers, first_day) for number in range(count)]


def _who(place: Neighbourhood, kind: str) -> Random:
    return dice(place.seed, kind, place.street.area, place.number)


def _caregiver(number: int, place: Neighbourhood) -> CaregiverEntry:
    rng = _who(place, "caregiver")
    gender = pick(rng, ((Gender.FEMALE, 78.0), (Gender.MALE, 22.0)))
    # The first of each provider takes one trade after the other, so that no provider lacks one.
    trades = [trade for trade, _ in TRADES]
    settled = number // len(place.provider_ids)
    _, skills, certified = trades[settled] if settled < len(trades) else dealt(number, TRADES, GOLDEN)
    certificates = _certificates(rng, place.first_day) if certified else ()
    mode = pick(rng, ((TravelMode.E_SCOOTER, 72.0), (TravelMode.BICYCLE, 12.0), (TravelMode.CAR, 16.0)))
    home = to_point(spot_inside(rng, place.street.outline))
    card: dict[str, Any] = {
        "skills": list(skills),
        "certificates": [c.model_dump(mode="json") for c in certificates],
        "travel_mode": mode.value,
        "roster": _roster(rng, number),
    }
    person = Person(
        person_id=uuid7_at(REGISTERED_AT, rng),
        area=place.street.area,
        name=names.younger_name(rng, gender),
        telephone=names.telephone(rng),
        gender=gender,
        address=names.address(rng, place.street.zh),
        home=home,
        street=place.street.street_id,
        provider_id=place.provider_ids[number % len(place.provider_ids)],
        born_on=date(rng.randint(1968, 1998), rng.randint(1, 12), rng.randint(1, 28)),
        card=card,
    )
    secret = CaregiverSecret(
        home=home, gender=gender, skills=skills, certificates=certificates, travel_mode=mode
    )
    return CaregiverEntry(person, secret)


def _certificates(rng: Random, first_day: date) -> tuple[Certificate, ...]:
    """One certificate in twelve ran out lately, one in ten does within a month."""
    left_days = pick(
        rng, ((-rng.randint(1, 20), 8.0), (rng.randint(2, 30), 10.0), (rng.randint(90, 900), 82.0))
    )
    valid_until = first_day + timedelta(days=left_days)
    issued = valid_until - timedelta(days=3 * 365)
    return (Certificate(code=BATHING_CERT, valid_from=issued, valid_until=valid_until),)


def _roster(rng: Random, number: int) -> dict[str, Any]:
    starts, ends, rest = ROSTERS[0][0] if number < 8 else dealt(number, ROSTERS, SILVER)
    off = rng.randrange(7)
    weekdays = [day for day in range(7) if day != off]
    return {"weekdays": weekdays, "starts": starts, "ends": ends, "rest": list(rest) if rest else None}


def _resident(place: Neighbourhood) -> Resident:
    rng = _who(place, "recipient")
    gender = pick(rng, ((Gender.FEMALE, 58.0), (Gender.MALE, 42.0)))
    level = pick(rng, LEVELS)
    born_on = date(
        place.first_day.year - round(rng.triangular(61, 98, 79)), rng.randint(1, 12), rng.randint(1, 28)
    )
    tags = _tags(rng, level, place.first_day.year - born_on.year)
    home = to_point(spot_inside(rng, place.street.outline))
    person_id = uuid7_at(REGISTERED_AT, rng)
    person = Person(
        person_id=person_id,
        area=place.street.area,
        name=names.old_name(rng, gender),
        telephone=names.telephone(rng),
        gender=gender,
        address=names.address(rng, place.street.zh),
        home=home,
        street=place.street.street_id,
        provider_id=rng.choice(place.provider_ids) if rng.random() < 0.3 else None,
        born_on=born_on,
        card=_card(rng, person_id, level, tags),
    )
    asks = Gender.FEMALE if gender is Gender.FEMALE and rng.random() < 0.12 else None
    secret = RecipientSecret(home=home, gender=gender, asks_gender=asks, tags=tags, level=level)
    return Resident(RecipientEntry(person, secret), _entitlement(rng, place, person, level))


def _tags(rng: Random, level: str, age: int) -> tuple[str, ...]:
    tags = [pick(rng, (("LIVES_ALONE", 34.0), ("EMPTY_NEST", 26.0), ("OLD_COUPLE", 40.0)))]
    for tag, chance in (
        ("LOW_INCOME", 0.07),
        ("LOW_INCOME_EDGE", 0.08),
        ("LOST_ONLY_CHILD", 0.02),
        ("VETERAN", 0.03),
        ("HARD_OF_HEARING", 0.12),
        ("DIABETIC", 0.1),
    ):
        if rng.random() < chance:
            tags.append(tag)
    if level in ("SEVERE", "TOTAL") and rng.random() < 0.5:
        tags.append("WHEELCHAIR")
    if level != "ABLE" and rng.random() < 0.12:
        tags.append("DEMENTIA")
    if age >= 90:
        tags.append("NINETY_PLUS")
    return tuple(tags)


def _card(rng: Random, person_id: str, level: str, tags: tuple[str, ...]) -> dict[str, Any]:
    relation = pick(rng, names.RELATIONS)
    contact_gender = Gender.MALE if relation == "儿子" else Gender.FEMALE
    contact = {
        "name": names.younger_name(rng, contact_gender),
        "relation": relation,
        "telephone": names.telephone(rng),
        "note": rng.choice(("18 点后方便", "随时", "在外地，先打电话", "")),
    }
    card: dict[str, Any] = {
        "tags": list(tags),
        "level": level,
        "note": rng.choice(names.NOTES) if rng.random() < 0.4 else "",
        "access": rng.choice(names.ACCESS),
        "key": rng.choice(names.KEYS) if rng.random() < 0.5 else "",
        "health": rng.choice(names.HEALTH) if level != "ABLE" or rng.random() < 0.5 else "",
        "contacts": [contact],
    }
    if level in ("MODERATE", "SEVERE", "TOTAL") or "LIVES_ALONE" in tags or rng.random() < 0.1:
        kind = pick(rng, (("BUTTON", 70.0), ("FALL", 15.0), ("SMOKE", 10.0), ("INACTIVITY", 5.0)))
        card["device"] = {
            "device_id": f"dev-{person_id[-12:]}",
            "kind": kind,
            "battery_percent": rng.randint(20, 100),
            "seen_at": None,
        }
    return card


def _entitlement(rng: Random, place: Neighbourhood, person: Person, level: str) -> EntitlementEntry | None:
    granted = CLASS_OF_LEVEL.get(level)
    if granted is None or rng.random() < 0.15:
        return None
    return EntitlementEntry(
        entitlement_id=uuid7_at(REGISTERED_AT, rng),
        recipient_id=person.person_id,
        area=person.area,
        programme_id=PROGRAMME_ID,
        class_code=granted,
        valid_from=date(place.first_day.year, 1, 1),
        valid_until=date(place.first_day.year + 1, 1, 1),
    )
