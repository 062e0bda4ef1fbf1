"""What the wall reads: people at work, visits of the day, cases, times. Ages and streets, no names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from consumers.reading import Record, records
from schemas.shown import ZONE, local
from schemas.tables import cases, duties, people, places, shifts, stops, timings, visits

OVERDUE_ROWS = 5
UNDER_WAY = ("BOUND", "OFFERED", "ADMITTED")


def day_of(now: datetime) -> tuple[datetime, datetime]:
    """The city's day around a moment: its first moment and the next day's."""
    today = local(now).date()
    return midnight(today), midnight(today + timedelta(days=1))


def midnight(day: date) -> datetime:
    """The first moment of a day in the city's zone."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def outlines(connection: Connection) -> list[Record]:
    """Areas and streets with their outlines."""
    return records(
        connection,
        select(places.c.place_id, places.c.kind, places.c.name_zh, places.c.name_en, places.c.card)
        .add_columns(places.c.lat_udeg, places.c.lon_udeg)
        .where(places.c.kind.in_(("AREA", "STREET")))
        .order_by(places.c.kind, places.c.place_id),
    )


def on_shift(connection: Connection, now: datetime) -> tuple[list[Record], int]:
    """Caregivers at work now, with their provider's place, and how many have a shift today at all."""
    begins, ends = day_of(now)
    house = aliased(places)
    today = and_(~shifts.c.withdrawn, shifts.c.starts_at < ends, shifts.c.ends_at > begins)
    query = (
        select(shifts.c.caregiver_id, shifts.c.area, house.c.lat_udeg, house.c.lon_udeg)
        .outerjoin(people, people.c.person_id == shifts.c.caregiver_id)
        .outerjoin(house, house.c.place_id == people.c.provider_id)
        .where(today, shifts.c.starts_at <= now, shifts.c.ends_at > now)
        .ext(distinct_on(shifts.c.caregiver_id))
        .order_by(shifts.c.caregiver_id)
    )
    total = select(func.count(func.distinct(shifts.c.caregiver_id))).where(today)
    return records(connection, query), int(connection.execute(total).scalar_one())


def last_stops(connection: Connection, now: datetime) -> dict[str, Record]:
    """Per caregiver the last place of today: where they serve, are going from, or served last."""
    begins, ends = day_of(now)
    query = (
        select(stops.c.caregiver_id, stops.c.status, visits.c.help, visits.c.case_id)
        .add_columns(people.c.lat_udeg, people.c.lon_udeg)
        .join(visits, visits.c.visit_id == stops.c.visit_id)
        .join(people, people.c.person_id == visits.c.recipient_id)
        .where(
            stops.c.start_at >= begins,
            stops.c.start_at < ends,
            stops.c.status.in_(("STARTED", "FINISHED", "OBSTRUCTED")),
        )
        .ext(distinct_on(stops.c.caregiver_id))
        .order_by(stops.c.caregiver_id, (stops.c.status == "STARTED").desc(), stops.c.start_at.desc())
    )
    return {row["caregiver_id"]: row for row in records(connection, query)}


def under_way(connection: Connection, now: datetime) -> dict[str, int]:
    """Visits being served now, per help."""
    begins, ends = day_of(now)
    query = select(visits.c.help, func.count()).where(
        visits.c.status == "STARTED",
        visits.c.opens_at >= begins - timedelta(days=1),
        visits.c.opens_at < ends,
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(visits.c.help))}


def open_cases(connection: Connection) -> list[Record]:
    """Emergencies that are not over, with where the person lives and how old they are."""
    return records(
        connection,
        select(
            cases.c.case_id,
            cases.c.raised_at,
            cases.c.dispatched_at,
            cases.c.arrived_at,
            cases.c.arrive_at,
            cases.c.caregiver_id,
            people.c.lat_udeg,
            people.c.lon_udeg,
            people.c.born_on,
            people.c.street,
        )
        .outerjoin(people, people.c.person_id == cases.c.recipient_id)
        .where(cases.c.closed_at.is_(None))
        .order_by(cases.c.raised_at),
    )


