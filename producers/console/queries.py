"""What the seat reads: people, their visits, the price list, who was where."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from producers.console.romanised import romanised
from schemas.reasons import Language
from schemas.shown import local
from schemas.tables import offers, people, places, stops, tariff_items, visits

FOUND_AT_MOST = 8
RECENT = 5
FAMILIAR_OF = 6
BEFORE, AFTER = timedelta(minutes=80), timedelta(minutes=100)


@dataclass(frozen=True)
class Name:
    """How a person or provider is called, in both languages."""

    zh: str
    en: str
    provider_id: str | None = None

    def of(self, language: Language) -> str:
        """The name in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Found:
    """One person as a search shows them."""

    person_id: str
    name: str
    name_en: str
    gender: str
    born_on: Any
    address: str
    telephone: str
    area: str


@dataclass(frozen=True)
class Person(Found):
    """A recipient as the seat sees them."""

    provider_id: str | None = None
    street: str | None = None
    lat_udeg: int = 0
    lon_udeg: int = 0
    card: dict[str, Any] = field(default_factory=dict)


def find(connection: Connection, typed: str) -> tuple[Found, ...]:
    """Recipients by name, pinyin or its initials, or part of a telephone number; best first."""
    text = typed.strip().lower().replace(" ", "")
    digits = "".join(c for c in text if c.isdigit())
    if not text:
        return ()
    column = people.c
    if digits and not text.isalpha():
        where, rank = column.telephone.contains(digits, autoescape=True), column.telephone.endswith(digits)
    elif text.isascii():
        where = or_(
            column.initials.startswith(text, autoescape=True), column.pinyin.startswith(text, autoescape=True)
        )
        rank = or_(column.initials == text, column.pinyin == text)
    else:
        where, rank = column.name.contains(text, autoescape=True), column.name == text
    rows = connection.execute(
        select(people)
        .where(where, column.kind == "RECIPIENT", column.forgotten_at.is_(None))
        .order_by(rank.desc(), column.pinyin, column.person_id)
        .limit(FOUND_AT_MOST)
    )
    return tuple(_found(row) for row in rows)


def _found(row: Row[Any]) -> Found:
    return Found(
        row.person_id,
        row.name,
        romanised(row.name),
        row.gender,
        row.born_on,
        row.address,
        row.telephone,
        row.area,
    )


def person(connection: Connection, person_id: str) -> Person | None:
    """A recipient; None when unknown or forgotten."""
    row = connection.execute(
        select(people).where(
            people.c.person_id == person_id, people.c.kind == "RECIPIENT", people.c.forgotten_at.is_(None)
        )
    ).first()
    if row is None:
        return None
    found = _found(row)
    return Person(
        **found.__dict__,
        provider_id=row.provider_id,
        street=row.street,
        lat_udeg=row.lat_udeg,
        lon_udeg=row.lon_udeg,
        card=row.card,
    )


def names(connection: Connection, ids: Iterable[str]) -> dict[str, Name]:
    """Names of people and places by id; an id nobody knows is left out."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    found = connection.execute(
        select(people.c.person_id, people.c.name, people.c.provider_id).where(people.c.person_id.in_(wanted))
    )
    known = {row.person_id: Name(row.name, romanised(row.name), row.provider_id) for row in found}
    of_places = connection.execute(
        select(places.c.place_id, places.c.name_zh, places.c.name_en).where(places.c.place_id.in_(wanted))
    )
    return known | {row.place_id: Name(row.name_zh, row.name_en) for row in of_places}


def items(connection: Connection, area: str, day: datetime) -> tuple[Row[Any], ...]:
    """The price list that holds in `area` on `day`, help by help."""
    of_day = tariff_items.c.valid_from <= local(day).date()
    newest = (
        select(func.max(tariff_items.c.valid_from))
        .where(tariff_items.c.area == area, of_day)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(tariff_items)
        .where(
            tariff_items.c.area == area,
            tariff_items.c.valid_from == newest,
            tariff_items.c.code != "EMERGENCY_RESPONSE",
        )
        .order_by(tariff_items.c.crew.desc(), tariff_items.c.price_fen.desc(), tariff_items.c.code)
    )
    return tuple(rows)


@dataclass(frozen=True)
class Seen:
    """One visit as the seat lists it."""

    visit_id: str
    request_id: str | None
    area: str
    item: str
    help: str
    status: str
    opens_at: datetime
    closes_at: datetime
    told_from: datetime | None
    told_until: datetime | None
    provider_id: str | None
    stars: int | None
    grade: str | None
    caregiver_ids: tuple[str, ...]
    stop_status: tuple[str, ...]
    overdue: bool
    told_names: bool = False

    @property
    def begins_at(self) -> datetime:
        """What was told, else what was asked."""
        return self.told_from or self.opens_at

    @property
    def open(self) -> bool:
        """It may still be moved or cancelled."""
        return self.status in {"ADMITTED", "OFFERED", "BOUND"}


def _seen(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Seen, ...]:
    ids = [row.visit_id for row in rows]
    by_visit: dict[str, list[Row[Any]]] = {}
    for stop in connection.execute(select(stops).where(stops.c.visit_id.in_(ids)).order_by(stops.c.role)):
        by_visit.setdefault(stop.visit_id, []).append(stop)
    return tuple(
        Seen(
            **{name: row._mapping[name] for name in Seen.__dataclass_fields__ if name in row._mapping},
            caregiver_ids=tuple(
                dict.fromkeys(s.caregiver_id for s in by_visit.get(row.visit_id, ()) if s.caregiver_id)
            ),
            stop_status=tuple(s.status for s in by_visit.get(row.visit_id, ())),
            overdue=any(s.overdue for s in by_visit.get(row.visit_id, ())),
        )
        for row in rows
    )


def visits_of(connection: Connection, recipient_id: str, now: datetime) -> tuple[Seen, ...]:
    """Today's and later visits that still stand, soonest first."""
    midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = connection.execute(
        select(visits)
        .where(
            visits.c.recipient_id == recipient_id,
            visits.c.closes_at >= midnight,
            visits.c.status != "CANCELLED",
        )
        .order_by(visits.c.opens_at)
        .limit(12)
    ).all()
    return _seen(connection, rows)


