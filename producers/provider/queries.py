"""What a provider's clerk may see of offers and of the day. SELECTs only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import Connection, RowMapping, and_, or_, select

from schemas.base import Reason
from schemas.reasons import SENTENCES
from schemas.shown import ZONE
from schemas.tables import duties, offers, people, places, shifts, stops, tariff_items, visits

Rows = Sequence[RowMapping]


def receipt_id(offer_id: str) -> str:
    """The id of the one fact that says that this offer stood on the clerk's screen."""
    return str(uuid5(NAMESPACE_OID, f"cn.liuzhu.receipt/{offer_id}/CLERK"))


def provider(conn: Connection, provider_id: str) -> RowMapping | None:
    """The provider's row of `places`."""
    query = select(places).where(places.c.place_id == provider_id, places.c.kind == "PROVIDER")
    return conn.execute(query).mappings().first()


def caregivers(conn: Connection, provider_id: str) -> Rows:
    """Its caregivers, by register."""
    query = (
        select(people)
        .where(
            people.c.provider_id == provider_id,
            people.c.kind == "CAREGIVER",
            people.c.forgotten_at.is_(None),
        )
        .order_by(people.c.pinyin, people.c.person_id)
    )
    return conn.execute(query).mappings().all()


@dataclass(frozen=True)
class Ask:
    """One visit that the clerk is asked to fill: its open offers by role."""

    visit: RowMapping
    offers: tuple[RowMapping, ...]

    @property
    def is_urgent(self) -> bool:
        """Part of an emergency case."""
        return any(offer["case_id"] for offer in self.offers)

    @property
    def offer_ids(self) -> tuple[str, ...]:
        """Of all roles asked."""
        return tuple(offer["offer_id"] for offer in self.offers)

    @property
    def lapses_at(self) -> datetime | None:
        """When the first of them lapses; None before the fuse was lit."""
        return min((offer["lapses_at"] for offer in self.offers if offer["lapses_at"]), default=None)

    @property
    def left_permille(self) -> Mapping[str, int]:
        """Of offering and lapsing: what a meter needs, in city milliseconds."""
        begun = min(offer["offered_at"] for offer in self.offers)
        until = self.lapses_at or begun
        return {
            "from_ms": int(begun.timestamp() * 1000),
            "until_ms": int(until.timestamp() * 1000),
        }


def asks(conn: Connection, provider_id: str, *, without: Iterable[str] = ()) -> list[Ask]:
    """What waits for the clerk's answer, most urgent first; `without` leaves out offers just answered."""
    answered = set(without)
    rows = conn.execute(
        select(offers)
        .where(
            offers.c.provider_id == provider_id,
            offers.c.sent_to == "CLERK",
            offers.c.status.in_(("OPEN", "DELIVERED")),
        )
        .order_by(offers.c.offered_at, offers.c.role)
    ).mappings()
    by_visit: dict[str, list[RowMapping]] = {}
    for row in rows:
        if row["offer_id"] not in answered:
            by_visit.setdefault(row["visit_id"], []).append(row)
    found = {row["visit_id"]: row for row in _visits(conn, by_visit)}
    waiting = [Ask(found[visit_id], tuple(each)) for visit_id, each in by_visit.items() if visit_id in found]
    far = datetime.max.replace(tzinfo=ZONE)
    return sorted(waiting, key=lambda ask: (not ask.is_urgent, ask.lapses_at or far))


def _visits(conn: Connection, visit_ids: Iterable[str]) -> Rows:
    named = select(visits, *_named_columns()).outerjoin(people, people.c.person_id == visits.c.recipient_id)
    return conn.execute(named.where(visits.c.visit_id.in_(list(visit_ids)))).mappings().all()


def _named_columns() -> list[Any]:
    return [people.c.name, people.c.born_on, people.c.address, people.c.telephone]


def stops_of(conn: Connection, caregiver_ids: Iterable[str], day: date) -> Rows:
    """The stops of these caregivers on `day` (city date), with visit and recipient."""
    begins, ends = bounds(day)
    query = (
        select(
            visits,
            *_named_columns(),
            stops.c.role,
            stops.c.caregiver_id,
            stops.c.status.label("stop_status"),
            stops.c.start_at,
            stops.c.duration_s,
            stops.c.pay_fen,
            stops.c.checked_in_at,
            stops.c.checked_out_at,
            stops.c.departed_at,
            stops.c.overdue,
        )
        .join(stops, stops.c.visit_id == visits.c.visit_id)
        .outerjoin(people, people.c.person_id == visits.c.recipient_id)
        .where(
            stops.c.caregiver_id.in_(list(caregiver_ids)),
            or_(
                and_(stops.c.start_at >= begins, stops.c.start_at < ends),
                and_(stops.c.checked_in_at >= begins, stops.c.checked_in_at < ends),
            ),
        )
        .order_by(stops.c.start_at, visits.c.visit_id)
    )
    return conn.execute(query).mappings().all()


