"""The day as a phone is told it (`today.json`): stops, offers, shifts and bills. SELECTs only."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import Connection, RowMapping, and_, or_, select

from producers.caregiver.fetching import fetch_of, fetches
from producers.caregiver.queries import segments
from schemas.shown import age as age_at
from schemas.tables import offers, people, places, shifts, stops, tariff_items, texts, visits
from schemas.tags import tag_names

DAYS_BACK = 2
DAYS_AHEAD = 3
HANDS_ON = ("BOUND", "DEPARTED", "STARTED", "FINISHED", "OBSTRUCTED")
"""A stop is shown once it is hers; before that it is an offer, or still only a plan."""
OVER = ("CANCELLED", "MISSED")
_GOAL_EN = (
    select(places.c.name_en)
    .where(places.c.kind == "HOSPITAL", places.c.name_zh == texts.c.body)
    .order_by(places.c.area != visits.c.area, places.c.place_id)
    .limit(1)
    .correlate(texts, visits)
    .scalar_subquery()
    .label("goal_en")
)
"""What a hospital of that name is called in English; the words of an escort are kept in Chinese."""
_OF_GOAL = texts.c.text_id == visits.c.trip["goal_text_id"].as_string()


def receipt_id(offer_id: str) -> str:
    """The id of the one fact that says that this offer reached a phone."""
    return str(uuid5(NAMESPACE_OID, f"cn.liuzhu.receipt/{offer_id}/CAREGIVER"))


def today(conn: Connection, who: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """All that the phone of `who` may see at city time `now` (aware, in the city's zone)."""
    first = datetime.combine(now.date() - timedelta(days=DAYS_BACK), time(), tzinfo=now.tzinfo)
    last = first + timedelta(days=DAYS_BACK + DAYS_AHEAD)
    mine = _stops(conn, who["id"], first, last)
    asked = _offers(conn, who["id"])
    ids = {row["visit_id"] for row in mine} | {row["visit_id"] for row in asked}
    crews = _crews(conn, ids)
    fetched = fetches(conn, who["id"], first, last)
    persons = _people(conn, _persons_of([*mine, *asked], crews))
    items = _items(conn, {row["area"] for row in [*mine, *asked]} | {who["area"]})
    rate = segments(conn)[-1:]
    return {
        "now": now.isoformat(timespec="milliseconds"),
        "rate_permille": rate[0].rate_permille if rate else 1000,
        "caregiver": dict(who),
        "offers": [_offer(row, items, persons, crews, now) for row in asked],
        "visits": [_visit(row, items, persons, crews, now) | fetch_of(row, fetched, now) for row in mine],
        "shifts": _shifts(conn, who["id"], first, now + timedelta(days=14)),
        "income": _income(conn, who["id"], items, now),
    }


def _stops(conn: Connection, caregiver_id: str, first: datetime, last: datetime) -> Sequence[RowMapping]:
    return (
        conn.execute(
            select(visits, texts.c.body.label("goal"), _GOAL_EN, *_stop_columns())
            .join(stops, stops.c.visit_id == visits.c.visit_id)
            .outerjoin(texts, _OF_GOAL)
            .where(
                stops.c.caregiver_id == caregiver_id,
                stops.c.start_at >= first,
                stops.c.start_at < last,
                or_(stops.c.status.in_(HANDS_ON), visits.c.status.in_(OVER)),
            )
            .order_by(stops.c.start_at)
        )
        .mappings()
        .all()
    )


def _stop_columns() -> list[Any]:
    return [
        stops.c.role,
        stops.c.offer_id,
        stops.c.status.label("stop_status"),
        stops.c.start_at,
        stops.c.duration_s,
        stops.c.travel_s,
        stops.c.pay_fen,
        stops.c.departed_at,
        stops.c.checked_in_at,
        stops.c.checked_out_at,
    ]


def _offers(conn: Connection, caregiver_id: str) -> Sequence[RowMapping]:
    stop_of = and_(stops.c.visit_id == offers.c.visit_id, stops.c.role == offers.c.role)
    return (
        conn.execute(
            select(
                visits,
                texts.c.body.label("goal"),
                _GOAL_EN,
                offers.c.offer_id,
                offers.c.role,
                offers.c.status.label("offer_status"),
                offers.c.start_at,
                offers.c.pay_fen,
                offers.c.deliver_by,
                offers.c.lapses_at,
                stops.c.duration_s,
                stops.c.travel_s,
            )
            .join(visits, visits.c.visit_id == offers.c.visit_id)
            .outerjoin(stops, stop_of)
            .outerjoin(texts, _OF_GOAL)
            .where(
                offers.c.caregiver_id == caregiver_id,
                offers.c.sent_to == "CAREGIVER",
                offers.c.status.in_(("OPEN", "DELIVERED")),
            )
            .order_by(offers.c.start_at)
        )
        .mappings()
        .all()
    )


def _crews(conn: Connection, visit_ids: Iterable[str]) -> dict[str, list[RowMapping]]:
    crews: dict[str, list[RowMapping]] = {}
    rows = conn.execute(
        select(stops).where(stops.c.visit_id.in_(list(visit_ids))).order_by(stops.c.visit_id, stops.c.role)
    ).mappings()
    for row in rows:
        crews.setdefault(row["visit_id"], []).append(row)
    return crews


def _persons_of(rows: Iterable[RowMapping], crews: Mapping[str, list[RowMapping]]) -> set[str]:
    wanted = {row["recipient_id"] for row in rows}
    wanted |= {stop["caregiver_id"] for crew in crews.values() for stop in crew}
    return {person for person in wanted if person is not None}


def _people(conn: Connection, person_ids: Iterable[str]) -> dict[str, RowMapping]:
    rows = conn.execute(select(people).where(people.c.person_id.in_(list(person_ids)))).mappings()
    return {row["person_id"]: row for row in rows}


def _items(conn: Connection, areas: Iterable[str]) -> dict[tuple[str, str], RowMapping]:
    """The newest tariff line of each item, by area and code."""
    rows = conn.execute(
        select(tariff_items).where(tariff_items.c.area.in_(list(areas))).order_by(tariff_items.c.valid_from)
    ).mappings()
    return {(row["area"], row["code"]): row for row in rows}


def _shifts(conn: Connection, caregiver_id: str, first: datetime, last: datetime) -> list[dict[str, Any]]:
    rows = conn.execute(
        select(shifts)
        .where(
            shifts.c.caregiver_id == caregiver_id,
            shifts.c.withdrawn.is_(False),
            shifts.c.ends_at > first,
            shifts.c.starts_at < last,
        )
        .order_by(shifts.c.starts_at)
    ).mappings()
    return [
        {
            "shift_id": row["shift_id"],
            "starts_at": _text(row["starts_at"], first),
            "ends_at": _text(row["ends_at"], first),
            "breaks": row["breaks"],
        }
        for row in rows
    ]


def _income(
    conn: Connection, caregiver_id: str, items: Mapping[tuple[str, str], RowMapping], now: datetime
) -> list[dict[str, Any]]:
    """What finished visits pay since the first of last month, newest first."""
    this_month = datetime.combine(now.date().replace(day=1), time(), tzinfo=now.tzinfo)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    rows = conn.execute(
        select(visits, people.c.name, *_stop_columns())
        .join(stops, stops.c.visit_id == visits.c.visit_id)
        .outerjoin(people, people.c.person_id == visits.c.recipient_id)
        .where(
            stops.c.caregiver_id == caregiver_id,
            stops.c.start_at >= last_month,
            stops.c.status == "FINISHED",
        )
        .order_by(stops.c.start_at.desc())
        .limit(400)
    ).mappings()
    lines = []
    for row in rows:
        paid = paid_fen(row["bill"], caregiver_id)
        lines.append(
            {
                "visit_id": row["visit_id"],
                "role": row["role"],
                "trip": bool(row["trip"]),
                "on": (row["checked_in_at"] or row["start_at"]).astimezone(now.tzinfo).date().isoformat(),
                **_item(row, items),
                "name": row["name"],
                "amount_fen": row["pay_fen"] if paid is None or row["trip"] else paid,
                "state": "WAITING" if paid is None else "HELD" if row["held"] else "PAID",
            }
        )
    return lines


def paid_fen(bill: Mapping[str, Any] | None, caregiver_id: str) -> int | None:
    """What a bill pays this caregiver in fen; None while there is no bill, or it names them not."""
    for pay in (bill or {}).get("pay", ()):
        if pay["caregiver_id"] == caregiver_id:
            return int(pay["amount_fen"])
    return None


def _item(row: RowMapping, items: Mapping[tuple[str, str], RowMapping]) -> dict[str, Any]:
    line = items.get((row["area"], row["item"]))
    return {
        "item": row["item"],
        "item_zh": line["name_zh"] if line else row["item"],
        "item_en": line["name_en"] if line else row["item"],
        "help": row["help"],
        "minimum_s": line["minimum_s"] if line else None,
    }


def _visit(
    row: RowMapping,
    items: Mapping[tuple[str, str], RowMapping],
    persons: Mapping[str, RowMapping],
    crews: Mapping[str, list[RowMapping]],
    now: datetime,
) -> dict[str, Any]:
    me = _holder(row, crews)
    paid = paid_fen(row["bill"], me) if me else None
    return {
        **_brief(row, items, persons, crews, now),
        "status": row["status"] if row["status"] in OVER else row["stop_status"],
        "paid_fen": row["pay_fen"] if paid is not None and row["trip"] else paid,
        "departed_at": _text(row["departed_at"], now),
        "checked_in_at": _text(row["checked_in_at"], now),
        "checked_out_at": _text(row["checked_out_at"], now),
        "grade": row["grade"],
        "held": row["held"],
        "recipient": _recipient(persons.get(row["recipient_id"]), now, to_the_door=True),
    }


def _holder(row: RowMapping, crews: Mapping[str, list[RowMapping]]) -> str | None:
    """Whose the role is."""
    crew = crews.get(row["visit_id"], ())
    return next((stop["caregiver_id"] for stop in crew if stop["role"] == row["role"]), None)


def _trip(row: RowMapping) -> dict[str, Any] | None:
    """Which leg of an escort this is, and where it leads."""
    if not row["trip"]:
        return None
    return {
        "leg": "BACK" if row["role"] else "THERE",
        "goal": row["goal"],
        "goal_en": row["goal_en"] or row["goal"],
    }


def _offer(
    row: RowMapping,
    items: Mapping[tuple[str, str], RowMapping],
    persons: Mapping[str, RowMapping],
    crews: Mapping[str, list[RowMapping]],
    now: datetime,
) -> dict[str, Any]:
    return {
        "offer_id": row["offer_id"],
        "visit_id": row["visit_id"],
        "case_id": row["case_id"],
        "receipt_id": receipt_id(row["offer_id"]),
        "status": row["offer_status"],
        "start_at": _text(row["start_at"], now),
        "pay_fen": row["pay_fen"],
        "deliver_by": _text(row["deliver_by"], now),
        "lapses_at": _text(row["lapses_at"], now),
        "visit": {
            **_brief(row, items, persons, crews, now),
            "recipient": _recipient(persons.get(row["recipient_id"]), now, to_the_door=False),
        },
    }


def _brief(
    row: RowMapping,
    items: Mapping[tuple[str, str], RowMapping],
    persons: Mapping[str, RowMapping],
    crews: Mapping[str, list[RowMapping]],
    now: datetime,
) -> dict[str, Any]:
    crew, me = crews.get(row["visit_id"], []), _holder(row, crews)
    back = bool(row["trip"] and row["role"])
    return {
        "visit_id": row["visit_id"],
        "role": row["role"],
        "crew": 1 if row["trip"] else max(len(crew), 1),
        "trip": _trip(row),
        "case_id": row["case_id"],
        **_item(row, items) | ({"minimum_s": None} if row["trip"] else {}),
        "start_at": _text(row["start_at"], now),
        "duration_s": row["duration_s"],
        "travel_s": row["travel_s"],
        "told_from": None if back else _text(row["told_from"], now),
        "told_until": None if back else _text(row["told_until"], now),
        "pay_fen": row["pay_fen"],
        "partners": [
            _partner(stop, persons.get(stop["caregiver_id"]), now)
            for stop in crew
            if stop["role"] != row["role"] and stop["caregiver_id"] not in (None, me)
        ],
    }


def _partner(stop: RowMapping, person: RowMapping | None, now: datetime) -> dict[str, Any]:
    return {
        "id": stop["caregiver_id"],
        "name": person["name"] if person else "",
        "telephone": person["telephone"] if person else None,
        "start_at": _text(stop["start_at"], now),
        "status": stop["status"],
    }


def _recipient(person: RowMapping | None, now: datetime, *, to_the_door: bool) -> dict[str, Any]:
    """Who is served; telephone, door and care notes only once the visit is hers."""
    if person is None:
        return {"id": None, "name": "", "age": None, "gender": None, "address": ""}
    seen = {
        "id": person["person_id"],
        "name": person["name"],
        "age": age_at(person["born_on"], now) if person["born_on"] else None,
        "gender": person["gender"],
        "address": person["address"],
    }
    if not to_the_door:
        return seen
    card = person["card"]
    return seen | {
        "telephone": person["telephone"],
        "lat": person["lat_udeg"] / 1_000_000,
        "lon": person["lon_udeg"] / 1_000_000,
        "door": _joined(card.get("access")),
        "key": _joined(card.get("key")),
        "care": _lines(card.get("health")),
        "notes": _lines(card.get("note")),
        "tags_zh": list(tag_names(_lines(card.get("tags")), "zh")),
        "tags_en": list(tag_names(_lines(card.get("tags")), "en")),
    }


def _lines(value: Any) -> list[str]:
    """Card entries are a text or a list of texts; anything else is not for the phone."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    return [entry for entry in value or () if isinstance(entry, str)] if isinstance(value, list) else []


def _joined(value: Any) -> str | None:
    return "，".join(_lines(value)) or None


def _text(moment: datetime | None, like: datetime) -> str | None:
    return None if moment is None else moment.astimezone(like.tzinfo).isoformat(timespec="milliseconds")
