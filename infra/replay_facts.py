"""A public home-care day as registers and requests: whose ids, which facts. Ids are handed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import numpy as np

from dispatcher.planning.hhcrsp import HhcrspDay, Patient, to_problem
from dispatcher.planning.problem import PlanVisit, Problem
from producers.enrol import REGISTER
from producers.entries import (
    AreaEntry,
    CaregiverEntry,
    Entry,
    Person,
    PlaceEntry,
    ProviderEntry,
    RecipientEntry,
)
from schemas.base import Point, StartWindow
from schemas.codes import Acceptance, Channel, Gender, HelpKind
from schemas.facts import ServiceRequested, ShiftPublished, TariffPublished, TravelTablePublished
from schemas.places import point_of
from schemas.shapes import AreaSettings, CaregiverSecret, RecipientSecret, RoleNeed, TariffItem

PROVIDER = "day-provider"
TARIFF = "day-tariff"
PRICE_FEN, PAY_FEN = 6_000, 3_600
"""Of each service of a day: the files name no prices, and the line must have something to settle."""
SHIFT = timedelta(hours=48)
BOOKED_BEFORE = timedelta(hours=6)
EVERYWHERE = (
    Point(lat_udeg=-90_000_000, lon_udeg=-180_000_000),
    Point(lat_udeg=90_000_000, lon_udeg=180_000_000),
)
ALL_DAY_S = 172_800


@dataclass(frozen=True)
class Book:
    """One replay: the day, its problem in seconds, and the ids its people have on the line."""

    day: HhcrspDay
    problem: Problem
    area: str
    midnight: datetime
    recipient_ids: Mapping[str, str]
    caregiver_ids: Mapping[str, str]
    request_ids: Mapping[str, str]

    @property
    def eve(self) -> datetime:
        """When the day is booked and planned: early enough that nobody is on the road yet."""
        return self.midnight - BOOKED_BEFORE

    def at(self, second_s: int) -> datetime:
        """The moment so many seconds after midnight."""
        return self.midnight + timedelta(seconds=second_s)


def open_book(day: HhcrspDay, area: str, midnight: datetime, make_id: Callable[[], str]) -> Book:
    """Give everybody of the day an id on the line."""
    patients = [patient.patient_id for patient in day.patients]
    return Book(
        day=day,
        problem=to_problem(day),
        area=area,
        midnight=midnight,
        recipient_ids={patient: make_id() for patient in patients},
        caregiver_ids={carer.caregiver_id: make_id() for carer in day.caregivers},
        request_ids={patient: make_id() for patient in patients},
    )


def day_settings(problem: Problem) -> AreaSettings:
    """How the area of a day is run: windows are soft, nothing is told before the plan, phones are at hand."""
    south_west, north_east = EVERYWHERE
    return AreaSettings(
        south_west=south_west,
        north_east=north_east,
        road_factor_permille=1_000,
        near_start_s=0,
        plan_wait_s=ALL_DAY_S,
        offer_hour=24,
        promise_width_s=ALL_DAY_S,
        promise_early_s=ALL_DAY_S,
        promise_limit_s=0,
        overdue_s=ALL_DAY_S,
        continuity_s=0,
        late_price_permille=1_000 * problem.weights.late,
        plan_horizon_s=ALL_DAY_S,
    )


def code_of(service: str) -> str:
    """A service of the file as a skill and item code."""
    return "".join(c if c.isalnum() else "_" for c in service.upper())[:40]


def item_of(patient: Patient) -> str:
    """The item that holds all services of a patient, in their order."""
    return "_".join(code_of(service.service) for service in patient.services)


def entries(book: Book, said_at: datetime, make_id: Callable[[], str]) -> tuple[Entry, ...]:
    """The area with its rules, table, caregivers, shifts and recipients, in the order they are entered."""
    told = {"area": book.area, "said_at": said_at, "by": REGISTER}
    table = table_bytes(book)
    published = TravelTablePublished(
        **told,
        fact_id=make_id(),
        table_id=f"{book.area}-table",
        sha256=sha256(table).hexdigest(),
        size=book.problem.travel.places,
    )
    tariff = TariffPublished(
        **told,
        fact_id=make_id(),
        tariff_id=TARIFF,
        valid_from=book.midnight.date(),
        items=_items(book),
    )
    office = _point(book.day.office)
    place = PlaceEntry(book.area, "AREA", book.area, f"算例 {book.day.name}", f"day {book.day.name}", office)
    provider = PlaceEntry(PROVIDER, "PROVIDER", book.area, "算例服务组织", "the day's provider", office)
    shifts = [
        ShiftPublished(
            **told,
            fact_id=make_id(),
            shift_id=make_id(),
            caregiver_id=book.caregiver_ids[carer.caregiver_id],
            starts_at=book.midnight,
            ends_at=book.midnight + SHIFT,
            station=office,
            station_table_index=0,
        )
        for carer in book.day.caregivers
    ]
    return (
        AreaEntry(place, day_settings(book.problem)),
        tariff,
        published,
        ProviderEntry(provider, Acceptance.SHIFT),
        *_caregivers(book, office),
        *shifts,
        *_recipients(book),
    )


def table_bytes(book: Book) -> bytes:
    """The travel table as it is stored: little-endian int32, row by row."""
    return np.ascontiguousarray(book.problem.travel.matrix_s, dtype="<i4").tobytes()


def _items(book: Book) -> tuple[TariffItem, ...]:
    """One item for each set of services that somebody needs; the request brings its own durations."""
    needed = {item_of(patient): patient for patient in book.day.patients}
    return tuple(
        TariffItem(
            code=code,
            help=HelpKind.CARE,
            name_zh=f"服务 {code}",
            name_en=f"service {code}",
            unit="VISIT",
            price_fen=PRICE_FEN * len(patient.services),
            pay_fen=PAY_FEN,
            minimum_s=0,
            roles=_roles(book, patient),
        )
        for code, patient in sorted(needed.items())
    )


def _roles(book: Book, patient: Patient) -> tuple[RoleNeed, ...]:
    visit = book.problem.visit_by_id[patient.patient_id]
    return tuple(
        RoleNeed(
            skills=tuple(code_of(skill) for skill in sorted(role.skills)),
            duration_s=role.duration_s,
            offset_min_s=role.offset_min_s,
            offset_max_s=role.offset_max_s,
        )
        for role in visit.roles
    )


def _caregivers(book: Book, office: Point) -> list[CaregiverEntry]:
    return [
        CaregiverEntry(
            Person(
                person_id=book.caregiver_ids[carer.caregiver_id],
                area=book.area,
                name=f"算例 {carer.caregiver_id}",
                telephone="",
                gender=Gender.FEMALE,
                address="",
                home=office,
                provider_id=PROVIDER,
                card={"skills": sorted(map(code_of, carer.abilities)), "certificates": []},
            ),
            CaregiverSecret(
                home=office, gender=Gender.FEMALE, skills=tuple(sorted(map(code_of, carer.abilities)))
            ),
        )
        for carer in book.day.caregivers
    ]


def _recipients(book: Book) -> list[RecipientEntry]:
    found = []
    for index, patient in enumerate(book.day.patients, start=1):
        home = _point(patient.location)
        person = Person(
            person_id=book.recipient_ids[patient.patient_id],
            area=book.area,
            name=f"算例 {patient.patient_id}",
            telephone="",
            gender=Gender.FEMALE,
            address="",
            home=home,
            provider_id=PROVIDER,
        )
        found.append(
            RecipientEntry(person, RecipientSecret(home=home, gender=Gender.FEMALE, table_index=index))
        )
    return found


def _point(location: tuple[float, float]) -> Point:
    """Longitude and latitude of the file; a day on plain paper is laid out in the Gulf of Guinea."""
    x, y = location
    if abs(x) <= 180 and abs(y) <= 90 and not (x.is_integer() and y.is_integer()):
        return point_of(y, x)
    return point_of(y / 1_000, x / 1_000)


def requests(book: Book, said_at: datetime, make_id: Callable[[], str]) -> tuple[ServiceRequested, ...]:
    """What every patient of the day needs, in the file's order."""
    return tuple(
        ServiceRequested(
            fact_id=make_id(),
            area=book.area,
            said_at=said_at,
            by=REGISTER,
            request_id=book.request_ids[patient.patient_id],
            recipient_id=book.recipient_ids[patient.patient_id],
            item=item_of(patient),
            window=_window(book, book.problem.visit_by_id[patient.patient_id]),
            channel=Channel.REPLAY,
            roles=_roles(book, patient),
            late_allowed=True,
        )
        for patient in book.day.patients
    )


def _window(book: Book, visit: PlanVisit) -> StartWindow:
    return StartWindow(opens_at=book.at(visit.ready_s), closes_at=book.at(visit.due_s))