def visit(connection: Connection, visit_id: str) -> Seen | None:
    """One visit, None while records do not hold it."""
    rows = connection.execute(select(visits).where(visits.c.visit_id == visit_id)).all()
    return _seen(connection, rows)[0] if rows else None


def offers_of(connection: Connection, visit_id: str) -> tuple[tuple[str, str], ...]:
    """Who was asked for a visit and how it stands: (name, status), newest first."""
    rows = connection.execute(
        select(people.c.name, offers.c.status)
        .select_from(offers.outerjoin(people, people.c.person_id == offers.c.caregiver_id))
        .where(offers.c.visit_id == visit_id)
        .order_by(offers.c.offered_at.desc())
    )
    return tuple((row.name or "", row.status) for row in rows)


def recent_of(connection: Connection, recipient_id: str, now: datetime) -> tuple[Seen, ...]:
    """The last visits that took place or were missed before today's end, newest first."""
    rows = connection.execute(
        select(visits)
        .where(
            visits.c.recipient_id == recipient_id,
            visits.c.status.in_(("FINISHED", "MISSED")),
            visits.c.opens_at < now,
        )
        .order_by(visits.c.opens_at.desc())
        .limit(RECENT)
    ).all()
    return _seen(connection, rows)


def alike(
    connection: Connection, recipient_id: str, help_kind: str, opens_at: datetime, closes_at: datetime
) -> tuple[Seen, ...]:
    """Visits of the same help within two hours of the window: perhaps asked for already."""
    near = timedelta(hours=2)
    rows = connection.execute(
        select(visits)
        .where(
            visits.c.recipient_id == recipient_id,
            visits.c.help == help_kind,
            visits.c.status.in_(("ADMITTED", "OFFERED", "BOUND", "STARTED")),
            visits.c.opens_at <= closes_at + near,
            visits.c.closes_at >= opens_at - near,
        )
        .order_by(visits.c.opens_at)
    ).all()
    return _seen(connection, rows)


def familiar(connection: Connection, recipient_id: str, help_kind: str) -> tuple[frozenset[str], ...]:
    """Who came for the last finished visits of this help, newest first; at most six."""
    rows = connection.execute(
        select(visits.c.visit_id)
        .where(
            visits.c.recipient_id == recipient_id, visits.c.help == help_kind, visits.c.status == "FINISHED"
        )
        .order_by(visits.c.opens_at.desc())
        .limit(FAMILIAR_OF)
    ).scalars()
    ids = tuple(rows)
    came: dict[str, set[str]] = {visit_id: set() for visit_id in ids}
    for stop in connection.execute(
        select(stops.c.visit_id, stops.c.caregiver_id).where(stops.c.visit_id.in_(ids))
    ):
        came[stop.visit_id].add(stop.caregiver_id)
    return tuple(frozenset(came[visit_id]) for visit_id in ids)


@dataclass(frozen=True)
class Bar:
    """One stop on a caregiver's strip of time."""

    caregiver_id: str
    visit_id: str
    start_at: datetime
    end_at: datetime
    help: str
    address: str
    state: str
    """done, now, planned or offered"""


_STATES = {"FINISHED": "done", "STARTED": "now", "OFFERED": "offered", "OBSTRUCTED": "done"}


def strips(
    connection: Connection, caregiver_ids: Collection[str], first: datetime, last: datetime
) -> tuple[Bar, ...]:
    """The stops of these caregivers from 80 minutes before `first` to 100 after `last`."""
    opens, closes = first - BEFORE, last + AFTER
    rows = connection.execute(
        select(
            stops.c.caregiver_id,
            stops.c.visit_id,
            stops.c.start_at,
            stops.c.duration_s,
            stops.c.status,
            visits.c.help,
            people.c.address,
        )
        .select_from(
            stops.join(visits, visits.c.visit_id == stops.c.visit_id).outerjoin(
                people, and_(people.c.person_id == visits.c.recipient_id, people.c.forgotten_at.is_(None))
            )
        )
        .where(
            stops.c.caregiver_id.in_(sorted(set(caregiver_ids))),
            stops.c.start_at < closes,
            stops.c.start_at > opens - timedelta(hours=3),
            visits.c.status.not_in(("CANCELLED", "MISSED")),
        )
        .order_by(stops.c.start_at)
    )
    bars = (
        Bar(
            row.caregiver_id,
            row.visit_id,
            row.start_at,
            row.start_at + timedelta(seconds=row.duration_s or 1_800),
            row.help,
            row.address or "",
            _STATES.get(row.status, "planned"),
        )
        for row in rows
    )
    return tuple(bar for bar in bars if bar.end_at > opens)
