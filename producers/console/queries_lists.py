"""What the seat reads of its lists: calls it owes, the board of today, telephone numbers for a dark hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from schemas.shown import local
from schemas.tables import dead_letters, duties, people, places, stops, timings, visits

BOARD_AT_MOST = 200
OWNERS = ("OPERATOR", "SHIFT_LEAD")


def owed(connection: Connection, owners: tuple[str, ...] = OWNERS) -> tuple[Row[Any], ...]:
    """Open duties of these owners with whom they are about; due first."""
    recipient = func.coalesce(duties.c.recipient_id, visits.c.recipient_id)
    rows = connection.execute(
        select(
            duties,
            recipient.label("person_id"),
            people.c.name,
            people.c.telephone,
            visits.c.help,
            visits.c.opens_at.label("visit_opens_at"),
            visits.c.told_from,
            visits.c.told_until,
        )
        .select_from(
            duties.outerjoin(visits, visits.c.visit_id == duties.c.visit_id).outerjoin(
                people, people.c.person_id == recipient
            )
        )
        .where(duties.c.closed_at.is_(None), duties.c.owner.in_(owners))
        .order_by(duties.c.due_at.nulls_last(), duties.c.opened_at)
        .limit(BOARD_AT_MOST)
    )
    return tuple(rows)


_UNDECIDED = (dead_letters.c.code == "DECIDE_FAILED", dead_letters.c.mended_at.is_(None))


def undecided(connection: Connection) -> tuple[Any, ...]:
    """Facts no rule could decide and nobody has mended, newest first: a seat handles them by hand."""
    rows = connection.execute(
        select(
            dead_letters.c.letter_id,
            dead_letters.c.area,
            dead_letters.c.code,
            dead_letters.c.created_at,
            func.split_part(dead_letters.c.headers["ce_type"].astext, ".", 3).label("word"),
        )
        .where(*_UNDECIDED)
        .order_by(dead_letters.c.letter_id.desc())
        .limit(BOARD_AT_MOST)
    )
    return tuple(rows)


def counts(connection: Connection) -> tuple[int, int]:
    """How many things the seats owe, and how many of them have no one else left."""
    row = connection.execute(
        select(func.count(), func.count().filter(duties.c.kind == "ESCALATION")).where(
            duties.c.closed_at.is_(None), duties.c.owner.in_(OWNERS)
        )
    ).one()
    left = connection.execute(select(func.count()).select_from(dead_letters).where(*_UNDECIDED)).scalar_one()
    return row[0] + left, row[1] + left


def answered_in_time(connection: Connection, now: datetime) -> tuple[int, int]:
    """Bookings of today answered in time, and all of them."""
    midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    row = connection.execute(
        select(func.count().filter(timings.c.within), func.count()).where(
            timings.c.metric == "BOOKING_ANSWER", timings.c.at >= midnight
        )
    ).one()
    return row[0], row[1]


@dataclass(frozen=True)
class Board:
    """Today's visits: how many stand where, and those that need a look or come next."""

    statuses: dict[str, int]
    rows: tuple[Row[Any], ...]

    @property
    def whole(self) -> int:
        """All visits of the day."""
        return sum(self.statuses.values())


def board(connection: Connection, now: datetime, area: str | None, status: str | None) -> Board:
    """The board of the city's day of `now`; by default what is late or still to come."""
    midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    of_day = [visits.c.opens_at >= midnight, visits.c.opens_at < midnight + timedelta(days=1)]
    if area:
        of_day.append(visits.c.area == area)
    statuses = connection.execute(
        select(visits.c.status, func.count()).where(*of_day).group_by(visits.c.status)
    ).all()
    chosen = (
        [visits.c.status == status]
        if status
        else [visits.c.status.in_(("ADMITTED", "OFFERED", "BOUND", "STARTED"))]
    )
    late = select(stops.c.visit_id).where(stops.c.overdue, stops.c.status.not_in(("STARTED", "FINISHED")))
    is_late = visits.c.visit_id.in_(late)
    carers = (
        select(func.string_agg(people.c.name, "、"))
        .select_from(stops.join(people, people.c.person_id == stops.c.caregiver_id))
        .where(stops.c.visit_id == visits.c.visit_id)
        .scalar_subquery()
    )
    provider = places.alias()
    rows = connection.execute(
        select(
            visits,
            people.c.name,
            people.c.address,
            carers.label("carers"),
            provider.c.name_zh.label("provider_zh"),
            provider.c.name_en.label("provider_en"),
            is_late.label("late"),
        )
        .select_from(
            visits.outerjoin(people, people.c.person_id == visits.c.recipient_id).outerjoin(
                provider, provider.c.place_id == visits.c.provider_id
            )
        )
        .where(*of_day, *chosen)
        .order_by(case((is_late, 0), else_=1), visits.c.opens_at)
        .limit(BOARD_AT_MOST)
    )
    return Board({row[0]: row[1] for row in statuses}, tuple(rows))


def areas(connection: Connection) -> tuple[Row[Any], ...]:
    """The areas, by id."""
    return tuple(
        connection.execute(select(places).where(places.c.kind == "AREA").order_by(places.c.place_id))
    )


@dataclass(frozen=True)
class Number:
    """A caregiver to be telephoned when nothing else works."""

    name: str
    telephone: str
    skills: tuple[str, ...]
    area: str
    last_at: datetime | None
    last_place: str


def telephone_list(connection: Connection) -> tuple[Number, ...]:
    """Every caregiver with the last place they were at."""
    last = (
        select(stops.c.caregiver_id, func.max(stops.c.checked_in_at).label("at"))
        .group_by(stops.c.caregiver_id)
        .subquery()
    )
    home = people.alias()
    rows = connection.execute(
        select(people.c.name, people.c.telephone, people.c.card, people.c.area, last.c.at, home.c.address)
        .select_from(
            people.outerjoin(last, last.c.caregiver_id == people.c.person_id)
            .outerjoin(
                stops, (stops.c.caregiver_id == last.c.caregiver_id) & (stops.c.checked_in_at == last.c.at)
            )
            .outerjoin(visits, visits.c.visit_id == stops.c.visit_id)
            .outerjoin(home, home.c.person_id == visits.c.recipient_id)
        )
        .where(people.c.kind == "CAREGIVER", people.c.forgotten_at.is_(None))
        .order_by(people.c.area, people.c.pinyin)
    )
    return tuple(
        Number(
            row.name,
            row.telephone,
            tuple((row.card or {}).get("skills", ())),
            row.area,
            row.at,
            row.address or "",
        )
        for row in rows
    )