def bounds(day: date) -> tuple[datetime, datetime]:
    """From the beginning of a city day to before the next."""
    begins = datetime.combine(day, time(), tzinfo=ZONE)
    return begins, begins + timedelta(days=1)


def shifts_of(conn: Connection, caregiver_ids: Iterable[str], first: date, days: int) -> Rows:
    """Their shifts on `days` days from `first`, without those withdrawn."""
    begins, _ = bounds(first)
    query = (
        select(shifts)
        .where(
            shifts.c.caregiver_id.in_(list(caregiver_ids)),
            shifts.c.withdrawn.is_(False),
            shifts.c.ends_at > begins,
            shifts.c.starts_at < begins + timedelta(days=days),
        )
        .order_by(shifts.c.starts_at)
    )
    return conn.execute(query).mappings().all()


def open_duties(conn: Connection, provider_id: str) -> Rows:
    """What the desk handed to this provider's clerk, oldest first."""
    query = (
        select(
            duties,
            visits.c.item,
            visits.c.help,
            visits.c.opens_at,
            visits.c.closes_at,
            visits.c.recipient_id.label("of_visit"),
        )
        .outerjoin(visits, visits.c.visit_id == duties.c.visit_id)
        .where(
            duties.c.owner == "CLERK",
            duties.c.closed_at.is_(None),
            or_(duties.c.provider_id == provider_id, visits.c.provider_id == provider_id),
        )
        .order_by(duties.c.opened_at)
        .limit(50)
    )
    return conn.execute(query).mappings().all()


def names(conn: Connection, person_ids: Iterable[str | None]) -> dict[str, str]:
    """Names by id, of whoever still has one."""
    wanted = [person_id for person_id in person_ids if person_id]
    rows = conn.execute(select(people.c.person_id, people.c.name).where(people.c.person_id.in_(wanted)))
    return {row.person_id: row.name for row in rows}


def items(conn: Connection, area: str) -> dict[str, tuple[str, str]]:
    """Names of tariff items (Chinese, English) by code, as last published in `area`."""
    query = select(tariff_items).where(tariff_items.c.area == area).order_by(tariff_items.c.valid_from)
    return {row["code"]: (row["name_zh"], row["name_en"]) for row in conn.execute(query).mappings()}


def reason_of(value: Mapping[str, Any] | None) -> Reason | None:
    """A stored reason; None for one whose code nobody knows any more."""
    if value is None or value.get("code") not in SENTENCES:
        return None
    return Reason.model_validate(value)


def offers_of(conn: Connection, provider_id: str, offer_ids: Iterable[str]) -> dict[str, RowMapping]:
    """Those of these offers that are this provider's, by id."""
    query = select(offers).where(offers.c.provider_id == provider_id, offers.c.offer_id.in_(list(offer_ids)))
    return {row["offer_id"]: row for row in conn.execute(query).mappings()}


def shift_of(conn: Connection, provider_id: str, shift_id: str) -> RowMapping | None:
    """A shift of one of this provider's caregivers."""
    query = (
        select(shifts)
        .join(people, people.c.person_id == shifts.c.caregiver_id)
        .where(shifts.c.shift_id == shift_id, people.c.provider_id == provider_id)
    )
    return conn.execute(query).mappings().first()


def stop_of(conn: Connection, provider_id: str, visit_id: str, caregiver_id: str) -> RowMapping | None:
    """The stop of one of this provider's caregivers at a visit, with the visit's area and case.

    Of an escort, the leg that was begun and not ended; else the first still to come.
    """
    query = (
        select(stops, visits.c.case_id, visits.c.recipient_id, visits.c.trip)
        .join(visits, visits.c.visit_id == stops.c.visit_id)
        .join(people, people.c.person_id == stops.c.caregiver_id)
        .where(
            stops.c.visit_id == visit_id,
            stops.c.caregiver_id == caregiver_id,
            people.c.provider_id == provider_id,
        )
        .order_by(stops.c.checked_out_at.is_not(None), stops.c.checked_in_at.is_(None), stops.c.role)
    )
    return conn.execute(query).mappings().first()