@dataclass(frozen=True)
class Times:
    """Percentiles of one metric today, in milliseconds, with its denominators."""

    metric: str
    count: int
    within: int
    p50_ms: int
    p90_ms: int
    p99_ms: int


def times(connection: Connection, now: datetime) -> dict[str, Times]:
    """Today's measured times, by metric."""
    begins, ends = day_of(now)

    def at(part: float) -> Any:
        return func.percentile_disc(part).within_group(timings.c.value_ms)

    query = (
        select(
            timings.c.metric,
            func.count(),
            func.sum(case((timings.c.within, 1), else_=0)),
            at(0.5),
            at(0.9),
            at(0.99),
        )
        .where(timings.c.at >= begins, timings.c.at < ends)
        .group_by(timings.c.metric)
    )
    found = {row[0]: Times(*row) for row in connection.execute(query)}
    calls = callbacks(connection, begins, ends)
    return {**found, calls.metric: calls} if calls.count else found


def callbacks(connection: Connection, begins: datetime, ends: datetime) -> Times:
    """Calls owed and made today: from being owed to being made, and whether in time."""
    took = func.extract("epoch", duties.c.closed_at - duties.c.opened_at) * 1000

    def at(part: float) -> Any:
        return func.coalesce(func.percentile_disc(part).within_group(took), 0)

    in_time = case((duties.c.closed_at <= duties.c.due_at, 1), else_=0)
    row = connection.execute(
        select(func.count(), func.coalesce(func.sum(in_time), 0), at(0.5), at(0.9), at(0.99)).where(
            duties.c.kind == "CALL_BACK", duties.c.closed_at >= begins, duties.c.closed_at < ends
        )
    ).one()
    return Times("CALL_BACK", *(int(value) for value in row))


def by_hour(connection: Connection, day: date) -> dict[str, dict[int, int]]:
    """Visits begun, per help and hour of a day."""
    begins, ends = midnight(day), midnight(day + timedelta(days=1))
    hour = func.date_part("hour", func.timezone("Asia/Shanghai", visits.c.started_at))
    query = (
        select(visits.c.help, hour, func.count())
        .where(visits.c.started_at >= begins, visits.c.started_at < ends)
        .group_by(visits.c.help, hour)
    )
    found: dict[str, dict[int, int]] = {}
    for help_, at, count in connection.execute(query):
        found.setdefault(help_, {})[int(at)] = count
    return found


def overdue(connection: Connection, now: datetime) -> tuple[list[Record], int]:
    """Today's stops whose caregiver has not come, the latest first; and how many there are."""
    begins, ends = day_of(now)
    due = func.coalesce(visits.c.told_until, visits.c.closes_at)
    late = or_(stops.c.overdue, due < now)
    waiting = stops.c.status.in_(("PLANNED", "OFFERED", "BOUND", "DEPARTED"))
    open_visit = visits.c.status.in_((*UNDER_WAY, "STARTED"))
    which = and_(stops.c.start_at >= begins, stops.c.start_at < ends, waiting, open_visit, late)
    query = (
        select(visits.c.visit_id, visits.c.help, stops.c.start_at, stops.c.status, visits.c.provider_id)
        .add_columns(people.c.street, people.c.born_on, due.label("due"))
        .join(visits, visits.c.visit_id == stops.c.visit_id)
        .outerjoin(people, people.c.person_id == visits.c.recipient_id)
        .where(which)
        .ext(distinct_on(visits.c.visit_id))
        .order_by(visits.c.visit_id, stops.c.start_at)
    )
    rows = sorted(records(connection, query), key=lambda row: row["start_at"])
    return rows[:OVERDUE_ROWS], len(rows)


def homes(connection: Connection) -> Sequence[tuple[int, int]]:
    """Where recipients live, in micro-degrees."""
    query = select(people.c.lat_udeg, people.c.lon_udeg).where(
        people.c.kind == "RECIPIENT", people.c.forgotten_at.is_(None)
    )
    return [(row[0], row[1]) for row in connection.execute(query)]
