"""Who carries a phone, whether what it shows has changed, and what its facts need. SELECTs only."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select

from schemas.city_time import Segment
from schemas.rows import Row
from schemas.tables import (
    city_time,
    journal,
    offers,
    people,
    person_keys,
    places,
    shifts,
    stops,
    visits,
)


@dataclass(frozen=True)
class About:
    """What a fact of a visit or an offer needs beside what was pressed.

    `key` seals where the phone was; None when the recipient was forgotten or is not known.
    """

    visit_id: str
    area: str
    case_id: str | None
    recipient_id: str | None
    key: bytes | None


def caregiver(conn: Connection, caregiver_id: str) -> dict[str, Any] | None:
    """Who carries the phone; None when no such caregiver is enrolled."""
    seen = _look(conn, caregiver_id, select(people, *_house()))
    return None if seen is None else _who(seen)


def looked_at(conn: Connection, caregiver_id: str) -> tuple[dict[str, Any], str] | None:
    """Who carries the phone, and a digest that changes whenever what their phone shows has changed.

    One statement, for every phone of a city asks this every few seconds.
    """
    rate = select(city_time.c.rate_permille).order_by(city_time.c.segment.desc()).limit(1)
    marks = [digest.scalar_subquery() for digest in _digests(caregiver_id)]
    seen = _look(conn, caregiver_id, select(people, *_house(), rate.scalar_subquery().label("rate"), *marks))
    if seen is None:
        return None
    return _who(seen), repr([*_who(seen).values(), *list(seen.values())[-len(marks) - 1 :]])


def _house() -> list[Any]:
    return [places.c.name_zh, places.c.name_en, places.c.telephone.label("office")]


def _look(conn: Connection, caregiver_id: str, query: Select[Any]) -> RowMapping | None:
    of_provider = places.c.place_id == people.c.provider_id
    found = query.select_from(people.outerjoin(places, of_provider)).where(
        people.c.person_id == caregiver_id, people.c.kind == "CAREGIVER"
    )
    return conn.execute(found).mappings().first()


def _who(found: RowMapping) -> dict[str, Any]:
    return {
        "id": found["person_id"],
        "name": found["name"],
        "area": found["area"],
        "provider_id": found["provider_id"],
        "provider": found["name_zh"] or found["provider_id"],
        "provider_en": found["name_en"] or found["provider_id"],
        "telephone": found["office"],
    }


def _digests(caregiver_id: str) -> tuple[Select[Any], ...]:
    """Of the caregiver's newest stops, offers and shifts."""
    touched = (
        select(func.concat_ws("/", visits.c.visit_id, visits.c.seq, stops.c.status).label("mark"))
        .join(stops, stops.c.visit_id == visits.c.visit_id)
        .where(stops.c.caregiver_id == caregiver_id)
        .order_by(visits.c.seq.desc(), visits.c.visit_id)
        .limit(24)
    )
    asked = (
        select(func.concat_ws("/", offers.c.offer_id, offers.c.status, offers.c.sent_to).label("mark"))
        .where(offers.c.caregiver_id == caregiver_id)
        .order_by(offers.c.offered_at.desc(), offers.c.offer_id)
        .limit(8)
    )
    worked = (
        select(func.concat_ws("/", shifts.c.starts_at, shifts.c.ends_at, shifts.c.withdrawn).label("mark"))
        .where(shifts.c.caregiver_id == caregiver_id)
        .order_by(shifts.c.starts_at.desc(), shifts.c.shift_id)
        .limit(16)
    )
    made = []
    for number, query in enumerate((touched, asked, worked)):
        rows = query.subquery(f"marks{number}")
        made.append(select(func.md5(func.string_agg(rows.c.mark, "|"))))
    return tuple(made)


def segments(conn: Connection) -> list[Segment]:
    """How city time runs, in order."""
    rows = conn.execute(select(city_time).order_by(city_time.c.real_from, city_time.c.segment)).mappings()
    return [Segment(row["real_from"], row["city_from"], row["rate_permille"]) for row in rows]


def abouts(
    conn: Connection, visit_ids: Iterable[str], offer_ids: Iterable[str]
) -> tuple[dict[str, About], dict[str, About]]:
    """What facts of these visits and of these offers need, by visit id and by offer id."""
    kept = select(
        visits.c.visit_id, visits.c.area, visits.c.case_id, visits.c.recipient_id, person_keys.c.key
    ).outerjoin(person_keys, person_keys.c.person_id == visits.c.recipient_id)
    by_visit = {
        row.visit_id: About(row.visit_id, row.area, row.case_id, row.recipient_id, _bytes(row.key))
        for row in conn.execute(kept.where(visits.c.visit_id.in_(list(visit_ids))))
    }
    asked = select(offers.c.offer_id, offers.c.visit_id, offers.c.area, offers.c.case_id)
    by_offer = {
        row.offer_id: About(row.visit_id, row.area, row.case_id, None, None)
        for row in conn.execute(asked.where(offers.c.offer_id.in_(list(offer_ids))))
    }
    return by_visit, by_offer


def _bytes(key: Any) -> bytes | None:
    return None if key is None else bytes(key)


def rows_of(conn: Connection, fact_ids: Iterable[str]) -> dict[str, Row]:
    """The journal rows that already stand for these facts, by fact id."""
    found = conn.execute(
        select(journal.c.fact_id, journal.c.body).where(journal.c.fact_id.in_(list(fact_ids)))
    )
    return {row.fact_id: Row.of_body(row.body.encode()) for row in found}
