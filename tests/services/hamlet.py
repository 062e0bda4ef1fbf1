"""A hamlet of two areas for tests of the whole line with the real rules: entered, booked, served."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, func, insert, select, update

from dispatcher.core_rules import core_rules
from dispatcher.door import EmergencyDoor
from producers.enrol import Pen, enrol
from producers.entries import (
    AreaEntry,
    CaregiverEntry,
    Entry,
    Person,
    PlaceEntry,
    ProviderEntry,
    RecipientEntry,
)
from schemas.base import Point, Speaker, StartWindow
from schemas.codes import Acceptance, Channel, Gender, HelpKind
from schemas.decisions import AssignmentBound
from schemas.envelope import read_fact
from schemas.facts import (
    CaregiverCheckedIn,
    CaregiverCheckedOut,
    Fact,
    ServiceRequested,
    ShiftPublished,
    TariffPublished,
)
from schemas.ids import new_id
from schemas.rows import Row
from schemas.shapes import AreaSettings, CaregiverSecret, RecipientSecret, RoleNeed, TariffItem
from schemas.tables import city_time, journal, spool

MORNING = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
EVENING = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
AREAS = ("a1", "a2")
CAREGIVERS, RECIPIENTS = 8, 20
CENTRE = Point(lat_udeg=32_990_000, lon_udeg=112_530_000)
SEAT = Speaker(role="OPERATOR", id="seat-1")
MEAL = TariffItem(
    code="MEAL_LUNCH",
    help=HelpKind.MEAL,
    name_zh="午餐",
    name_en="lunch",
    unit="MEAL",
    price_fen=1_500,
    pay_fen=600,
    minimum_s=0,
    roles=(RoleNeed(skills=("MEAL",), duration_s=600),),
)


def set_city_time(engine: Engine, city: datetime) -> None:
    """From now on city time runs from `city` at its own pace."""
    with engine.begin() as connection:
        connection.execute(
            insert(city_time).values(real_from=datetime.now(UTC), city_from=city, rate_permille=1_000)
        )


def _person(person_id: str, area: str, number: int, provider_id: str | None = None) -> Person:
    home = Point(lat_udeg=CENTRE.lat_udeg + 900 * number, lon_udeg=CENTRE.lon_udeg - 700 * number)
    return Person(
        person_id=person_id,
        area=area,
        name=f"测试{number}",
        telephone=f"139{number:08d}",
        gender=Gender.FEMALE,
        address=f"试验巷{number}号",
        home=home,
        provider_id=provider_id,
    )


def entries_of(area: str, near_start_s: int, offer_hour: int = 24) -> Iterator[Entry]:
    """An area with one provider whose shifts count as acceptance, its caregivers and its recipients."""
    told = {"area": area, "said_at": MORNING, "by": Speaker(role="REGISTER", id="register")}
    around = 200_000
    settings = AreaSettings(
        south_west=Point(lat_udeg=CENTRE.lat_udeg - around, lon_udeg=CENTRE.lon_udeg - around),
        north_east=Point(lat_udeg=CENTRE.lat_udeg + around, lon_udeg=CENTRE.lon_udeg + around),
        near_start_s=near_start_s,
        offer_hour=offer_hour,
    )
    yield AreaEntry(PlaceEntry(area, "AREA", area, "试验区", "test area", CENTRE), settings)
    yield TariffPublished(
        **told, fact_id=new_id(), tariff_id="t1", valid_from=date(2026, 1, 1), items=(MEAL,)
    )
    provider_id = f"{area}-p1"
    office = PlaceEntry(provider_id, "PROVIDER", area, "试验组织", "test provider", CENTRE)
    yield ProviderEntry(office, Acceptance.SHIFT)
    for number in range(CAREGIVERS):
        caregiver_id = f"{area}-c{number}"
        person = _person(caregiver_id, area, number, provider_id)
        secret = CaregiverSecret(home=person.home, gender=Gender.FEMALE, skills=("MEAL",))
        yield CaregiverEntry(person, secret)
        yield ShiftPublished(
            **told,
            fact_id=new_id(),
            shift_id=f"{caregiver_id}-day",
            caregiver_id=caregiver_id,
            starts_at=MORNING,
            ends_at=MORNING + timedelta(hours=14),
        )
    for number in range(RECIPIENTS):
        person = _person(recipient_id(area, number), area, number)
        yield RecipientEntry(person, RecipientSecret(home=person.home, gender=Gender.FEMALE))


def recipient_id(area: str, number: int) -> str:
    """The id of an area's recipient."""
    return f"{area}-r{number}"


def enter(engine: Engine, *, near_start_s: int = 86_400, offer_hour: int = 24) -> list[str]:
    """Enter everybody; the relay tells the stream. Returns the fact ids.

    A start nearer than `near_start_s` is bound from the insertion at once, others wait for a plan.
    """
    with engine.begin() as connection:
        return [
            fact_id
            for area in AREAS
            for fact_id in enrol(
                connection, Pen(said_at=MORNING), list(entries_of(area, near_start_s, offer_hour))
            )
        ]


def lunch(number: int) -> ServiceRequested:
    """The `number`-th wish of the day, for one area after the other, spread over ten hours."""
    area = AREAS[number % 2]
    opens_at = MORNING + timedelta(hours=2, minutes=3 * number)
    fact_id = new_id()
    return ServiceRequested(
        fact_id=fact_id,
        area=area,
        said_at=MORNING,
        by=SEAT,
        request_id=fact_id,
        recipient_id=recipient_id(area, number // 2 % RECIPIENTS),
        item=MEAL.code,
        window=StartWindow(opens_at=opens_at, closes_at=opens_at + timedelta(minutes=60)),
        channel=Channel.HOTLINE,
    )


def all_rows(engine: Engine) -> list[Row]:
    """Every row of the journal."""
    with engine.connect() as connection:
        bodies = connection.execute(select(journal.c.body).order_by(journal.c.area, journal.c.seq)).scalars()
        return [Row.of_body(body.encode()) for body in bodies]


def attendance(rows: Sequence[Row]) -> list[Fact]:
    """Check-in and check-out of every bound visit, as planned; phones upload them in the evening."""
    bound: dict[str, tuple[str, AssignmentBound]] = {}
    for row in rows:
        for decision in row.decisions:
            if isinstance(decision, AssignmentBound):
                bound[decision.visit_id] = (row.area, decision)
    facts: list[Fact] = []
    for visit_id, (area, decision) in bound.items():
        who = Speaker(role="CAREGIVER", id=decision.caregiver_id)
        seen = {"area": area, "by": who, "visit_id": visit_id, "caregiver_id": decision.caregiver_id}
        start = decision.start_at
        facts.append(CaregiverCheckedIn(fact_id=new_id(), said_at=start, **seen))
        facts.append(CaregiverCheckedOut(fact_id=new_id(), said_at=start + timedelta(seconds=600), **seen))
    return facts


def through_the_door(engine: Engine) -> None:
    """Decide here and now what waits in the spool, as if the relay had sent it."""
    door = EmergencyDoor(engine, core_rules(), partitions=4)
    with engine.connect() as connection:
        waiting = connection.execute(
            select(spool).where(spool.c.sent_at.is_(None)).order_by(spool.c.spool_id)
        ).all()
    for row in waiting:
        headers = {name: value.encode() for name, value in row.headers.items()}
        assert door(read_fact(headers, bytes(row.body))) is not None
    with engine.begin() as connection:
        connection.execute(update(spool).values(sent_at=func.now()))
