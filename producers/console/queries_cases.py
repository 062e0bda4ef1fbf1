"""What the seat reads of emergencies: open cases, where people are, who is to be told."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from schemas.tables import cases, people, places, stops, visits

PARTIES = ("AMBULANCE", "FAMILY", "NEIGHBOUR", "STATION", "COMMITTEE")
METRES_PER_UDEG = 0.111_32


@dataclass(frozen=True)
class Ringing:
    """One open case as the bar shows it."""

    case_id: str
    area: str
    recipient_id: str | None
    name: str | None
    address: str | None
    kind: str
    raised_at: datetime
    answered_at: datetime | None
    dispatched_at: datetime | None
    arrived_at: datetime | None
    presses: int

    @property
    def waits(self) -> bool:
        """Nobody has taken it up yet."""
        return self.answered_at is None and self.dispatched_at is None


def open_cases(connection: Connection) -> tuple[Ringing, ...]:
    """Every case that is not closed, those that wait first, then the oldest."""
    rows = connection.execute(
        select(cases, people.c.name, people.c.address)
        .select_from(cases.outerjoin(people, people.c.person_id == cases.c.recipient_id))
        .where(cases.c.closed_at.is_(None))
        .order_by(cases.c.raised_at)
    )
    found = (Ringing(**{name: row._mapping[name] for name in Ringing.__dataclass_fields__}) for row in rows)
    return tuple(sorted(found, key=lambda case: (not case.waits, case.raised_at)))


def case(connection: Connection, case_id: str) -> Row[Any] | None:
    """A case as records hold it."""
    return connection.execute(select(cases).where(cases.c.case_id == case_id)).first()


@dataclass(frozen=True)
class Whereabouts:
    """Where a caregiver was last known to be, and for which visit."""

    caregiver_id: str
    lat_udeg: int
    lon_udeg: int
    address: str
    status: str
    """HOME, or the status of their last stop"""
    since: datetime | None


def whereabouts(
    connection: Connection, caregiver_ids: Collection[str], now: datetime
) -> dict[str, Whereabouts]:
    """The last place of each caregiver: their latest begun stop of today, else their home."""
    wanted = sorted(set(caregiver_ids))
    homes = connection.execute(select(people).where(people.c.person_id.in_(wanted)))
    found = {
        row.person_id: Whereabouts(row.person_id, row.lat_udeg, row.lon_udeg, row.address, "HOME", None)
        for row in homes
    }
    at = func.coalesce(stops.c.checked_out_at, stops.c.checked_in_at, stops.c.departed_at)
    rows = connection.execute(
        select(stops.c.caregiver_id, stops.c.status, at.label("at"), people)
        .select_from(
            stops.join(visits, visits.c.visit_id == stops.c.visit_id).join(
                people, people.c.person_id == visits.c.recipient_id
            )
        )
        .where(stops.c.caregiver_id.in_(wanted), at.is_not(None), at <= now)
        .order_by(at)
    )
    for row in rows:
        found[row.caregiver_id] = Whereabouts(
            row.caregiver_id, row.lat_udeg, row.lon_udeg, row.address, row.status, row.at
        )
    return found


def times_there(connection: Connection, recipient_id: str, caregiver_ids: Collection[str]) -> dict[str, int]:
    """How often each caregiver has served this recipient."""
    rows = connection.execute(
        select(stops.c.caregiver_id, func.count())
        .select_from(stops.join(visits, visits.c.visit_id == stops.c.visit_id))
        .where(
            visits.c.recipient_id == recipient_id,
            visits.c.status == "FINISHED",
            stops.c.caregiver_id.in_(sorted(set(caregiver_ids))),
        )
        .group_by(stops.c.caregiver_id)
    )
    return {row[0]: row[1] for row in rows}


def station_of(connection: Connection, street: str | None, area: str) -> Row[Any] | None:
    """The station of a street, else one of the area."""
    rows = connection.execute(
        select(places).where(places.c.kind == "STATION", places.c.area == area).order_by(places.c.place_id)
    ).all()
    of_street = [row for row in rows if (row.card or {}).get("street") == street]
    return next(iter([*of_street, *rows]), None)


def moved_visits(connection: Connection, visit_ids: Collection[str]) -> dict[str, Any]:
    """The visits a response would displace, with whose they are and who goes now."""
    rows = connection.execute(
        select(
            visits.c.visit_id,
            visits.c.help,
            visits.c.opens_at,
            visits.c.closes_at,
            visits.c.told_from,
            visits.c.told_until,
            people.c.name,
            stops.c.caregiver_id,
            stops.c.start_at,
        )
        .select_from(
            visits.outerjoin(people, people.c.person_id == visits.c.recipient_id).outerjoin(
                stops, and_(stops.c.visit_id == visits.c.visit_id, stops.c.role == 0)
            )
        )
        .where(visits.c.visit_id.in_(sorted(set(visit_ids))))
    )
    return {row.visit_id: row for row in rows}


@dataclass(frozen=True)
class Spot:
    """A place on the little map (100 wide, 62 high, the person in the middle), and how far it is."""

    name: str
    x: float
    y: float
    distance_m: int


def spots(home: tuple[int, int], others: list[tuple[str, int, int]]) -> tuple[Spot, ...]:
    """Places around a home, to one scale, north up."""
    lat, lon = home
    squeeze = math.cos(math.radians(lat / 1_000_000))
    offsets = [
        (name, (o_lon - lon) * METRES_PER_UDEG * squeeze, (o_lat - lat) * METRES_PER_UDEG)
        for name, o_lat, o_lon in others
    ]
    reach = max([200.0, *(max(abs(east) / 38, abs(north) / 25) * 38 for _, east, north in offsets)])
    scale = 38 / reach
    return tuple(
        Spot(
            name,
            round(50 + east * scale, 1),
            round(31 - north * scale, 1),
            round(math.hypot(east, north)),
        )
        for name, east, north in offsets
    )
